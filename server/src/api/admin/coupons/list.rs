use axum::{Json, extract::State};
use service::Services;

use super::view::{CouponList, CouponView};
use crate::{
    api::admin::door::AppAdmin,
    http::{
        error::ApiResult,
        params::{PageQuery, Query, page_of},
    },
};

/// List coupons
///
/// Newest first, archived ones too, each with how many users have redeemed it.
#[utoipa::path(
    get, path = "/api/admin/applications/{appId}/coupons", tag = "Coupons", operation_id = "listCoupons",
    params(("appId" = Uuid, Path), PageQuery),
    responses((status = 200, body = CouponList)),
)]
pub async fn list(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<CouponList>> {
    let coupons = services.coupons().list(&ctx, app).await?;
    let page = page_of(coupons, &page.parse()?, |counted| counted.coupon.id.get())?;
    let coupons = page.items.iter().map(|counted| CouponView::new(&counted.coupon, Some(counted.redeemed))).collect();
    Ok(Json(CouponList { coupons, next_cursor: page.next_cursor }))
}
