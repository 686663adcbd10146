//! What members and admins change of a subscription that is billed.

use domain::{
    ErrorCode, Flaw, Problem, Timestamp,
    billing::{
        coupon::CouponCode,
        ledger::Action,
        plan::PlanKey,
        quote::Quote,
        subscription::{Ended, InvalidTransition, State, Subscription},
    },
    id::{ApplicationId, PriceId},
};

use super::{
    engine,
    hold::{self, Hold},
    invoices,
    orders::{self, Wanted},
    which::Which,
};
use crate::{Ctx, Error, Result, Services, mail, tx::Tx};

/// See the module.
pub struct Changes<'a>(pub(super) &'a Services);

impl Services {
    pub const fn changes(&self) -> Changes<'_> {
        Changes(self)
    }
}

impl Changes<'_> {
    /// What a plan would cost a member now, and what would follow. Nothing changes.
    ///
    /// # Errors
    /// As [`orders::Orders::start`]; `SUB_004` when it has ended.
    pub async fn preview(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        which: impl Into<Which>,
        plan: PlanKey,
        price: Option<PriceId>,
        coupon: Option<CouponCode>,
    ) -> Result<Quote> {
        let which: Which = which.into();
        which.require(self.0, ctx, application).await?;
        let directory = self.0.directory();
        let entry = directory.application(application).ok_or(ErrorCode::ApplicationNotFound)?.clone();
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let hold = which.lock(&tx, application).await?;
                    let wanted = Wanted { plan: &plan, price, coupon: coupon.as_ref() };
                    orders::quote(&tx, &entry, &hold, &wanted).await
                })
            })
            .await
    }

    /// Cancels at the end of what is paid; at once where nothing is. Again: nothing.
    ///
    /// # Errors
    /// `SUB_001` without a subscription, `SUB_004` when it has ended.
    pub async fn cancel(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        which: impl Into<Which>,
        reason: Option<String>,
    ) -> Result<Subscription> {
        let ctx = ctx.because(reason);
        self.change(&ctx, application, which.into(), |tx, hold, held| Box::pin(cancel(tx, hold, held))).await
    }

    /// Ends it now. What was paid for the rest is not given back by this.
    ///
    /// # Errors
    /// `SUB_001` without a subscription, `SUB_004` when it has ended.
    pub async fn cancel_now(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        which: impl Into<Which>,
        reason: Option<String>,
    ) -> Result<Subscription> {
        self.0.require_manager(ctx, application).await?;
        let ctx = ctx.because(reason);
        self.change(&ctx, application, which.into(), |tx, hold, _| Box::pin(async move { end(tx, hold).await })).await
    }

    /// Takes back a cancellation or a change that waits for the end of the period.
    ///
    /// # Errors
    /// `SUB_001` without a subscription, `SUB_004` when it has ended or nothing waits.
    pub async fn undo(&self, ctx: &Ctx, application: ApplicationId, which: impl Into<Which>) -> Result<Subscription> {
        self.change(ctx, application, which.into(), |tx, hold, held| {
            Box::pin(async move {
                let after = held.undo(hold.now).map_err(not_now)?;
                // What was asked for the changed plan is asked for again, for the one that stays.
                invoices::release_next(tx, hold).await?;
                hold::change(tx, hold, after, Action::SubscriptionUnscheduled).await
            })
        })
        .await
    }

    /// Pauses it: nothing is charged, and the time that is paid waits.
    ///
    /// # Errors
    /// `SUB_001` without a subscription, `SUB_004` unless it is active, or while its provider charges the next period.
    pub async fn pause(&self, ctx: &Ctx, application: ApplicationId, which: impl Into<Which>) -> Result<Subscription> {
        self.change(ctx, application, which.into(), |tx, hold, held| {
            Box::pin(async move {
                if held.period.is_some_and(|period| period.end <= hold.now) {
                    return Err(Problem::new(ErrorCode::SubscriptionExpired, "the next period is being charged").into());
                }
                let after = held.pause(hold.now).map_err(not_now)?;
                invoices::release_next(tx, hold).await?;
                hold::change(tx, hold, after, Action::SubscriptionPaused).await
            })
        })
        .await
    }

    /// Goes on after a pause: its period ends later by as much.
    ///
    /// # Errors
    /// `SUB_001` without a subscription, `SUB_004` unless it is paused.
    pub async fn resume(&self, ctx: &Ctx, application: ApplicationId, which: impl Into<Which>) -> Result<Subscription> {
        self.change(ctx, application, which.into(), |tx, hold, held| {
            Box::pin(async move {
                let before = held.period;
                let resumed = held.resume(hold.now).map_err(not_now)?;
                if let Some((before, after)) = before.zip(resumed.subscription.period) {
                    invoices::move_paid(tx, hold, before, after).await?;
                }
                if resumed.anchor.is_some() {
                    hold.billing.anchor = resumed.anchor;
                }
                hold::change(tx, hold, resumed.subscription, Action::SubscriptionResumed).await
            })
        })
        .await
    }

    /// Lets a trial end later.
    ///
    /// # Errors
    /// `SUB_001` without a subscription, `SUB_004` without a trial, `APP_001` on the field `until` when it is not later.
    pub async fn extend_trial(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        which: impl Into<Which>,
        until: Timestamp,
    ) -> Result<Subscription> {
        self.0.require_manager(ctx, application).await?;
        self.change(ctx, application, which.into(), move |tx, hold, held| {
            Box::pin(async move {
                let State::Trialing { ends_at } = held.state else {
                    return Err(ErrorCode::SubscriptionExpired.into());
                };
                if until == ends_at {
                    return Ok(held);
                }
                let after = held.extend_trial(hold.now, until);
                let after = after.map_err(|_| Problem::field("until", Flaw::Past))?;
                // What was asked for the period after the old end is not for the one after the new end.
                invoices::release_next(tx, hold).await?;
                hold.billing.anchor = Some(until);
                hold::change(tx, hold, after, Action::TrialExtended).await
            })
        })
        .await
    }

    pub(super) async fn change<F>(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        which: Which,
        change: F,
    ) -> Result<Subscription>
    where
        F: for<'c> FnOnce(&'c Tx<'c>, &'c mut Hold, Subscription) -> crate::db::Work<'c, Subscription, Error>
            + Send
            + 'static,
    {
        which.require(self.0, ctx, application).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let mut hold = which.lock(&tx, application).await?;
                    let held = hold.subscription.clone().filter(Subscription::is_billed);
                    let held = held.ok_or(ErrorCode::PlanNotFound)?;
                    let after = change(&tx, &mut hold, held).await?;
                    orders::cancel_open(&tx, &hold).await?;
                    engine::settle(&tx, &mut hold).await?;
                    Ok(after)
                })
            })
            .await
    }
}

/// Cancels what is held at the end of what is paid; at once where nothing is.
pub(super) async fn cancel(tx: &Tx<'_>, hold: &mut Hold, held: Subscription) -> Result<Subscription> {
    // A period that is paid already, or is being charged at this moment, is the last one.
    let after = match invoices::paid_until(tx, hold).await? {
        Some(end) => Subscription { cancel_at: Some(held.cancel_at.unwrap_or(end)), ..held.clone() },
        None => held.clone().cancel_at_end(hold.now).map_err(not_now)?,
    };
    if after == held {
        return Ok(held);
    }
    if after.state.is_final() {
        return end(tx, hold).await;
    }
    invoices::void_open(tx, hold).await?;
    let after = hold::change(tx, hold, after, Action::SubscriptionScheduled).await?;
    mail::ending::canceled(tx, hold, &after).await?;
    Ok(after)
}

async fn end(tx: &Tx<'_>, hold: &mut Hold) -> Result<Subscription> {
    let held = hold.subscription.clone().ok_or(ErrorCode::PlanNotFound)?;
    let state = State::Canceled { at: hold.now };
    hold::finish(tx, hold, Ended { at: hold.now, state }).await?;
    Ok(Subscription { state, ..held })
}

fn not_now(refused: InvalidTransition) -> Problem {
    Problem::new(ErrorCode::SubscriptionExpired, refused.to_string())
}
