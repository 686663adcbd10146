use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{Flaw, Problem, billing::payment::Status, page::PageRequest};
use serde::Deserialize;
use service::{Services, billing::lists::payments::PaymentFilter, sorted::Sort};
use utoipa::IntoParams;

use super::view::PaymentList;
use crate::{
    api::admin::{
        door::AppAdmin,
        listing::{is_csv, one_of},
    },
    export::{self, Export},
    http::{
        error::ApiResult,
        params::{Query, sought},
    },
};

/// Which payments are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PaymentQuery {
    /// Where the page starts: `nextCursor` of the page before.
    cursor: Option<String>,
    /// How many entries at most, 1 to 100. Default 50.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// One status.
    status: Option<String>,
    /// Part of the user's e-mail address or name, the provider's reference, or a whole id.
    #[param(max_length = 254)]
    search: Option<String>,
    /// `json` (default) or `csv`.
    format: Option<String>,
}

/// List payments
///
/// Newest first; as JSON page by page, as CSV whole.
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/payments", tag = "Payments", operation_id = "listPayments",
    params(("appId" = Uuid, Path), PaymentQuery),
    responses((status = 200, body = PaymentList)),
)]
pub async fn list(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Query(query): Query<PaymentQuery>,
) -> ApiResult<Response> {
    let page = PageRequest::parse(query.cursor.as_deref(), query.limit.as_deref())?;
    let status = query.status.as_deref().map(|text| {
        Status::parse(text)
            .ok_or_else(|| Problem::field("status", Flaw::OneOf(one_of(Status::ALL.map(Status::as_str)))))
    });
    let search = sought(query.search.as_deref())?.map(str::to_owned);
    let filter = PaymentFilter { status: status.transpose()?, search };
    if is_csv(query.format.as_deref())? {
        return Ok(export::payments(Export { services, ctx, application: app, filter, sort: Sort::default() }));
    }
    let page = services.payment_list().page(&ctx, app, &filter, &page).await?;
    let payments = page.items.into_iter().map(Into::into).collect();
    Ok(Json(PaymentList { payments, next_cursor: page.next_cursor }).into_response())
}
