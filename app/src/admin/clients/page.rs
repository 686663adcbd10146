//! `/dashboard/{slug}/clients/new` and `/dashboard/{slug}/clients/{id}`.

use std::sync::Arc;

use domain::oauth::client::{Client, ClientSettings, ClientType};
use leptos::prelude::*;
use service::directory::ClientEntry;

use super::{
    fields::{Fields, KeyFields},
    snippets::{data_url, env, snippets},
};
use crate::{
    admin::{
        delete::DeleteForm,
        form::{ACTION, Sent},
        frame::{Copyable, Dashboard, Frame, Panel, Section},
        rotate::RotateForm,
        snippet::{Snippet, Snippets},
    },
    i18n::Text,
    ui::{Badge, Button, ButtonLink, Check, ErrorSummary, Look, Tone},
};

/// A client that is being made.
#[component]
pub fn NewClientPage(frame: Frame, held: ClientSettings, sent: Sent) -> impl IntoView {
    let text = frame.text();
    let may_skip_consent = frame.is_superadmin();
    let back = frame.href(Section::Clients);
    let kind = sent.or("kind", ClientType::Confidential.as_str());
    let kinds = [
        (ClientType::Confidential, text.kind_confidential(), text.kind_confidential_hint()),
        (ClientType::Public, text.kind_public(), text.kind_public_hint()),
    ];
    view! {
        <Dashboard frame title=text.new_client() section=Section::Clients>
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            <form method="post" class="card grid max-w-3xl gap-6 p-5 sm:p-6" novalidate>
                <fieldset class="grid gap-3 sm:grid-cols-2">
                    <legend class="mb-1.5 font-medium">{text.client_kind()}</legend>
                    {kinds
                        .into_iter()
                        .map(|(this, label, hint)| view! {
                            <div class="relative grid grid-cols-[auto_1fr] gap-x-3 rounded-box border border-line p-4 has-checked:border-brand has-checked:bg-brand/5">
                                <input
                                    class="relative z-10 mt-0.5 size-5 accent-brand"
                                    type="radio"
                                    name="kind"
                                    id=format!("kind-{}", this.as_str())
                                    value=this.as_str()
                                    checked=kind == this.as_str()
                                    aria-describedby=format!("kind-{}-hint", this.as_str())
                                />
                                <label class="font-medium after:absolute after:inset-0" for=format!("kind-{}", this.as_str())>{label}</label>
                                <p class="col-start-2 text-sm text-muted" id=format!("kind-{}-hint", this.as_str())>{hint}</p>
                            </div>
                        })
                        .collect_view()}
                </fieldset>
                <Fields text name=String::new() held sent public=false may_skip_consent/>
                <div class="flex flex-wrap gap-3 border-t border-line pt-5">
                    <Button attr:name=ACTION attr:value="save">{text.create_client()}</Button>
                    <ButtonLink href=back look=Look::Quiet>{text.cancel()}</ButtonLink>
                </div>
            </form>
        </Dashboard>
    }
}

/// A client that is there. `secret` is one that was just made.
#[component]
pub fn ClientPage(
    frame: Frame,
    entry: Arc<ClientEntry>,
    issuer: String,
    secret: Option<String>,
    sent: Sent,
) -> impl IntoView {
    let text = frame.text();
    let may_skip_consent = frame.is_superadmin();
    let client = entry.client.clone();
    let plans = frame.href(Section::Plans);
    let back = frame.href(Section::Clients);
    let save = sent.of("save");
    let at_once = sent.of("rotate").checked_or("at_once", false);
    let delete = sent.of("delete");
    let (id, auth) = (client.client_id.to_string(), client.auth_method());
    let once = secret.map(|secret| {
        view! { <SecretOnce text client=client.clone() issuer=issuer.clone() secret plans/> }
    });
    let usage = view! { <Usage text client=client.clone() issuer=issuer.clone()/> };
    view! {
        <Dashboard frame title=client.settings.name.to_string() section=Section::Clients>
            {once}
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            <Panel title=text.client()>
                {client.is_registered.then(|| view! { <p><Badge tone=Tone::Warn>{text.registered_badge()}</Badge></p> })}
                <div class="grid items-start gap-4 sm:grid-cols-2">
                    <Copyable text label=text.client_id() value=id/>
                    <Copyable text label=text.issuer() value=issuer/>
                    <Copyable text label=text.application_id() value=client.application_id.to_string()/>
                    <div class="grid content-start gap-1">
                        <p class="text-sm text-muted">{text.client_auth()}</p>
                        <p><code class="break-all rounded bg-sunken px-2 py-1 text-sm">{auth}</code></p>
                    </div>
                    <Secrets text entry=entry.clone()/>
                </div>
            </Panel>
            <form method="post" class="card grid gap-6 p-5 sm:p-6" novalidate>
                <Fields
                    text
                    name=client.settings.name.to_string()
                    held=client.settings.clone()
                    sent=save.clone()
                    public=client.is_public()
                    registered=client.is_registered
                    may_skip_consent
                />
                {(!client.is_public()).then(|| view! { <KeyFields text held=client.settings.keys.clone() sent=save/> })}
                <div class="flex flex-wrap gap-3 border-t border-line pt-5">
                    <Button attr:name=ACTION attr:value="save">{text.save()}</Button>
                    <ButtonLink href=back look=Look::Quiet>{text.cancel()}</ButtonLink>
                </div>
            </form>
            {usage}
            <Panel title=text.danger_zone()>
                {client
                    .has_secret()
                    .then(|| view! {
                        <RotateForm text body=text.rotate_secret_body()>
                            <Check
                                name="at_once"
                                label=text.rotate_at_once()
                                hint=Some(text.rotate_at_once_hint())
                                checked=at_once
                            />
                        </RotateForm>
                    })}
                <DeleteForm text title=text.delete_client() body=text.delete_client_body() name=client.client_id.to_string() sent=delete/>
            </Panel>
        </Dashboard>
    }
}

/// What is known of the secrets: prefix, last four, until when.
#[component]
fn Secrets(text: Text, entry: Arc<ClientEntry>) -> impl IntoView {
    let secrets = entry
        .secrets
        .iter()
        .map(|secret| {
            let until = secret.expires_at.map(|at| text.secret_until(text.date(at)));
            view! {
                <li class="flex flex-wrap items-center gap-x-2">
                    <code class="rounded bg-sunken px-2 py-1 text-sm">{secret.hint.clone()}</code>
                    <span class="text-sm text-muted">
                        {until.unwrap_or_else(|| text.secret_made(text.date(secret.created_at)))}
                    </span>
                </li>
            }
        })
        .collect_view();
    (entry.client.has_secret() && !entry.secrets.is_empty()).then(|| {
        view! {
            <div class="grid content-start gap-1">
                <p class="text-sm text-muted">{text.secret_hints()}</p>
                <ul class="grid gap-1">{secrets}</ul>
            </div>
        }
    })
}

/// The secret, this once.
#[component]
fn SecretOnce(text: Text, client: Client, issuer: String, secret: String, plans: String) -> impl IntoView {
    let file = data_url(&env(&issuer, &client, Some(&secret)));
    view! {
        <section class="card grid gap-5 border-2 !border-brand p-5 sm:p-6" aria-labelledby="secret-once">
            <div class="grid gap-1">
                <h2 class="text-lg font-semibold tracking-tight" id="secret-once" tabindex="-1" autofocus>{text.secret_once_title()}</h2>
                <p class="text-pretty text-muted">{text.secret_once_body()}</p>
            </div>
            <div class="grid items-start gap-4 sm:grid-cols-2">
                <Copyable text label=text.client_id() value=client.client_id.to_string()/>
                <Copyable text label=text.client_secret() value=secret/>
            </div>
            <div class="flex flex-wrap gap-3">
                <a class="button button-primary" href=file download=format!("{}.env", client.client_id)>{text.download_env()}</a>
                <ButtonLink href=plans look=Look::Secondary>{text.go_to_plans()}</ButtonLink>
            </div>
        </section>
    }
}

/// How a product uses it.
#[component]
fn Usage(text: Text, client: Client, issuer: String) -> impl IntoView {
    let mut all = snippets(text, &issuer, &client);
    all.insert(0, Snippet { name: ".env".into(), code: env(&issuer, &client, None) });
    view! {
        <Panel title=text.snippets() body=text.snippets_body()>
            <Snippets text all open=1/>
        </Panel>
    }
}
