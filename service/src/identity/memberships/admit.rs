//! The gate of an application: who has access, and who becomes a member by signing in.

use domain::{
    ErrorCode,
    application::RoleName,
    id::{ApplicationId, MembershipId, UserId},
    identity::{membership::Membership, user::User},
};

use super::{
    Memberships,
    make::{complete, insert},
};
use crate::{Ctx, Result, directory::ApplicationEntry, identity::admin_users::locked};

impl Memberships<'_> {
    /// The gate of an application: the user's membership, made now where the application allows registration.
    ///
    /// # Errors
    /// `APP_005` when the user has no access and gets none by signing in.
    pub async fn admit(&self, ctx: &Ctx, user: &User, application: ApplicationId) -> Result<Membership> {
        if let Some(membership) = self.admissible(user, application).await? {
            return Ok(membership);
        }
        let entry = self.0.directory().application(application).cloned().ok_or(ErrorCode::ApplicationNotFound)?;
        self.join(ctx, user.id, &entry).await?;
        self.admissible(user, application).await?.ok_or_else(|| ErrorCode::NoAccess.into())
    }

    /// Looks through the gate of [`Self::admit`], which makes nobody a member: `None` for who would become one there.
    ///
    /// # Errors
    /// As [`Self::admit`].
    pub(crate) async fn admissible(&self, user: &User, application: ApplicationId) -> Result<Option<Membership>> {
        let entry = self.0.directory().application(application).cloned().ok_or(ErrorCode::ApplicationNotFound)?;
        match self.0.entitlements().holder(user.id, application).await? {
            Some(holder) if holder.has_access() => Ok(Some(holder.membership)),
            None if entry.application.settings.allow_register => Ok(None),
            _ => Err(ErrorCode::NoAccess.into()),
        }
    }

    async fn join(&self, ctx: &Ctx, user: UserId, entry: &ApplicationEntry) -> Result<()> {
        let application = entry.application.id;
        let roles = entry.role_named(RoleName::USER).map(|role| role.id).into_iter().collect();
        let joined = self
            .0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    locked(&tx, user).await?;
                    let id: MembershipId = tx.id();
                    insert(&tx, id, application, user).await?;
                    complete(&tx, id, roles).await
                })
            })
            .await;
        match joined {
            // Another request of the same user was faster.
            Err(error) if error.code() == ErrorCode::NoAccess => Ok(()),
            joined => joined,
        }
    }
}
