//! A membership's hold on a plan, inside a transaction. Whoever takes it locks the membership and first settles
//! what the clock has changed; every change lets `ent_ver` grow and is written into the ledger.

use domain::{
    ErrorCode, Timestamp,
    application::OnEnd,
    billing::{
        entitlement::next_ent_ver,
        feature::Overrides,
        ledger::{Action, Actor},
        subscription::{Event, InvalidTransition, Period, Scheduled, Source, State, Status, Subscription},
    },
    id::{ApplicationId, MembershipId, PlanId, PriceId, UserId},
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect,
    sea_query::Expr,
};

use crate::{
    Ctx, Error, Result,
    application::applications::json,
    clock::at,
    entity::{memberships, plans, subscriptions},
    ledger::{self, Entry},
    tx::{LOCK, Tx},
};

/// A locked membership with its live subscription.
pub(crate) struct Hold {
    pub membership: memberships::Model,
    pub subscription: Option<Subscription>,
    /// The moment in the application's billing time.
    pub now: Timestamp,
    /// The version of the plan that is held, 0 without one.
    plan_version: i64,
}

/// What a membership is to hold from now on.
pub(crate) struct Placement {
    pub plan: PlanId,
    pub price: Option<PriceId>,
    pub source: Source,
    pub expires_at: Option<Timestamp>,
}

impl Hold {
    fn application(&self) -> ApplicationId {
        self.membership.application_id.into()
    }

    fn user(&self) -> UserId {
        self.membership.user_id.into()
    }

    /// An entry of the ledger about this member.
    pub fn entry(&self, action: Action) -> Entry {
        Entry::new(action).application(self.application()).user(self.user())
    }
}

/// Locks a membership and settles it.
///
/// # Errors
/// `USR_001` when there is none.
pub(crate) async fn lock(tx: &Tx<'_>, id: MembershipId) -> Result<Hold> {
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
    load(tx, row.ok_or(ErrorCode::UserNotFound)?).await
}

async fn load(tx: &Tx<'_>, membership: memberships::Model) -> Result<Hold> {
    let open = subscriptions::Entity::find()
        .filter(subscriptions::Column::MembershipId.eq(membership.id))
        .filter(subscriptions::Column::Status.is_not_in([Status::Canceled.as_str(), Status::Expired.as_str()]))
        .one(tx.db)
        .await?;
    let subscription = open.map(subscription).transpose()?;
    let plan_version = match &subscription {
        Some(subscription) => version(tx, subscription.plan_id).await?,
        None => 0,
    };
    let now = tx.services.billing_now(membership.application_id.into());
    let mut hold = Hold { membership, subscription, now, plan_version };
    settle(tx, &mut hold).await?;
    Ok(hold)
}

/// What a membership is billed for from now on.
pub(crate) struct Terms {
    pub plan: PlanId,
    pub price: Option<PriceId>,
    pub state: State,
    pub period: Option<Period>,
    /// What its periods are counted from.
    pub anchor: Option<Timestamp>,
    pub scheduled: Option<Scheduled>,
}

/// Writes down what the clock has changed, dated at the moment that it was due.
async fn settle(tx: &Tx<'_>, hold: &mut Hold) -> Result<()> {
    settle_overrides(tx, hold).await?;
    settle_change(tx, hold).await?;
    let Some(held) = hold.subscription.clone() else { return Ok(()) };
    let Some(end) = held.due(hold.now) else { return Ok(()) };
    let ended = Subscription { state: end.state, ..held.clone() };
    store(tx, &ended).await?;
    hold.subscription = None;
    grow(tx, hold, 0).await?;
    let action = match end.state {
        State::Canceled { .. } => Action::SubscriptionCanceled,
        _ => Action::SubscriptionExpired,
    };
    log_at(tx, end.at, hold.entry(action).from(&held).to(&ended)).await?;
    let on_end = tx.services.directory().application(hold.application()).map(|own| own.application.settings.on_end);
    if on_end == Some(OnEnd::DefaultPlan) {
        place_default(tx, hold, end.at).await?;
    }
    Ok(())
}

/// A scheduled change of plan that is due.
async fn settle_change(tx: &Tx<'_>, hold: &mut Hold) -> Result<()> {
    let Some(held) = hold.subscription.clone() else { return Ok(()) };
    let Some(change) = held.due_change(hold.now) else { return Ok(()) };
    let after = held.clone().settle(change.at);
    store(tx, &after).await?;
    hold.subscription = Some(after.clone());
    let plan_version = version(tx, after.plan_id).await?;
    grow(tx, hold, plan_version).await?;
    log_at(tx, change.at, hold.entry(Action::SubscriptionUpdated).from(&held).to(&after)).await
}

async fn settle_overrides(tx: &Tx<'_>, hold: &mut Hold) -> Result<()> {
    let before: Overrides = serde_json::from_str(&hold.membership.overrides).map_err(Error::internal)?;
    let over = before.values().filter_map(|own| own.expires_at).filter(|expiry| *expiry <= hold.now).max();
    let Some(over) = over else { return Ok(()) };
    let mut after = before.clone();
    after.retain(|_, own| own.holds(hold.now));
    hold.membership.overrides = json(&after)?;
    memberships::Entity::update_many()
        .col_expr(memberships::Column::Overrides, Expr::value(hold.membership.overrides.clone()))
        .filter(memberships::Column::Id.eq(hold.membership.id))
        .exec(tx.db)
        .await?;
    grow(tx, hold, hold.plan_version).await?;
    log_at(tx, over, hold.entry(Action::FeatureOverridden).from(&before).to(&after)).await
}

async fn log_at(tx: &Tx<'_>, moment: Timestamp, entry: Entry) -> Result<()> {
    let by_the_clock = Ctx { actor: Actor::System, ..tx.ctx.clone() };
    Ok(ledger::append(tx.db, &by_the_clock, tx.id(), moment, entry).await?)
}

/// Settles every subscription of a plan that time has ended, in the order of their memberships.
pub(crate) async fn settle_plan(tx: &Tx<'_>, application: ApplicationId, plan: PlanId) -> Result<()> {
    let open: Vec<subscriptions::Model> = subscriptions::Entity::find()
        .filter(subscriptions::Column::PlanId.eq(plan.get()))
        .filter(subscriptions::Column::Status.is_not_in([Status::Canceled.as_str(), Status::Expired.as_str()]))
        .all(tx.db)
        .await?;
    let mut due = Vec::new();
    let now = tx.services.billing_now(application);
    for row in open {
        let subscription = subscription(row)?;
        if subscription.next_change().is_some_and(|at| at <= now) {
            due.push(subscription.membership_id);
        }
    }
    due.sort();
    for membership in due {
        lock(tx, membership).await?;
    }
    Ok(())
}

/// Moves the membership to a plan, without a payment, from now on.
///
/// # Errors
/// `SUB_001` when the application has no such plan.
pub(crate) async fn place(tx: &Tx<'_>, hold: &mut Hold, placement: Placement) -> Result<Subscription> {
    place_at(tx, hold, placement, hold.now).await
}

async fn place_at(tx: &Tx<'_>, hold: &mut Hold, placement: Placement, from: Timestamp) -> Result<Subscription> {
    let before = hold.subscription.clone();
    let after = match before.clone() {
        Some(held) => Subscription {
            plan_id: placement.plan,
            price_id: placement.price,
            state: activate(held.state)?,
            source: placement.source,
            period: None,
            expires_at: placement.expires_at,
            cancel_at: None,
            scheduled: None,
            ..held
        },
        None => Subscription {
            id: tx.id(),
            membership_id: hold.membership.id.into(),
            plan_id: placement.plan,
            price_id: placement.price,
            state: State::Active,
            source: placement.source,
            period: None,
            expires_at: placement.expires_at,
            cancel_at: None,
            scheduled: None,
            started_at: from,
        },
    };
    write(tx, hold, after, from).await
}

/// Puts the membership on what has been paid, from now on.
///
/// # Errors
/// `SUB_001` when the application has no such plan.
pub(crate) async fn bill(tx: &Tx<'_>, hold: &mut Hold, terms: Terms) -> Result<Subscription> {
    let before = hold.subscription.as_ref();
    let after = Subscription {
        id: before.map_or_else(|| tx.id(), |held| held.id),
        membership_id: hold.membership.id.into(),
        plan_id: terms.plan,
        price_id: terms.price,
        state: terms.state,
        source: Source::Provider,
        period: terms.period,
        expires_at: None,
        cancel_at: None,
        scheduled: terms.scheduled,
        started_at: before.map_or(hold.now, |held| held.started_at),
    };
    let subscription = write(tx, hold, after, hold.now).await?;
    subscriptions::Entity::update_many()
        .col_expr(subscriptions::Column::AnchorAt, Expr::value(terms.anchor.map(|anchor| anchor.timestamp_millis())))
        .filter(subscriptions::Column::Id.eq(subscription.id.get()))
        .exec(tx.db)
        .await?;
    Ok(subscription)
}

/// Notes, or takes back, what the end of the period brings.
///
/// # Errors
/// `SUB_001` without a subscription.
pub(crate) async fn schedule(tx: &Tx<'_>, hold: &mut Hold, scheduled: Option<Scheduled>) -> Result<Subscription> {
    let before = hold.subscription.clone().ok_or(ErrorCode::PlanNotFound)?;
    let after = Subscription { scheduled, ..before.clone() };
    store(tx, &after).await?;
    hold.subscription = Some(after.clone());
    grow_alone(tx, hold).await?;
    let action = if scheduled.is_some() { Action::SubscriptionScheduled } else { Action::SubscriptionUnscheduled };
    tx.log(hold.entry(action).from(before).to(&after)).await?;
    Ok(after)
}

/// Writes the subscription that follows the one that is held. The plan's row is shared, so that it cannot be deleted
/// meanwhile.
async fn write(tx: &Tx<'_>, hold: &mut Hold, after: Subscription, from: Timestamp) -> Result<Subscription> {
    let plan = plans::Entity::find_by_id(after.plan_id.get())
        .filter(plans::Column::ApplicationId.eq(hold.membership.application_id))
        .filter(plans::Column::DeletedAt.is_null())
        .lock_shared()
        .one(tx.db)
        .await?
        .ok_or(ErrorCode::PlanNotFound)?;
    let before = hold.subscription.take();
    if before.is_some() {
        store(tx, &after).await?;
    } else {
        subscriptions::Entity::insert(row(&after)).exec_without_returning(tx.db).await?;
    }
    hold.subscription = Some(after.clone());
    grow(tx, hold, plan.version).await?;
    let entry = match before {
        Some(before) => hold.entry(Action::SubscriptionUpdated).from(before),
        None => hold.entry(Action::SubscriptionCreated),
    };
    let entry = entry.to(&after);
    if from == hold.now {
        tx.log(entry).await?
    } else {
        log_at(tx, from, entry).await?
    }
    Ok(after)
}

fn activate(state: State) -> Result<State> {
    let event = if let State::Paused { .. } = state { Event::Resume } else { Event::Activate };
    state.apply(event).map_err(|refused: InvalidTransition| Error::internal(refused))
}

/// Ends the subscription now; without one, nothing happens.
pub(crate) async fn end(tx: &Tx<'_>, hold: &mut Hold) -> Result<()> {
    let Some(held) = hold.subscription.take() else { return Ok(()) };
    let state = held.state.apply(Event::Cancel { at: hold.now }).map_err(Error::internal)?;
    let ended = Subscription { state, ..held.clone() };
    store(tx, &ended).await?;
    grow(tx, hold, 0).await?;
    tx.log(hold.entry(Action::SubscriptionCanceled).from(held).to(ended)).await?;
    Ok(())
}

/// Grants the default plan to a membership that never had a subscription.
pub(crate) async fn grant_default(tx: &Tx<'_>, hold: &mut Hold) -> Result<()> {
    let had = subscriptions::Entity::find()
        .filter(subscriptions::Column::MembershipId.eq(hold.membership.id))
        .count(tx.db)
        .await?;
    if had == 0 { place_default(tx, hold, hold.now).await } else { Ok(()) }
}

async fn place_default(tx: &Tx<'_>, hold: &mut Hold, from: Timestamp) -> Result<()> {
    let default = plans::Entity::find()
        .filter(plans::Column::ApplicationId.eq(hold.membership.application_id))
        .filter(plans::Column::IsDefault.eq(true))
        .one(tx.db)
        .await?;
    let Some(default) = default else { return Ok(()) };
    let placement = Placement { plan: default.id.into(), price: None, source: Source::Default, expires_at: None };
    place_at(tx, hold, placement, from).await?;
    Ok(())
}

/// Notes that a plan has been chosen, by the user or for them.
pub(crate) async fn mark_chosen(tx: &Tx<'_>, hold: &mut Hold) -> Result<()> {
    hold.membership.chosen_at = Some(tx.millis());
    memberships::Entity::update_many()
        .col_expr(memberships::Column::ChosenAt, Expr::value(tx.millis()))
        .filter(memberships::Column::Id.eq(hold.membership.id))
        .exec(tx.db)
        .await?;
    Ok(())
}

/// Lets `ent_ver` grow while the plan's number goes to `plan_version`.
pub(crate) async fn grow(tx: &Tx<'_>, hold: &mut Hold, plan_version: i64) -> Result<()> {
    hold.membership.ent_ver = next_ent_ver(hold.membership.ent_ver, hold.plan_version, plan_version);
    hold.plan_version = plan_version;
    memberships::Entity::update_many()
        .col_expr(memberships::Column::EntVer, Expr::value(hold.membership.ent_ver))
        .filter(memberships::Column::Id.eq(hold.membership.id))
        .exec(tx.db)
        .await?;
    Ok(())
}

/// Lets `ent_ver` grow while the plan stays.
pub(crate) async fn grow_alone(tx: &Tx<'_>, hold: &mut Hold) -> Result<()> {
    grow(tx, hold, hold.plan_version).await
}

/// # Errors
/// `SUB_001` when the application has no such plan.
pub(crate) async fn plan_exists(tx: &Tx<'_>, application: ApplicationId, plan: PlanId) -> Result<()> {
    let row = plans::Entity::find_by_id(plan.get())
        .filter(plans::Column::ApplicationId.eq(application.get()))
        .filter(plans::Column::DeletedAt.is_null())
        .one(tx.db)
        .await?;
    row.map(|_| ()).ok_or_else(|| ErrorCode::PlanNotFound.into())
}

async fn version(tx: &Tx<'_>, plan: PlanId) -> Result<i64> {
    let row = plans::Entity::find_by_id(plan.get()).one(tx.db).await?;
    Ok(row.map_or(0, |row| row.version))
}

async fn store(tx: &Tx<'_>, subscription: &Subscription) -> Result<()> {
    let mut row = row(subscription).into_active_model();
    row.id = sea_orm::ActiveValue::Unchanged(subscription.id.get());
    subscriptions::Entity::update(row).exec(tx.db).await?;
    Ok(())
}

fn row(subscription: &Subscription) -> subscriptions::ActiveModel {
    let (since, until) = match subscription.state {
        State::Incomplete | State::Active => (None, None),
        State::Trialing { ends_at } => (None, Some(ends_at)),
        State::PastDue { since, grace_until } => (Some(since), Some(grace_until)),
        State::Paused { since: moment } | State::Canceled { at: moment } | State::Expired { at: moment } => {
            (Some(moment), None)
        }
    };
    let millis = |moment: Option<Timestamp>| moment.map(|moment| moment.timestamp_millis());
    subscriptions::ActiveModel {
        id: Set(subscription.id.get()),
        membership_id: Set(subscription.membership_id.get()),
        plan_id: Set(subscription.plan_id.get()),
        price_id: Set(subscription.price_id.map(PriceId::get)),
        status: Set(subscription.state.status().as_str().into()),
        status_since_at: Set(millis(since)),
        status_until_at: Set(millis(until)),
        source: Set(subscription.source.as_str().into()),
        period_start_at: Set(millis(subscription.period.map(|period| period.start))),
        period_end_at: Set(millis(subscription.period.map(|period| period.end))),
        expires_at: Set(millis(subscription.expires_at)),
        cancel_at: Set(millis(subscription.cancel_at)),
        started_at: Set(subscription.started_at.timestamp_millis()),
        scheduled_at: Set(millis(subscription.scheduled.map(|change| change.at))),
        scheduled_plan_id: Set(subscription.scheduled.map(|change| change.plan_id.get())),
        scheduled_price_id: Set(subscription.scheduled.and_then(|change| Some(change.price_id?.get()))),
        anchor_at: NotSet,
        provider: NotSet,
        reference: NotSet,
        discount: NotSet,
        due_at: NotSet,
    }
}

/// A row of `subscriptions` as the domain knows it.
pub(crate) fn subscription(row: subscriptions::Model) -> Result<Subscription> {
    let broken = || Error::internal("a subscription's row does not fit its status");
    let since = || row.status_since_at.map(at).ok_or_else(broken);
    let until = || row.status_until_at.map(at).ok_or_else(broken);
    let state = match Status::parse(&row.status).ok_or_else(broken)? {
        Status::Incomplete => State::Incomplete,
        Status::Trialing => State::Trialing { ends_at: until()? },
        Status::Active => State::Active,
        Status::PastDue => State::PastDue { since: since()?, grace_until: until()? },
        Status::Paused => State::Paused { since: since()? },
        Status::Canceled => State::Canceled { at: since()? },
        Status::Expired => State::Expired { at: since()? },
    };
    let period = row.period_start_at.zip(row.period_end_at);
    Ok(Subscription {
        id: row.id.into(),
        membership_id: row.membership_id.into(),
        plan_id: row.plan_id.into(),
        price_id: row.price_id.map(Into::into),
        state,
        source: Source::parse(&row.source).ok_or_else(broken)?,
        period: period.map(|(start, end)| Period { start: at(start), end: at(end) }),
        expires_at: row.expires_at.map(at),
        cancel_at: row.cancel_at.map(at),
        scheduled: row.scheduled_at.zip(row.scheduled_plan_id).map(|(moment, plan)| Scheduled {
            plan_id: plan.into(),
            price_id: row.scheduled_price_id.map(Into::into),
            at: at(moment),
        }),
        started_at: at(row.started_at),
    })
}
