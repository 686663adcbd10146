//! `/account/identities`: the providers' accounts by which a person signs in.

use app::account::{IdentitiesPage, Linkable, Linked};
use axum::{http::StatusCode, response::Response};
use domain::{
    ErrorCode,
    id::IdentityId,
    route::{AccountPage, ReturnTo},
};
use leptos::prelude::*;
use service::upstream::{Departure, Intent, identities::host};

use super::{owner, session};
use crate::{
    http::redirect::see_other,
    pages::{
        Mishap,
        asked::{Asked, Fields},
        upstream,
    },
};

const PAGE: AccountPage = AccountPage::Identities;

pub async fn show(asked: Asked) -> Response {
    page(&asked, StatusCode::OK, false).await
}

async fn page(asked: &Asked, status: StatusCode, only_way: bool) -> Response {
    let own = match session(asked, PAGE) {
        Ok(own) => own,
        Err(response) => return response,
    };
    let identities = asked.services().identities();
    let (linked, offers) = match (identities.list(&asked.ctx).await, identities.offers(&asked.ctx).await) {
        (Ok(linked), Ok(offers)) => (linked, offers),
        (Err(error), _) | (_, Err(error)) => return asked.fail(error),
    };
    let linked = linked.into_iter().map(|one| Linked {
        id: one.id.to_string(),
        provider: one.provider,
        host: one.host,
        email: one.email,
        since: one.linked_at,
        used: one.used_at,
    });
    let offers = offers.into_iter().map(|(application, entry)| Linkable {
        application: application.application.slug.to_string(),
        method: entry.method.slug.to_string(),
        provider: entry.method.name.to_string(),
        host: host(entry.method.issuer.as_str()),
    });
    let (visit, owner) = (asked.visit.clone(), owner(asked, own, None).await);
    let (linked, offers) = (linked.collect(), offers.collect());
    asked.page(status, || view! { <IdentitiesPage visit owner linked offers only_way/> })
}

/// Unlinks one, or sends the browser to a provider whose account is to be linked. Both ask for a recent sign-in.
pub async fn submit(asked: Asked, fields: Fields) -> Response {
    let owner = match asked.recent(&ReturnTo::Account(PAGE)).await {
        Ok(own) => own.user.id,
        Err(response) => return response,
    };
    if let Ok(id) = fields.get("unlink").parse::<IdentityId>() {
        return match asked.services().identities().unlink(&asked.ctx, id).await {
            Ok(()) => see_other(PAGE.path()),
            Err(error) if error.code() == ErrorCode::UserInvalid => page(&asked, StatusCode::CONFLICT, true).await,
            Err(error) => asked.fail(error),
        };
    }
    let offers = match asked.services().identities().offers(&asked.ctx).await {
        Ok(offers) => offers,
        Err(error) => return asked.fail(error),
    };
    let wanted = offers.into_iter().find(|(application, entry)| {
        application.application.slug.as_str() == fields.get("application")
            && entry.method.slug.as_str() == fields.get("link")
    });
    let Some((application, method)) = wanted else { return asked.mishap(Mishap::NotFound) };
    let (intent, to) = (Intent::Link(owner), ReturnTo::Account(PAGE));
    upstream::leave(&asked, Departure { application, method, intent, to, login_hint: None, browser: None }).await
}
