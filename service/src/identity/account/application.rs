//! Which application a person knows this server by.

use domain::{
    id::{ApplicationId, UserId},
    identity::membership::MembershipStatus,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::Account;
use crate::{
    Ctx, Result,
    entity::{clients, grants, memberships},
};

impl Account<'_> {
    /// The application that the user signs in to, while there is exactly one.
    ///
    /// # Errors
    /// `AUTH_001` without a session.
    pub async fn only_application(&self, ctx: &Ctx) -> Result<Option<ApplicationId>> {
        only_application(self.0.db.read(), ctx.require_session()?.user.id).await
    }
}

/// The application that a user signs in to, while there is exactly one. One that made them a member unasked is none:
/// its admins would decide what their account's pages and mails look like.
///
/// # Errors
/// The database's own.
pub(crate) async fn only_application(db: &impl ConnectionTrait, user: UserId) -> Result<Option<ApplicationId>> {
    let signed_in_at = clients::Entity::find().select_only().column(clients::Column::ApplicationId).filter(
        clients::Column::Id.in_subquery(
            grants::Entity::find()
                .select_only()
                .column(grants::Column::ClientId)
                .filter(grants::Column::UserId.eq(user.get()))
                .into_query(),
        ),
    );
    let found: Vec<Uuid> = memberships::Entity::find()
        .select_only()
        .column(memberships::Column::ApplicationId)
        .filter(memberships::Column::UserId.eq(user.get()))
        .filter(memberships::Column::Status.eq(MembershipStatus::Active.as_str()))
        .filter(memberships::Column::ApplicationId.in_subquery(signed_in_at.into_query()))
        .limit(2)
        .into_tuple()
        .all(db)
        .await?;
    Ok(match found[..] {
        [only] => Some(only.into()),
        _ => None,
    })
}
