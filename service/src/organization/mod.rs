//! Organizations: making, naming and deleting them, for superadmins; and the ones to which a person belongs.

mod access;
mod invitations;
mod members;
mod mine;
mod notices;

use domain::{
    ErrorCode, Flaw, Problem,
    billing::ledger::Action,
    id::{OrganizationId, UserId},
    identity::organization::{Organization, OrganizationRole},
    page::{Page, PageRequest},
    text::{Name, Slug},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Func},
};

pub use invitations::Invited;
pub use mine::OwnOrganization;

pub(crate) use invitations::forget_invitations;
pub(crate) use members::{hand_over, lock_inviting};
pub(crate) use mine::leave_all;

use crate::{
    Ctx, Error, Result, Services,
    clock::at,
    db::containing,
    entity::organizations as rows,
    ledger::Entry,
    tx::{LOCK, Tx, taken},
};

/// An organization to be made.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    pub slug: Slug,
    pub name: Name,
    /// Its first owner.
    pub owner: Option<UserId>,
}

/// See the module.
pub struct Organizations<'a>(&'a Services);

impl Services {
    pub const fn organizations(&self) -> Organizations<'_> {
        Organizations(self)
    }
}

impl Organizations<'_> {
    /// Organizations in the order in which they came; `search` looks into name and slug.
    ///
    /// # Errors
    /// As [`Services::require_superadmin`].
    pub async fn list(&self, ctx: &Ctx, page: &PageRequest, search: Option<&str>) -> Result<Page<Organization>> {
        self.0.require_superadmin(ctx)?;
        let mut query = rows::Entity::find().order_by_asc(rows::Column::Id).limit(page.limit + 1);
        if let Some(after) = page.after {
            query = query.filter(rows::Column::Id.gt(after));
        }
        if let Some(search) = search {
            let name = Expr::expr(Func::lower(Expr::col(rows::Column::Name))).like(containing(search));
            let slug = Expr::col(rows::Column::Slug).like(containing(search));
            query = query.filter(Condition::any().add(name).add(slug));
        }
        let page = Page::cut(query.all(self.0.db.read()).await?, page.limit, |row| row.id);
        let items = page.items.into_iter().map(organization).collect();
        Ok(Page { items, next_cursor: page.next_cursor })
    }

    /// One organization, for superadmins and its own people.
    ///
    /// # Errors
    /// `AUTH_001` without a session; `ORG_001` for an unknown one, or one of others.
    pub async fn get(&self, ctx: &Ctx, id: OrganizationId) -> Result<Organization> {
        Ok(self.seen(ctx, id).await?.0)
    }

    /// As [`Self::get`], with what the actor may do in it.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn seen(&self, ctx: &Ctx, id: OrganizationId) -> Result<(Organization, OrganizationRole)> {
        let role = self.0.organization_role(ctx, self.0.db.read(), id).await?;
        let row = rows::Entity::find_by_id(id.get()).one(self.0.db.read()).await?;
        Ok((organization(row.ok_or(ErrorCode::OrganizationNotFound)?), role))
    }

    /// Makes an organization, with an owner where one is named.
    ///
    /// # Errors
    /// As [`Services::require_superadmin`]; `AUTH_001` or `AUTH_004` in a session whose sign-in is not recent;
    /// `ORG_002` when the slug is taken, `USR_001` for an unknown owner.
    pub async fn create(&self, ctx: &Ctx, new: NewOrganization) -> Result<Organization> {
        self.0.require_superadmin(ctx)?;
        self.0.factors().recent(ctx).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let made = Organization { id: tx.id(), slug: new.slug, name: new.name, created_at: tx.now };
                    let row = rows::ActiveModel {
                        id: Set(made.id.get()),
                        slug: Set(made.slug.to_string()),
                        name: Set(made.name.to_string()),
                        created_at: Set(tx.millis()),
                    };
                    rows::Entity::insert(row).exec_without_returning(tx.db).await.map_err(|error| {
                        let problem = Problem::field("slug", Flaw::Taken);
                        taken(error, Problem { code: ErrorCode::OrganizationTaken, ..problem })
                    })?;
                    tx.log(Entry::new(Action::OrganizationCreated).to(&made)).await?;
                    if let Some(owner) = new.owner {
                        members::join(&tx, &made, owner, OrganizationRole::Owner).await?;
                    }
                    Ok(made)
                })
            })
            .await
    }

    /// Gives an organization another name. The slug is permanent.
    ///
    /// # Errors
    /// `AUTH_001` without a session, `AUTH_011` for a member who is no admin of it, `ORG_001` for an unknown one.
    pub async fn rename(&self, ctx: &Ctx, id: OrganizationId, name: Name) -> Result<Organization> {
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let before = locked(&tx, id).await?;
                    access::manager(&tx, id).await?;
                    if before.name == name {
                        return Ok(before);
                    }
                    rows::Entity::update_many()
                        .col_expr(rows::Column::Name, Expr::value(name.as_str()))
                        .filter(rows::Column::Id.eq(id.get()))
                        .exec(tx.db)
                        .await?;
                    let after = Organization { name, ..before.clone() };
                    tx.log(Entry::new(Action::OrganizationUpdated).from(&before).to(&after)).await?;
                    Ok(after)
                })
            })
            .await
    }

    /// Deletes an organization. Its people stay users; their tokens name it no more.
    ///
    /// # Errors
    /// As [`Services::require_superadmin`]; `AUTH_001` or `AUTH_004` in a session whose sign-in is not recent; `ORG_001`
    /// for an unknown one.
    pub async fn delete(&self, ctx: &Ctx, id: OrganizationId) -> Result<()> {
        self.0.require_superadmin(ctx)?;
        self.0.factors().recent(ctx).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let before = locked(&tx, id).await?;
                    let left = mine::acting_for(&tx, id).await?;
                    rows::Entity::delete_by_id(id.get()).exec(tx.db).await?;
                    for user in left {
                        mine::act_for_another(&tx, user, id).await?;
                    }
                    tx.log(Entry::new(Action::OrganizationDeleted).from(&before)).await?;
                    Ok(())
                })
            })
            .await
    }
}

/// The row, locked: whoever changes an organization's people does so after the other.
async fn locked(tx: &Tx<'_>, id: OrganizationId) -> Result<Organization> {
    let row = rows::Entity::find_by_id(id.get()).lock(LOCK).one(tx.db).await?;
    row.map(organization).ok_or_else(|| ErrorCode::OrganizationNotFound.into())
}

fn organization(row: rows::Model) -> Organization {
    Organization {
        id: row.id.into(),
        slug: Slug::stored(row.slug),
        name: Name::stored(row.name),
        created_at: at(row.created_at),
    }
}

fn role(text: &str) -> Result<OrganizationRole> {
    OrganizationRole::parse(text).ok_or_else(|| Error::internal("unknown role in an organization"))
}
