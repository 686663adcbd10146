//! `/dashboard/{slug}/sign-in-methods/new` and `/dashboard/{slug}/sign-in-methods/{id}`.

use std::sync::Arc;

use domain::identity::upstream::{SignInMethod, UpstreamKind};
use leptos::prelude::*;
use service::upstream::methods::MethodEntry;

use super::list::{State, kind_name, may_offer};
use crate::{
    admin::{
        delete::DeleteForm,
        form::{ACTION, Sent},
        frame::{Copyable, Dashboard, Frame, Panel, Section},
    },
    i18n::Text,
    ui::{Button, ButtonLink, Check, ErrorSummary, Field, Look},
};

/// A method that is being made.
#[component]
pub fn NewMethodPage(
    frame: Frame,
    kind: UpstreamKind,
    /// What the provider must know; for `oidc` up to the slug.
    redirect_uri: String,
    sent: Sent,
) -> impl IntoView {
    let text = frame.text();
    let back = frame.href(Section::SignInMethods);
    let free = may_offer(&frame, kind);
    let title = text.method_add(kind_name(text, kind));
    let oidc = kind == UpstreamKind::Oidc;
    let hint = if oidc { text.redirect_uri_oidc_hint() } else { text.redirect_uri_hint() };
    view! {
        <Dashboard frame title section=Section::SignInMethods>
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            <Panel title=text.redirect_uri_title() body=hint>
                <Copyable text label=text.redirect_uri() value=redirect_uri/>
            </Panel>
            <form method="post" class="card grid max-w-3xl gap-6 p-5 sm:p-6" novalidate>
                <input type="hidden" name="kind" value=kind.as_str()/>
                <Fields text kind held=None free sent=sent.clone()/>
                {oidc.then(|| view! {
                    <div class="max-w-md">
                        <Field
                            name="slug"
                            label=text.method_slug()
                            hint=Some(text.method_slug_hint())
                            value=sent.or("slug", "")
                            error=sent.error("slug")
                            maxlength=64
                            autocomplete="off"
                        />
                    </div>
                })}
                <div class="flex flex-wrap gap-3 border-t border-line pt-5">
                    <Button attr:name=ACTION attr:value="save">{text.add()}</Button>
                    <ButtonLink href=back look=Look::Quiet>{text.cancel()}</ButtonLink>
                </div>
            </form>
        </Dashboard>
    }
}

/// A method that is there.
#[component]
pub fn MethodPage(frame: Frame, entry: Arc<MethodEntry>, redirect_uri: String, sent: Sent) -> impl IntoView {
    let text = frame.text();
    let back = frame.href(Section::SignInMethods);
    let method = entry.method.clone();
    let (free, on) = (may_offer(&frame, method.kind), method.enabled);
    let (label, to) = if on { (text.method_switch_off(), "off") } else { (text.method_switch_on(), "on") };
    let switch = (free || on).then(|| {
        view! {
            <form method="post">
                <Button look=Look::Secondary attr:name=ACTION attr:value=to>{label}</Button>
            </form>
        }
    });
    let note = (!free).then(|| view! { <p class="text-pretty text-sm text-muted">{text.method_client_note()}</p> });
    let save = sent.of("save");
    let delete = sent.of("delete");
    let slug = method.slug.to_string();
    let hint = text.redirect_uri_hint();
    let (title, issuer) = (method.name.to_string(), method.issuer.to_string());
    view! {
        <Dashboard frame title section=Section::SignInMethods>
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            <Panel title=kind_name(text, method.kind) body=hint>
                <div class="flex flex-wrap items-center gap-x-5 gap-y-2">
                    <State text on/>
                    <span class="text-sm text-muted">{text.method_secret_ends(entry.secret_hint())}</span>
                </div>
                <div class="grid items-start gap-4 sm:grid-cols-2">
                    <Copyable text label=text.redirect_uri() value=redirect_uri/>
                    <Copyable text label=text.method_issuer() value=issuer/>
                </div>
                <div class="flex flex-wrap gap-3 border-t border-line pt-4">
                    <form method="post">
                        <Button look=Look::Secondary attr:name=ACTION attr:value="test">{text.method_test()}</Button>
                    </form>
                    {switch}
                </div>
                {note}
            </Panel>
            <form method="post" class="card grid max-w-3xl gap-6 p-5 sm:p-6" novalidate>
                <Fields text kind=method.kind held=Some(method) free sent=save/>
                <div class="flex flex-wrap gap-3 border-t border-line pt-5">
                    <Button attr:name=ACTION attr:value="save">{text.save()}</Button>
                    <ButtonLink href=back look=Look::Quiet>{text.cancel()}</ButtonLink>
                </div>
            </form>
            {free.then(|| view! {
                <Panel title=text.danger_zone()>
                    <DeleteForm text title=text.delete_method() body=text.delete_method_body() name=slug sent=delete/>
                </Panel>
            })}
        </Dashboard>
    }
}

/// What can be set on a method. A secret is never shown again.
#[component]
fn Fields(
    text: Text,
    kind: UpstreamKind,
    held: Option<SignInMethod>,
    /// Whoever looks chooses issuer and client, and lets the provider's word on addresses count.
    free: bool,
    sent: Sent,
) -> impl IntoView {
    let oidc = kind == UpstreamKind::Oidc;
    let there = held.is_some();
    let of = |get: fn(&SignInMethod) -> String| held.as_ref().map(get).unwrap_or_default();
    let name = held.as_ref().map_or_else(|| kind.brand().unwrap_or_default().to_owned(), |held| held.name.to_string());
    let trusted = held.as_ref().map_or(!oidc, |held| held.trust_email);
    let hint = if oidc { text.method_trust_hint() } else { text.method_trust_brand_hint() };
    let secret_hint = match (there, oidc) {
        (false, _) => text.method_secret_hint(),
        (true, false) => text.method_secret_keep_hint(),
        (true, true) => text.method_secret_issuer_hint(),
    };
    view! {
        <div class="fields sm:grid-cols-2">
            <Field
                name="name"
                label=text.method_name()
                hint=Some(text.method_name_hint())
                value=sent.or("name", name)
                error=sent.error("name")
                maxlength=100
                autocomplete="off"
            />
            {oidc.then(|| view! {
                <Field
                    name="issuer"
                    label=text.method_issuer()
                    hint=Some(text.method_issuer_hint())
                    value=sent.or("issuer", of(|held| held.issuer.to_string()))
                    error=sent.error("issuer")
                    inputmode="url"
                    placeholder="https://login.example.com"
                    readonly=!free
                    autocomplete="off"
                />
            })}
            <Field
                name="client_id"
                label=text.client_id()
                hint=Some(text.method_client_hint())
                value=sent.or("client_id", of(|held| held.client_id.to_string()))
                error=sent.error("client_id")
                maxlength=255
                readonly=!free
                autocomplete="off"
            />
            {free.then(|| view! {
                <Field
                    name="client_secret"
                    kind="password"
                    label=text.client_secret()
                    hint=Some(secret_hint)
                    error=sent.error("client_secret")
                    autocomplete="off"
                />
            })}
        </div>
        {(free || trusted).then(|| view! {
            <Check
                name="trust_email"
                label=text.method_trust()
                hint=Some(hint)
                checked=sent.checked_or("trust_email", trusted)
            />
        })}
    }
}
