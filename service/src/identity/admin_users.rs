//! Global users, as superadmins see them. Nothing here sets a password.

use domain::{
    ErrorCode, Flaw, Locale, Problem,
    billing::ledger::Action,
    id::UserId,
    identity::{
        email::Email,
        profile::Profile,
        user::{GlobalRole, User},
    },
    page::{Page, PageRequest},
    text::Name,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{
    erase::erase,
    new_password::forget_strangers,
    sessions::{Ended, end, profile_column, user},
};
use crate::{
    Ctx, Result, Services,
    entity::users,
    ledger::Entry,
    mail::{Kind, account::About},
    organization::{forget_invitations, lock_inviting},
    payment::counterparts,
    security_log::Event,
    tx::{LOCK, Tx, taken},
};

/// A user that a superadmin makes. They set their password themselves.
#[derive(Clone, Debug)]
pub struct AdminNewUser {
    pub email: Email,
    pub name: Option<Name>,
    pub role: GlobalRole,
    pub email_verified: bool,
    pub locale: Option<Locale>,
    pub profile: Profile,
}

/// A partial change of a user: `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct UserPatch {
    pub email: Option<Email>,
    /// Where it is left out, another address is an unverified one.
    pub email_verified: Option<bool>,
    pub name: Option<Option<Name>>,
    pub role: Option<GlobalRole>,
    pub locale: Option<Option<Locale>>,
    /// Replaces the whole of it.
    pub profile: Option<Profile>,
}

/// See the module.
pub struct AdminUsers<'a>(&'a Services);

impl Services {
    pub const fn admin_users(&self) -> AdminUsers<'_> {
        AdminUsers(self)
    }
}

impl AdminUsers<'_> {
    /// Users in the order in which they came, filtered by part of the address or name, or by a whole id.
    ///
    /// # Errors
    /// As [`Services::require_superadmin`].
    pub async fn list(&self, ctx: &Ctx, page: &PageRequest, search: Option<&str>) -> Result<Page<User>> {
        self.0.require_superadmin(ctx)?;
        let mut query = living().order_by_asc(users::Column::Id).limit(page.limit + 1);
        if let Some(after) = page.after {
            query = query.filter(users::Column::Id.gt(after));
        }
        if let Some(search) = search {
            query = query.filter(matching(search));
        }
        let rows = query.all(self.0.db.read()).await?;
        let page = Page::cut(rows, page.limit, |row| row.id);
        let items = page.items.into_iter().map(user).collect::<Result<_>>()?;
        Ok(Page { items, next_cursor: page.next_cursor })
    }

    /// One user.
    ///
    /// # Errors
    /// `USR_001` for an unknown one.
    pub async fn get(&self, ctx: &Ctx, id: UserId) -> Result<User> {
        self.0.require_superadmin(ctx)?;
        let row = living().filter(users::Column::Id.eq(id.get())).one(self.0.db.read()).await?;
        row.map_or_else(|| Err(ErrorCode::UserNotFound.into()), user)
    }

    /// Makes a user without a password.
    ///
    /// # Errors
    /// `USR_003` when the address is taken; `AUTH_001` or `AUTH_004` in a session whose sign-in is not recent.
    pub async fn create(&self, ctx: &Ctx, input: AdminNewUser) -> Result<User> {
        self.guard(ctx).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let user = User {
                        id: tx.id(),
                        email: input.email,
                        email_verified: input.email_verified,
                        name: input.name,
                        role: input.role,
                        locale: input.locale,
                        disabled_at: None,
                        created_at: tx.now,
                        profile: input.profile,
                        updated_at: tx.now,
                        organization: None,
                    };
                    let row = users::ActiveModel {
                        id: Set(user.id.get()),
                        email: Set(user.email.to_string()),
                        email_verified: Set(user.email_verified),
                        name: Set(user.name.as_ref().map(ToString::to_string)),
                        role: Set(user.role.as_str().into()),
                        locale: Set(user.locale.map(|locale| locale.tag().into())),
                        disabled_at: Set(None),
                        created_at: Set(tx.millis()),
                        profile: Set(profile_column(&user.profile)?),
                        updated_at: Set(Some(tx.millis())),
                        deleted_at: Set(None),
                        organization_id: Set(None),
                    };
                    users::Entity::insert(row)
                        .exec_without_returning(tx.db)
                        .await
                        .map_err(|error| taken(error, email_taken()))?;
                    tx.log(Entry::new(Action::UserCreated).user(user.id).to(&user)).await?;
                    Ok(user)
                })
            })
            .await
    }

    /// Changes a user. When the address is another one now, invitations to that of before are taken back, and a mail
    /// there says so, if it was verified. Who gets a higher role is signed out everywhere.
    ///
    /// # Errors
    /// `USR_001` for an unknown one, `USR_002` when the last superadmin would be none, `USR_003` when the address is
    /// taken; `AUTH_001` or `AUTH_004` in a session whose sign-in is not recent.
    pub async fn update(&self, ctx: &Ctx, id: UserId, patch: UserPatch) -> Result<User> {
        self.change(ctx, id, move |user, _| {
            let is_same = patch.email.as_ref().is_none_or(|email| *email == user.email);
            user.email_verified = patch.email_verified.unwrap_or(user.email_verified && is_same);
            user.email = patch.email.unwrap_or_else(|| user.email.clone());
            user.name = patch.name.unwrap_or_else(|| user.name.clone());
            user.role = patch.role.unwrap_or(user.role);
            user.locale = patch.locale.unwrap_or(user.locale);
            user.profile = patch.profile.unwrap_or_else(|| user.profile.clone());
        })
        .await
    }

    /// Keeps a user out and ends their sessions. Disabling again changes nothing.
    ///
    /// # Errors
    /// `USR_001` for an unknown one, `USR_002` for the last superadmin; `AUTH_001` or `AUTH_004` in a session whose
    /// sign-in is not recent.
    pub async fn disable(&self, ctx: &Ctx, id: UserId) -> Result<User> {
        self.change(ctx, id, |user, now| user.disabled_at = user.disabled_at.or(Some(now))).await
    }

    /// Lets a user in again.
    ///
    /// # Errors
    /// `USR_001` for an unknown one; `AUTH_001` or `AUTH_004` in a session whose sign-in is not recent.
    pub async fn enable(&self, ctx: &Ctx, id: UserId) -> Result<User> {
        self.change(ctx, id, |user, _| user.disabled_at = None).await
    }

    /// Signs a user out everywhere: their sessions end, with what clients were given and with visits to portals. They
    /// may sign in again at once. Where there is nothing to end nothing changes.
    ///
    /// # Errors
    /// `USR_001` for an unknown one; `AUTH_001` or `AUTH_004` in a session whose sign-in is not recent.
    pub async fn sign_out(&self, ctx: &Ctx, id: UserId) -> Result<()> {
        self.guard(ctx).await?;
        let over = self
            .0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    locked(&tx, id).await?;
                    let over = end(tx.db, &tx.services, Ended::AllOf(id), tx.now).await?;
                    if over.is_any() {
                        tx.log(Entry::new(Action::UserSignedOut).user(id)).await?;
                    }
                    Ok(over)
                })
            })
            .await?;
        over.tell(ctx);
        Ok(())
    }

    /// Deletes a user: see [`erase`].
    ///
    /// # Errors
    /// `USR_001` for an unknown one, `USR_002` for the last superadmin; `AUTH_001` or `AUTH_004` in a session whose
    /// sign-in is not recent.
    pub async fn delete(&self, ctx: &Ctx, id: UserId) -> Result<()> {
        self.guard(ctx).await?;
        self.0.transact(ctx, move |tx| Box::pin(async move { erase(&tx, id).await })).await
    }

    /// Lets superadmins pass whose sign-in is recent, and programs: who finds a browser left open takes over nobody.
    async fn guard(&self, ctx: &Ctx) -> Result<()> {
        self.0.require_superadmin(ctx)?;
        self.0.factors().recent(ctx).await
    }

    async fn change(
        &self,
        ctx: &Ctx,
        id: UserId,
        change: impl FnOnce(&mut User, domain::Timestamp) + Send + 'static,
    ) -> Result<User> {
        self.guard(ctx).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    lock_inviting(&tx, id).await?;
                    let reigning = reigning(&tx).await?;
                    let before = locked(&tx, id).await?;
                    let mut after = before.clone();
                    change(&mut after, tx.now);
                    let after = save(&tx, &reigning, &before, after).await?;
                    moved(&tx, &before, &after).await?;
                    if after.email != before.email && before.email_verified {
                        let about = About::owner(&tx, &before, None).await?;
                        let letter = about.address_changed(&tx, &after.email, false);
                        about.queue(&tx, Kind::AddressChanged, &letter).await?;
                    }
                    Ok(after)
                })
            })
            .await
    }
}

pub(super) fn email_taken() -> Problem {
    Problem { code: ErrorCode::UserInvalid, ..Problem::field("email", Flaw::Taken) }
}

fn matching(search: &str) -> Condition {
    let named = users::named(search);
    match search.parse::<Uuid>() {
        Ok(id) => named.add(users::Column::Id.eq(id)),
        Err(_) => named,
    }
}

/// Users who are not gone.
pub(crate) fn living() -> Select<users::Entity> {
    users::Entity::find().filter(users::Column::DeletedAt.is_null())
}

/// A user who is not gone, locked: whoever changes or erases them waits.
///
/// # Errors
/// `USR_001` for an unknown user, or one who is gone.
pub(crate) async fn locked(tx: &Tx<'_>, id: UserId) -> Result<User> {
    let row = living().filter(users::Column::Id.eq(id.get())).lock(LOCK).one(tx.db).await?;
    row.map_or_else(|| Err(ErrorCode::UserNotFound.into()), user)
}

const fn reigns(user: &User) -> bool {
    matches!(user.role, GlobalRole::Superadmin) && user.disabled_at.is_none()
}

/// Locks every superadmin who can sign in, always in the same order and before any other user, so that two who remove
/// each other cannot both succeed.
pub(crate) async fn reigning(tx: &Tx<'_>) -> Result<Vec<Uuid>> {
    let rows = users::Entity::find()
        .filter(users::Column::Role.eq(GlobalRole::Superadmin.as_str()))
        .filter(users::Column::DisabledAt.is_null())
        .order_by_asc(users::Column::Id)
        .lock(LOCK)
        .all(tx.db)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Refuses what would leave the server without a superadmin.
pub(super) fn keep_one(reigning: &[Uuid], before: &User, after: Option<&User>) -> Result<(), Problem> {
    let leaves = reigns(before) && !after.is_some_and(reigns);
    if leaves && reigning.iter().all(|other| *other == before.id.get()) {
        return Err(ErrorCode::LastSuperadmin.into());
    }
    Ok(())
}

/// Writes down what others make of a user. Who is kept out is signed out everywhere; so is who may do more from now on:
/// no session gets more rights than it was begun for.
///
/// # Errors
/// `USR_002` when the last superadmin would be none, `USR_003` when the address is taken.
pub(crate) async fn save(tx: &Tx<'_>, reigning: &[Uuid], before: &User, after: User) -> Result<User> {
    if after == *before {
        return Ok(after);
    }
    keep_one(reigning, before, Some(&after))?;
    let after = User { updated_at: tx.now, ..after };
    store(tx, before, &after).await?;
    if after.disabled_at.is_some() {
        forget_strangers(tx, after.id).await?;
    }
    if after.disabled_at.is_some() || after.role > before.role {
        end(tx.db, &tx.services, Ended::AllOf(after.id), tx.now).await?;
    }
    tx.log(Entry::new(Action::UserUpdated).user(after.id).from(before).to(&after)).await?;
    tell(tx, before, &after);
    Ok(after)
}

/// Takes back the invitations that wait at an address that its owner has left: they went to a mailbox that may be
/// somebody else's by now. The organizations that sent them are locked: see [`lock_inviting`].
pub(super) async fn moved(tx: &Tx<'_>, before: &User, after: &User) -> Result<()> {
    if after.email == before.email {
        return Ok(());
    }
    forget_invitations(tx, &before.email, "the address was changed").await
}

/// What of a change the security log is told.
fn tell(tx: &Tx<'_>, before: &User, after: &User) {
    let events = [
        (after.email != before.email, Event::AddressChanged),
        (after.role != before.role, Event::RoleChanged),
        (after.disabled_at.is_some() && before.disabled_at.is_none(), Event::AccountDisabled),
        (after.disabled_at.is_none() && before.disabled_at.is_some(), Event::AccountEnabled),
    ];
    events.into_iter().filter(|(happened, _)| *happened).for_each(|(_, event)| tx.tell(event, Some(after.id)));
}

/// Writes a user's row. Who writes bills to them hears of another name or address.
pub(super) async fn store(tx: &Tx<'_>, before: &User, user: &User) -> Result<()> {
    if (&before.email, &before.name) != (&user.email, &user.name) {
        counterparts::outdate_customers(tx, user.id).await?;
    }
    users::Entity::update_many()
        .col_expr(users::Column::Email, Expr::value(user.email.as_str()))
        .col_expr(users::Column::EmailVerified, Expr::value(user.email_verified))
        .col_expr(users::Column::Name, Expr::value(user.name.as_ref().map(ToString::to_string)))
        .col_expr(users::Column::Role, Expr::value(user.role.as_str()))
        .col_expr(users::Column::Locale, Expr::value(user.locale.map(Locale::tag)))
        .col_expr(users::Column::DisabledAt, Expr::value(user.disabled_at.map(|at| at.timestamp_millis())))
        .col_expr(users::Column::Profile, Expr::value(profile_column(&user.profile)?))
        .col_expr(users::Column::UpdatedAt, Expr::value(user.updated_at.timestamp_millis()))
        .filter(users::Column::Id.eq(user.id.get()))
        .exec(tx.db)
        .await
        .map_err(|error| taken(error, email_taken()))?;
    Ok(())
}
