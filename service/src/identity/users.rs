//! Users and how they prove who they are.

use domain::{
    ErrorCode, Locale, Problem, Timestamp,
    billing::ledger::Action,
    id::{ApplicationId, UserId},
    identity::{
        email::Email,
        password::{LENGTH, Password, Strength},
        profile::Profile,
        user::{GlobalRole, User},
    },
    text::Name,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    admin_users::email_taken,
    attempts::{Attempt, Known, Network},
    new_password,
    passwords::hints,
    sessions::{profile_column, user},
};
use crate::{
    Ctx, Error, Result, Services,
    entity::{password_credentials, sessions, users},
    ledger,
    tx::taken,
    upstream::identities::{self, NewIdentity},
};

/// What somebody types who registers.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub email: Email,
    pub password: Password,
    pub name: Option<Name>,
    pub locale: Option<Locale>,
}

/// A row to be: the password is hashed already.
pub(crate) struct UserRow {
    pub user: User,
    /// Whoever signs in otherwise has none.
    pub hash: Option<String>,
    /// The provider's account by which the user signs in.
    pub identity: Option<NewIdentity>,
    /// Where they registered; nobody's pages are the server's own.
    pub application: Option<ApplicationId>,
}

/// See the module.
pub struct Users<'a>(&'a Services);

impl Services {
    pub const fn users(&self) -> Users<'_> {
        Users(self)
    }
}

impl Users<'_> {
    /// The user whom address and password prove. Takes the same time whether or not the address is known. A hash
    /// that cost less than today's is made again.
    ///
    /// # Errors
    /// `AUTH_003` for a wrong address or password, `AUTH_006` for the right ones of a disabled account, `AUTH_007`
    /// after too many failures (fact `retryAfter`, in seconds) or when too many sign in at once.
    pub async fn authenticate(&self, ctx: &Ctx, email: &str, password: &str) -> Result<User> {
        let services = self.0;
        if password.chars().count() > *LENGTH.end() {
            return Err(wrong());
        }
        let email = Email::parse(email).ok();
        let account = email.as_ref().map_or("", |email| email.as_str());
        let attempt = match services.settings.limits {
            true => Some(self.begin(ctx, account, account).await?),
            false => None,
        };
        let verified = self.verify(email.as_ref(), password).await;
        if let Some(attempt) = attempt {
            match &verified {
                Ok(_) => services.attempts.undo(&attempt, true),
                Err(error) if error.code() == ErrorCode::BadCredentials => {}
                Err(_) => services.attempts.undo(&attempt, false),
            }
        }
        let user = verified?;
        if user.disabled_at.is_some() { Err(ErrorCode::AccountDisabled.into()) } else { Ok(user) }
    }

    /// Lets somebody try to prove that they are the user with this address. `account` is by whose name failures count.
    ///
    /// # Errors
    /// `AUTH_007` (fact `retryAfter`, in seconds) after too many failures.
    pub(super) async fn begin(&self, ctx: &Ctx, account: &str, email: &str) -> Result<Attempt> {
        let services = self.0;
        let network = Network::of(ctx.address.as_deref());
        let known = match services.attempts.is_held_up(account, network, services.now()) {
            true => self.known(ctx, email, network).await?,
            false => Known::No,
        };
        services.attempts.begin(account, network, known, services.now())
    }

    /// How the user with this address knows the browser and the network of a request.
    async fn known(&self, ctx: &Ctx, email: &str, network: Network) -> Result<Known> {
        let id: Option<Uuid> = users::Entity::find()
            .select_only()
            .column(users::Column::Id)
            .filter(users::Column::Email.eq(email))
            .into_tuple()
            .one(self.0.db.read())
            .await?;
        // Asked for an address that nobody has as well: it takes the same time.
        if self.0.devices().knows(ctx, id.unwrap_or_default().into()).await? {
            return Ok(Known::Browser);
        }
        let addresses: Vec<Option<String>> = sessions::Entity::find()
            .select_only()
            .column(sessions::Column::Address)
            .filter(sessions::Column::UserId.eq(id))
            .order_by_desc(sessions::Column::Id)
            .limit(50)
            .into_tuple()
            .all(self.0.db.read())
            .await?;
        let here = |address: &Option<String>| Network::of(address.as_deref()) == network;
        Ok(if network != Network::Unknown && addresses.iter().any(here) { Known::Network } else { Known::No })
    }

    async fn verify(&self, email: Option<&Email>, password: &str) -> Result<User> {
        let services = self.0;
        let found = match email {
            Some(email) => {
                password_credentials::Entity::find()
                    .find_also_related(users::Entity)
                    .filter(users::Column::Email.eq(email.as_str()))
                    .one(services.db.read())
                    .await?
            }
            None => None,
        };
        let hash = found.as_ref().map(|(credential, _)| credential.hash.as_str());
        let verdict = services.passwords.verify(password, hash).await?;
        let Some((credential, Some(row))) = found.filter(|_| verdict.right) else { return Err(wrong()) };
        let user = user(row)?;
        if verdict.outdated
            && let Ok(password) = Password::parse(password)
        {
            self.rehash(user.id, &password, credential.hash).await?;
        }
        Ok(user)
    }

    /// Replaces a cheap hash; one that has been replaced meanwhile stays. The password was set when it was.
    async fn rehash(&self, id: UserId, password: &Password, old: String) -> Result<()> {
        let services = self.0;
        let new = services.passwords.hash(password, &*services.rng).await?;
        services
            .db
            .write(move |db| {
                Box::pin(async move {
                    password_credentials::Entity::update_many()
                        .col_expr(password_credentials::Column::Hash, Expr::value(new))
                        .filter(password_credentials::Column::UserId.eq(id.get()))
                        .filter(password_credentials::Column::Hash.eq(old))
                        .exec(db)
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    /// How hard a password is to guess that somebody is choosing, by the rule by which it is refused once it is chosen.
    ///
    /// # Errors
    /// `AUTH_007` (fact `retryAfter`, in seconds) when the network asked too often or too many sign in at once.
    pub async fn strength(
        &self,
        ctx: &Ctx,
        password: &Password,
        email: Option<&Email>,
        name: Option<&Name>,
    ) -> Result<Strength> {
        let services = self.0;
        if services.settings.limits {
            services.attempts.weigh(Network::of(ctx.address.as_deref()), services.now())?;
        }
        services.passwords.strength(password, hints(email, name)).await
    }

    /// Judges and hashes the password of a user to be.
    pub(crate) async fn prepare(&self, new: NewUser, role: GlobalRole, judge: bool) -> Result<UserRow> {
        let services = self.0;
        if judge {
            services.passwords.judge(&new.password, hints(Some(&new.email), new.name.as_ref())).await?;
        }
        let hash = services.passwords.hash(&new.password, &*services.rng).await?;
        let user = User {
            id: services.id(),
            email: new.email,
            email_verified: false,
            name: new.name,
            role,
            locale: new.locale,
            disabled_at: None,
            created_at: services.now(),
            profile: Profile::default(),
            updated_at: services.now(),
            organization: None,
        };
        Ok(UserRow { user, hash: Some(hash), identity: None, application: None })
    }

    /// # Errors
    /// The database's own.
    pub async fn find(&self, id: UserId) -> Result<Option<User>> {
        users::Entity::find_by_id(id.get()).one(self.0.db.read()).await?.map(user).transpose()
    }

    /// # Errors
    /// The database's own.
    pub async fn find_by_email(&self, email: &Email) -> Result<Option<User>> {
        let row = users::Entity::find().filter(users::Column::Email.eq(email.as_str())).one(self.0.db.read()).await?;
        row.map(user).transpose()
    }

    /// # Errors
    /// The database's own.
    pub async fn has_superadmin(&self) -> Result<bool> {
        has_superadmin(self.0.db.read()).await
    }

    /// Everybody with the role `admin` or `superadmin`, oldest first.
    ///
    /// # Errors
    /// `AUTH_001` or `AUTH_011` for anybody but superadmins and the command line.
    pub async fn admins(&self, ctx: &Ctx) -> Result<Vec<User>> {
        self.0.require_superadmin(ctx)?;
        let rows = users::Entity::find()
            .filter(users::Column::Role.is_in([GlobalRole::Admin.as_str(), GlobalRole::Superadmin.as_str()]))
            .order_by_asc(users::Column::Id)
            .all(self.0.db.read())
            .await?;
        rows.into_iter().map(user).collect()
    }

    /// Makes a superadmin.
    ///
    /// # Errors
    /// `USR_003` when the address is taken; `APP_001` on the field `password` when it is too easy to guess; `AUTH_001`
    /// or `AUTH_011` for anybody but superadmins and the command line.
    pub async fn create_superadmin(
        &self,
        ctx: &Ctx,
        email: Email,
        password: Password,
        name: Option<Name>,
    ) -> Result<User> {
        self.superadmin(ctx, NewUser { email, password, name, locale: None }, true).await
    }

    /// As [`Self::create_superadmin`], with what the configuration says: its password is checked for its length only.
    ///
    /// # Errors
    /// `USR_003` when the address is taken; `AUTH_001` or `AUTH_011` for anybody but superadmins and the command
    /// line.
    pub async fn create_configured_superadmin(&self, ctx: &Ctx, email: Email, password: Password) -> Result<User> {
        self.superadmin(ctx, NewUser { email, password, name: None, locale: None }, false).await
    }

    async fn superadmin(&self, ctx: &Ctx, new: NewUser, judge: bool) -> Result<User> {
        self.0.require_superadmin(ctx)?;
        let mut row = self.prepare(new, GlobalRole::Superadmin, judge).await?;
        row.user.email_verified = true;
        let (services, ctx) = (self.0.clone(), ctx.clone());
        self.0
            .db
            .write(move |db| {
                Box::pin(async move {
                    insert(db, &services, &ctx, &row).await?;
                    Ok(row.user)
                })
            })
            .await
    }

    /// Sets a password from the command line, as [`new_password::set`] says.
    ///
    /// # Errors
    /// `USR_001` for an unknown address; `APP_001` on the field `password` when it is too easy to guess; `AUTH_001` or
    /// `AUTH_011` for anybody but superadmins and the command line.
    pub async fn reset_password(&self, ctx: &Ctx, email: &Email, password: Password) -> Result<User> {
        let services = self.0;
        services.require_superadmin(ctx)?;
        let user = self.find_by_email(email).await?.ok_or(ErrorCode::UserNotFound)?;
        services.passwords.judge(&password, hints(Some(&user.email), user.name.as_ref())).await?;
        let hash = services.passwords.hash(&password, &*services.rng).await?;
        services
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    new_password::set(&tx, &user, hash, None).await?;
                    Ok(user)
                })
            })
            .await
    }
}

fn wrong() -> Error {
    Problem::new(ErrorCode::BadCredentials, "the e-mail address or the password is wrong").into()
}

pub(crate) async fn has_superadmin(db: &impl ConnectionTrait) -> Result<bool> {
    let count = users::Entity::find()
        .filter(users::Column::Role.eq(GlobalRole::Superadmin.as_str()))
        .limit(1)
        .count(db)
        .await?;
    Ok(count > 0)
}

/// Writes a user with the password's hash or a provider's account, and the ledger's entry.
///
/// # Errors
/// `USR_003` when the address is taken.
pub(crate) async fn insert(db: &impl ConnectionTrait, services: &Services, ctx: &Ctx, row: &UserRow) -> Result<()> {
    let user = &row.user;
    let model = users::ActiveModel {
        id: Set(user.id.get()),
        email: Set(user.email.to_string()),
        email_verified: Set(user.email_verified),
        name: Set(user.name.as_ref().map(Name::to_string)),
        role: Set(user.role.as_str().into()),
        locale: Set(user.locale.map(|locale| locale.tag().into())),
        disabled_at: Set(user.disabled_at.map(|at| at.timestamp_millis())),
        created_at: Set(user.created_at.timestamp_millis()),
        profile: Set(profile_column(&user.profile)?),
        updated_at: Set(Some(user.updated_at.timestamp_millis())),
        deleted_at: Set(None),
        organization_id: Set(None),
    };
    users::Entity::insert(model).exec_without_returning(db).await.map_err(|error| taken(error, email_taken()))?;
    if let Some(hash) = &row.hash {
        set_password(db, user.id, hash.clone(), user.created_at).await?;
    }
    let state = json!({ "email": user.email, "role": user.role });
    let entry = ledger::Entry { application_id: row.application, ..ledger::Entry::new(Action::UserCreated) };
    let entry = entry.user(user.id).to(state);
    ledger::append(db, services, ctx, services.id(), user.created_at, entry).await?;
    if let Some(identity) = &row.identity {
        identities::insert(db, services, ctx, user.id, identity).await?;
    }
    Ok(())
}

pub(crate) async fn set_password(
    db: &impl ConnectionTrait,
    user: UserId,
    hash: String,
    now: Timestamp,
) -> Result<(), sea_orm::DbErr> {
    let row = password_credentials::ActiveModel {
        user_id: Set(user.get()),
        hash: Set(hash),
        updated_at: Set(now.timestamp_millis()),
    };
    let replace = OnConflict::column(password_credentials::Column::UserId)
        .update_columns([password_credentials::Column::Hash, password_credentials::Column::UpdatedAt])
        .to_owned();
    password_credentials::Entity::insert(row).on_conflict(replace).exec_without_returning(db).await?;
    Ok(())
}
