use axum::{Json, extract::State};
use domain::{Flaw, Problem, page::PageRequest};
use serde::Deserialize;
use service::Services;
use utoipa::IntoParams;

use super::view::AlertList;
use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Query},
};

/// Which alerts are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AlertQuery {
    /// Where the page starts: `nextCursor` of the page before.
    cursor: Option<String>,
    /// How many entries at most, 1 to 100. Default 50.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `open` (default) or `resolved`.
    state: Option<String>,
}

/// List alerts
///
/// What a person has to look at: payments that differ from what was shown, disputes, drift. Newest first.
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/alerts", tag = "Alerts", operation_id = "listAlerts",
    params(("appId" = Uuid, Path), AlertQuery),
    responses((status = 200, body = AlertList)),
)]
pub async fn list(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Query(query): Query<AlertQuery>,
) -> ApiResult<Json<AlertList>> {
    let page = PageRequest::parse(query.cursor.as_deref(), query.limit.as_deref())?;
    let resolved = match query.state.as_deref() {
        None | Some("open") => false,
        Some("resolved") => true,
        Some(_) => return Err(Problem::field("state", Flaw::OneOf("open, resolved".into())).into()),
    };
    let page = services.alerts().page(&ctx, app, resolved, &page).await?;
    Ok(Json(AlertList { alerts: page.items.into_iter().map(Into::into).collect(), next_cursor: page.next_cursor }))
}
