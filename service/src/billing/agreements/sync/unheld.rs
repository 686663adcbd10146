//! What a provider renews though nobody here holds it: it is ended there, and its money buys nothing.

use domain::{Money, billing::order::Status};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::News;
use crate::{
    Result,
    billing::{
        agreements::steering,
        alerts::{self, AlertKind, Cause},
        engine,
        hold::{self, Hold},
        payments::{self, Claim},
    },
    entity::orders,
    payment::Billed,
    tx::Tx,
};

/// A subscription that grants nothing here must not go on being charged: it was paid too late, or beside another, or was
/// handed over to another provider.
pub(super) async fn orphan(tx: &Tx<'_>, news: &News<'_>) -> Result<()> {
    let (agreement, application) = (news.agreement, news.entry.application.id);
    let Some(order) = agreement.order else { return Ok(()) };
    let row = orders::Entity::find_by_id(order.get())
        .filter(orders::Column::ApplicationId.eq(application.get()))
        .filter(orders::Column::Status.is_in([Status::Paid, Status::Expired, Status::Canceled].map(Status::as_str)))
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
pub(super) async fn unheld(tx: &Tx<'_>, hold: &mut Hold, news: &News<'_>) -> Result<()> {
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
