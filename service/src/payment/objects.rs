//! What a provider calls our plans, prices, customers and coupons.

use domain::{application::Provider, billing::payment::Mode, id::ApplicationId};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use uuid::Uuid;

use crate::{Ctx, Result, Services, crypto, entity::provider_objects, tx::Tx};

/// One application's account at a provider, in one mode: where an object lives, and who collects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    pub application: ApplicationId,
    pub provider: Provider,
    pub mode: Mode,
}

impl Account {
    /// Under what the name for something of ours is noted.
    fn key(self, local: Uuid) -> (Uuid, String, String, Uuid) {
        (self.application.get(), self.provider.as_str().to_owned(), self.mode.as_str().to_owned(), local)
    }
}

/// An id that follows from a text: the same text, the same id.
pub(crate) fn derived(text: &str) -> Uuid {
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(crypto::hash(text)).for_each(|(byte, hashed)| *byte = hashed);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

impl Services {
    /// The provider's name for something of ours, `None` while it has none.
    pub(crate) async fn provider_object(&self, account: Account, local: Uuid) -> Result<Option<String>> {
        let row = provider_objects::Entity::find_by_id(account.key(local)).one(self.db.read()).await?;
        Ok(row.map(|row| row.reference))
    }

    /// Our id for something of the provider's.
    pub(crate) async fn local_object(&self, account: Account, reference: &str) -> Result<Option<Uuid>> {
        use provider_objects::Column;
        let row = provider_objects::Entity::find()
            .filter(Column::ApplicationId.eq(account.application.get()))
            .filter(Column::Provider.eq(account.provider.as_str()))
            .filter(Column::Mode.eq(account.mode.as_str()))
            .filter(Column::Reference.eq(reference))
            .one(self.db.read())
            .await?;
        Ok(row.map(|row| row.local_id))
    }

    /// Notes another name in place of the one before.
    pub(crate) async fn rename_object(&self, account: Account, local: Uuid, reference: String) -> Result<()> {
        use provider_objects::Column;
        let row = row(account, local, reference);
        let columns = [Column::ApplicationId, Column::Provider, Column::Mode, Column::LocalId];
        self.transact(&Ctx::system(), move |tx| {
            Box::pin(async move {
                let again = OnConflict::columns(columns).update_column(Column::Reference).to_owned();
                provider_objects::Entity::insert(row).on_conflict(again).exec_without_returning(tx.db).await?;
                Ok(())
            })
        })
        .await
    }

    /// Forgets a name of the provider's, while it is the one that is noted.
    pub(crate) async fn forget_object(&self, account: Account, local: Uuid, reference: String) -> Result<()> {
        use provider_objects::Column;
        self.transact(&Ctx::system(), move |tx| {
            Box::pin(async move {
                provider_objects::Entity::delete_many()
                    .filter(Column::ApplicationId.eq(account.application.get()))
                    .filter(Column::Provider.eq(account.provider.as_str()))
                    .filter(Column::Mode.eq(account.mode.as_str()))
                    .filter(Column::LocalId.eq(local))
                    .filter(Column::Reference.eq(reference))
                    .exec(tx.db)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Notes the provider's name for something of ours; the name that was noted first stays, and is returned.
    pub(crate) async fn name_object(&self, account: Account, local: Uuid, reference: String) -> Result<String> {
        let row = row(account, local, reference.clone());
        self.transact(&Ctx::system(), move |tx| {
            Box::pin(async move {
                let once = OnConflict::new().do_nothing().to_owned();
                provider_objects::Entity::insert(row).on_conflict(once).exec_without_returning(tx.db).await?;
                Ok(())
            })
        })
        .await?;
        Ok(self.provider_object(account, local).await?.unwrap_or(reference))
    }
}

/// Forgets the provider's name for something of ours, and says whether one was noted.
pub(crate) async fn forget(tx: &Tx<'_>, account: Account, local: Uuid) -> Result<bool> {
    let gone = provider_objects::Entity::delete_by_id(account.key(local)).exec(tx.db).await?;
    Ok(gone.rows_affected > 0)
}

fn row(account: Account, local: Uuid, reference: String) -> provider_objects::ActiveModel {
    provider_objects::ActiveModel {
        application_id: Set(account.application.get()),
        provider: Set(account.provider.as_str().into()),
        mode: Set(account.mode.as_str().into()),
        local_id: Set(local),
        reference: Set(reference),
        changes: Set(0),
        attempts: Set(0),
        next_at: Set(None),
    }
}
