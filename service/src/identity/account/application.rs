//! Which application a person knows this server by.

use domain::{
    id::{ApplicationId, UserId},
    identity::membership::MembershipStatus,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::Account;
use crate::{Ctx, Result, entity::memberships};

impl Account<'_> {
    /// The application that the user may use, while there is exactly one.
    ///
    /// # Errors
    /// `AUTH_001` without a session.
    pub async fn only_application(&self, ctx: &Ctx) -> Result<Option<ApplicationId>> {
        only_application(self.0.db.read(), ctx.require_session()?.user.id).await
    }
}

/// The application that a user may use, while there is exactly one.
///
/// # Errors
/// The database's own.
pub(crate) async fn only_application(db: &impl ConnectionTrait, user: UserId) -> Result<Option<ApplicationId>> {
    let found: Vec<Uuid> = memberships::Entity::find()
        .select_only()
        .column(memberships::Column::ApplicationId)
        .filter(memberships::Column::UserId.eq(user.get()))
        .filter(memberships::Column::Status.eq(MembershipStatus::Active.as_str()))
        .limit(2)
        .into_tuple()
        .all(db)
        .await?;
    Ok(match found[..] {
        [only] => Some(only.into()),
        _ => None,
    })
}
