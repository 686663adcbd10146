//! Asking a provider about a payment, and carrying out what follows.

use domain::{
    application::Provider,
    billing::payment::Payment,
    id::{ApplicationId, OrderId, PaymentId},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{claim_of, manage::claim, surplus};
use crate::{
    Ctx, Error, Result, Services,
    billing::{
        alerts::{self, AlertKind, Cause},
        engine, hold,
    },
    entity::payments,
    payment::{Handle, Subject},
};

/// Asks about a payment that a notification names, and about the refund that it names beside; or about a method that was
/// entered without one. What is not ours is nobody's business.
///
/// # Errors
/// The provider's own.
pub(crate) async fn refresh(
    services: &Services,
    application: ApplicationId,
    provider: Provider,
    subject: &Subject,
) -> Result<()> {
    use payments::Column;
    let of_provider = payments::Entity::find()
        .filter(Column::ApplicationId.eq(application.get()))
        .filter(Column::Provider.eq(provider.as_str()));
    let named = match subject {
        Subject::Payment(key) => of_provider.filter(Column::Key.eq(*key)),
        Subject::Reference(payment) | Subject::Refund { payment, .. } => {
            of_provider.filter(Column::Reference.eq(payment))
        }
        Subject::Agreement(_) | Subject::Nothing => return Ok(()),
    };
    let Some(row) = named.one(services.db.read()).await? else {
        return match subject {
            Subject::Payment(key) => services.methods().told(application, provider, *key).await,
            _ => Ok(()),
        };
    };
    ask(services, row.clone()).await?;
    match subject {
        Subject::Refund { refund, .. } => hear_of_refund(services, row, refund.clone()).await,
        _ => Ok(()),
    }
}

/// Money that came back from a customer whom it did not reach still counts as given back here, and what had ended by
/// that stays ended: a person has to look.
async fn hear_of_refund(services: &Services, row: payments::Model, refund: String) -> Result<()> {
    let claim = claim_of(&row)?;
    let provider = services.provider(row.application_id.into(), claim.provider)?;
    if provider.mode() != claim.mode || !provider.refund_failed(&refund).await? {
        return Ok(());
    }
    services
        .transact(&Ctx::system(), move |tx| {
            Box::pin(async move {
                let hold = hold::lock(&tx, row.membership_id.into()).await?;
                alerts::raise(&tx, &hold, AlertKind::RefundFailed, PaymentId::from(row.id), refund).await
            })
        })
        .await
}

/// Asks about one payment.
pub(crate) async fn ask(services: &Services, row: payments::Model) -> Result<()> {
    let payment: Payment = domain::stored::read(&row.known).map_err(Error::internal)?;
    let claim = claim(&row, payment)?;
    let provider = services.provider(row.application_id.into(), claim.provider)?;
    if provider.mode() != claim.mode {
        return Ok(());
    }
    let handle = Handle { key: row.key, reference: Some(row.reference.clone()) };
    let Some(report) = provider.inquire(&handle).await? else { return Ok(()) };
    services
        .transact(&Ctx::system(), move |tx| {
            Box::pin(async move {
                if let Some(order) = row.order_id.filter(|order| *order == row.key) {
                    return crate::billing::orders::settle(&tx, OrderId::from(order), report).await;
                }
                let mut hold = hold::lock(&tx, row.membership_id.into()).await?;
                // What came for an order once more has a key of its own.
                if claim.order.is_some() {
                    return surplus(&tx, &mut hold, &claim, &report, Cause::OnceMore).await;
                }
                engine::charged(&tx, &mut hold, &claim, &report).await?;
                engine::settle(&tx, &mut hold).await
            })
        })
        .await
}
