//! `/account/sessions`.

use app::account::{OwnSession, SessionsPage};
use axum::{http::StatusCode, response::Response};
use domain::{id::SessionId, route::AccountPage};
use leptos::prelude::*;

use super::{owner, session};
use crate::{
    http::redirect::see_other,
    pages::asked::{Asked, Fields},
};

const PAGE: AccountPage = AccountPage::Sessions;

pub async fn show(asked: Asked) -> Response {
    let own = match session(&asked, PAGE) {
        Ok(own) => own,
        Err(response) => return response,
    };
    let found = match asked.services().account().sessions(&asked.ctx).await {
        Ok(found) => found,
        Err(error) => return asked.fail(error),
    };
    let sessions = found.into_iter().map(|own| OwnSession {
        id: own.id.to_string(),
        device: own.device.map(|device| device.to_string()),
        address: own.address,
        signed_in_at: own.signed_in_at,
        last_seen_at: own.last_seen_at,
        is_current: own.is_current,
    });
    let (visit, owner, sessions) = (asked.visit.clone(), owner(&asked, own, None).await, sessions.collect());
    asked.page(StatusCode::OK, || view! { <SessionsPage visit owner sessions/> })
}

/// Ends one session, or every other. One that is none ends nothing.
pub async fn submit(asked: Asked, fields: Fields) -> Response {
    if let Err(response) = session(&asked, PAGE) {
        return response;
    }
    let account = asked.services().account();
    let ended = match fields.get("session") {
        "others" => account.end_others(&asked.ctx).await,
        id => match id.parse::<SessionId>() {
            Ok(id) => account.end_session(&asked.ctx, id).await,
            Err(_) => Ok(()),
        },
    };
    match ended {
        Ok(()) => see_other(PAGE.path()),
        Err(error) => asked.fail(error),
    }
}
