use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use service::Services;

use super::texts;
use crate::http::error::ApiResult;

/// Takes a notification of Midtrans, for whichever application its order is of.
pub async fn receive(State(services): State<Services>, headers: HeaderMap, body: Bytes) -> ApiResult<StatusCode> {
    services.inbox().receive_from_midtrans(&texts(&headers), &body).await?;
    Ok(StatusCode::OK)
}
