//! An admin cancels several subscriptions together, each at the end of what is paid. What would end at once is left
//! alone: that cannot be undone.

use domain::{
    ErrorCode, Timestamp,
    billing::subscription::Subscription,
    id::{ApplicationId, SubscriptionId},
};

use super::subscriptions::ListedSubscription;
use crate::{
    Ctx, Result,
    billing::{
        changes::{self, Changes},
        which::Which,
    },
};

/// Why a subscription is not canceled together with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// It has ended.
    Ended,
    /// Nobody bills it: it has no period to end with.
    NotBilled,
    /// Nothing is paid for in advance: it would end at once.
    AtOnce,
    /// It has changed since it was looked at, or cannot be canceled now.
    Refused(ErrorCode),
}

/// A subscription with the moment at which it ends once it is canceled, or why it is left alone.
pub type Ending = (ListedSubscription, Result<Timestamp, Hindrance>);

/// When a subscription ends that is canceled at `now`.
fn ending(held: &Subscription, now: Timestamp) -> Result<Timestamp, Hindrance> {
    let held = held.clone().settle(now);
    if held.state.is_final() {
        return Err(Hindrance::Ended);
    }
    if !held.is_billed() {
        return Err(Hindrance::NotBilled);
    }
    let after = held.cancel_at_end(now).map_err(|_| Hindrance::Ended)?;
    after.cancel_at.ok_or(Hindrance::AtOnce)
}

impl Changes<'_> {
    /// What canceling these subscriptions would do, newest first; nothing changes. Those of other applications are
    /// left out.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`.
    pub async fn endings(&self, ctx: &Ctx, application: ApplicationId, ids: &[SubscriptionId]) -> Result<Vec<Ending>> {
        let found = self.0.subscription_list().of(ctx, application, ids).await?;
        let now = self.0.billing_now(application);
        let with_end = |listed: ListedSubscription| {
            let end = ending(&listed.subscription, now);
            (listed, end)
        };
        Ok(found.into_iter().map(with_end).collect())
    }

    /// Cancels these subscriptions, each at the end of what is paid and in a transaction of its own. Again: nothing
    /// more.
    ///
    /// # Errors
    /// As [`Self::endings`], and the database's own: those that were canceled until then stay canceled.
    pub async fn cancel_each(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        ids: &[SubscriptionId],
        reason: Option<String>,
    ) -> Result<Vec<Ending>> {
        let ctx = ctx.because(reason);
        let mut all = self.endings(&ctx, application, ids).await?;
        for (listed, end) in all.iter_mut().filter(|(_, end)| end.is_ok()) {
            let which = Which::This(listed.subscription.id);
            let canceled = self.change(&ctx, application, which, |tx, hold, held| {
                Box::pin(async move {
                    // Only as it was looked at.
                    if ending(&held, hold.now).is_err() {
                        return Err(ErrorCode::SubscriptionExpired.into());
                    }
                    changes::cancel(tx, hold, held).await
                })
            });
            match canceled.await {
                Ok(after) => *end = after.cancel_at.ok_or(Hindrance::AtOnce),
                Err(error) if error.code() == ErrorCode::Internal => return Err(error),
                Err(error) => *end = Err(Hindrance::Refused(error.code())),
            }
        }
        Ok(all)
    }
}
