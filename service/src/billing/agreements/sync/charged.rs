//! What a provider has charged: it pays a period, begins one, or failed.

use domain::{
    ErrorCode,
    billing::{
        cycle::Anchored, dunning::grace_until, invoice::State as InvoiceState, order::Difference, quote::Quote,
        quoting::Ask, rank::Tier, subscription::Subscription,
    },
};

use super::News;
use crate::{
    Error, Result,
    billing::{
        alerts::{self, AlertKind},
        engine,
        hold::Hold,
        invoices,
        payments::{self, Claim},
    },
    directory::ApplicationEntry,
    payment::Billed,
    tx::Tx,
};

/// One charge of the provider's: a period that begins, one that is behind, or news of an earlier one.
pub(super) async fn charged(tx: &Tx<'_>, hold: &mut Hold, news: &News<'_>, billed: &Billed) -> Result<()> {
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
