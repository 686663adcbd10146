use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{Flaw, Problem, billing::payment::Status};
use service::{Services, billing::lists::payments::PaymentFilter, sorted::Sort};

use super::view::PaymentList;
use crate::{
    api::admin::{
        door::AppAdmin,
        listing::{MoneyQuery, one_of},
    },
    export::{self, Export},
    http::{error::ApiResult, params::Query},
};

/// List payments
///
/// Newest first; as JSON page by page, as CSV whole.
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/payments", tag = "Payments", operation_id = "listPayments",
    params(("appId" = Uuid, Path), MoneyQuery),
    responses((status = 200, body = PaymentList)),
)]
pub async fn list(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Query(query): Query<MoneyQuery>,
) -> ApiResult<Response> {
    let page = query.page()?;
    let status = query.status.as_deref().map(|text| {
        Status::parse(text)
            .ok_or_else(|| Problem::field("status", Flaw::OneOf(one_of(Status::ALL.map(Status::as_str)))))
    });
    let filter = PaymentFilter { status: status.transpose()?, search: query.search()? };
    if query.is_csv()? {
        return Ok(export::payments(Export { services, ctx, application: app, filter, sort: Sort::default() }));
    }
    let page = services.payment_list().page(&ctx, app, &filter, &page).await?;
    let payments = page.items.into_iter().map(Into::into).collect();
    Ok(Json(PaymentList { payments, next_cursor: page.next_cursor }).into_response())
}
