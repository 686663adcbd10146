//! Notifications of Midtrans come to one address for all applications: each names its payment.

use domain::{ErrorCode, application::Provider, id::ApplicationId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::inbox::Inbox;
use crate::{
    Result,
    entity::{orders, payments},
    payment::{Headers, midtrans},
};

impl Inbox<'_> {
    /// Takes a notification of Midtrans, as [`Self::receive`]. What names no payment of ours (an account that was
    /// linked, a test from Midtrans's dashboard) is taken and forgotten.
    ///
    /// # Errors
    /// `SUB_001` for a payment that nobody knows, and those of [`Self::receive`].
    pub async fn receive_from_midtrans(&self, headers: &Headers, body: &[u8]) -> Result<()> {
        let Some(key) = midtrans::named(body)? else { return Ok(()) };
        let application = self.application_of(key).await?.ok_or(ErrorCode::PlanNotFound)?;
        self.receive(application, Provider::Midtrans, headers, body).await
    }

    /// Whose payment a key names: an order's, or a charge's.
    async fn application_of(&self, key: Uuid) -> Result<Option<ApplicationId>> {
        let db = self.0.db.read();
        if let Some(order) = orders::Entity::find_by_id(key).one(db).await? {
            return Ok(Some(order.application_id.into()));
        }
        let charge = payments::Entity::find().filter(payments::Column::Key.eq(key)).one(db).await?;
        Ok(charge.map(|charge| charge.application_id.into()))
    }
}
