//! Making an order.

use chrono::TimeDelta;
use domain::{
    Currency, ErrorCode, Money, Problem, Timestamp,
    billing::{
        ledger::Action,
        order::{Event, Order, State},
        plan::Plan,
        price::Price,
        quote::Quote,
        quoting::{Ask, Held, Standing, TrialKind},
        rank::Tier,
        subscription::{self, Source, Subscription},
    },
    id::UserId,
    identity::membership::MembershipStatus,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::{NewOrder, Placed, Started, refused, rows};
use crate::{
    Result,
    billing::hold::{self, Hold, Placement},
    clock::at,
    directory::ApplicationEntry,
    entity::{orders, subscriptions, trials},
    tx::Tx,
};

/// How long a checkout stays open.
const OPEN: TimeDelta = TimeDelta::hours(24);

pub(super) async fn place(tx: &Tx<'_>, entry: &ApplicationEntry, user: UserId, new: NewOrder) -> Result<Started> {
    let application = entry.application.id;
    let provider = entry.application.settings.provider;
    let plan = entry.plan_by_key(new.plan.as_str()).filter(|plan| plan.is_on_offer()).ok_or(ErrorCode::PlanNotFound)?;
    let price = wanted_price(plan, new.price)?;
    let mut hold = hold::lock_of(tx, application, user).await.map_err(|error| match error.code() {
        ErrorCode::UserNotFound => ErrorCode::NoAccess.into(),
        _ => error,
    })?;
    if hold.membership.status != MembershipStatus::Active.as_str() {
        return Err(ErrorCode::NoAccess.into());
    }
    let quote = quote(tx, entry, &hold, plan, price).await?;
    if quote.needs_no_checkout() {
        if hold.subscription.as_ref().is_some_and(Subscription::is_billed) {
            let subscription = hold::schedule(tx, &mut hold, quote.scheduled).await?;
            hold::mark_chosen(tx, &mut hold).await?;
            return Ok(Started::Granted(subscription));
        }
        let placement = Placement { plan: plan.id, price: None, source: Source::User, expires_at: None };
        let subscription = hold::place(tx, &mut hold, placement).await?;
        hold::mark_chosen(tx, &mut hold).await?;
        return Ok(Started::Granted(subscription));
    }
    let mode = tx.services.provider(application, provider)?.mode();
    let order = Order {
        id: tx.id(),
        application_id: application,
        membership_id: hold.membership.id.into(),
        quote,
        mode,
        state: State::Open,
        expires_at: hold.now + OPEN,
        created_at: hold.now,
    };
    let placed = Placed {
        order,
        provider,
        destination: new.destination,
        metadata: new.metadata,
        reference: None,
        invoice: None,
    };
    replace_open(tx, &hold, placed).await.map(|placed| Started::Order(Box::new(placed)))
}

/// The price that was asked for, or the first on offer; none for a free plan.
fn wanted_price(plan: &Plan, wanted: Option<domain::id::PriceId>) -> Result<Option<&Price>> {
    match wanted {
        Some(id) => {
            let price = plan.current_prices().find(|price| price.id == id);
            Ok(Some(price.ok_or_else(|| Problem::new(ErrorCode::PlanNotFound, "this price is not on offer"))?))
        }
        None => Ok(plan.current_prices().next()),
    }
}

async fn quote(
    tx: &Tx<'_>,
    entry: &ApplicationEntry,
    hold: &Hold,
    plan: &Plan,
    price: Option<&Price>,
) -> Result<Quote> {
    let had_trial = trials::Entity::find_by_id(hold.membership.id).count(tx.db).await? > 0;
    let held_price = hold.subscription.as_ref().and_then(|held| price_of(entry, held));
    let currency = price.or(held_price).map_or_else(|| Currency::parse("usd"), |price| Ok(price.money.currency()))?;
    let ask = Ask {
        now: hold.now,
        wanted: Tier::new(plan, price),
        trial: (!had_trial).then_some(TrialKind::WithMethod),
        discount: None,
        balance: Money::zero(currency),
    };
    let Some(held) = hold.subscription.as_ref().filter(|held| held.is_billed()) else {
        let same = hold.subscription.as_ref().is_some_and(|held| held.plan_id == plan.id);
        if same {
            return Err(ErrorCode::AlreadySubscribed.into());
        }
        return Quote::for_new(&ask).map_err(refused);
    };
    let current = entry.plan(held.plan_id).ok_or(ErrorCode::PlanNotFound)?;
    let standing = standing(held, held_price, anchor(tx, held).await?);
    Quote::for_change(&ask, &Held { tier: Tier::new(current, held_price), standing }).map_err(refused)
}

fn price_of<'a>(entry: &'a ApplicationEntry, held: &Subscription) -> Option<&'a Price> {
    let plan = entry.plan(held.plan_id)?;
    plan.prices.iter().find(|price| Some(price.id) == held.price_id)
}

/// How the subscription that is held is paid.
fn standing(held: &Subscription, price: Option<&Price>, anchor: Option<Timestamp>) -> Standing {
    match (held.state, held.period, price) {
        (subscription::State::Trialing { ends_at }, ..) => {
            let kind = if held.scheduled.is_some() { TrialKind::WithMethod } else { TrialKind::WithoutMethod };
            Standing::Trial { ends_at, kind }
        }
        (_, Some(period), Some(price)) => {
            Standing::Paid { period, anchor: anchor.unwrap_or(period.start), worth: price.money }
        }
        _ => Standing::Unbilled,
    }
}

async fn anchor(tx: &Tx<'_>, held: &Subscription) -> Result<Option<Timestamp>> {
    let row = subscriptions::Entity::find_by_id(held.id.get()).one(tx.db).await?;
    Ok(row.and_then(|row| row.anchor_at).map(at))
}

/// The open order of the membership where it asks for the same money, otherwise `placed` in its place.
async fn replace_open(tx: &Tx<'_>, hold: &Hold, placed: Placed) -> Result<Placed> {
    let open = orders::Entity::find()
        .filter(orders::Column::MembershipId.eq(hold.membership.id))
        .filter(orders::Column::Status.is_in(["open", "pending", "failed"]))
        .one(tx.db)
        .await?;
    if let Some(row) = open {
        let before = rows::placed(row)?;
        let settled = before.order.clone().settle(hold.now);
        let same = settled.state.is_open()
            && settled.quote.digest() == placed.order.quote.digest()
            && before.provider == placed.provider;
        if same {
            let kept = Placed { order: before.order, ..placed };
            rows::update(tx, &kept).await?;
            return Ok(kept);
        }
        let (state, action) = match settled.state {
            State::Expired { .. } => (settled.state, Action::OrderExpired),
            state => {
                let state = state.apply(Event::Cancel { at: hold.now }).map_err(crate::Error::internal)?;
                (state, Action::OrderCanceled)
            }
        };
        let ended = Placed { order: Order { state, ..settled }, ..before };
        rows::update(tx, &ended).await?;
        tx.log(hold.entry(action).to(&ended.order)).await?;
    }
    rows::insert(tx, &placed).await?;
    tx.log(hold.entry(Action::OrderCreated).to(&placed.order)).await?;
    Ok(placed)
}
