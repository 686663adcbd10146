//! The organizations of one person, and the one that they act for: `org_id` of their tokens.

use domain::{
    ErrorCode, Timestamp,
    id::{OrganizationId, UserId},
    identity::organization::{Organization, OrganizationRole},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::Expr};
use uuid::Uuid;

use super::{Organizations, access, organization, role};
use crate::{
    Ctx, Error, Result,
    clock::at,
    entity::{organization_members as rows, organizations, users},
    identity::{admin_users::reigning, ways_in},
    tx::{LOCK, Tx},
};

/// An organization to which the actor belongs.
#[derive(Clone, Debug)]
pub struct OwnOrganization {
    pub organization: Organization,
    pub role: OrganizationRole,
    pub joined_at: Timestamp,
    /// Tokens name it.
    pub is_current: bool,
}

impl Organizations<'_> {
    /// The actor's own organizations, oldest first.
    ///
    /// # Errors
    /// `AUTH_001` without a user.
    pub async fn mine(&self, ctx: &Ctx) -> Result<Vec<OwnOrganization>> {
        let user = ctx.require_user()?;
        let current = match &ctx.session {
            Some(session) => session.user.organization,
            None => self.0.users().find(user).await?.and_then(|user| user.organization),
        };
        let found = rows::Entity::find()
            .filter(rows::Column::UserId.eq(user.get()))
            .order_by_asc(rows::Column::OrganizationId)
            .find_also_related(organizations::Entity)
            .all(self.0.db.read())
            .await?;
        let own = found.into_iter().map(|(row, found)| {
            let organization = organization(found.ok_or_else(|| Error::internal("a member of nothing"))?);
            let is_current = current == Some(organization.id);
            Ok(OwnOrganization { organization, role: role(&row.role)?, joined_at: at(row.joined_at), is_current })
        });
        own.collect()
    }

    /// Lets the actor act for another of their organizations: their next tokens name it.
    ///
    /// # Errors
    /// `AUTH_001` without a session; `ORG_001` for one to which they do not belong.
    pub async fn choose(&self, ctx: &Ctx, id: OrganizationId) -> Result<()> {
        let user = ctx.require_session()?.user.id;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    super::locked(&tx, id).await?;
                    access::role_of(tx.db, id, user).await?.ok_or(ErrorCode::OrganizationNotFound)?;
                    act_for(&tx, user, Some(id)).await
                })
            })
            .await
    }
}

/// The users who act for an organization that is locked. All of its people are locked from now on, after the
/// superadmins, as everywhere: nobody who leaves another organization meanwhile goes over to this one.
pub(super) async fn acting_for(tx: &Tx<'_>, id: OrganizationId) -> Result<Vec<UserId>> {
    reigning(tx).await?;
    let people = rows::Entity::find()
        .select_only()
        .column(rows::Column::UserId)
        .filter(rows::Column::OrganizationId.eq(id.get()));
    let found: Vec<(Uuid, Option<Uuid>)> = users::Entity::find()
        .select_only()
        .columns([users::Column::Id, users::Column::OrganizationId])
        .filter(users::Column::Id.in_subquery(people.into_query()))
        .order_by_asc(users::Column::Id)
        .lock(LOCK)
        .into_tuple()
        .all(tx.db)
        .await?;
    Ok(found.into_iter().filter(|(_, own)| *own == Some(id.get())).map(|(user, _)| user.into()).collect())
}

pub(super) async fn act_for(tx: &Tx<'_>, user: UserId, organization: Option<OrganizationId>) -> Result<()> {
    users::Entity::update_many()
        .col_expr(users::Column::OrganizationId, Expr::value(organization.map(OrganizationId::get)))
        .filter(users::Column::Id.eq(user.get()))
        .exec(tx.db)
        .await?;
    Ok(())
}

/// Whoever acted for `left` acts for the oldest of the organizations that remain to them, or for none. Of two that
/// somebody leaves at once, the second knows of the first: the user is locked before their memberships are read.
pub(super) async fn act_for_another(tx: &Tx<'_>, user: UserId, left: OrganizationId) -> Result<()> {
    if ways_in::lock(tx, user).await?.is_none_or(|own| own.organization != Some(left)) {
        return Ok(());
    }
    let other = rows::Entity::find()
        .filter(rows::Column::UserId.eq(user.get()))
        .order_by_asc(rows::Column::OrganizationId)
        .one(tx.db)
        .await?;
    act_for(tx, user, other.map(|row| row.organization_id.into())).await
}

/// Takes somebody who is gone out of every organization.
pub(crate) async fn leave_all(tx: &Tx<'_>, user: UserId) -> Result<()> {
    rows::Entity::delete_many().filter(rows::Column::UserId.eq(user.get())).exec(tx.db).await?;
    Ok(())
}
