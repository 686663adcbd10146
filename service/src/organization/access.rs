//! Who may do what in an organization.

use domain::{
    ErrorCode,
    billing::ledger::Actor,
    id::{OrganizationId, UserId},
    identity::{organization::OrganizationRole, user::GlobalRole},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::role;
use crate::{
    Ctx, Result, Services,
    entity::{organization_members as rows, users},
    identity::admin_users::living,
    tx::Tx,
};

impl Services {
    /// What the actor may do in an organization: their role in it, or an owner's for superadmins.
    ///
    /// # Errors
    /// `AUTH_001` without a session; `ORG_001` for who does not belong to it.
    pub(super) async fn organization_role(
        &self,
        ctx: &Ctx,
        db: &impl ConnectionTrait,
        id: OrganizationId,
    ) -> Result<OrganizationRole> {
        if self.is_superadmin(ctx) {
            return Ok(OrganizationRole::Owner);
        }
        match ctx.actor {
            Actor::Anonymous => Err(ErrorCode::NoSession.into()),
            Actor::User(user) => role_of(db, id, user).await?.ok_or_else(|| ErrorCode::OrganizationNotFound.into()),
            _ => Err(ErrorCode::OrganizationNotFound.into()),
        }
    }
}

/// As [`Services::organization_role`], for somebody who changes it.
///
/// # Errors
/// `AUTH_011` for a plain member, too.
pub(super) async fn manager(tx: &Tx<'_>, id: OrganizationId) -> Result<OrganizationRole> {
    let role = tx.services.organization_role(&tx.ctx, tx.db, id).await?;
    if role < OrganizationRole::Admin { Err(ErrorCode::InsufficientRights.into()) } else { Ok(role) }
}

/// A user's role; `None` for who does not belong to it.
pub(super) async fn role_of(
    db: &impl ConnectionTrait,
    id: OrganizationId,
    user: UserId,
) -> Result<Option<OrganizationRole>> {
    let row = rows::Entity::find_by_id((id.get(), user.get())).one(db).await?;
    row.map(|row| role(&row.role)).transpose()
}

/// What a user may do in an organization who is not the actor, as [`Services::organization_role`]; `None` for nothing, as
/// whoever is disabled or gone.
pub(super) async fn role_in_absence(
    db: &impl ConnectionTrait,
    id: OrganizationId,
    user: UserId,
) -> Result<Option<OrganizationRole>> {
    let able = living().filter(users::Column::Id.eq(user.get())).filter(users::Column::DisabledAt.is_null());
    match able.one(db).await? {
        Some(row) if row.role == GlobalRole::Superadmin.as_str() => Ok(Some(OrganizationRole::Owner)),
        Some(_) => role_of(db, id, user).await,
        None => Ok(None),
    }
}
