use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use serde::Serialize;
use service::{Services, identity::account::OwnSession};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::user::door::Reader,
    http::{
        error::ApiResult,
        params::{PageQuery, Query, page_of},
    },
};

/// A browser in which you are signed in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnSessionView {
    /// `sid` of tokens.
    id: Uuid,
    /// Null for a program, for a browser that hides what it is, and with an access token.
    #[schema(example = "Firefox · Linux")]
    device: Option<String>,
    /// The address that it signed in from; null with an access token.
    address: Option<String>,
    signed_in_at: DateTime<Utc>,
    /// To within ten minutes; null with an access token.
    last_seen_at: Option<DateTime<Utc>>,
    /// Whether it asks, or the access token belongs to it.
    is_current: bool,
}

impl From<OwnSession> for OwnSessionView {
    fn from(own: OwnSession) -> Self {
        Self {
            id: own.id.get(),
            device: own.device.map(|device| device.to_string()),
            address: own.address,
            signed_in_at: own.signed_in_at,
            last_seen_at: own.last_seen_at,
            is_current: own.is_current,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnSessionList {
    pub sessions: Vec<OwnSessionView>,
    pub next_cursor: Option<String>,
}

/// List your sessions
///
/// The current one first, then those that were used last. With an access token only the session that the token belongs
/// to.
#[utoipa::path(
    get, path = "/api/user/sessions", tag = "Your account", operation_id = "listOwnSessions",
    params(PageQuery),
    responses((status = 200, body = OwnSessionList)),
)]
pub async fn list(
    State(services): State<Services>,
    Reader(user): Reader,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<OwnSessionList>> {
    let request = query.parse()?;
    let found = services.account().sessions(&user.ctx).await?;
    let page = page_of(found, &request, |own| own.id.get())?.map(OwnSessionView::from);
    Ok(Json(OwnSessionList { sessions: page.items, next_cursor: page.next_cursor }))
}
