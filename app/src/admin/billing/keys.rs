//! The keys of one provider: typed, tested and removed, never shown.

use domain::{application::Provider, billing::payment::Mode};
use leptos::prelude::*;
use service::payment::keys::KeysShown;

use super::settings::provider_name;
use crate::{
    admin::{
        form::{ACTION, Sent},
        frame::{Copyable, Panel},
    },
    i18n::Text,
    ui::{Badge, Button, Confirm, Field, Glyph, Look, Tone},
};

/// The field that says whose keys a form is about.
const PROVIDER: &str = "of";

#[component]
pub fn KeysPanel(text: Text, provider: Provider, url: String, held: Option<KeysShown>, sent: Sent) -> impl IntoView {
    let name = provider_name(text, provider);
    let sent = if sent.values.get(PROVIDER) == provider.as_str() { sent.of("keys") } else { Sent::default() };
    let stripe = provider == Provider::Stripe;
    let there = held.is_some();
    let (secret, hint) = if stripe {
        (text.key_secret(), text.webhook_url_stripe())
    } else {
        (text.key_server(), text.webhook_url_midtrans())
    };
    let name_of = |field: &str| format!("{}_{field}", provider.as_str());
    let (key, webhook) = (name_of("secret_key"), name_of("webhook_secret"));
    view! {
        <Panel title=text.keys_title(&name) body=text.keys_body() id=format!("{}-keys", provider.as_str())>
            {match held {
                Some(held) => view! { <Held text held stripe/> }.into_any(),
                None => view! { <p class="text-muted">{text.keys_none()}</p> }.into_any(),
            }}
            <form method="post" class="grid gap-5" novalidate>
                <input type="hidden" name=PROVIDER value=provider.as_str()/>
                <div class="fields sm:grid-cols-2">
                    <Field
                        name=key.clone()
                        kind="password"
                        label=secret
                        hint=there.then(|| text.key_replace_hint())
                        error=sent.error(&key)
                        placeholder=if stripe { "sk_test_…" } else { "SB-Mid-server-…" }
                        autocomplete="off"
                    />
                    {stripe.then(|| view! {
                        <Field
                            name=webhook.clone()
                            kind="password"
                            label=text.key_webhook()
                            hint=Some(text.key_webhook_hint())
                            error=sent.error(&webhook)
                            placeholder="whsec_…"
                            autocomplete="off"
                        />
                    })}
                </div>
                <div><Button look=Look::Secondary attr:name=ACTION attr:value="keys">{text.save_keys()}</Button></div>
            </form>
            <div class="grid gap-1.5">
                <Copyable text label=text.webhook_url() value=url/>
                <p class="text-sm text-muted">{hint}</p>
            </div>
            {there.then(|| view! {
                <div class="flex flex-wrap items-center justify-between gap-4 border-t border-line pt-4">
                    <form method="post">
                        <input type="hidden" name=PROVIDER value=provider.as_str()/>
                        <Button look=Look::Secondary small=true attr:name=ACTION attr:value="test">{text.test_keys()}</Button>
                    </form>
                    <Confirm
                        label=text.remove_keys()
                        effect=text.remove_keys_body()
                        id=format!("{}-remove-keys", provider.as_str())
                        small=true
                    >
                        <input type="hidden" name=PROVIDER value=provider.as_str()/>
                        <input type="hidden" name=ACTION value="remove"/>
                    </Confirm>
                </div>
            })}
        </Panel>
    }
}

/// What there is, by the last four characters.
#[component]
fn Held(text: Text, held: KeysShown, stripe: bool) -> impl IntoView {
    let (tone, glyph, mode) = match held.mode {
        Mode::Test => (Tone::Warn, Glyph::Info, text.mode_test()),
        Mode::Live => (Tone::Good, Glyph::Lock, text.mode_live()),
    };
    let secret = if stripe { text.key_secret() } else { text.key_server() };
    let line = |label: String, four: &str| format!("{label} {}", text.key_ends(four));
    let mut lines = vec![line(secret, &held.secret)];
    lines.extend(held.webhook.iter().map(|four| line(text.key_webhook(), four)));
    lines.push(text.key_set_on(text.date(held.updated_at)));
    view! {
        <div class="flex flex-wrap items-center gap-x-5 gap-y-2">
            <Badge tone glyph=Some(glyph)>{mode}</Badge>
            {lines.into_iter().map(|line| view! { <span class="text-sm text-muted">{line}</span> }).collect_view()}
        </div>
    }
}
