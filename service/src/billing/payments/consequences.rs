//! What follows for the subscription when money that came goes back.

use domain::{
    Money,
    billing::{
        amount::Amount,
        credit::Reason,
        invoice::Invoice,
        ledger::Action,
        payment::State as PaymentState,
        subscription::{Ended, State, Subscription},
    },
};

use super::Learned;
use crate::{
    Result,
    billing::{
        alerts::{self, AlertKind, Cause},
        credits,
        hold::{self, Hold},
        invoices, orders,
    },
    tx::Tx,
};

/// A dispute is for a person to look at. What went back whole no longer holds: the subscription that it paid for ends.
pub(crate) async fn consequences(tx: &Tx<'_>, hold: &mut Hold, learned: &Learned) -> Result<()> {
    let (before, after) = (learned.before.map(|before| before.state()), learned.payment.state());
    if before == Some(after) {
        return Ok(());
    }
    if let PaymentState::Disputed { .. } | PaymentState::ChargedBack { .. } = after {
        alerts::raise(tx, hold, AlertKind::Dispute, learned.payment.id, &learned.row.reference).await?;
    }
    if credits::of_payment(tx.db, hold.membership.id, learned.payment.id).await?.is_some() {
        return take_back(tx, hold, learned).await;
    }
    let gone = matches!(after, PaymentState::Refunded { .. } | PaymentState::ChargedBack { .. });
    let was_there = before.is_some_and(|before| before.is_paid());
    if !gone || !was_there {
        return Ok(());
    }
    match paid_for(tx, hold, learned).await? {
        PaidFor::Running => {
            let ended = Ended { at: hold.now, state: State::Canceled { at: hold.now } };
            hold::finish(tx, hold, ended).await
        }
        PaidFor::Next(invoice) => {
            invoices::unpay_next(tx, hold, &invoice).await?;
            if let Some(held) = hold.subscription.clone() {
                let after = Subscription { cancel_at: Some(invoice.period.start), ..held };
                hold::change(tx, hold, after, Action::SubscriptionScheduled).await?;
            }
            orders::cancel_open(tx, hold).await
        }
        PaidFor::Nothing => Ok(()),
    }
}

/// Money that had become credit has gone back: what is left of that credit goes too. Of what was spent a person hears.
async fn take_back(tx: &Tx<'_>, hold: &Hold, learned: &Learned) -> Result<()> {
    let (id, before) = (learned.payment.id, learned.before.map_or(0, |before| before.refunded().amount()));
    let back = learned.payment.refunded().amount() - before;
    let left = credits::of_payment(tx.db, hold.membership.id, id).await?.map_or(0, Amount::amount);
    let money = Money::new(back.min(left).max(0), learned.payment.amount.currency())?;
    let there = credits::available(tx, hold, money.currency()).await?;
    credits::take(tx, hold, money, Reason::Payment(id)).await?;
    if there.amount() < money.amount() {
        alerts::raise(tx, hold, AlertKind::CreditSpent, id, Cause::CreditSpent).await?;
    }
    Ok(())
}

/// What a payment has paid, as far as it still matters.
enum PaidFor {
    /// The running period, or what was bought for good.
    Running,
    /// The period that follows.
    Next(Box<Invoice>),
    Nothing,
}

async fn paid_for(tx: &Tx<'_>, hold: &Hold, learned: &Learned) -> Result<PaidFor> {
    let Some((held, id)) = hold.subscription.as_ref().zip(learned.row.invoice_id) else { return Ok(PaidFor::Nothing) };
    let found = invoices::rows::find(tx.db, id.into()).await?;
    let Some((invoice, row)) = found.filter(|(own, _)| own.subscription_id == held.id) else {
        return Ok(PaidFor::Nothing);
    };
    let runs = match held.period {
        Some(period) => period == invoice.period,
        None => held.price_id == invoice.quote.price_id,
    };
    let next = row.is_renewal && held.period.is_some_and(|period| period.end == invoice.period.start);
    Ok(match (runs, next) {
        (true, _) => PaidFor::Running,
        (_, true) => PaidFor::Next(Box::new(invoice)),
        _ => PaidFor::Nothing,
    })
}
