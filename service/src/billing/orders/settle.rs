//! What a provider's report means: payment, order, subscription and ledger change in one transaction, or not at all.
//! A report that says nothing new changes nothing.

use domain::{
    ErrorCode, Timestamp,
    billing::{
        cycle::Anchored,
        ledger::Action,
        order::{Difference, Event, Order, Receipt, State},
        payment::{self, Payment},
        plan::Plan,
        quote::QuoteKind,
        subscription::{self, Period},
    },
    id::OrderId,
};
use sea_orm::{
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::OnConflict,
};

use super::{Placed, rows};
use crate::{
    Error, Result,
    application::applications::json,
    billing::hold::{self, Hold, Terms},
    entity::{alerts, orders, payment_methods, payments, trials},
    payment::Report,
    tx::Tx,
};

pub(super) async fn settle(tx: &Tx<'_>, id: OrderId, report: Report) -> Result<()> {
    let find = || orders::Entity::find_by_id(id.get());
    let row = find().one(tx.db).await?.ok_or(ErrorCode::PlanNotFound)?;
    // Whatever changes an order holds its membership's lock: read again behind it.
    let mut hold = hold::lock(tx, row.membership_id.into()).await?;
    let placed = rows::placed(find().one(tx.db).await?.ok_or(ErrorCode::PlanNotFound)?)?;
    if report.facts.is_empty() {
        return Ok(());
    }
    let Some(payment) = learn(tx, &hold, &placed, &report).await? else { return Ok(()) };
    match payment.state() {
        payment::State::Differs { .. } => alert(tx, &hold, &placed.order, Difference::Amount).await,
        state if state.is_paid() => paid(tx, &mut hold, placed, &report).await,
        payment::State::Failed { at } => step(tx, &hold, placed, Event::Fail { at }, Action::OrderFailed).await,
        payment::State::Pending => match report.pay_until {
            Some(until) => step(tx, &hold, placed, Event::Await { until }, Action::OrderPending).await,
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// The payment with everything that is known of it now; `None` when a person has to look at it.
async fn learn(tx: &Tx<'_>, hold: &Hold, placed: &Placed, report: &Report) -> Result<Option<Payment>> {
    let provider = placed.provider.as_str();
    let row = payments::Entity::find()
        .filter(payments::Column::Provider.eq(provider))
        .filter(payments::Column::Reference.eq(&report.reference))
        .one(tx.db)
        .await?;
    let before: Option<Payment> =
        row.as_ref().map(|row| serde_json::from_str(&row.known)).transpose().map_err(Error::internal)?;
    let mut payment = before.unwrap_or_else(|| Payment::new(tx.id(), placed.order.quote.due));
    for fact in &report.facts {
        match payment.learn(*fact, hold.now) {
            Ok(more) => payment = more,
            Err(_) => {
                alert(tx, hold, &placed.order, Difference::Currency).await?;
                return Ok(None);
            }
        }
    }
    if before == Some(payment) {
        return Ok(Some(payment));
    }
    let values = payments::ActiveModel {
        id: Set(payment.id.get()),
        application_id: Set(hold.membership.application_id),
        membership_id: Set(hold.membership.id),
        order_id: Set(Some(placed.order.id.get())),
        invoice_id: Set(None),
        provider: Set(provider.into()),
        mode: Set(placed.order.mode.as_str().into()),
        key: Set(report.key),
        reference: Set(report.reference.clone()),
        status: Set(payment.state().status().as_str().into()),
        known: Set(json(&payment)?),
        amount: Set(payment.amount.amount()),
        currency: Set(payment.amount.currency().lower()),
        method: Set(report.method.as_ref().map(|method| method.label.clone()).unwrap_or_default()),
        created_at: Set(row.as_ref().map_or(hold.now.timestamp_millis(), |row| row.created_at)),
    };
    if row.is_some() {
        let values = payments::ActiveModel { id: Unchanged(payment.id.get()), ..values };
        payments::Entity::update(values).exec(tx.db).await?;
    } else {
        payments::Entity::insert(values).exec_without_returning(tx.db).await?;
    }
    let (old, new) = (before.map(|before| before.state()), payment.state());
    if old != Some(new) {
        tx.log(hold.entry(action(new)).from(old).to(payment)).await?;
    }
    Ok(Some(payment))
}

const fn action(state: payment::State) -> Action {
    use payment::State as S;
    match state {
        S::Pending => Action::PaymentCreated,
        S::Succeeded { .. } | S::Differs { .. } => Action::PaymentSettled,
        S::PartiallyRefunded { .. } | S::Refunded { .. } => Action::PaymentRefunded,
        S::Failed { .. } => Action::PaymentFailed,
        S::Expired { .. } => Action::PaymentExpired,
        S::Disputed { .. } => Action::PaymentDisputed,
        S::ChargedBack { .. } => Action::PaymentChargedBack,
    }
}

async fn step(tx: &Tx<'_>, hold: &Hold, placed: Placed, event: Event, action: Action) -> Result<()> {
    // Late news of an order that has gone on changes nothing.
    let Ok(state) = placed.order.state.apply(event) else { return Ok(()) };
    if state.status() == placed.order.state.status() {
        return Ok(());
    }
    let after = Placed { order: Order { state, ..placed.order }, ..placed };
    rows::update(tx, &after).await?;
    tx.log(hold.entry(action).to(&after.order)).await?;
    Ok(())
}

/// The money is there: in time it buys what was shown; late it buys it unless something else was bought meanwhile.
async fn paid(tx: &Tx<'_>, hold: &mut Hold, placed: Placed, report: &Report) -> Result<()> {
    if let State::Paid { .. } = placed.order.state {
        return Ok(());
    }
    let receipt = Receipt {
        amount: report.received().unwrap_or(report.money),
        plan_id: placed.order.quote.plan_id,
        membership_id: hold.membership.id.into(),
        mode: report.mode,
    };
    if let Err(difference) = placed.order.agrees(&receipt) {
        return alert(tx, hold, &placed.order, difference).await;
    }
    let order = placed.order.clone().pay(hold.now).map_err(Error::internal)?;
    let late = matches!(order.state, State::Paid { late: true, .. });
    let after = Placed { order, ..placed };
    rows::update(tx, &after).await?;
    let action = if late { Action::OrderPaidLate } else { Action::OrderPaid };
    tx.log(hold.entry(action).to(&after.order)).await?;
    keep_method(tx, hold, &after, report).await?;
    let directory = tx.services.directory();
    let entry = directory.application(hold.membership.application_id.into()).ok_or(ErrorCode::ApplicationNotFound)?;
    let superseded = late && hold.subscription.as_ref().is_some_and(subscription::Subscription::is_billed);
    match entry.plan(after.order.quote.plan_id).filter(|_| !superseded) {
        Some(plan) => grant(tx, hold, plan, &after.order).await,
        // Paid for what is not to be had any more, or beside something else: the money is to be given back.
        None => alert(tx, hold, &after.order, Difference::Plan).await,
    }
}

async fn grant(tx: &Tx<'_>, hold: &mut Hold, plan: &Plan, order: &Order) -> Result<()> {
    let quote = &order.quote;
    let (period, anchor) = when(order, plan, hold.now);
    let state = match quote.trial_ends {
        Some(ends_at) => subscription::State::Trialing { ends_at },
        None => subscription::State::Active,
    };
    if quote.kind == QuoteKind::Trial {
        let row = trials::ActiveModel {
            membership_id: Set(hold.membership.id),
            started_at: Set(hold.now.timestamp_millis()),
        };
        let once = OnConflict::column(trials::Column::MembershipId).do_nothing().to_owned();
        trials::Entity::insert(row).on_conflict(once).exec_without_returning(tx.db).await?;
    }
    let terms = Terms { plan: quote.plan_id, price: quote.price_id, state, period, anchor, scheduled: quote.scheduled };
    hold::bill(tx, hold, terms).await?;
    hold::mark_chosen(tx, hold).await
}

/// A period that was to begin at once begins when it is paid; one that runs already goes on.
fn when(order: &Order, plan: &Plan, now: Timestamp) -> (Option<Period>, Option<Timestamp>) {
    let quote = &order.quote;
    let begins = quote.trial_ends.is_none() && quote.period.is_some_and(|period| period.start == order.created_at);
    let price = plan.prices.iter().find(|price| Some(price.id) == quote.price_id);
    match price.and_then(|price| Anchored::starting(now, price.interval)) {
        Some(first) if begins => (Some(first.period), Some(first.anchor)),
        _ => (quote.period, quote.anchor),
    }
}

/// Keeps a method that can be charged again; it is the one that renewals take.
async fn keep_method(tx: &Tx<'_>, hold: &Hold, placed: &Placed, report: &Report) -> Result<()> {
    let Some(method) = report.method.as_ref().filter(|method| method.kind.is_chargeable()) else { return Ok(()) };
    use payment_methods::Column;
    payment_methods::Entity::update_many()
        .col_expr(Column::IsCurrent, sea_orm::sea_query::Expr::value(false))
        .filter(Column::MembershipId.eq(hold.membership.id))
        .exec(tx.db)
        .await?;
    let row = payment_methods::ActiveModel {
        id: Set(tx.id()),
        membership_id: Set(hold.membership.id),
        provider: Set(placed.provider.as_str().into()),
        token: Set(method.token.clone()),
        kind: Set(method.kind.as_str().into()),
        label: Set(method.label.clone()),
        is_current: Set(true),
        created_at: Set(hold.now.timestamp_millis()),
    };
    let again = OnConflict::columns([Column::MembershipId, Column::Provider, Column::Token])
        .update_columns([Column::IsCurrent, Column::Label])
        .to_owned();
    payment_methods::Entity::insert(row).on_conflict(again).exec_without_returning(tx.db).await?;
    tx.log(hold.entry(Action::MethodSaved).to(&method.label)).await?;
    Ok(())
}

/// Something that a person has to look at. Raised once for each order and cause.
async fn alert(tx: &Tx<'_>, hold: &Hold, order: &Order, difference: Difference) -> Result<()> {
    let row = alerts::ActiveModel {
        id: Set(tx.id()),
        application_id: Set(hold.membership.application_id),
        kind: Set("payment_differs".into()),
        subject: Set(order.id.to_string()),
        detail: Set(difference.to_string()),
        created_at: Set(hold.now.timestamp_millis()),
        resolved_at: Set(None),
    };
    let columns = [alerts::Column::ApplicationId, alerts::Column::Kind, alerts::Column::Subject];
    let once = OnConflict::columns(columns).do_nothing().to_owned();
    let raised = alerts::Entity::insert(row).on_conflict(once).exec_without_returning(tx.db).await?;
    if raised > 0 {
        tx.log(hold.entry(Action::AlertRaised).to(difference).because(order.id.to_string())).await?;
    }
    Ok(())
}
