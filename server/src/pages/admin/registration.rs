//! `/dashboard/{slug}/clients/registration`.

use std::sync::Arc;

use app::admin::{
    clients::registration::RegistrationPage,
    form::{Errors, Sent, Values},
    frame::Done,
};
use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{ErrorCode, Flaw, Problem, route, text::Name};
use leptos::prelude::*;
use service::{
    application::registration_tokens::{MOST_DAYS, NewRegistrationToken},
    directory::ApplicationEntry,
};

use super::{
    desk::{Answer, Desk, Posted, Refused, done, gone, unknown_action},
    kept, once,
};
use crate::pages::asked::Fields;

pub async fn show(desk: Desk, Path(slug): Path<String>, headers: HeaderMap) -> Answer {
    let entry = desk.application(&slug).await?;
    page(&desk, entry, StatusCode::OK, &headers, kept::typed(&desk)).await
}

async fn page(
    desk: &Desk,
    entry: Arc<ApplicationEntry>,
    status: StatusCode,
    headers: &HeaderMap,
    sent: Sent,
) -> Answer {
    let services = desk.services();
    let tokens = desk.try_to(services.registration_tokens().list(desk.ctx(), entry.application.id).await)?;
    let secret = tokens.iter().find_map(|token| once::take(desk, headers, token.id.get()));
    let shown = secret.is_some();
    let endpoint = format!("{}{}", services.settings.issuer, route::REGISTER_CLIENT);
    let now = services.now();
    let frame = desk.frame(Some(entry)).await?;
    let mut response = desk.asked.page(status, || view! { <RegistrationPage frame tokens endpoint secret now sent/> });
    if shown {
        once::forget(desk, &mut response);
    }
    Ok(response)
}

pub async fn submit(desk: Desk, Path(slug): Path<String>, headers: HeaderMap, fields: Fields) -> Answer {
    let entry = desk.application(&slug).await?;
    let posted = Posted::from(fields);
    match act(&desk, &entry, &posted).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let (status, sent) = posted.again(&desk, refused)?;
            page(&desk, entry, status, &headers, sent).await
        }
    }
}

async fn act(desk: &Desk, entry: &ApplicationEntry, posted: &Posted) -> Result<Response, Refused> {
    let (tokens, ctx, application) = (desk.services().registration_tokens(), desk.ctx(), entry.application.id);
    let path = route::dashboard(entry.application.slug.as_str(), "clients/registration");
    match posted.action() {
        "create" => {
            let new = parse(&posted.values)?;
            let (token, secret) = tokens.create(ctx, application, new).await?;
            let mut response = done(&path, Done::Created);
            once::give(desk, &mut response, token.id.get(), &secret)?;
            Ok(response)
        }
        "revoke" => {
            let missing = |_| Problem::from(ErrorCode::ApplicationNotFound);
            let id = posted.values.get("token").parse().map_err(missing)?;
            gone(tokens.delete(ctx, application, id).await)?;
            Ok(done(&path, Done::TokenRevoked))
        }
        _ => Err(unknown_action()),
    }
}

fn parse(values: &Values) -> Result<NewRegistrationToken, Refused> {
    let mut errors = Errors::default();
    let name = errors.take("name", Name::parse(values.get("name")));
    let days = values.get("days").trim().parse().ok().filter(|days| (1..=MOST_DAYS).contains(days));
    let days = errors.take("days", days.ok_or(Flaw::Between { min: 1, max: MOST_DAYS }));
    match (name, days) {
        (Some(name), Some(days)) => {
            Ok(NewRegistrationToken { name, days, require_pkce: values.is_checked("require_pkce") })
        }
        _ => Err(errors.0.into()),
    }
}
