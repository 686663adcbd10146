//! Another plan: what it would cost, and going there once somebody agreed to that.

use domain::{
    ErrorCode, Timestamp,
    application::Provider,
    billing::{
        plan::PlanKey,
        quote::{Quote, Seen},
        subscription::State,
    },
    id::PriceId,
};

use super::{Portal, Visitor};
use crate::{
    Ctx, Result,
    billing::{
        orders::{Destination, NewOrder, Started},
        subscriptions::{Choice, Chosen, refuse_assigned},
    },
};

/// What a change would cost.
#[derive(Clone, Debug)]
pub enum Terms {
    /// Nothing: nobody collects money for the application.
    Granted,
    Quoted(Box<Quote>),
}

impl Terms {
    /// What somebody agrees to, as text to compare.
    pub fn digest(&self) -> String {
        match self {
            Self::Granted => "granted".into(),
            Self::Quoted(quote) => quote.digest(),
        }
    }

    /// Whether they are what somebody agreed to.
    fn are_still(&self, seen: &Seen, now: Timestamp) -> bool {
        match self {
            Self::Granted => self.digest() == seen.digest,
            Self::Quoted(quote) => quote.is_still(seen, now),
        }
    }
}

/// What somebody saw and agreed to.
#[derive(Clone, Debug)]
pub struct Agreed {
    pub plan: PlanKey,
    pub price: Option<PriceId>,
    /// The [`Terms`] that they saw.
    pub seen: Seen,
}

/// What followed from an agreement.
#[derive(Clone, Debug)]
pub enum Confirmed {
    /// Nothing: these are the terms now, and they are not what was agreed to.
    Differs(Terms),
    /// On to the checkout, at this path.
    Checkout(String),
    /// It will change at the end of what is paid.
    Scheduled,
    Changed,
}

impl Portal<'_> {
    /// What a plan would cost the visitor, at `price` or its first one.
    ///
    /// # Errors
    /// `AUTH_011` when somebody else decided for what is held, `SUB_001` for what is not on offer, `SUB_002` for what
    /// is held, `SUB_006` while it is paused.
    pub async fn preview(&self, ctx: &Ctx, visitor: &Visitor, plan: &PlanKey, price: Option<PriceId>) -> Result<Terms> {
        let (entry, held) = (&visitor.application, visitor.holder.subscription.as_ref());
        if let Some(held) = held {
            refuse_assigned(held)?;
        }
        let is_billed = held.is_some_and(|held| held.is_billed());
        if entry.application.settings.provider == Provider::None && !is_billed {
            let wanted = entry.plan_by_key(plan.as_str()).filter(|plan| plan.is_on_offer());
            let wanted = wanted.ok_or(ErrorCode::PlanNotFound)?;
            if held.is_some_and(|held| held.plan_id == wanted.id) {
                return Err(ErrorCode::AlreadySubscribed.into());
            }
            return Ok(Terms::Granted);
        }
        let (application, user) = (entry.application.id, visitor.holder.user.id);
        let quote = self.0.changes().preview(&visitor.ctx(ctx), application, user, plan.clone(), price, None).await?;
        Ok(Terms::Quoted(Box::new(quote)))
    }

    /// Carries out what the visitor agreed to, if those are still the terms; see [`Quote::is_still`].
    ///
    /// # Errors
    /// As [`Self::preview`], and `SRV_002` without a provider.
    pub async fn confirm(&self, ctx: &Ctx, visitor: &Visitor, agreed: Agreed) -> Result<Confirmed> {
        let terms = self.preview(ctx, visitor, &agreed.plan, agreed.price).await?;
        if !terms.are_still(&agreed.seen, self.0.now()) {
            return Ok(Confirmed::Differs(terms));
        }
        let ctx = visitor.ctx(ctx);
        let (application, user) = (visitor.application.application.id, visitor.holder.user.id);
        if let Terms::Granted = terms {
            let choice = Choice::Plan(agreed.plan, agreed.price);
            return match self.0.subscriptions().choose(&ctx, application, choice).await? {
                Chosen::Done => Ok(Confirmed::Changed),
                Chosen::NeedsPayment => Ok(Confirmed::Differs(terms)),
            };
        }
        let new = NewOrder {
            plan: agreed.plan,
            price: agreed.price,
            destination: Destination::Portal,
            metadata: None,
            payer: None,
            coupon: None,
        };
        match self.0.orders().start(&ctx, application, user, new).await? {
            Started::Order(placed) => Ok(Confirmed::Checkout(self.0.orders().path(placed.order.id)?)),
            // What a trial turns into is no change that waits.
            Started::Granted(held) => match (held.state, held.scheduled) {
                (State::Trialing { .. }, _) | (_, None) => Ok(Confirmed::Changed),
                (_, Some(_)) => Ok(Confirmed::Scheduled),
            },
        }
    }
}
