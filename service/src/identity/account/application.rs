//! Which application a person knows this server by.

use domain::{id::ApplicationId, identity::membership::MembershipStatus};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{Account, own};
use crate::{Ctx, Result, entity::memberships};

impl Account<'_> {
    /// The application that the user may use, while there is exactly one.
    ///
    /// # Errors
    /// `AUTH_001` without a session.
    pub async fn only_application(&self, ctx: &Ctx) -> Result<Option<ApplicationId>> {
        let id = own(ctx)?.user.id;
        let found: Vec<Uuid> = memberships::Entity::find()
            .select_only()
            .column(memberships::Column::ApplicationId)
            .filter(memberships::Column::UserId.eq(id.get()))
            .filter(memberships::Column::Status.eq(MembershipStatus::Active.as_str()))
            .limit(2)
            .into_tuple()
            .all(self.0.db.read())
            .await?;
        Ok(match found[..] {
            [only] => Some(only.into()),
            _ => None,
        })
    }
}
