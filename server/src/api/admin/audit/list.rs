use axum::{
    Json,
    extract::State,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use domain::{Problem, page::PageRequest};
use serde::Deserialize;
use service::{
    Services,
    audit::{AuditFilter, parse_action},
};
use utoipa::IntoParams;

use super::{
    csv,
    view::{AuditList, EntryView},
};
use crate::{
    api::admin::{door::Admin, listing::is_csv},
    http::{error::ApiResult, params::Query},
};

/// Which entries are asked for.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Where the page starts: `nextCursor` of the page before.
    cursor: Option<String>,
    /// How many entries at most, 1 to 100. Default 50.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    #[param(value_type = Option<Uuid>)]
    application_id: Option<String>,
    #[param(value_type = Option<Uuid>)]
    user_id: Option<String>,
    /// Such as `plan.updated`.
    action: Option<String>,
    /// `json` (default) or `csv`.
    format: Option<String>,
}

/// Read the audit log
///
/// The ledger, newest first. An admin sees the applications that they administer.
#[utoipa::path(
    get, path = "/api/admin/audit", tag = "Audit log", operation_id = "listAudit",
    params(AuditQuery),
    responses((status = 200, body = AuditList)),
)]
pub async fn list(
    State(services): State<Services>,
    Admin(ctx): Admin,
    Query(query): Query<AuditQuery>,
) -> ApiResult<Response> {
    let page = PageRequest::parse(query.cursor.as_deref(), query.limit.as_deref())?;
    let filter = AuditFilter {
        application: id("applicationId", query.application_id.as_deref())?,
        user: id("userId", query.user_id.as_deref())?,
        action: query.action.as_deref().map(parse_action).transpose()?,
    };
    let as_csv = is_csv(query.format.as_deref())?;
    let page = services.audit().list(&ctx, filter, &page).await?;
    let entries: Vec<_> = page.items.into_iter().map(EntryView::from).collect();
    if as_csv {
        let headers =
            [(CONTENT_TYPE, "text/csv; charset=utf-8"), (CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\"")];
        return Ok((headers, csv::of(&entries)).into_response());
    }
    Ok(Json(AuditList { entries, next_cursor: page.next_cursor }).into_response())
}

fn id<T: std::str::FromStr>(field: &str, text: Option<&str>) -> Result<Option<T>, Problem> {
    text.map(|text| text.parse().map_err(|_| Problem::field(field, "must be an id"))).transpose()
}
