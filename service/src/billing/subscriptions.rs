//! Assigning, choosing and ending plans.

use domain::{
    ErrorCode, Flaw, Problem, Timestamp,
    application::Provider,
    billing::{
        ledger::Actor,
        plan::PlanKey,
        subscription::{Fixed, Source, Subscription},
    },
    id::{ApplicationId, PlanId, PriceId, UserId},
};

use super::{
    entitlements::Holder,
    hold::{self, Hold, Placement},
};
use crate::{Ctx, Error, Result, Services, directory::ApplicationEntry};

/// A plan for a member, without payment.
#[derive(Clone, Debug)]
pub struct Assignment {
    pub plan_id: PlanId,
    /// After this moment it counts as none.
    pub expires_at: Option<Timestamp>,
    /// Takes the place of a live subscription; otherwise one is refused.
    pub replace: bool,
}

/// What a user decided on the plan selection page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    Plan(PlanKey, Option<PriceId>),
    /// Stays with what they have, or skips.
    Keep,
}

/// What followed from a [`Choice`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    Done,
    /// The plan must be paid first, or what is held is billed and changes by an order; nothing has changed.
    NeedsPayment,
}

/// See the module.
pub struct Subscriptions<'a>(&'a Services);

impl Services {
    pub const fn subscriptions(&self) -> Subscriptions<'_> {
        Subscriptions(self)
    }
}

impl Subscriptions<'_> {
    /// The live subscription of a member.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`, `USR_001`.
    pub async fn get(&self, ctx: &Ctx, application: ApplicationId, user: UserId) -> Result<Option<Subscription>> {
        self.0.require_manager(ctx, application).await?;
        let holder = self.0.entitlements().holder(user, application).await?.ok_or(ErrorCode::UserNotFound)?;
        Ok(holder.subscription)
    }

    /// The live subscription of the user who asks.
    ///
    /// # Errors
    /// `AUTH_001` without a user, `APP_002` for an unknown application, `APP_005` without access to it.
    pub async fn own(&self, ctx: &Ctx, application: ApplicationId) -> Result<Option<Subscription>> {
        let user = ctx.require_user()?;
        if self.0.directory().application(application).is_none() {
            return Err(ErrorCode::ApplicationNotFound.into());
        }
        let holder = self.0.entitlements().holder(user, application).await?;
        Ok(holder.filter(Holder::has_access).ok_or(ErrorCode::NoAccess)?.subscription)
    }

    /// Gives a member a plan at once. Assigning what is held already changes nothing.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`, `USR_001`; `SUB_001` for a plan of another application; `SUB_002` when
    /// one is live and `replace` is off; `SUB_006` while a provider bills it; `APP_001` when `expires_at` is past.
    pub async fn assign(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        user: UserId,
        assignment: Assignment,
    ) -> Result<Subscription> {
        let entry = self.0.require_manager(ctx, application).await?;
        if assignment.expires_at.is_some_and(|expiry| expiry <= entry.billing_time(self.0.now())) {
            return Err(Problem::field("expiresAt", Flaw::Past).into());
        }
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let mut hold = hold::lock_of(&tx, application, user).await?;
                    let placement = Placement {
                        plan: assignment.plan_id,
                        price: None,
                        source: source(&tx.ctx),
                        expires_at: assignment.expires_at,
                    };
                    if let Some(held) = &hold.subscription {
                        if !assignment.replace {
                            hold::plan_exists(&tx, application, assignment.plan_id).await?;
                            return Err(ErrorCode::AlreadySubscribed.into());
                        }
                        refuse_billed(held)?;
                        if held.plan_id == placement.plan && held.expires_at == placement.expires_at {
                            let held = held.clone();
                            hold::mark_chosen(&tx, &mut hold).await?;
                            return Ok(held);
                        }
                    }
                    let subscription = hold::place(&tx, &mut hold, placement).await?;
                    hold::mark_chosen(&tx, &mut hold).await?;
                    Ok(subscription)
                })
            })
            .await
    }

    /// Ends a member's subscription at once.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`, `USR_001`; `SUB_001` without a live one; `SUB_006` while a provider bills
    /// it.
    pub async fn end(&self, ctx: &Ctx, application: ApplicationId, user: UserId) -> Result<()> {
        self.0.require_manager(ctx, application).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let mut hold = hold::lock_of(&tx, application, user).await?;
                    let held = hold.subscription.as_ref().ok_or(ErrorCode::PlanNotFound)?;
                    refuse_billed(held)?;
                    hold::end(&tx, &mut hold).await
                })
            })
            .await
    }

    /// Carries out what the signed-in user decided on the plan selection page. A free plan, and any plan of an
    /// application without a payment provider, is granted at once.
    ///
    /// # Errors
    /// `AUTH_001` without a session, `APP_005` without access, `SUB_001` for a plan that is not on offer, `AUTH_011` when
    /// somebody else chose the plan that is held.
    pub async fn choose(&self, ctx: &Ctx, application: ApplicationId, choice: Choice) -> Result<Chosen> {
        let user = ctx.require_user()?;
        let directory = self.0.directory();
        let entry = directory.application(application).ok_or(ErrorCode::ApplicationNotFound)?;
        let plan = match &choice {
            Choice::Keep => None,
            Choice::Plan(key, _) => {
                let plan = entry.plan_by_key(key.as_str()).filter(|plan| plan.is_on_offer());
                Some(plan.ok_or(ErrorCode::PlanNotFound)?.clone())
            }
        };
        let free = |plan: &domain::billing::plan::Plan| match &choice {
            Choice::Plan(_, Some(price)) => {
                plan.current_prices().find(|own| own.id == *price).is_some_and(|own| own.money.is_zero())
            }
            _ => plan.is_free(),
        };
        let granted = entry.application.settings.provider == Provider::None || plan.as_deref().is_none_or(free);
        let wanted = match &choice {
            Choice::Plan(_, price) => *price,
            Choice::Keep => None,
        };
        let (entry, plan) = (entry.clone(), plan.map(|plan| plan.id));
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let mut hold = hold::lock_of(&tx, application, user).await.map_err(no_access)?;
                    if !hold.is_active() {
                        return Err(ErrorCode::NoAccess.into());
                    }
                    let same = |hold: &Hold, plan| {
                        let held = hold.subscription.as_ref().filter(|held| held.plan_id == plan);
                        held.is_some_and(|held| !changes_interval(&entry, held, wanted))
                    };
                    if let Some(plan) = plan.filter(|plan| !same(&hold, *plan)) {
                        if let Some(held) = &hold.subscription {
                            if held.is_billed() {
                                return Ok(Chosen::NeedsPayment);
                            }
                            refuse_assigned(held)?;
                        }
                        if !granted {
                            return Ok(Chosen::NeedsPayment);
                        }
                        let placement = Placement { plan, price: None, source: Source::User, expires_at: None };
                        hold::place(&tx, &mut hold, placement).await?;
                    }
                    let chosen = hold.subscription.as_ref().map(|held| held.plan_id);
                    hold::select(&tx, &mut hold, chosen).await?;
                    Ok(Chosen::Done)
                })
            })
            .await
    }
}

/// Whether another price of the plan that is held is another interval: what is billed monthly is to be billed yearly.
fn changes_interval(entry: &ApplicationEntry, held: &Subscription, wanted: Option<PriceId>) -> bool {
    let prices = entry.plan(held.plan_id).map(|plan| plan.prices.as_slice()).unwrap_or_default();
    let interval = |id| prices.iter().find(|price| price.id == id).map(|price| price.interval);
    let (held, wanted) = (held.price_id.and_then(interval), wanted.and_then(interval));
    held.zip(wanted).is_some_and(|(held, wanted)| held != wanted)
}

/// Who is no member has no access.
pub(super) fn no_access(error: Error) -> Error {
    match error.code() {
        ErrorCode::UserNotFound => ErrorCode::NoAccess.into(),
        _ => error,
    }
}

/// Whose decision the actor's is.
pub(crate) const fn source(ctx: &Ctx) -> Source {
    match ctx.actor {
        Actor::Client(_) => Source::Api,
        Actor::Operator => Source::Catalog,
        _ => Source::Admin,
    }
}

/// # Errors
/// `AUTH_011` for a plan that somebody else decided for, and that users therefore may not change.
pub(crate) fn refuse_assigned(held: &Subscription) -> Result<()> {
    if held.fixed() != Some(Fixed::Assigned) {
        return Ok(());
    }
    let why = "this plan was assigned; only an administrator can change it";
    Err(Problem::new(ErrorCode::InsufficientRights, why).into())
}

/// # Errors
/// `SUB_006` while a provider bills the subscription.
pub(crate) fn refuse_billed(subscription: &Subscription) -> Result<()> {
    if subscription.is_billed() { Err(ErrorCode::BilledByProvider.into()) } else { Ok(()) }
}
