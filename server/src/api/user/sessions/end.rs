use axum::{extract::State, http::StatusCode};
use service::Services;

use super::Named;
use crate::{
    api::user::door::Reader,
    http::{error::ApiResult, params::Id},
};

/// End a session
///
/// With an access token only the session that the token belongs to. One that is over already, or somebody else's, is
/// answered alike. A session that ends another one needs a sign-in of the last 15 minutes.
#[utoipa::path(
    delete, path = "/api/user/sessions/{sessionId}", tag = "Your account", operation_id = "endOwnSession",
    params(("sessionId" = String, Path, description = "Of the list. What is no id names no session.")),
    responses((status = 204)),
)]
pub async fn end(
    State(services): State<Services>,
    Reader(user): Reader,
    Id(session): Id<Named>,
) -> ApiResult<StatusCode> {
    if let Some(id) = session.0 {
        services.account().end_session(&user.ctx, id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
