//! Asking a provider about a payment, and carrying out what follows.

use domain::{
    application::Provider,
    billing::payment::Payment,
    id::{ApplicationId, OrderId},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{manage::claim, surplus};
use crate::{
    Ctx, Error, Result, Services,
    billing::{alerts::Cause, engine, hold},
    entity::payments,
    payment::{Handle, Subject},
};

/// Asks about a payment that a notification names, or a method that was entered without one. What is not ours is
/// nobody's business.
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
        Subject::Reference(reference) => of_provider.filter(Column::Reference.eq(reference)),
        Subject::Agreement(_) | Subject::Nothing => return Ok(()),
    };
    match (named.one(services.db.read()).await?, subject) {
        (Some(row), _) => ask(services, row).await,
        (None, Subject::Payment(key)) => services.methods().told(application, provider, *key).await,
        (None, _) => Ok(()),
    }
}

/// Asks about one payment.
pub(crate) async fn ask(services: &Services, row: payments::Model) -> Result<()> {
    let payment: Payment = serde_json::from_str(&row.known).map_err(Error::internal)?;
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
