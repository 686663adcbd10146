use chrono::{DateTime, Utc};
use domain::billing::coupon::{Coupon, Duration, Off};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What takes something off a charge.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CouponView {
    id: Uuid,
    #[schema(example = "SPRING")]
    code: String,
    /// A share, in hundredths of a percent; null for a fixed amount.
    basis_points: Option<u16>,
    /// A fixed amount, in the smallest unit of its currency; null for a share.
    amount: Option<i64>,
    #[schema(example = "usd")]
    currency: Option<String>,
    /// `once`, `months` or `forever`.
    duration: &'static str,
    months: Option<u16>,
    /// How many users may redeem it; null for any number.
    max_redemptions: Option<u32>,
    /// How many did; null where nobody counted.
    redeemed: Option<u32>,
    expires_at: Option<DateTime<Utc>>,
    /// The plans that it is for; empty for every plan.
    plan_ids: Vec<Uuid>,
    archived: bool,
    created_at: DateTime<Utc>,
}

impl CouponView {
    pub fn new(coupon: &Coupon, redeemed: Option<u32>) -> Self {
        let (basis_points, money) = match coupon.off {
            Off::Percent(points) => (Some(points.get()), None),
            Off::Amount(money) => (None, Some(money)),
        };
        let (duration, months) = match coupon.duration {
            Duration::Once => ("once", None),
            Duration::Months(months) => ("months", Some(months)),
            Duration::Forever => ("forever", None),
        };
        Self {
            id: coupon.id.get(),
            code: coupon.code.to_string(),
            basis_points,
            amount: money.map(|money| money.amount()),
            currency: money.map(|money| money.currency().lower()),
            duration,
            months,
            max_redemptions: coupon.cap,
            redeemed,
            expires_at: coupon.expires_at,
            plan_ids: coupon.plans.iter().map(|id| id.get()).collect(),
            archived: coupon.archived_at.is_some(),
            created_at: coupon.created_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct CouponBody {
    pub coupon: CouponView,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CouponList {
    pub coupons: Vec<CouponView>,
    pub next_cursor: Option<String>,
}
