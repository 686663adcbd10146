//! `/dashboard/{slug}/webhooks`, and one of its endpoints.

use std::sync::Arc;

use app::admin::{
    form::{Sent, Values},
    frame::Done,
    webhooks::{list::WebhooksPage, new::NewEndpointPage, page::EndpointPage},
};
use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use domain::{
    FieldError, Flaw, route,
    webhook::endpoint::{Endpoint, EndpointChange, NewEndpoint},
};
use leptos::prelude::*;
use service::directory::ApplicationEntry;

use super::{
    desk::{Answer, Desk, Instead, Posted, Refused, done, gone, unknown_action},
    kept, once,
};
use crate::{http::redirect::see_other, pages::asked::Fields};

pub async fn show(desk: Desk, Path(slug): Path<String>) -> Answer {
    let entry = desk.application(&slug).await?;
    let endpoints = desk.try_to(desk.services().webhooks().list(desk.ctx(), entry.application.id).await)?;
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(StatusCode::OK, || view! { <WebhooksPage frame endpoints/> }))
}

pub async fn show_new(desk: Desk, Path(slug): Path<String>) -> Answer {
    let entry = desk.application(&slug).await?;
    new_page(&desk, entry, StatusCode::OK, kept::typed(&desk)).await
}

async fn new_page(desk: &Desk, entry: Arc<ApplicationEntry>, status: StatusCode, sent: Sent) -> Answer {
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(status, || view! { <NewEndpointPage frame sent/> }))
}

pub async fn submit_new(desk: Desk, Path(slug): Path<String>, fields: Fields) -> Answer {
    let entry = desk.application(&slug).await?;
    let posted = Posted::from(fields);
    match create(&desk, &entry, &posted.values).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let (status, sent) = again(posted, &desk, refused)?;
            new_page(&desk, entry, status, sent).await
        }
    }
}

async fn create(desk: &Desk, entry: &ApplicationEntry, values: &Values) -> Result<Response, Refused> {
    let new = NewEndpoint::parse(values.get("endpoint"), values.get("description"), &events(values))?;
    let (endpoint, secret) = desk.services().webhooks().create(desk.ctx(), entry.application.id, new).await?;
    let mut response = see_other(&address(entry, &endpoint));
    once::give(desk, &mut response, endpoint.id.get(), &secret)?;
    Ok(response)
}

pub async fn show_one(desk: Desk, Path((slug, id)): Path<(String, String)>, headers: HeaderMap) -> Answer {
    let entry = desk.application(&slug).await?;
    let endpoint = find(&desk, &entry, &id).await?;
    let secret = once::take(&desk, &headers, endpoint.id.get());
    let shown = secret.is_some();
    let mut response = one_page(&desk, entry, endpoint, StatusCode::OK, secret, kept::typed(&desk)).await?;
    if shown {
        once::forget(&desk, &mut response);
    }
    Ok(response)
}

/// The endpoint of an address; a foreign one is not found.
pub async fn find(desk: &Desk, entry: &ApplicationEntry, id: &str) -> Result<Endpoint, Instead> {
    let id = id.parse().map_err(|_| desk.not_found())?;
    desk.try_to(desk.services().webhooks().get(desk.ctx(), entry.application.id, id).await)
}

async fn one_page(
    desk: &Desk,
    entry: Arc<ApplicationEntry>,
    endpoint: Endpoint,
    status: StatusCode,
    secret: Option<String>,
    sent: Sent,
) -> Answer {
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(status, || view! { <EndpointPage frame endpoint secret sent/> }))
}

pub async fn submit_one(desk: Desk, Path((slug, id)): Path<(String, String)>, fields: Fields) -> Answer {
    let entry = desk.application(&slug).await?;
    let posted = Posted::from(fields);
    let endpoint = posted.about(find(&desk, &entry, &id).await, &base(&entry))?;
    match change(&desk, &entry, &endpoint, &posted).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let (status, sent) = again(posted, &desk, refused)?;
            one_page(&desk, entry, endpoint, status, None, sent).await
        }
    }
}

async fn change(
    desk: &Desk,
    entry: &ApplicationEntry,
    endpoint: &Endpoint,
    posted: &Posted,
) -> Result<Response, Refused> {
    let (webhooks, ctx, application) = (desk.services().webhooks(), desk.ctx(), entry.application.id);
    let (path, values) = (address(entry, endpoint), &posted.values);
    match posted.action() {
        "save" => {
            let (url, description) = (values.get("endpoint"), values.get("description"));
            let (events, enabled) = (events(values), values.is_checked("enabled"));
            let change = EndpointChange::parse(Some(url), Some(description), Some(&events), Some(enabled))?;
            webhooks.update(ctx, application, endpoint.id, change).await?;
            Ok(done(&path, Done::Saved))
        }
        "test" => {
            webhooks.test(ctx, application, endpoint.id).await?;
            Ok(done(&format!("{path}/deliveries"), Done::WebhookTested))
        }
        "rotate" => {
            let secret = webhooks.rotate_secret(ctx, application, endpoint.id).await?;
            let mut response = done(&path, Done::Rotated);
            once::give(desk, &mut response, endpoint.id.get(), &secret)?;
            Ok(response)
        }
        "delete" => {
            let host = endpoint.host();
            if values.get("confirm").trim() != host {
                return Err(vec![FieldError::new("confirm", Flaw::Exactly(host))].into());
            }
            gone(webhooks.delete(ctx, application, endpoint.id).await)?;
            Ok(done(&base(entry), Done::Deleted))
        }
        _ => Err(unknown_action()),
    }
}

fn base(entry: &ApplicationEntry) -> String {
    route::dashboard(entry.application.slug.as_str(), "webhooks")
}

/// The page of an endpoint.
pub fn address(entry: &ApplicationEntry, endpoint: &Endpoint) -> String {
    format!("{}/{}", base(entry), endpoint.id)
}

fn events(values: &Values) -> Vec<String> {
    values.all("events").map(str::to_owned).collect()
}

/// The use cases say `url`; on pages that is the product's.
fn again(posted: Posted, desk: &Desk, refused: Refused) -> Result<(StatusCode, Sent), Instead> {
    let (status, mut sent) = posted.again(desk, refused)?;
    for error in &mut sent.errors {
        if error.field == "url" {
            error.field = "endpoint".into();
        }
    }
    Ok((status, sent))
}
