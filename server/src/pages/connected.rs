//! `/account/connected`: the clients that a person lets use their account.

use app::auth::{Connected, ConnectedPage};
use axum::{http::StatusCode, response::Response};
use domain::{id::ClientRowId, route, route::ReturnTo};
use leptos::prelude::*;

use super::asked::{Asked, Fields, see_other};

pub async fn show(asked: Asked) -> Response {
    let Some(session) = asked.session() else { return see_other(&ReturnTo::Connected.sign_in()) };
    let who = session.user.email.to_string();
    match asked.services().consents().list(&asked.ctx).await {
        Err(error) => asked.fail(error),
        Ok(found) => {
            let clients = found.into_iter().map(|one| Connected {
                id: one.id.to_string(),
                client: one.client,
                application: one.application,
                scopes: one.scopes,
                since: one.since,
            });
            let (visit, clients) = (asked.visit.clone(), clients.collect());
            asked.page(StatusCode::OK, || view! { <ConnectedPage visit clients who/> })
        }
    }
}

/// Takes one client's access away and shows the rest. A client that is none had none.
pub async fn submit(asked: Asked, fields: Fields) -> Response {
    if asked.session().is_none() {
        return see_other(&ReturnTo::Connected.sign_in());
    }
    if let Ok(client) = fields.get("client").parse::<ClientRowId>()
        && let Err(error) = asked.services().consents().revoke(&asked.ctx, client).await
    {
        return asked.fail(error);
    }
    see_other(route::CONNECTED)
}
