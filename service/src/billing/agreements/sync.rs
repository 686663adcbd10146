//! Following a subscription that a provider renews: what it has billed, what failed, what was changed there.

use chrono::TimeDelta;
use domain::{
    ErrorCode, Money, Timestamp,
    application::Provider,
    billing::{
        cycle::Anchored,
        dunning::grace_until,
        invoice::State as InvoiceState,
        ledger::Action,
        order::Difference,
        payment::Mode,
        quote::Quote,
        quoting::Ask,
        rank::Tier,
        subscription::{Ended, Event, State, Subscription},
    },
    id::{ApplicationId, MembershipId, OrderId},
};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationTrait};

use super::steering::{self, Told};
use crate::{
    Ctx, Error, Result, Services,
    billing::{
        alerts::{self, AlertKind, Cause},
        credits, engine,
        hold::{self, Billing, Hold},
        invoices, methods,
        payments::{self, Claim},
    },
    directory::ApplicationEntry,
    entity::{memberships, orders, subscriptions},
    mail,
    payment::{Agreement, AgreementState, Billed, Ending, Wanted, objects::Account},
    tx::Tx,
};

/// Providers count whole seconds.
const SECOND: TimeDelta = TimeDelta::seconds(1);

/// What a provider says of one of its subscriptions.
struct News<'a> {
    entry: &'a ApplicationEntry,
    provider: Provider,
    mode: Mode,
    agreement: &'a Agreement,
    /// What had been written down for it before it was asked.
    told: Option<&'a Told>,
}

impl News<'_> {
    fn account(&self) -> Account {
        Account { application: self.entry.application.id, provider: self.provider, mode: self.mode }
    }

    /// Whether it goes on being charged.
    const fn runs(&self) -> bool {
        use AgreementState::{Active, PastDue, Paused, Trialing};
        matches!(self.agreement.state, Active | PastDue | Paused | Trialing { .. })
    }

    /// Whether the member holds what is told of.
    fn is_held(&self, hold: &Hold) -> bool {
        hold.billing.reference.as_deref() == Some(self.agreement.reference.as_str())
    }
}

/// Asks the provider about one of its subscriptions, and follows. What another application sold on the same account, or
/// nobody here, is nobody's business.
///
/// # Errors
/// The provider's own.
pub(crate) async fn sync(
    services: &Services,
    application: ApplicationId,
    provider: Provider,
    reference: &str,
) -> Result<()> {
    while !is_followed(services, application, provider, reference).await? {}
    Ok(())
}

/// As [`sync`], once. Says whether the answer could be followed: see [`follow`].
async fn is_followed(
    services: &Services,
    application: ApplicationId,
    provider: Provider,
    reference: &str,
) -> Result<bool> {
    let account = services.provider(application, provider)?;
    let told = steering::told(services.db.read(), application, provider, reference).await?;
    let Some(agreement) = account.agreement(reference).await? else { return Ok(true) };
    if owner(services, application, provider, reference).await?.is_none()
        && let Some(order) = agreement.order
        && is_unpaid(services, application, order).await?
    {
        // Its order has not been settled: nobody has come back from the provider's page yet.
        services.orders().refresh(order).await?;
    }
    let member = owner(services, application, provider, reference).await?;
    let entry = services.directory().application(application).ok_or(ErrorCode::ApplicationNotFound)?.clone();
    let mode = account.mode();
    let draft = agreement.draft.clone();
    let (is_followed, credit) = services
        .transact(&Ctx::system(), move |tx| {
            Box::pin(async move {
                let news = News { entry: &entry, provider, mode, agreement: &agreement, told: told.as_ref() };
                let Some(member) = member else {
                    orphan(&tx, &news).await?;
                    return Ok((true, None));
                };
                let is_followed = follow(&tx, &news, member).await?;
                let credit = if is_followed { usable_credit(&tx, &news, member).await? } else { None };
                Ok((is_followed, credit))
            })
        })
        .await?;
    if let Some((draft, credit)) = draft.zip(credit)
        && !credit.is_zero()
    {
        account.take_off(&draft, credit).await?;
    }
    Ok(is_followed)
}

/// What of the member's credit the next bill takes, while it can. It is used when the bill is asked for: the bill says
/// how much was taken off it.
async fn usable_credit(tx: &Tx<'_>, news: &News<'_>, member: MembershipId) -> Result<Option<Money>> {
    let Some(draft) = &news.agreement.draft else { return Ok(None) };
    let hold = hold::lock(tx, member).await?;
    let period = hold.subscription.as_ref().and_then(|held| held.period);
    if !news.is_held(&hold) || period.is_none_or(|period| draft.period.start < period.end) {
        return Ok(None);
    }
    let there = credits::available(tx, &hold, draft.total.currency()).await?;
    Ok(Some(if there.amount() < draft.total.amount() { there } else { draft.total }))
}

async fn owner(
    services: &Services,
    application: ApplicationId,
    provider: Provider,
    reference: &str,
) -> Result<Option<MembershipId>> {
    let row = subscriptions::Entity::find()
        .join(JoinType::InnerJoin, subscriptions::Relation::Membership.def())
        .filter(memberships::Column::ApplicationId.eq(application.get()))
        .filter(subscriptions::Column::Provider.eq(provider.as_str()))
        .filter(subscriptions::Column::Reference.eq(reference))
        .one(services.db.read())
        .await?;
    Ok(row.map(|row| row.membership_id.into()))
}

/// Whether an order of the application's has not been paid; once it is, it does not matter what came of that.
async fn is_unpaid(services: &Services, application: ApplicationId, order: OrderId) -> Result<bool> {
    let row = orders::Entity::find_by_id(order.get())
        .filter(orders::Column::ApplicationId.eq(application.get()))
        .one(services.db.read())
        .await?;
    Ok(row.is_some_and(|row| row.status != "paid"))
}

/// A subscription that grants nothing here must not go on being charged: it was paid too late, or beside another, or was
/// handed over to another provider.
async fn orphan(tx: &Tx<'_>, news: &News<'_>) -> Result<()> {
    let (agreement, application) = (news.agreement, news.entry.application.id);
    let Some(order) = agreement.order else { return Ok(()) };
    let row = orders::Entity::find_by_id(order.get())
        .filter(orders::Column::ApplicationId.eq(application.get()))
        .filter(orders::Column::Status.is_in(["paid", "expired", "canceled"]))
        .one(tx.db)
        .await?;
    let Some(row) = row else { return Ok(()) };
    let mut hold = hold::lock(tx, row.membership_id.into()).await?;
    if news.is_held(&hold) {
        return Ok(());
    }
    unheld(tx, &mut hold, news).await?;
    if news.runs() { steering::end_again(tx, news.account(), &agreement.reference).await } else { Ok(()) }
}

/// What was billed for a subscription that is not held, any more or at all. Money that pays an invoice of ours does so;
/// what else was taken for a period that follows buys nothing. Test money is worth nothing where real money is collected.
async fn unheld(tx: &Tx<'_>, hold: &mut Hold, news: &News<'_>) -> Result<()> {
    for Billed { payment, renews, .. } in news.agreement.billed.iter().rev() {
        let is_honoured = news.entry.honours(payment.mode);
        if let Some(row) = payments::named(tx, &payment.reference).await? {
            let claim = payments::claim_of(&row)?;
            if claim.order.is_none() && payment.received().is_some() && is_honoured {
                engine::charged(tx, hold, &claim, payment).await?;
                engine::settle(tx, hold).await?;
            } else if let Some(learned) = payments::learn(tx, hold, &claim, payment).await? {
                payments::consequences(tx, hold, &learned).await?;
            }
            continue;
        }
        if !renews || payment.received().is_none_or(Money::is_zero) {
            continue;
        }
        match news.agreement.order.filter(|_| is_honoured) {
            Some(order) => {
                let claim = Claim {
                    order: Some(order),
                    invoice: None,
                    provider: news.provider,
                    mode: payment.mode,
                    key: payment.key,
                    expected: payment.money,
                };
                payments::surplus(tx, hold, &claim, payment, Cause::NotHeld).await?;
            }
            None => alerts::raise(tx, hold, AlertKind::PaymentUnused, &payment.reference, Cause::NotHeld).await?,
        }
    }
    Ok(())
}

/// Follows, unless the provider was told something while it was asked: its answer may be from before that, and what is
/// wanted would look as though it had been changed back there.
async fn follow(tx: &Tx<'_>, news: &News<'_>, member: MembershipId) -> Result<bool> {
    let agreement = news.agreement;
    let mut hold = hold::lock(tx, member).await?;
    engine::settle(tx, &mut hold).await?;
    if !news.is_held(&hold) {
        unheld(tx, &mut hold, news).await?;
        if news.runs() {
            steering::end_again(tx, news.account(), &agreement.reference).await?;
        }
        return Ok(true);
    }
    // Asked before what it billed changes what is wanted of it.
    let told = steering::told(tx.db, hold.application(), news.provider, &agreement.reference).await?;
    let is_told = told.as_ref().is_none_or(|row| row.next_at.is_none());
    if is_told && told.as_ref() != news.told {
        return Ok(false);
    }
    if let (Some(method), Some(account)) = (&agreement.method, hold.account()) {
        methods::keep(tx, &hold, account, method).await?;
    }
    for billed in agreement.billed.iter().rev() {
        charged(tx, &mut hold, news, billed).await?;
    }
    if let AgreementState::Ended { at } = agreement.state {
        let at = at.min(hold.now);
        hold::finish(tx, &mut hold, Ended { at, state: State::Canceled { at } }).await?;
        return Ok(true);
    }
    if is_told {
        adopt_ending(tx, &mut hold, agreement).await?;
        adopt_price(tx, &mut hold, news).await?;
    }
    Ok(true)
}

/// One charge of the provider's: a period that begins, one that is behind, or news of an earlier one.
async fn charged(tx: &Tx<'_>, hold: &mut Hold, news: &News<'_>, billed: &Billed) -> Result<()> {
    let entry = news.entry;
    if let Some(row) = payments::named(tx, &billed.payment.reference).await? {
        let claim = payments::claim_of(&row)?;
        let Some(learned) = payments::learn(tx, hold, &claim, &billed.payment).await? else { return Ok(()) };
        payments::consequences(tx, hold, &learned).await?;
        if claim.order.is_some() {
            return Ok(());
        }
    }
    let Some(held) = hold.subscription.clone() else { return Ok(()) };
    let ahead = held.period.is_some_and(|period| billed.period.start >= period.end);
    let open = invoices::next(tx, held.id, billed.period.start).await?;
    if !news.is_held(hold) || !(ahead || open.is_some()) {
        return Ok(());
    }
    let invoice = match open {
        Some(invoice) => invoice,
        None => {
            let anchor = hold.billing.anchor.unwrap_or(billed.period.start);
            let quote = quote(entry, hold, &held, billed)?;
            invoices::make(tx, hold, billed.period, anchor, quote, true).await?
        }
    };
    let provider = hold.billing.provider.unwrap_or(entry.application.settings.provider);
    let claim = Claim {
        order: None,
        invoice: Some(invoice.id),
        provider,
        mode: billed.payment.mode,
        key: billed.payment.key,
        expected: invoice.quote.due,
    };
    let Some(learned) = payments::learn(tx, hold, &claim, &billed.payment).await? else { return Ok(()) };
    payments::consequences(tx, hold, &learned).await?;
    let state = learned.payment.state();
    let is_open = matches!(invoice.state, InvoiceState::Open { .. });
    let grace_days = entry.application.settings.grace_days;
    if let domain::billing::payment::State::Differs { .. } = state {
        alerts::raise(tx, hold, AlertKind::PaymentDiffers, invoice.id, Difference::Amount).await?;
        // It grants nothing, as one that failed; unless another price was taken there, which is followed next.
        let prices = &news.agreement.prices;
        let same_price = prices.is_empty() || held.price_id.is_some_and(|own| prices.contains(&own));
        let at = learned.payment.settled_at().unwrap_or(hold.now);
        return if is_open && same_price {
            engine::fall_behind(tx, hold, Some(&invoice), at, grace_until(at, grace_days)).await
        } else {
            Ok(())
        };
    }
    let paid_now = state.is_paid() && !matches!(invoice.state, InvoiceState::Paid { .. });
    if paid_now {
        let received = billed.payment.received().unwrap_or(billed.payment.money);
        invoices::paid(tx, hold, invoice.id, learned.payment.id, received).await?;
    }
    if paid_now || (ahead && matches!(invoice.state, InvoiceState::Paid { .. })) {
        let next = Anchored { anchor: invoice.anchor, period: billed.period };
        let Some(held) = hold.subscription.clone().filter(|_| ahead) else { return Ok(()) };
        return engine::advance(tx, hold, held, Some(next), invoice.quote.discount).await;
    }
    match billed.failed_at {
        Some(at) if is_open => engine::fall_behind(tx, hold, Some(&invoice), at, grace_until(at, grace_days)).await,
        _ => Ok(()),
    }
}

/// What we would ask for the period, with the credit that was taken off its bill.
fn quote(entry: &ApplicationEntry, hold: &Hold, held: &Subscription, billed: &Billed) -> Result<Quote> {
    let plan = entry.plan(held.plan_id).ok_or(ErrorCode::PlanNotFound)?;
    let price = plan.prices.iter().find(|price| Some(price.id) == held.price_id);
    let ask = Ask {
        now: billed.period.start,
        wanted: Tier::new(plan, price),
        trial: None,
        discount: hold.billing.discount.as_ref(),
        balance: billed.credit,
        pays_now: true,
    };
    let anchor = hold.billing.anchor.unwrap_or(billed.period.start);
    Quote::for_renewal(&ask, Anchored { anchor, period: billed.period }).map_err(Error::internal)
}

/// A cancellation that was made or taken back at the provider's: its own portal, or its dashboard. Not while it has still
/// to be told ours.
async fn adopt_ending(tx: &Tx<'_>, hold: &mut Hold, agreement: &Agreement) -> Result<()> {
    let Some(held) = hold.subscription.clone() else { return Ok(()) };
    let Some(provider) = hold.billing.provider else { return Ok(()) };
    if steering::is_pending(tx, hold.application(), provider, &agreement.reference).await? {
        return Ok(());
    }
    let cancel_at: Option<Timestamp> = agreement.cancel_at;
    if cancel_at.is_some() == held.cancel_at.is_some() || held.scheduled_change().is_some() {
        return Ok(());
    }
    let action = if cancel_at.is_some() { Action::SubscriptionScheduled } else { Action::SubscriptionUnscheduled };
    let ending = if cancel_at.is_some() { Ending::AtPeriodEnd } else { Ending::GoesOn };
    let after = Subscription { cancel_at, ..held.clone() };
    let after = hold::change(tx, hold, after, action).await?;
    mail::ending::canceled(tx, hold, &after).await?;
    let discount = hold.billing.discount.clone().filter(|discount| discount.covers(held.plan_id));
    let bills_at = held.period.map(|period| period.end);
    let wanted = Wanted { price: held.price_id, bills_at, ending, paused: false, discount, mode: hold.billing.mode };
    steering::adopt(tx, hold, wanted).await
}

/// Another price that was taken there. A period that it has begun, and that nobody has paid yet, is waited for.
async fn adopt_price(tx: &Tx<'_>, hold: &mut Hold, news: &News<'_>) -> Result<()> {
    let agreement = news.agreement;
    let held = hold.subscription.clone().filter(|held| news.is_held(hold) && held.scheduled.is_none());
    let Some(held) = held else { return Ok(()) };
    let is_ours = held.price_id.is_some_and(|own| agreement.prices.contains(&own));
    let Some(price) = agreement.prices.first().copied().filter(|_| !is_ours) else { return Ok(()) };
    let Some(plan) = news.entry.plans.iter().find(|plan| plan.prices.iter().any(|own| own.id == price)) else {
        return alerts::raise_drift(tx, hold, held.id, Cause::AnotherPrice).await;
    };
    let next = held.period.zip(agreement.period).filter(|(own, next)| next.end > own.end + SECOND);
    let state = match next {
        Some((_, next)) => {
            let of_next = |billed: &&Billed| billed.period.start == next.start;
            if !agreement.billed.iter().filter(of_next).any(|billed| billed.payment.received().is_some()) {
                return steering::leave_price(tx, hold, &held).await;
            }
            held.state.apply(Event::Activate).unwrap_or(held.state)
        }
        None => held.state,
    };
    let period = agreement.period.or(held.period);
    let after = Subscription { plan_id: plan.id, price_id: Some(price), state, period, ..held };
    let anchor = period.map(|period| period.end).or(hold.billing.anchor);
    let billing = Billing { anchor, ..hold.billing.clone() };
    // What we asked for the period was for the price before.
    invoices::void_open(tx, hold).await?;
    hold::bill(tx, hold, after, billing).await?;
    Ok(())
}
