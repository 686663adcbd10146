//! Subscriptions as rows.

use domain::{
    Timestamp,
    application::Provider,
    billing::{
        payment::Mode,
        subscription::{Period, Scheduled, Source, State, Status, Subscription},
    },
    id::PriceId,
};
use sea_orm::{
    ActiveValue::{NotSet, Set, Unchanged},
    EntityTrait,
};

use super::{Billing, Hold};
use crate::{Error, Result, billing::agreements, clock::at, db::json, entity::subscriptions, tx::Tx};

/// Writes the subscription that is held, new or changed, and how it is billed. The engine looks at it soon.
pub(super) async fn store(tx: &Tx<'_>, hold: &Hold, after: &Subscription, new: bool) -> Result<()> {
    let billing = &hold.billing;
    let due = if after.is_billed() && !after.state.is_final() { Some(hold.now) } else { after.next_change() };
    let row = subscriptions::ActiveModel {
        id: if new { Set(after.id.get()) } else { Unchanged(after.id.get()) },
        anchor_at: Set(billing.anchor.map(|anchor| anchor.timestamp_millis())),
        provider: Set(billing.provider.map(|provider| provider.as_str().into())),
        mode: Set(billing.mode.map(|mode| mode.as_str().into())),
        reference: Set(billing.reference.clone()),
        discount: Set(billing.discount.as_ref().map(json).transpose()?),
        due_at: Set(due.map(|due| due.timestamp_millis())),
        ..row(after)
    };
    if new {
        subscriptions::Entity::insert(row).exec_without_returning(tx.db).await?;
    } else {
        subscriptions::Entity::update(row).exec(tx.db).await?;
    }
    agreements::want(tx, hold, after).await
}

/// How a row's subscription is billed.
pub(crate) fn billing(row: &subscriptions::Model) -> Result<Billing> {
    Ok(Billing {
        anchor: row.anchor_at.map(at),
        provider: row.provider.as_deref().map(Provider::parse).transpose()?,
        mode: row.mode.as_deref().and_then(Mode::parse),
        reference: row.reference.clone(),
        discount: row.discount.as_deref().map(domain::stored::read).transpose().map_err(Error::internal)?,
    })
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
        mode: NotSet,
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
