use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use domain::{ErrorCode, application::Provider, id::ApplicationId};
use service::Services;

use super::texts;
use crate::http::error::ApiResult;

/// Takes a notification of an application's Stripe account.
pub async fn receive(
    State(services): State<Services>,
    Path(project): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> ApiResult<StatusCode> {
    let project: uuid::Uuid = project.parse().map_err(|_| ErrorCode::ApplicationNotFound)?;
    services.inbox().receive(project.into(), Provider::Stripe, &texts(&headers), &body).await?;
    Ok(StatusCode::OK)
}

/// The same, while exactly one application uses Stripe.
pub async fn receive_of_the_only_one(
    State(services): State<Services>,
    headers: HeaderMap,
    body: Bytes,
) -> ApiResult<StatusCode> {
    let only: ApplicationId =
        services.directory().only_one_of(Provider::Stripe).ok_or(ErrorCode::ApplicationNotFound)?;
    services.inbox().receive(only, Provider::Stripe, &texts(&headers), &body).await?;
    Ok(StatusCode::OK)
}
