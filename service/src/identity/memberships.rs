//! Who may use an application: memberships, made by signing in or granted by an admin.

use domain::{
    ErrorCode,
    application::RoleName,
    billing::{ledger::Action, subscription::Subscription},
    id::{ApplicationId, MembershipId, RoleId, UserId},
    identity::{
        email::Email,
        membership::{Membership, MembershipStatus},
        user::User,
    },
    page::{Page, PageRequest},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, SqlErr,
    sea_query::{Expr, ExprTrait, Func, LikeExpr},
};

use super::{
    admin_users::living,
    member_roles::{add_role, add_roles, set_roles},
    sessions,
};
use crate::{
    Ctx, Error, Result, Services,
    billing::{entitlements, hold, orders},
    directory::ApplicationEntry,
    entity::{grants, membership_roles, memberships, subscriptions, users},
    ledger::Entry,
    tx::Tx,
};

/// A membership with whose it is and what is held.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Member {
    pub user: User,
    pub membership: Membership,
    /// The live subscription.
    pub subscription: Option<Subscription>,
}

/// How an app names a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserRef {
    Id(UserId),
    Email(Email),
}

/// A partial change of a membership.
#[derive(Clone, Debug, Default)]
pub struct MembershipPatch {
    pub status: Option<MembershipStatus>,
    pub roles: Option<Vec<RoleId>>,
}

/// See the module.
pub struct Memberships<'a>(&'a Services);

impl Services {
    pub const fn memberships(&self) -> Memberships<'_> {
        Memberships(self)
    }
}

impl Memberships<'_> {
    /// The application's members, oldest first; `search` looks into e-mail address and name.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`.
    pub async fn list(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        page: PageRequest,
        search: Option<&str>,
    ) -> Result<Page<Member>> {
        self.list_filtered(ctx, application, page, MemberFilter { search, plan: None }).await
    }

    /// As [`Self::list`], with more ways to choose.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub async fn list_filtered(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        page: PageRequest,
        filter: MemberFilter<'_>,
    ) -> Result<Page<Member>> {
        self.0.require_manager(ctx, application).await?;
        let mut query = memberships::Entity::find()
            .filter(memberships::Column::ApplicationId.eq(application.get()))
            .order_by_asc(memberships::Column::Id)
            .limit(page.limit + 1);
        if let Some(after) = page.after {
            query = query.filter(memberships::Column::Id.gt(after));
        }
        let query = query.find_also_related(users::Entity).find_also_related(subscriptions::Entity);
        let mut query = query.filter(users::Column::DeletedAt.is_null());
        if let Some(text) = filter.search.map(str::trim).filter(|text| !text.is_empty()) {
            let like = || LikeExpr::new(format!("%{}%", escaped(&text.to_lowercase()))).escape('\\');
            let name = Expr::expr(Func::lower(Expr::col((users::Entity, users::Column::Name))));
            let email = Expr::col((users::Entity, users::Column::Email));
            query = query.filter(Condition::any().add(email.like(like())).add(name.like(like())));
        }
        if let Some(plan) = filter.plan {
            query = query.filter(subscriptions::Column::PlanId.eq(plan.get()));
        }
        let rows = query.all(self.0.db.read()).await?;
        let page = Page::cut(rows, page.limit, |(membership, ..)| membership.id);
        let ids: Vec<_> = page.items.iter().map(|(membership, ..)| membership.id).collect();
        let roles = self.roles_of(ids).await?;
        let now = self.0.billing_now(application);
        let mut members = Vec::with_capacity(page.items.len());
        for (membership, user, subscription) in page.items {
            let Some(user) = user else { continue };
            let own = roles.iter().filter(|role| role.membership_id == membership.id).map(|role| role.role_id.into());
            let own = own.collect();
            let membership = Membership { roles: own, ..entitlements::membership(membership)? };
            let subscription = subscription.map(hold::subscription).transpose()?;
            members.push(Member {
                user: sessions::user(user)?,
                membership,
                subscription: subscription.filter(|held| held.is_live(now)),
            });
        }
        Ok(Page { items: members, next_cursor: page.next_cursor })
    }

    async fn roles_of(&self, memberships: Vec<uuid::Uuid>) -> Result<Vec<membership_roles::Model>> {
        Ok(membership_roles::Entity::find()
            .filter(membership_roles::Column::MembershipId.is_in(memberships))
            .all(self.0.db.read())
            .await?)
    }

    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`, `USR_001`.
    pub async fn get(&self, ctx: &Ctx, application: ApplicationId, user: UserId) -> Result<Member> {
        self.0.require_manager(ctx, application).await?;
        let holder = self.0.entitlements().holder(user, application).await?.ok_or(ErrorCode::UserNotFound)?;
        Ok(Member { user: holder.user, membership: holder.membership, subscription: holder.subscription })
    }

    /// Gives a user access, with the role `user` unless another is named; revives a revoked or suspended one. One
    /// that never had a subscription gets the default plan. A member keeps the roles that they have, and gets the one
    /// that is named besides. Granting the same again changes nothing.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`; `USR_001` for an unknown user; `PERM_002` for an unknown role.
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
        let first = role.or_else(|| entry.role_named(RoleName::USER).map(|role| role.id));
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let known = living().filter(users::Column::Id.eq(user.get()));
                    if known.one(tx.db).await?.is_none() {
                        return Err(ErrorCode::UserNotFound.into());
                    }
                    let id = grant(&tx, application, user, first.into_iter().collect()).await?;
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
    /// `AUTH_001`, `AUTH_011`, `APP_002`, `USR_001`; `PERM_002` for an unknown role.
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
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let mut hold = hold::lock_of(&tx, application, user).await?;
                    if let Some(status) = patch.status {
                        set_status(&tx, &mut hold, status).await?;
                    }
                    if let Some(roles) = patch.roles {
                        set_roles(&tx, &hold.membership, roles).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        self.get(ctx, application, user).await
    }

    /// Takes access away: the subscription and all refresh tokens end, and nobody owes anything for it. Money that comes
    /// all the same becomes credit. Signing in does not bring it back. Revoking again changes nothing.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`, `USR_001`.
    pub async fn revoke(&self, ctx: &Ctx, application: ApplicationId, user: UserId) -> Result<()> {
        let patch = MembershipPatch { status: Some(MembershipStatus::Revoked), roles: None };
        self.update(ctx, application, user, patch).await.map(|_| ())
    }

    /// The user whom an app names, if they are a member.
    ///
    /// # Errors
    /// `USR_001` for an unknown user as for one who is no member, or no longer.
    pub async fn resolve(&self, application: ApplicationId, user: &UserRef) -> Result<UserId> {
        let query = memberships::Entity::find()
            .select_only()
            .column(memberships::Column::UserId)
            .filter(memberships::Column::ApplicationId.eq(application.get()))
            .filter(memberships::Column::Status.ne(MembershipStatus::Revoked.as_str()));
        let query = match user {
            UserRef::Id(id) => query.filter(memberships::Column::UserId.eq(id.get())),
            UserRef::Email(email) => query.inner_join(users::Entity).filter(users::Column::Email.eq(email.as_str())),
        };
        let found: Option<uuid::Uuid> = query.into_tuple().one(self.0.db.read()).await?;
        found.map(UserId::from).ok_or_else(|| ErrorCode::UserNotFound.into())
    }

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

/// Which members a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct MemberFilter<'a> {
    /// Part of the e-mail address or the name.
    pub search: Option<&'a str>,
    /// Those who hold this plan.
    pub plan: Option<domain::id::PlanId>,
}

/// A text as a pattern of LIKE that means itself, with a backslash for escape.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// Makes a membership with `roles`, or revives one with those that it has, inside a transaction. The same again changes
/// nothing.
pub(crate) async fn grant(
    tx: &Tx<'_>,
    application: ApplicationId,
    user: UserId,
    roles: Vec<RoleId>,
) -> Result<MembershipId> {
    let found = memberships::Entity::find()
        .filter(memberships::Column::ApplicationId.eq(application.get()))
        .filter(memberships::Column::UserId.eq(user.get()))
        .one(tx.db)
        .await?;
    let Some(row) = found else {
        let id = tx.id();
        insert(tx, id, application, user).await?;
        complete(tx, id, roles).await?;
        return Ok(id);
    };
    let id = MembershipId::from(row.id);
    let mut hold = hold::lock(tx, id).await?;
    if !hold.is_active() {
        set_status(tx, &mut hold, MembershipStatus::Active).await?;
        hold::grant_default(tx, &mut hold).await?;
    }
    Ok(id)
}

async fn insert(tx: &Tx<'_>, id: MembershipId, application: ApplicationId, user: UserId) -> Result<()> {
    let row = memberships::ActiveModel {
        id: Set(id.get()),
        user_id: Set(user.get()),
        application_id: Set(application.get()),
        status: Set(MembershipStatus::Active.as_str().into()),
        claims: Set("{}".into()),
        overrides: Set("{}".into()),
        ent_ver: Set(1),
        chosen_at: Set(None),
        created_at: Set(tx.millis()),
    };
    memberships::Entity::insert(row).exec_without_returning(tx.db).await.map_err(|error| match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => ErrorCode::NoAccess.into(),
        _ => Error::from(error),
    })?;
    Ok(())
}

/// What belongs to a new membership: roles, a ledger entry, the default plan.
async fn complete(tx: &Tx<'_>, id: MembershipId, roles: Vec<RoleId>) -> Result<()> {
    let mut hold = hold::lock(tx, id).await?;
    add_roles(tx, id, roles).await?;
    let (application, user) = (hold.membership.application_id.into(), hold.membership.user_id.into());
    tx.log(Entry::new(Action::MembershipCreated).application(application).user(user)).await?;
    hold::grant_default(tx, &mut hold).await
}

pub(super) async fn set_status(tx: &Tx<'_>, hold: &mut hold::Hold, status: MembershipStatus) -> Result<()> {
    if hold.membership.status == status.as_str() {
        return Ok(());
    }
    if status == MembershipStatus::Revoked {
        hold::end(tx, hold).await?;
        grants::Entity::update_many()
            .col_expr(grants::Column::RevokedAt, Expr::value(tx.millis()))
            .filter(grants::Column::MembershipId.eq(hold.membership.id))
            .filter(grants::Column::RevokedAt.is_null())
            .exec(tx.db)
            .await?;
    }
    // Whoever is kept out buys nothing.
    if status != MembershipStatus::Active {
        orders::cancel_open(tx, hold).await?;
    }
    memberships::Entity::update_many()
        .col_expr(memberships::Column::Status, Expr::value(status.as_str()))
        .filter(memberships::Column::Id.eq(hold.membership.id))
        .exec(tx.db)
        .await?;
    let before = std::mem::replace(&mut hold.membership.status, status.as_str().into());
    let entry = Entry::new(Action::MembershipUpdated)
        .application(hold.membership.application_id.into())
        .user(hold.membership.user_id.into());
    tx.log(entry.from(before).to(status)).await?;
    Ok(())
}
