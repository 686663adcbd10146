//! `/dashboard/{slug}/clients/registration`: the tokens with which clients register themselves (RFC 7591).

use domain::Timestamp;
use leptos::prelude::*;
use service::application::registration_tokens::{MOST_DAYS, RegistrationToken};

use crate::{
    admin::{
        form::{ACTION, Sent},
        frame::{Copyable, Dashboard, Frame, Panel, Section},
        list::{CELL, CardTable, HEAD},
    },
    i18n::Text,
    ui::{Badge, Button, Check, EmptyState, ErrorSummary, Field, Glyph, Look, Tone},
};

/// For how many days a token holds unless somebody says otherwise.
const DAYS: &str = "30";

/// The tokens; `secret` is one that was just made.
#[component]
pub fn RegistrationPage(
    frame: Frame,
    tokens: Vec<RegistrationToken>,
    /// Where clients register.
    endpoint: String,
    secret: Option<String>,
    now: Timestamp,
    sent: Sent,
) -> impl IntoView {
    let text = frame.text();
    let list = if tokens.is_empty() {
        let (title, body) = (text.registration_none_title(), text.registration_none_body());
        view! { <EmptyState glyph=Glyph::Key title body/> }.into_any()
    } else {
        view! { <List text tokens now/> }.into_any()
    };
    view! {
        <Dashboard frame title=text.registration_title() section=Section::Clients>
            <p class="-mt-3 text-pretty text-muted">{text.registration_body()}</p>
            {secret.map(|secret| view! { <Once text secret endpoint/> })}
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            {list}
            <Panel title=text.registration_new() body=text.registration_new_body() class="max-w-3xl">
                <form method="post" class="flex flex-wrap items-end gap-3" novalidate>
                    <div class="min-w-0 flex-1 basis-64">
                        <Field
                            name="name"
                            label=text.registration_name()
                            hint=Some(text.registration_name_hint())
                            value=sent.or("name", "")
                            error=sent.error("name")
                            maxlength=100
                            autocomplete="off"
                        />
                    </div>
                    <div class="min-w-0 basis-40">
                        <Field
                            name="days"
                            label=text.registration_days()
                            hint=Some(text.registration_days_hint(MOST_DAYS))
                            value=sent.or("days", DAYS)
                            error=sent.error("days")
                            inputmode="numeric"
                            autocomplete="off"
                        />
                    </div>
                    <div class="basis-full">
                        <Check
                            name="require_pkce"
                            label=text.require_pkce()
                            hint=Some(text.registration_pkce_hint())
                            checked=sent.checked_or("require_pkce", true)
                        />
                    </div>
                    <Button attr:name=ACTION attr:value="create">{text.registration_create()}</Button>
                </form>
            </Panel>
        </Dashboard>
    }
}

/// The token, this once.
#[component]
fn Once(text: Text, secret: String, endpoint: String) -> impl IntoView {
    view! {
        <section class="card grid gap-5 border-2 !border-brand p-5 sm:p-6" aria-labelledby="token-once">
            <div class="grid gap-1">
                <h2 class="text-lg font-semibold tracking-tight" id="token-once" tabindex="-1" autofocus>
                    {text.registration_once_title()}
                </h2>
                <p class="text-pretty text-muted">{text.registration_once_body()}</p>
            </div>
            <div class="grid items-start gap-4 sm:grid-cols-2">
                <Copyable text label=text.registration_token() value=secret/>
                <Copyable text label=text.registration_endpoint() value=endpoint/>
            </div>
        </section>
    }
}

#[component]
fn List(text: Text, tokens: Vec<RegistrationToken>, now: Timestamp) -> impl IntoView {
    let rows = tokens
        .into_iter()
        .map(|token| {
            let (tone, glyph, label) = if token.expires_at > now {
                (Tone::Good, Glyph::Check, text.registration_until(text.date(token.expires_at)))
            } else {
                (Tone::Plain, Glyph::Clock, text.registration_over(text.date(token.expires_at)))
            };
            let revoke = text.registration_revoke_of(&token.name);
            view! {
                <tr class="max-md:grid max-md:gap-0.5 max-md:p-4" role="row">
                    <th scope="row" class=HEAD role="rowheader">
                        <p class="font-medium wrap-anywhere" dir="auto">{token.name}</p>
                        <code class="text-sm text-muted">{token.hint}</code>
                        {(!token.require_pkce).then(|| view! { <p class="text-sm text-muted">{text.registration_no_pkce()}</p> })}
                    </th>
                    <td class=CELL data-label=text.registration_made() role="cell">{text.date(token.created_at)}</td>
                    <td class=CELL data-label=text.registration_holds() role="cell">
                        <div class="flex flex-wrap items-center justify-end gap-3 md:justify-between">
                            <Badge tone glyph=Some(glyph)>{label}</Badge>
                            <form method="post">
                                <input type="hidden" name="token" value=token.id.to_string()/>
                                <Button look=Look::Quiet small=true attr:name=ACTION attr:value="revoke" attr:aria-label=revoke>
                                    {text.registration_revoke()}
                                </Button>
                            </form>
                        </div>
                    </td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![text.registration_token(), text.registration_made(), text.registration_holds()];
    view! { <CardTable caption=text.registration_title() columns>{rows}</CardTable> }
}
