//! Which application a person knows this server by.

use domain::{
    id::ApplicationId,
    identity::{
        membership::MembershipStatus,
        user::{GlobalRole, User},
    },
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::Account;
use crate::{Ctx, Result, entity::memberships};

impl Account<'_> {
    /// The application whose look the pages about the user's account wear: see [`only_application`].
    ///
    /// # Errors
    /// `AUTH_001` without a session.
    pub async fn only_application(&self, ctx: &Ctx) -> Result<Option<ApplicationId>> {
        only_application(self.0.db.read(), &ctx.require_session()?.user).await
    }
}

/// The application that a user may use, while there is exactly one. Whoever looks after applications or the server has
/// none: an admin who makes them a member unasked would decide what the pages and mails about their account look like.
///
/// # Errors
/// The database's own.
pub(crate) async fn only_application(db: &impl ConnectionTrait, user: &User) -> Result<Option<ApplicationId>> {
    if user.role != GlobalRole::User {
        return Ok(None);
    }
    let found: Vec<Uuid> = memberships::Entity::find()
        .select_only()
        .column(memberships::Column::ApplicationId)
        .filter(memberships::Column::UserId.eq(user.id.get()))
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
