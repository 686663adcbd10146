//! What follows for the subscription when money that came goes back.

use domain::billing::{
    payment::State as PaymentState,
    quote::QuoteKind,
    subscription::{Ended, State},
};

use super::Learned;
use crate::{
    Result,
    billing::{
        alerts::{self, AlertKind},
        hold::{self, Hold},
        invoices,
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
    let gone = matches!(after, PaymentState::Refunded { .. } | PaymentState::ChargedBack { .. });
    let was_there = before.is_some_and(|before| before.is_paid());
    if !gone || !was_there || !holds_by(tx, hold, learned).await? {
        return Ok(());
    }
    let ended = Ended { at: hold.now, state: State::Canceled { at: hold.now } };
    hold::finish(tx, hold, ended).await
}

/// Whether the running period, or what was bought for good, was paid by this payment.
async fn holds_by(tx: &Tx<'_>, hold: &Hold, learned: &Learned) -> Result<bool> {
    let Some(held) = &hold.subscription else { return Ok(false) };
    let Some(id) = learned.row.invoice_id else { return Ok(false) };
    let Some((invoice, _)) = invoices::rows::find(tx.db, id.into()).await? else { return Ok(false) };
    if invoice.subscription_id != held.id {
        return Ok(false);
    }
    Ok(match invoice.quote.kind {
        QuoteKind::OneTime => held.period.is_none() && held.price_id == invoice.quote.price_id,
        QuoteKind::New | QuoteKind::Renewal | QuoteKind::Upgrade => held.period == Some(invoice.period),
        _ => false,
    })
}
