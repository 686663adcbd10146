use axum::{Json, extract::State, http::StatusCode};
use chrono::{DateTime, Utc};
use domain::{
    Currency, Flaw, Money, Problem, Timestamp,
    billing::coupon::{BasisPoints, CouponCode, Duration, Off},
};
use serde::Deserialize;
use service::{Services, billing::coupons::NewCoupon};
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::{CouponBody, CouponView};
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult},
};

/// A new coupon: `basisPoints`, or `amount` with `currency`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CouponInput {
    #[schema(value_type = String, example = "SPRING", min_length = 3, max_length = 32)]
    code: CouponCode,
    /// Hundredths of a percent, 1 to 10000.
    #[schema(minimum = 1, maximum = 10_000)]
    basis_points: Option<i64>,
    /// In the smallest unit of the currency.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_i64)]
    amount: Option<i64>,
    #[schema(value_type = Option<String>, pattern = "^[A-Za-z]{3}$", example = "usd")]
    currency: Option<Currency>,
    /// `once` (default), `months` or `forever`.
    #[schema(pattern = "^(once|months|forever)$")]
    duration: Option<String>,
    /// With the duration `months`: 1 to 120.
    #[schema(minimum = 1, maximum = 120)]
    months: Option<i64>,
    /// How many users may redeem it. Any number when left out.
    max_redemptions: Option<u32>,
    expires_at: Option<DateTime<Utc>>,
    /// Every plan when left out.
    #[serde(default)]
    plan_ids: Vec<Uuid>,
}

impl CouponInput {
    fn parse(self) -> Result<NewCoupon, Problem> {
        let off = match (self.basis_points, self.amount, self.currency) {
            (Some(points), None, None) => Off::Percent(BasisPoints::parse(points)?),
            (None, Some(amount), Some(currency)) if amount > 0 => Off::Amount(Money::new(amount, currency)?),
            (None, Some(_), Some(_)) => return Err(Problem::field("amount", "must be more than 0")),
            (None, Some(_), None) => return Err(Problem::field("currency", Flaw::Required)),
            _ => return Err(Problem::field("basisPoints", "or amount and currency: one of them is needed, not both")),
        };
        let duration = match (self.duration.as_deref(), self.months) {
            (None | Some("once"), None) => Duration::Once,
            (Some("forever"), None) => Duration::Forever,
            (Some("months"), months) => {
                Duration::months(months.ok_or_else(|| Problem::field("months", Flaw::Required))?)?
            }
            (None | Some("once" | "forever"), Some(_)) => {
                return Err(Problem::field("months", "goes with the duration months"));
            }
            (Some(_), _) => return Err(Problem::field("duration", Flaw::OneOf("once, months, forever".into()))),
        };
        if self.max_redemptions == Some(0) {
            return Err(Problem::field("maxRedemptions", Flaw::Between { min: 1, max: u32::MAX.into() }));
        }
        Ok(NewCoupon {
            code: self.code,
            off,
            duration,
            cap: self.max_redemptions,
            // Columns hold milliseconds.
            expires_at: self.expires_at.and_then(|at| Timestamp::from_timestamp_millis(at.timestamp_millis())),
            plans: self.plan_ids.into_iter().map(Into::into).collect(),
        })
    }
}

/// Create a coupon
///
/// Its terms never change afterwards: archive it and make another.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/coupons", tag = "Coupons", operation_id = "createCoupon",
    params(("appId" = Uuid, Path)),
    request_body = CouponInput,
    responses(
        (status = 201, body = CouponBody),
        (status = 400, description = "`APP_001` the code is taken, or a plan is not the application's"),
    ),
)]
pub async fn create(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Body(input): Body<CouponInput>,
) -> ApiResult<(StatusCode, Json<CouponBody>)> {
    let coupon = services.coupons().create(&ctx, app, input.parse()?).await?;
    Ok((StatusCode::CREATED, Json(CouponBody { coupon: CouponView::new(&coupon, Some(0)) })))
}
