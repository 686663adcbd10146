//! `/account/organizations`.

use app::account::{OrganizationsPage, Own};
use axum::{http::StatusCode, response::Response};
use domain::{ErrorCode, id::OrganizationId, route::AccountPage};
use leptos::prelude::*;

use super::{deed::Deed, owner, session};
use crate::{
    http::{error::status_of, redirect::see_other},
    pages::asked::{Asked, Fields},
};

const PAGE: AccountPage = AccountPage::Organizations;

pub async fn show(asked: Asked) -> Response {
    page(&asked, None).await
}

/// Acts for another one, or leaves one.
pub async fn submit(asked: Asked, fields: Fields) -> Response {
    let own = match session(&asked, PAGE) {
        Ok(own) => own,
        Err(response) => return response,
    };
    let Ok(id) = fields.get("organization").parse::<OrganizationId>() else { return see_other(PAGE.path()) };
    let organizations = asked.services().organizations();
    let done = match fields.get("deed") {
        "choose" => organizations.choose(&asked.ctx, id).await,
        "leave" => organizations.remove(&asked.ctx, id, own.user.id).await,
        _ => Ok(()),
    };
    match done {
        Ok(()) if fields.get("deed") == "leave" => Deed::Left.told_at(PAGE.path()),
        Ok(()) => see_other(PAGE.path()),
        Err(error) if error.code() == ErrorCode::Internal => asked.fail(error),
        Err(error) => page(&asked, Some(error)).await,
    }
}

async fn page(asked: &Asked, refused: Option<service::Error>) -> Response {
    let own = match session(asked, PAGE) {
        Ok(own) => own,
        Err(response) => return response,
    };
    let found = match asked.services().organizations().mine(&asked.ctx).await {
        Ok(found) => found,
        Err(error) => return asked.fail(error),
    };
    let organizations = found.into_iter().map(|own| Own {
        id: own.organization.id.to_string(),
        name: own.organization.name.to_string(),
        role: own.role,
        is_current: own.is_current,
    });
    let status = refused.as_ref().map_or(StatusCode::OK, |error| status_of(error.code()));
    let (visit, owner, organizations) =
        (asked.visit.clone(), owner(asked, own, Deed::told(asked)).await, organizations.collect());
    let refusal = refused.map(|error| visit.text().problem(error.code()));
    asked.page(status, || view! { <OrganizationsPage visit owner organizations refusal/> })
}
