//! The people of an organization.

use domain::{
    ErrorCode, Problem,
    billing::ledger::{Action, Actor},
    id::{OrganizationId, UserId},
    identity::organization::{OrganizationMember, OrganizationRole, is_led},
    page::{Page, PageRequest},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use serde_json::json;

use super::{Organizations, access, locked, mine, role};
use crate::{
    Ctx, Error, Result,
    clock::at,
    entity::{organization_members as rows, users},
    identity::{admin_users::living, sessions::user},
    ledger::Entry,
    tx::{Tx, taken},
};

impl Organizations<'_> {
    /// The people of an organization, by the order in which they became users.
    ///
    /// # Errors
    /// `AUTH_001` without a session; `ORG_001` for an unknown one, or one of others.
    pub async fn members(&self, ctx: &Ctx, id: OrganizationId, page: &PageRequest) -> Result<Page<OrganizationMember>> {
        self.get(ctx, id).await?;
        let mut query = rows::Entity::find()
            .filter(rows::Column::OrganizationId.eq(id.get()))
            .order_by_asc(rows::Column::UserId)
            .limit(page.limit + 1);
        if let Some(after) = page.after {
            query = query.filter(rows::Column::UserId.gt(after));
        }
        let found = query.find_also_related(users::Entity).all(self.0.db.read()).await?;
        let page = Page::cut(found, page.limit, |(row, _)| row.user_id);
        let items = page.items.into_iter().map(|(row, person)| member(row, person)).collect::<Result<_>>()?;
        Ok(Page { items, next_cursor: page.next_cursor })
    }

    /// Makes a user a member without asking them.
    ///
    /// # Errors
    /// As [`crate::Services::require_superadmin`]; `ORG_001` for an unknown organization, `USR_001` for an unknown
    /// user, `ORG_005` for a member.
    pub async fn add(
        &self,
        ctx: &Ctx,
        id: OrganizationId,
        person: UserId,
        role: OrganizationRole,
    ) -> Result<OrganizationMember> {
        self.0.require_superadmin(ctx)?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    locked(&tx, id).await?;
                    join(&tx, id, person, role).await
                })
            })
            .await
    }

    /// Gives a member another role.
    ///
    /// # Errors
    /// `AUTH_001` without a session, `AUTH_011` where the actor's own role is too low for it, `ORG_001`, `ORG_004` for
    /// somebody who is no member, `ORG_003` when nobody would be an owner.
    pub async fn set_role(
        &self,
        ctx: &Ctx,
        id: OrganizationId,
        person: UserId,
        role: OrganizationRole,
    ) -> Result<OrganizationMember> {
        self.change(ctx, id, person, Some(role)).await?;
        let row = rows::Entity::find_by_id((id.get(), person.get())).find_also_related(users::Entity);
        let (row, person) = row.one(self.0.db.read()).await?.ok_or(ErrorCode::OrganizationMemberNotFound)?;
        member(row, person)
    }

    /// Takes a member out, who may be the actor.
    ///
    /// # Errors
    /// As [`Self::set_role`].
    pub async fn remove(&self, ctx: &Ctx, id: OrganizationId, person: UserId) -> Result<()> {
        self.change(ctx, id, person, None).await
    }

    async fn change(
        &self,
        ctx: &Ctx,
        id: OrganizationId,
        person: UserId,
        after: Option<OrganizationRole>,
    ) -> Result<()> {
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    locked(&tx, id).await?;
                    let own = tx.services.organization_role(&tx.ctx, tx.db, id).await?;
                    let before = access::role_of(tx.db, id, person).await?;
                    let leaves = after.is_none() && tx.ctx.actor == Actor::User(person);
                    if !leaves && !own.may_change(before, after) {
                        return Err(ErrorCode::InsufficientRights.into());
                    }
                    let before = before.ok_or(ErrorCode::OrganizationMemberNotFound)?;
                    if after == Some(before) {
                        return Ok(());
                    }
                    led_without(&tx, id, person, after).await?;
                    store(&tx, id, person, after).await?;
                    let action = if after.is_some() {
                        Action::OrganizationMemberUpdated
                    } else {
                        Action::OrganizationMemberRemoved
                    };
                    let state = |role| json!({ "organization_id": id, "role": role });
                    tx.log(Entry::new(action).user(person).from(state(Some(before))).to(state(after))).await?;
                    Ok(())
                })
            })
            .await
    }
}

/// Puts a user into an organization, which they act for from now on if they acted for none.
pub(super) async fn join(
    tx: &Tx<'_>,
    id: OrganizationId,
    person: UserId,
    role: OrganizationRole,
) -> Result<OrganizationMember> {
    let found = living().filter(users::Column::Id.eq(person.get())).one(tx.db).await?;
    let found = found.map(user).transpose()?.ok_or(ErrorCode::UserNotFound)?;
    let row = rows::ActiveModel {
        organization_id: Set(id.get()),
        user_id: Set(person.get()),
        role: Set(role.as_str().into()),
        joined_at: Set(tx.millis()),
    };
    rows::Entity::insert(row)
        .exec_without_returning(tx.db)
        .await
        .map_err(|error| taken(error, ErrorCode::OrganizationMemberTaken))?;
    if found.organization.is_none() {
        mine::act_for(tx, person, Some(id)).await?;
    }
    let state = json!({ "organization_id": id, "role": role });
    tx.log(Entry::new(Action::OrganizationMemberAdded).user(person).to(state)).await?;
    Ok(OrganizationMember { user: found, role, joined_at: tx.now })
}

/// Refuses what would leave people without an owner.
async fn led_without(tx: &Tx<'_>, id: OrganizationId, person: UserId, after: Option<OrganizationRole>) -> Result<()> {
    let others: Vec<String> = rows::Entity::find()
        .select_only()
        .column(rows::Column::Role)
        .filter(rows::Column::OrganizationId.eq(id.get()))
        .filter(rows::Column::UserId.ne(person.get()))
        .into_tuple()
        .all(tx.db)
        .await?;
    let left = others.iter().map(|text| role(text)).chain(after.map(Ok)).collect::<Result<Vec<_>>>()?;
    if is_led(&left) {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::OrganizationInvalid, "an organization with members has an owner").into())
}

async fn store(tx: &Tx<'_>, id: OrganizationId, person: UserId, role: Option<OrganizationRole>) -> Result<()> {
    let Some(role) = role else {
        rows::Entity::delete_by_id((id.get(), person.get())).exec(tx.db).await?;
        return mine::act_for_another(tx, person, id).await;
    };
    rows::Entity::update_many()
        .col_expr(rows::Column::Role, Expr::value(role.as_str()))
        .filter(rows::Column::OrganizationId.eq(id.get()).and(rows::Column::UserId.eq(person.get())))
        .exec(tx.db)
        .await?;
    Ok(())
}

fn member(row: rows::Model, person: Option<users::Model>) -> Result<OrganizationMember> {
    let person = person.ok_or_else(|| Error::internal("a member without a user"))?;
    Ok(OrganizationMember { user: user(person)?, role: role(&row.role)?, joined_at: at(row.joined_at) })
}
