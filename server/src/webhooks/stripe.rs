use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use domain::{ErrorCode, application::Provider};
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

/// The same, for every application that can tell that its Stripe account has signed it.
pub async fn receive_of_any(
    State(services): State<Services>,
    headers: HeaderMap,
    body: Bytes,
) -> ApiResult<StatusCode> {
    services.inbox().receive_of_any(Provider::Stripe, &texts(&headers), &body).await?;
    Ok(StatusCode::OK)
}
