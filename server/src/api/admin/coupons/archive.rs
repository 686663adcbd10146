use axum::{Json, extract::State};
use domain::id::CouponId;
use service::Services;

use super::view::{CouponBody, CouponView};
use crate::{
    api::admin::door::AppAdmin,
    http::{error::ApiResult, params::Id},
};

/// Archive a coupon
///
/// Nobody can redeem it any more; who has redeemed it keeps the discount. Again: nothing.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/coupons/{couponId}/archive", tag = "Coupons",
    operation_id = "archiveCoupon",
    params(("appId" = Uuid, Path), ("couponId" = Uuid, Path)),
    responses((status = 200, body = CouponBody)),
)]
pub async fn archive(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(id): Id<CouponId>,
) -> ApiResult<Json<CouponBody>> {
    let coupon = services.coupons().archive(&ctx, app, id).await?;
    Ok(Json(CouponBody { coupon: CouponView::new(&coupon, None) }))
}
