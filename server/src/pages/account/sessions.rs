//! `/account/sessions`.

use app::account::{OwnSession, SessionsPage};
use axum::{http::StatusCode, response::Response};
use domain::{
    id::SessionId,
    route::{AccountPage, ReturnTo},
};
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
        last_seen_at: own.last_seen_at.unwrap_or(own.signed_in_at),
        is_current: own.is_current,
    });
    let (visit, owner, sessions) = (asked.visit.clone(), owner(&asked, own, None).await, sessions.collect());
    asked.page(StatusCode::OK, || view! { <SessionsPage visit owner sessions/> })
}

/// Which sessions a form ends.
enum Which {
    Others,
    One(SessionId),
}

impl Which {
    /// What is no id of a session names none.
    fn parse(text: &str) -> Option<Self> {
        if text == "others" { Some(Self::Others) } else { text.parse().ok().map(Self::One) }
    }
}

/// Ends one session, or every other. One that is none ends nothing; any but the own wants a recent sign-in.
pub async fn submit(asked: Asked, fields: Fields) -> Response {
    let here = match session(&asked, PAGE) {
        Ok(own) => own.id,
        Err(response) => return response,
    };
    let Some(which) = Which::parse(fields.get("session")) else { return see_other(PAGE.path()) };
    let is_own = matches!(which, Which::One(id) if id == here);
    if !is_own && let Err(response) = asked.recent(&ReturnTo::Account(PAGE)).await {
        return response;
    }
    let account = asked.services().account();
    let ended = match which {
        Which::Others => account.end_others(&asked.ctx).await,
        Which::One(id) => account.end_session(&asked.ctx, id).await,
    };
    match ended {
        Ok(()) => see_other(PAGE.path()),
        Err(error) => asked.fail(error),
    }
}
