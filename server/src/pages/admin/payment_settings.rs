//! `/dashboard/{slug}/settings/payments`.

use std::sync::Arc;

use app::admin::{
    billing::settings::{PaymentSettingsPage, WebhookUrls},
    form::{Errors, Sent, Values},
    frame::Done,
};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{
    FieldError, Flaw, Secret,
    application::{MAX_GRACE_DAYS, OnEnd, Provider, ReturnUrl, SettingsPatch},
    billing::dunning::Dunning,
    route,
};
use leptos::prelude::*;
use service::{directory::ApplicationEntry, payment::keys::NewKeys};

use super::{
    desk::{Answer, Desk, Posted, Refused, done, unknown_action},
    kept,
};
use crate::{api::webhook_urls, pages::asked::Fields};

pub async fn show(desk: Desk, Path(slug): Path<String>) -> Answer {
    let entry = desk.application(&slug).await?;
    page(&desk, entry, StatusCode::OK, kept::typed(&desk)).await
}

async fn page(desk: &Desk, entry: Arc<ApplicationEntry>, status: StatusCode, sent: Sent) -> Answer {
    let application = entry.application.clone();
    let keys = desk.try_to(desk.services().payment_keys().list(desk.ctx(), application.id).await)?;
    let [stripe, midtrans] = webhook_urls(desk.services(), application.id);
    let urls = WebhookUrls { stripe, midtrans };
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(status, || view! { <PaymentSettingsPage frame application keys urls sent/> }))
}

pub async fn submit(desk: Desk, Path(slug): Path<String>, fields: Fields) -> Answer {
    let entry = desk.application(&slug).await?;
    let posted = Posted::from(fields);
    let provider = Provider::parse(posted.values.get("of")).ok();
    match act(&desk, &entry, &posted, provider).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let (status, mut sent) = posted.again(&desk, refused)?;
            for error in &mut sent.errors {
                if let (Some(provider), "secret_key" | "webhook_secret") = (provider, error.field.as_str()) {
                    error.field = format!("{}_{}", provider.as_str(), error.field);
                }
                if error.field == "payment_provider" {
                    error.field = "provider".into();
                }
            }
            // What was typed into a field for a secret never comes back.
            sent.values.0.retain(|(name, _)| !name.ends_with("_secret_key") && !name.ends_with("_webhook_secret"));
            page(&desk, entry, status, sent).await
        }
    }
}

async fn act(
    desk: &Desk,
    entry: &ApplicationEntry,
    posted: &Posted,
    provider: Option<Provider>,
) -> Result<Response, Refused> {
    let (services, ctx, id) = (desk.services(), desk.ctx(), entry.application.id);
    let keys = services.payment_keys();
    let told = match (posted.action(), provider) {
        ("save", _) => {
            services.applications().update(ctx, id, parse(&posted.values)?.into()).await?;
            Done::Saved
        }
        ("keys", Some(provider)) => {
            let typed = |field: &str| {
                let name = format!("{}_{field}", provider.as_str());
                posted.values.filled(&name).map(Secret::new)
            };
            let new = NewKeys { secret: typed("secret_key"), webhook: typed("webhook_secret") };
            keys.set(ctx, id, provider, new).await?;
            Done::Saved
        }
        ("test", Some(provider)) => {
            keys.check(ctx, id, provider).await?;
            Done::KeysWork
        }
        ("remove", Some(provider)) => {
            keys.remove(ctx, id, provider).await?;
            Done::KeysRemoved
        }
        _ => return Err(unknown_action()),
    };
    Ok(done(&route::dashboard(entry.application.slug.as_str(), "settings/payments"), told))
}

fn parse(values: &Values) -> Result<SettingsPatch, Vec<FieldError>> {
    let mut errors = Errors::default();
    let grace_days = values.get("grace_days").trim().parse().ok().filter(|days| *days <= MAX_GRACE_DAYS);
    let patch = SettingsPatch {
        provider: errors.take("provider", Provider::parse(values.get("provider"))),
        on_end: errors.take("on_end", OnEnd::parse(values.get("on_end"))),
        grace_days: errors.take("grace_days", grace_days.ok_or(Flaw::Between { min: 0, max: MAX_GRACE_DAYS.into() })),
        dunning: dunning(&mut errors, values),
        return_urls: Some(errors.lines(values, "return_urls", ReturnUrl::parse)),
        ..SettingsPatch::default()
    };
    if errors.0.is_empty() { Ok(patch) } else { Err(errors.0) }
}

fn dunning(errors: &mut Errors, values: &Values) -> Option<Dunning> {
    let (steps, max) = (Dunning::MAX_STEPS, Dunning::MAX_DAYS);
    let fields = [
        ("retries", Flaw::Growing { steps, min: 1, max }),
        ("remind_before", Flaw::Falling { steps, min: 0, max }),
        ("remind_after", Flaw::Growing { steps, min: 1, max }),
    ];
    let [retries, before, after] = fields.map(|(field, flaw)| {
        let days = values.get(field).split(',').map(str::trim).filter(|day| !day.is_empty());
        errors.take(field, days.map(str::parse).collect::<Result<Vec<u8>, _>>().map_err(|_| flaw))
    });
    match Dunning::new(retries?, before?, after?) {
        Ok(dunning) => Some(dunning),
        Err(problem) => {
            for error in problem.fields {
                errors.add(&super::desk::snake(&error.field), error.flaw);
            }
            None
        }
    }
}
