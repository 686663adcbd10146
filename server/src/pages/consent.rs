//! `/consent`: whether a client may have what it asks for.

use app::auth::ConsentPage;
use axum::{http::StatusCode, response::Response};
use leptos::prelude::*;

use super::{
    asked::{Asked, Fields},
    error::product,
    flow::{self, Waiting},
};

pub async fn show(mut asked: Asked) -> Response {
    match flow::admitted(&mut asked).await {
        Ok(waiting) => page(&asked, &waiting, StatusCode::OK),
        Err(response) => response,
    }
}

/// The field by which a form says no.
pub const DENY: (&str, &str) = ("decision", "deny");

/// Writes the answer down and goes on, or back to the client with `access_denied`. No answer is no consent: the
/// question is asked again. To say no, nothing has to be proved: whoever has no access says it, too.
pub async fn submit(mut asked: Asked, fields: Fields) -> Response {
    if fields.get(DENY.0) == DENY.1
        && let Some(flow) = asked.flow()
    {
        return flow::consent(&asked, &flow, false).await;
    }
    let waiting = match flow::admitted(&mut asked).await {
        Ok(waiting) => waiting,
        Err(response) => return response,
    };
    match fields.get("decision") {
        "allow" => flow::consent(&asked, &waiting.flow, true).await,
        _ => page(&asked, &waiting, StatusCode::BAD_REQUEST),
    }
}

fn page(asked: &Asked, waiting: &Waiting, status: StatusCode) -> Response {
    let product = product(&waiting.view.application);
    let who = asked.session().map_or_else(String::new, |session| session.user.email.to_string());
    let client = waiting.view.client.settings.name.to_string();
    let registered_at = waiting.view.client.is_registered.then(|| waiting.view.destination.clone());
    let (visit, flow, scopes) = (asked.visit.clone(), waiting.flow.clone(), waiting.view.scopes.clone());
    asked.page(status, || view! { <ConsentPage visit product client scopes flow registered_at who/> })
}
