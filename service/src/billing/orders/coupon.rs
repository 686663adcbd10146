//! A coupon on an order that has not been paid yet.

use domain::{
    ErrorCode,
    billing::{coupon::CouponCode, ledger::Actor},
    id::UserId,
};
use sea_orm::EntityTrait;

use super::{NewOrder, Orders, Placed, Started, place::Reach};
use crate::{Ctx, Result, billing::coupons, entity::memberships};

impl Orders<'_> {
    /// The order anew, with a coupon or, by `None`, without one: whoever has its page may add one.
    ///
    /// # Errors
    /// `SUB_004` for an order that has ended or pays an invoice, `APP_001` on the field `coupon` for one that is
    /// refused, `AUTH_007` (fact `retryAfter`, in seconds) after too many of those, and as [`Self::start`].
    pub async fn with_coupon(&self, ctx: &Ctx, placed: Placed, coupon: Option<CouponCode>) -> Result<Started> {
        if !placed.order.state.is_open() || placed.invoice.is_some() {
            return Err(ErrorCode::SubscriptionExpired.into());
        }
        let (application, member) = (placed.order.application_id, placed.order.membership_id);
        let member = memberships::Entity::find_by_id(member.get()).one(self.0.db.read()).await?;
        let user = UserId::from(member.ok_or(ErrorCode::UserNotFound)?.user_id);
        let plan = self.entry(&placed)?.plan(placed.order.quote.plan_id).cloned().ok_or(ErrorCode::PlanNotFound)?;
        let new = NewOrder {
            plan: plan.key.clone(),
            price: placed.order.quote.price_id,
            coupon,
            destination: placed.destination,
            metadata: placed.metadata,
            payer: placed.payer,
        };
        let tries = new.coupon.is_some() && self.0.settings.limits;
        if tries {
            self.0.attempts.try_coupon(ctx.network(), self.0.now())?;
        }
        let payer = Ctx { actor: Actor::User(user), ..Ctx::anonymous() };
        // Who might make the order was asked when it was made.
        let started = self.place(&payer, application, user.into(), new, Reach::Any).await?;
        if tries {
            self.0.attempts.coupon_taken(ctx.network());
        }
        Ok(started)
    }

    /// The code of the coupon that an order takes.
    ///
    /// # Errors
    /// The database's own.
    pub async fn coupon_of(&self, placed: &Placed) -> Result<Option<CouponCode>> {
        match placed.order.quote.coupon {
            Some(id) => Ok(coupons::find(self.0.db.read(), id).await?.map(|coupon| coupon.code)),
            None => Ok(None),
        }
    }
}
