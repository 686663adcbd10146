//! A membership's hold on a plan, inside a transaction. Whoever takes it locks the membership and first settles
//! what the clock has changed; every change lets `ent_ver` grow and is written into the ledger.

mod change;
mod number;
pub(crate) mod rows;
mod settle;
pub(crate) mod told;

use domain::{
    ErrorCode, Timestamp,
    application::Provider,
    billing::{
        coupon::Discount,
        ledger::{Action, Actor},
        payment::Mode,
        subscription::{Ended, Source, Subscription},
    },
    id::{ApplicationId, MembershipId, PlanId, PriceId, UserId},
    identity::membership::MembershipStatus,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::Serialize;

pub(crate) use change::{bill, change, end, grant_default, hand_over, mark_chosen, place, plan_exists, select, touch};
pub(crate) use number::{grow, grow_alone};
pub(crate) use rows::subscription;
pub(crate) use settle::{finish, settle, settle_change, settle_plan, store_overrides};

use crate::{
    Ctx, Result,
    entity::{memberships, plans, subscriptions},
    ledger::{self, Entry},
    payment::objects::Account,
    tx::{LOCK, Tx},
};

/// A locked membership with its live subscription.
pub(crate) struct Hold {
    pub membership: memberships::Model,
    pub subscription: Option<Subscription>,
    pub billing: Billing,
    /// How it was billed when its row was written.
    billed: Billing,
    /// The moment in the application's billing time.
    pub now: Timestamp,
    /// The version of the plan that is held, 0 without one.
    plan_version: i64,
}

/// How the subscription is billed; nothing of it where nobody bills it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Billing {
    /// What its periods are counted from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Timestamp>,
    /// Who bills it: where it was bought, or where its last period was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// Whether that takes real money.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// What the provider calls it, where the provider renews it by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The discount that its next charge takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount: Option<Discount>,
}

/// What a membership is to hold from now on.
pub(crate) struct Placement {
    pub plan: PlanId,
    pub price: Option<PriceId>,
    pub source: Source,
    pub expires_at: Option<Timestamp>,
}

impl Hold {
    pub fn application(&self) -> ApplicationId {
        self.membership.application_id.into()
    }

    pub fn member(&self) -> MembershipId {
        self.membership.id.into()
    }

    pub fn user(&self) -> UserId {
        self.membership.user_id.into()
    }

    /// Whether the member has access: neither suspended nor revoked.
    pub fn is_active(&self) -> bool {
        self.membership.status == MembershipStatus::Active.as_str()
    }

    /// The account that bills its subscription.
    pub fn account(&self) -> Option<Account> {
        let (provider, mode) = self.billing.provider.zip(self.billing.mode)?;
        Some(Account { application: self.application(), provider, mode })
    }

    /// The end that time has brought. The grace of what a provider collects by itself ends only when the engine has
    /// asked whether the money came.
    pub fn over(&self) -> Option<Ended> {
        let held = self.subscription.as_ref()?;
        let asks_first = |end: &Ended| self.billing.reference.is_some() && held.state.grace_until() == Some(end.at);
        held.due(self.now).filter(|end| !asks_first(end))
    }

    /// An entry of the ledger about this member.
    pub fn entry(&self, action: Action) -> Entry {
        Entry::new(action).application(self.application()).user(self.user())
    }

    /// Appends to the ledger what holds from this hold's moment on.
    pub async fn log(&self, tx: &Tx<'_>, entry: Entry) -> Result<()> {
        Ok(ledger::append(tx.db, &tx.services, &tx.ctx, tx.id(), self.now, entry).await?)
    }

    /// Appends to the ledger what the clock brought at `moment`.
    async fn log_at(&self, tx: &Tx<'_>, moment: Timestamp, entry: Entry) -> Result<()> {
        let by_the_clock = Ctx { actor: Actor::System, ..tx.ctx.clone() };
        Ok(ledger::append(tx.db, &tx.services, &by_the_clock, tx.id(), moment, entry).await?)
    }
}

/// Locks a membership and settles it.
///
/// # Errors
/// `USR_001` when there is none.
pub(crate) async fn lock(tx: &Tx<'_>, id: MembershipId) -> Result<Hold> {
    let mut hold = lock_as_is(tx, id).await?;
    settle(tx, &mut hold).await?;
    Ok(hold)
}

/// Locks a membership and leaves to the caller what the clock has changed.
///
/// # Errors
/// `USR_001` when there is none.
pub(crate) async fn lock_as_is(tx: &Tx<'_>, id: MembershipId) -> Result<Hold> {
    let row = memberships::Entity::find_by_id(id.get()).lock(LOCK).one(tx.db).await?;
    load(tx, row.ok_or(ErrorCode::UserNotFound)?).await
}

/// Locks a user's membership of an application and settles it.
///
/// # Errors
/// `USR_001` when there is none.
pub(crate) async fn lock_of(tx: &Tx<'_>, application: ApplicationId, user: UserId) -> Result<Hold> {
    let row = memberships::Entity::find()
        .filter(memberships::Column::ApplicationId.eq(application.get()))
        .filter(memberships::Column::UserId.eq(user.get()))
        .lock(LOCK)
        .one(tx.db)
        .await?;
    let mut hold = load(tx, row.ok_or(ErrorCode::UserNotFound)?).await?;
    settle(tx, &mut hold).await?;
    Ok(hold)
}

async fn load(tx: &Tx<'_>, membership: memberships::Model) -> Result<Hold> {
    let open = subscriptions::Entity::find()
        .filter(subscriptions::Column::MembershipId.eq(membership.id))
        .filter(subscriptions::open(subscriptions::Entity))
        .one(tx.db)
        .await?;
    let (subscription, billing) = match open {
        Some(row) => {
            let billing = rows::billing(&row)?;
            (Some(subscription(row)?), billing)
        }
        None => (None, Billing::default()),
    };
    let plan_version = match &subscription {
        Some(subscription) => version(tx, subscription.plan_id).await?,
        None => 0,
    };
    let now = tx.services.billing_now(membership.application_id.into());
    let billed = billing.clone();
    Ok(Hold { membership, subscription, billing, billed, now, plan_version })
}

async fn version(tx: &Tx<'_>, plan: PlanId) -> Result<i64> {
    let row = plans::Entity::find_by_id(plan.get()).one(tx.db).await?;
    Ok(row.map_or(0, |row| row.version))
}
