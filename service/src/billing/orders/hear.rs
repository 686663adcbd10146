//! Notifications about orders. The provider is asked what became of one; which card was kept with it, perhaps only its
//! notification says, and that may come after somebody has asked.

use domain::{ErrorCode, billing::order::State, id::OrderId};
use sea_orm::EntityTrait;

use super::{Orders, rows};
use crate::{
    Ctx, Result,
    billing::{hold, methods},
    entity::orders,
    payment::{Method, objects::Account},
    tx::Tx,
};

impl Orders<'_> {
    /// Asks about an order that a notification names, and keeps the method that only the notification tells.
    ///
    /// # Errors
    /// As [`Self::look`].
    pub(crate) async fn hear(&self, id: OrderId, notification: &[u8]) -> Result<()> {
        let placed = self.get(id).await?;
        self.ask(&placed).await?;
        let Some(method) = self.account(&placed)?.kept(&placed.handle(), notification).await? else { return Ok(()) };
        self.0.transact(&Ctx::system(), move |tx| Box::pin(async move { remember(&tx, id, &method).await })).await
    }
}

/// Keeps the method with which an order was paid, as though its payment had told it: not for who has no access, nor
/// where another was kept, or one removed, since.
async fn remember(tx: &Tx<'_>, id: OrderId, method: &Method) -> Result<()> {
    let row = orders::Entity::find_by_id(id.get()).one(tx.db).await?.ok_or(ErrorCode::PlanNotFound)?;
    let hold = hold::lock(tx, row.membership_id.into()).await?;
    // What is paid stays paid: nobody changes it while the lock is waited for.
    let placed = rows::placed(row)?;
    let State::Paid { at, .. } = placed.order.state else { return Ok(()) };
    if !hold.is_active() || methods::has_changed(tx, &hold, at).await? {
        return Ok(());
    }
    let account = Account { application: hold.application(), provider: placed.provider, mode: placed.order.mode };
    methods::keep(tx, &hold, account, method).await
}
