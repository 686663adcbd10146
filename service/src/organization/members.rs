//! The people of an organization.

use std::cmp::Reverse;

use domain::{
    ErrorCode, Problem,
    billing::ledger::{Action, Actor},
    id::{OrganizationId, UserId},
    identity::{
        organization::{Organization, OrganizationMember, OrganizationRole, is_led},
        user::User,
    },
    page::{Page, PageRequest},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait, RelationTrait,
    Select,
    sea_query::{Expr, ExprTrait, SelectStatement},
};
use serde_json::{Value, json};

use super::{Organizations, access, locked, mine, notices, organization, role};
use crate::{
    Ctx, Error, Result,
    clock::at,
    entity::{organization_invitations as invitations, organization_members as rows, organizations, users},
    identity::{admin_users, sessions::user},
    ledger::Entry,
    mail::account::Part,
    tx::{LOCK, Tx, taken},
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
    /// As [`crate::Services::require_superadmin`]; `AUTH_001` or `AUTH_004` in a session whose sign-in is not recent;
    /// `ORG_001` for an unknown organization, `USR_001` for an unknown user, `ORG_005` for a member.
    pub async fn add(
        &self,
        ctx: &Ctx,
        id: OrganizationId,
        person: UserId,
        role: OrganizationRole,
    ) -> Result<OrganizationMember> {
        self.0.require_superadmin(ctx)?;
        self.0.factors().recent(ctx).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let to = locked(&tx, id).await?;
                    join(&tx, &to, person, role).await
                })
            })
            .await
    }

    /// Gives a member another role. The person is told, and of an owner the others.
    ///
    /// # Errors
    /// `AUTH_001` without a session, and that or `AUTH_004` in one whose sign-in is not recent; `AUTH_011` where the
    /// actor's own role is too low for it, `ORG_001`, `ORG_004` for somebody who is no member, `ORG_003` for the last
    /// owner while others are there.
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

    /// Takes a member out, who may be the actor. They are told, and of an owner the others.
    ///
    /// # Errors
    /// As [`Self::set_role`]; whoever leaves is asked for no recent sign-in.
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
        let recent = self.0.factors().recent(ctx).await;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let organization = locked(&tx, id).await?;
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
                    if !leaves {
                        recent?;
                    }
                    if before == OrganizationRole::Owner {
                        led_without(&tx, id, person, after).await?;
                    }
                    store(&tx, id, person, after).await?;
                    let action = if after.is_some() {
                        Action::OrganizationMemberUpdated
                    } else {
                        Action::OrganizationMemberRemoved
                    };
                    let (from, to) = (state(id, Some(before)), state(id, after));
                    tx.log(Entry::new(action).user(person).from(from).to(to)).await?;
                    let (person, before) = (somebody(&tx, person).await?, Some(before));
                    notices::tell(&tx, &Part { organization: &organization, person: &person, before, after }).await
                })
            })
            .await
    }
}

/// Puts a user into an organization that is locked, which they act for from now on if they acted for none. The user is
/// locked too: of somebody who is being erased meanwhile, either nothing is left here or nothing gets here.
///
/// # Errors
/// `USR_001` for an unknown user, or one who is gone; `ORG_005` for a member.
pub(super) async fn join(
    tx: &Tx<'_>,
    organization: &Organization,
    person: UserId,
    role: OrganizationRole,
) -> Result<OrganizationMember> {
    let id = organization.id;
    let found = admin_users::locked(tx, person).await?;
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
    tx.log(Entry::new(Action::OrganizationMemberAdded).user(person).to(state(id, Some(role)))).await?;
    notices::tell(tx, &Part { organization, person: &found, before: None, after: Some(role) }).await?;
    Ok(OrganizationMember { user: found, role, joined_at: tx.now })
}

/// What the ledger says of a member; `None` is no member.
fn state(id: OrganizationId, role: Option<OrganizationRole>) -> Value {
    json!({ "organization_id": id, "role": role })
}

/// The organizations that invite the address that somebody has.
fn inviting(person: UserId) -> SelectStatement {
    let address = users::Entity::find_by_id(person.get()).select_only().column(users::Column::Email);
    invitations::Entity::find()
        .select_only()
        .column(invitations::Column::OrganizationId)
        .filter(invitations::Column::Email.in_subquery(address.into_query()))
        .into_query()
}

/// Locks the organizations that invite the address that somebody has, before it becomes another one: these, and so
/// before any user, as everywhere.
pub(crate) async fn lock_inviting(tx: &Tx<'_>, person: UserId) -> Result<()> {
    organizations::Entity::find()
        .filter(organizations::Column::Id.in_subquery(inviting(person)))
        .order_by_asc(organizations::Column::Id)
        .lock(LOCK)
        .all(tx.db)
        .await?;
    Ok(())
}

/// Before somebody is gone for good: where nobody else is an owner, the admin who joined first becomes one, or else the
/// member who did, of those who are not disabled. Their organizations, and those that invite them, are locked from now
/// on, and so before any user, as everywhere.
pub(crate) async fn hand_over(tx: &Tx<'_>, owner: UserId) -> Result<()> {
    let own = rows::Entity::find()
        .select_only()
        .column(rows::Column::OrganizationId)
        .filter(rows::Column::UserId.eq(owner.get()));
    let either = Condition::any()
        .add(organizations::Column::Id.in_subquery(own.into_query()))
        .add(organizations::Column::Id.in_subquery(inviting(owner)));
    let all = organizations::Entity::find()
        .filter(either)
        .order_by_asc(organizations::Column::Id)
        .lock(LOCK)
        .all(tx.db)
        .await?;
    for row in all {
        let organization = organization(row);
        let id = organization.id;
        if access::role_of(tx.db, id, owner).await? != Some(OrganizationRole::Owner) {
            continue;
        }
        if has_another_owner(tx, id, owner).await? {
            continue;
        }
        let able = others(tx, id, owner).await?.into_iter().filter_map(|(user, role)| Some((user, role?)));
        // Of equals the first: the highest role, and who has been there longest.
        let Some((heir, before)) = able.min_by_key(|(_, role)| Reverse(*role)) else { continue };
        store(tx, id, heir, Some(OrganizationRole::Owner)).await?;
        let (before, after) = (Some(before), Some(OrganizationRole::Owner));
        let entry =
            Entry::new(Action::OrganizationMemberUpdated).user(heir).from(state(id, before)).to(state(id, after));
        tx.log(entry.because("the last owner's account was deleted")).await?;
        let person = somebody(tx, heir).await?;
        notices::tell_person(tx, &Part { organization: &organization, person: &person, before, after }).await?;
    }
    Ok(())
}

/// Refuses to take the last owner away from others. One who is disabled is none.
async fn led_without(tx: &Tx<'_>, id: OrganizationId, person: UserId, after: Option<OrganizationRole>) -> Result<()> {
    if has_another_owner(tx, id, person).await? {
        return Ok(());
    }
    // Of all others none decides: they count alike.
    let other = all_but(id, person).one(tx.db).await?.map(|_| OrganizationRole::Member);
    if is_led(&other.into_iter().chain(after).collect::<Vec<_>>()) {
        return Ok(());
    }
    let detail = "an organization with members has an owner who is not disabled";
    Err(Problem::new(ErrorCode::OrganizationInvalid, detail).into())
}

pub(super) fn all_but(id: OrganizationId, person: UserId) -> Select<rows::Entity> {
    rows::Entity::find().filter(rows::Column::OrganizationId.eq(id.get())).filter(rows::Column::UserId.ne(person.get()))
}

/// Whether somebody else is an owner who is not disabled.
async fn has_another_owner(tx: &Tx<'_>, id: OrganizationId, person: UserId) -> Result<bool> {
    let owner = all_but(id, person)
        .filter(rows::Column::Role.eq(OrganizationRole::Owner.as_str()))
        .join(JoinType::InnerJoin, rows::Relation::User.def())
        .filter(users::Column::DisabledAt.is_null());
    Ok(owner.one(tx.db).await?.is_some())
}

/// The other people of an organization, by the time for which they have been there, with their roles. Who is disabled
/// decides nothing: `None`.
async fn others(tx: &Tx<'_>, id: OrganizationId, person: UserId) -> Result<Vec<(UserId, Option<OrganizationRole>)>> {
    let found = all_but(id, person)
        .order_by_asc(rows::Column::JoinedAt)
        .order_by_asc(rows::Column::UserId)
        .find_also_related(users::Entity)
        .all(tx.db)
        .await?;
    let others = found.into_iter().map(|(row, user)| {
        let able = user.is_some_and(|user| user.disabled_at.is_none());
        let own = able.then(|| role(&row.role)).transpose()?;
        Ok((row.user_id.into(), own))
    });
    others.collect()
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

async fn somebody(tx: &Tx<'_>, id: UserId) -> Result<User> {
    user(users::Entity::find_by_id(id.get()).one(tx.db).await?.ok_or(ErrorCode::OrganizationMemberNotFound)?)
}

fn member(row: rows::Model, person: Option<users::Model>) -> Result<OrganizationMember> {
    let person = person.ok_or_else(|| Error::internal("a member without a user"))?;
    Ok(OrganizationMember { user: user(person)?, role: role(&row.role)?, joined_at: at(row.joined_at) })
}
