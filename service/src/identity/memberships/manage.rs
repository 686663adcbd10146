//! What an admin does to a membership: grants, changes, revokes it.

use domain::{
    ErrorCode,
    application::RoleName,
    id::{ApplicationId, MembershipId, RoleId, UserId},
    identity::membership::MembershipStatus,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::{Member, MembershipPatch, Memberships, grant, set_status};
use crate::{
    Ctx, Result,
    billing::hold,
    entity::{membership_roles, memberships, users},
    identity::{
        admin_users::living,
        member_roles::{add_role, set_roles},
    },
    tx::Tx,
};

impl Memberships<'_> {
    /// Gives a user access, with the role `user` unless another is named; revives a revoked or suspended one. One
    /// that never had a subscription gets the default plan. A member keeps the roles that they have, and gets the one
    /// that is named besides. Granting the same again changes nothing.
    ///
    /// # Errors
    /// `AUTH_001`, and that or `AUTH_004` in a session whose sign-in is not recent, for any role but `user`, also one
    /// that a revived member has; `AUTH_011`, `APP_002`; `USR_001` for an unknown user; `PERM_002` for an unknown role.
    pub async fn grant(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        user: UserId,
        role: Option<RoleId>,
    ) -> Result<Member> {
        let entry = self.0.require_admin(ctx, application).await?;
        if role.is_some_and(|role| entry.role(role).is_none()) {
            return Err(ErrorCode::RoleNotFound.into());
        }
        let usual = entry.role_named(RoleName::USER).map(|role| role.id);
        let recent = self.0.factors().recent(ctx).await;
        let first = role.or(usual);
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let known = living().filter(users::Column::Id.eq(user.get()));
                    if known.one(tx.db).await?.is_none() {
                        return Err(ErrorCode::UserNotFound.into());
                    }
                    let was_kept_out = kept_out(&tx, application, user).await?;
                    let id = grant(&tx, application, user, first.into_iter().collect()).await?;
                    if (role.is_some() && role != usual) || (was_kept_out && has_power(&tx, id, usual).await?) {
                        recent?;
                    }
                    match role {
                        Some(role) => add_role(&tx, id, role).await,
                        None => Ok(()),
                    }
                })
            })
            .await?;
        self.get(ctx, application, user).await
    }

    /// Suspends, revives, or gives other roles. Who is suspended keeps the subscription and what is owed for it; an
    /// order that is open is given up.
    ///
    /// # Errors
    /// `AUTH_001`, and that or `AUTH_004` in a session whose sign-in is not recent, where the roles are others, and for a
    /// revived member with any but `user`; `AUTH_011`, `APP_002`, `USR_001`; `PERM_002` for an unknown role.
    pub async fn update(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        user: UserId,
        patch: MembershipPatch,
    ) -> Result<Member> {
        let entry = self.0.require_admin(ctx, application).await?;
        if patch.roles.iter().flatten().any(|role| entry.role(*role).is_none()) {
            return Err(ErrorCode::RoleNotFound.into());
        }
        let usual = entry.role_named(RoleName::USER).map(|role| role.id);
        let recent = self.0.factors().recent(ctx).await;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let mut hold = hold::lock_of(&tx, application, user).await?;
                    let mut gives = false;
                    if let Some(status) = patch.status {
                        let is_revived = !hold.is_active() && status == MembershipStatus::Active;
                        gives = is_revived && has_power(&tx, hold.membership.id.into(), usual).await?;
                        set_status(&tx, &mut hold, status).await?;
                    }
                    if let Some(roles) = patch.roles {
                        gives |= set_roles(&tx, &hold.membership, roles).await?;
                    }
                    if gives {
                        recent?;
                    }
                    Ok(())
                })
            })
            .await?;
        self.get(ctx, application, user).await
    }

    /// Takes access away: the subscription and all refresh tokens end, nobody owes anything for it, and the payment
    /// methods that were kept go. Money that comes all the same becomes credit. Signing in does not bring it back.
    /// Revoking again changes nothing.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`, `USR_001`.
    pub async fn revoke(&self, ctx: &Ctx, application: ApplicationId, user: UserId) -> Result<()> {
        let patch = MembershipPatch { status: Some(MembershipStatus::Revoked), roles: None };
        self.update(ctx, application, user, patch).await.map(|_| ())
    }
}

/// Whether somebody is a member who may not come in.
async fn kept_out(tx: &Tx<'_>, application: ApplicationId, user: UserId) -> Result<bool> {
    let own = memberships::Entity::find()
        .filter(memberships::Column::ApplicationId.eq(application.get()))
        .filter(memberships::Column::UserId.eq(user.get()))
        .filter(memberships::Column::Status.ne(MembershipStatus::Active.as_str()));
    Ok(own.count(tx.db).await? > 0)
}

/// Whether a member has any role but the usual one.
async fn has_power(tx: &Tx<'_>, id: MembershipId, usual: Option<RoleId>) -> Result<bool> {
    let mut others = membership_roles::Entity::find().filter(membership_roles::Column::MembershipId.eq(id.get()));
    if let Some(usual) = usual {
        others = others.filter(membership_roles::Column::RoleId.ne(usual.get()));
    }
    Ok(others.count(tx.db).await? > 0)
}
