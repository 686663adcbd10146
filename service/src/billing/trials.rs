//! Trials: one for each user in an application.

use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};

use super::{entitlements::Holder, hold::Hold};
use crate::{Result, Services, entity::trials, tx::Tx};

/// See the module.
pub struct Trials<'a>(&'a Services);

impl Services {
    pub const fn trials(&self) -> Trials<'_> {
        Trials(self)
    }
}

impl Trials<'_> {
    /// Whether a plan that the holder takes now may begin with a trial, for a caller that has authorised already: they
    /// had none, and have no billed period, which another plan would only change.
    ///
    /// # Errors
    /// The database's own.
    pub async fn may_begin(&self, holder: &Holder) -> Result<bool> {
        let held = holder.subscription.as_ref();
        if held.is_some_and(|held| held.is_billed() && held.period.is_some()) {
            return Ok(false);
        }
        Ok(!had(self.0.db.read(), holder.membership.id.get()).await?)
    }
}

/// Whether a membership ever had a trial.
pub(super) async fn had(db: &impl ConnectionTrait, membership: uuid::Uuid) -> Result<bool> {
    Ok(trials::Entity::find_by_id(membership).one(db).await?.is_some())
}

/// Notes that the only trial of a member has begun.
pub(super) async fn begin(tx: &Tx<'_>, hold: &Hold) -> Result<()> {
    let row =
        trials::ActiveModel { membership_id: Set(hold.membership.id), started_at: Set(hold.now.timestamp_millis()) };
    let once = OnConflict::column(trials::Column::MembershipId).do_nothing().to_owned();
    trials::Entity::insert(row).on_conflict(once).exec_without_returning(tx.db).await?;
    Ok(())
}
