//! `/account/connected`: the clients that a person lets use their account.

use app::account::{Connected, ConnectedPage};
use axum::{http::StatusCode, response::Response};
use domain::{id::ClientRowId, route::AccountPage};
use leptos::prelude::*;

use super::{owner, session};
use crate::{
    http::redirect::see_other,
    pages::asked::{Asked, Fields},
};

const PAGE: AccountPage = AccountPage::Connected;

pub async fn show(asked: Asked) -> Response {
    let own = match session(&asked, PAGE) {
        Ok(own) => own,
        Err(response) => return response,
    };
    let found = match asked.services().consents().list(&asked.ctx).await {
        Ok(found) => found,
        Err(error) => return asked.fail(error),
    };
    let clients = found.into_iter().map(|one| Connected {
        id: one.id.to_string(),
        client: one.client,
        application: one.application,
        scopes: one.scopes,
        since: one.since,
    });
    let (visit, owner, clients) = (asked.visit.clone(), owner(&asked, own, None).await, clients.collect());
    asked.page(StatusCode::OK, || view! { <ConnectedPage visit owner clients/> })
}

/// Takes one client's access away and shows the rest. A client that is none had none.
pub async fn submit(asked: Asked, fields: Fields) -> Response {
    if let Err(response) = session(&asked, PAGE) {
        return response;
    }
    if let Ok(client) = fields.get("client").parse::<ClientRowId>()
        && let Err(error) = asked.services().consents().revoke(&asked.ctx, client).await
    {
        return asked.fail(error);
    }
    see_other(PAGE.path())
}
