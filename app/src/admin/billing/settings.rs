//! `/dashboard/{slug}/settings/payments`: who collects, with which keys, and what happens when a charge fails.

use domain::{
    application::{Application, OnEnd, Provider},
    billing::dunning::Dunning,
};
use leptos::prelude::*;
use service::payment::keys::KeysShown;

use super::keys::KeysPanel;
use crate::{
    admin::{
        form::{ACTION, Sent},
        frame::{Dashboard, Frame, Panel, Section},
        settings::{Choice, tabs},
    },
    i18n::Text,
    ui::{Alert, Button, ErrorSummary, Field, Tabs, TextArea, Tone},
};

/// What a provider calls the server to tell something.
#[derive(Clone, Debug)]
pub struct WebhookUrls {
    pub stripe: String,
    pub midtrans: String,
}

#[component]
pub fn PaymentSettingsPage(
    frame: Frame,
    application: Application,
    keys: Vec<KeysShown>,
    urls: WebhookUrls,
    sent: Sent,
) -> impl IntoView {
    let text = frame.text();
    let chosen = application.settings.provider;
    let tabs = tabs(&frame, true);
    let mut providers = [(Provider::Stripe, urls.stripe), (Provider::Midtrans, urls.midtrans)];
    if chosen == Provider::Midtrans {
        providers.reverse();
    }
    let of = |provider: Provider| keys.iter().find(|own| own.provider == provider).cloned();
    let warning = match chosen {
        Provider::None => Some(text.provider_is_none()),
        Provider::Sandbox => None,
        provider => of(provider).is_none().then(|| text.provider_needs_keys(provider_name(text, provider))),
    };
    let panel = |(provider, url)| view! { <KeysPanel text provider url held=of(provider) sent=sent.clone()/> };
    let panels = providers.into_iter().map(panel).collect_view();
    view! {
        <Dashboard frame title=text.payment_settings() section=Section::Settings>
            <Tabs label=text.section_settings() tabs/>
            <ErrorSummary text message=sent.message.clone() fields=sent.summary()/>
            {warning.map(|warning| view! { <Alert tone=Tone::Warn>{warning}</Alert> })}
            <Collecting text application sent=sent.of("save")/>
            {panels}
        </Dashboard>
    }
}

/// A provider as people call it.
pub fn provider_name(text: Text, provider: Provider) -> String {
    match provider {
        Provider::None => text.provider_none_short(),
        Provider::Sandbox => "Sandbox".into(),
        Provider::Stripe => "Stripe".into(),
        Provider::Midtrans => "Midtrans".into(),
    }
}

#[component]
fn Collecting(text: Text, application: Application, sent: Sent) -> impl IntoView {
    let settings = application.settings;
    let own = sent.clone();
    let urls = settings.return_urls.iter().map(|url| url.as_str().to_owned()).collect::<Vec<_>>().join("\n");
    view! {
        <form method="post" class="grid gap-6" novalidate>
            <Panel title=text.collecting()>
                <div class="grid items-start gap-5 sm:grid-cols-2">
                    <Choice
                        name="provider"
                        label=text.provider()
                        error=sent.error("provider")
                        chosen=sent.or("provider", settings.provider.as_str())
                        options=vec![
                            (Provider::None.as_str(), text.provider_none()),
                            (Provider::Sandbox.as_str(), text.provider_sandbox()),
                            (Provider::Stripe.as_str(), "Stripe".to_owned()),
                            (Provider::Midtrans.as_str(), "Midtrans".to_owned()),
                        ]
                    />
                    <Choice
                        name="on_end"
                        label=text.on_end()
                        error=sent.error("on_end")
                        chosen=sent.or("on_end", settings.on_end.as_str())
                        options=vec![
                            (OnEnd::None.as_str(), text.on_end_none()),
                            (OnEnd::DefaultPlan.as_str(), text.on_end_default()),
                        ]
                    />
                </div>
                <TextArea
                    name="return_urls"
                    label=text.return_urls()
                    hint=Some(text.return_urls_hint())
                    value=sent.or("return_urls", urls)
                    error=sent.error("return_urls")
                    rows=3
                    class="font-mono text-sm"
                />
            </Panel>
            <Panel title=text.dunning() body=text.dunning_body()>
                <DunningFields text dunning=settings.dunning grace_days=settings.grace_days sent=own/>
                <div><Button attr:name=ACTION attr:value="save">{text.save()}</Button></div>
            </Panel>
        </form>
    }
}

#[component]
fn DunningFields(text: Text, dunning: Dunning, grace_days: u8, sent: Sent) -> impl IntoView {
    let lists = [
        ("retries", text.retries(), text.retries_hint(), days(dunning.retries())),
        ("remind_before", text.remind_before(), text.remind_before_hint(), days(dunning.remind_before())),
        ("remind_after", text.remind_after(), text.remind_after_hint(), days(dunning.remind_after())),
    ];
    view! {
        <div class="fields sm:grid-cols-2">
            {lists
                .into_iter()
                .map(|(name, label, hint, held)| view! {
                    <Field
                        name=name
                        label=label
                        hint=Some(hint)
                        value=sent.or(name, held)
                        error=sent.error(name)
                        autocomplete="off"
                    />
                })
                .collect_view()}
            <Field
                name="grace_days"
                label=text.grace_days()
                hint=Some(text.grace_days_hint())
                value=sent.or("grace_days", grace_days.to_string())
                error=sent.error("grace_days")
                inputmode="numeric"
            />
        </div>
    }
}

/// `1, 3, 5`
fn days(days: &[u8]) -> String {
    days.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
