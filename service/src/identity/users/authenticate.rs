//! The sign-in by address and password, and how often somebody may try.

use domain::{
    ErrorCode, Problem, Timestamp,
    id::UserId,
    identity::{
        email::Email,
        password::{LENGTH, Password},
        user::User,
    },
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::Users;
use crate::{
    Ctx, Error, Result,
    clock::at,
    entity::{password_credentials, sessions, users},
    identity::{
        attempts::{Attempt, Known, Network},
        sessions::user,
    },
    security_log::{Event, Reason},
};

/// Whom an address and a password proved.
#[derive(Clone, Debug)]
pub struct Authenticated {
    pub user: User,
    /// When that password was set. Its hash may be made again meanwhile; with another password this proves nothing.
    pub password_set_at: Timestamp,
}

impl Users<'_> {
    /// The user whom address and password prove. Takes the same time whether or not the address is known. A hash
    /// of another cost than today's is made again.
    ///
    /// # Errors
    /// `AUTH_003` for a wrong address or password, `AUTH_006` for the right ones of a disabled account, `AUTH_007`
    /// after too many failures (fact `retryAfter`, in seconds) or when too many sign in at once.
    pub async fn authenticate(&self, ctx: &Ctx, email: &str, password: &str) -> Result<Authenticated> {
        let services = self.0;
        if password.chars().count() > *LENGTH.end() {
            return Err(refused(ctx, None, Reason::WrongPassword, wrong()));
        }
        let email = Email::parse(email).ok();
        let account = email.as_ref().map_or("", |email| email.as_str());
        let attempt = match services.settings.limits {
            true => Some(self.begin(ctx, account, account).await?),
            false => None,
        };
        let verified = self.verify(ctx, email.as_ref(), password).await;
        if let Some(attempt) = attempt {
            match &verified {
                Ok(_) => services.attempts.undo(&attempt, true),
                Err(error) if error.code() == ErrorCode::BadCredentials => {}
                Err(_) => services.attempts.undo(&attempt, false),
            }
        }
        let proved = verified?;
        if proved.user.disabled_at.is_some() {
            let disabled = ErrorCode::AccountDisabled.into();
            return Err(refused(ctx, Some(proved.user.id), Reason::AccountDisabled, disabled));
        }
        Ok(proved)
    }

    /// Lets somebody try to prove that they are the user with this address. `account` is by whose name failures count.
    ///
    /// # Errors
    /// `AUTH_007` (fact `retryAfter`, in seconds) after too many failures.
    pub(in crate::identity) async fn begin(&self, ctx: &Ctx, account: &str, email: &str) -> Result<Attempt> {
        let services = self.0;
        let network = ctx.network();
        let (user, known) = match services.attempts.is_held_up(account, network, services.now()) {
            true => self.known(ctx, email, network).await?,
            false => (None, Known::No),
        };
        let begun = services.attempts.begin(account, network, known, services.now());
        begun.map_err(|error| refused(ctx, user, Reason::TooManyAttempts, error))
    }

    /// The user with this address, and how they know the browser and the network of a request. For an address that
    /// nobody has, as much is read, of the user whose address is next: it takes the same time.
    async fn known(&self, ctx: &Ctx, email: &str, network: Network) -> Result<(Option<UserId>, Known)> {
        let found: Option<(Uuid, String)> = users::Entity::find()
            .select_only()
            .column(users::Column::Id)
            .column(users::Column::Email)
            .filter(users::Column::Email.gte(email))
            .order_by_asc(users::Column::Email)
            .into_tuple()
            .one(self.0.db.read())
            .await?;
        let is_theirs = found.as_ref().is_some_and(|(_, address)| address == email);
        let id = found.map(|(id, _)| id).unwrap_or_default();
        let user = is_theirs.then_some(UserId::from(id));
        if self.0.devices().knows(ctx, id.into()).await? && is_theirs {
            return Ok((user, Known::Browser));
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
        let is_known = addresses.iter().any(here) && network != Network::Unknown && is_theirs;
        Ok((user, if is_known { Known::Network } else { Known::No }))
    }

    async fn verify(&self, ctx: &Ctx, email: Option<&Email>, password: &str) -> Result<Authenticated> {
        let (services, by) = (self.0, ctx.network());
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
        let verdict = services.passwords.verify(by, password, hash).await?;
        let whose = found.as_ref().map(|(credential, _)| UserId::from(credential.user_id));
        let Some((credential, Some(row))) = found.filter(|_| verdict.right) else {
            let reason = if whose.is_some() { Reason::WrongPassword } else { Reason::UnknownAccount };
            return Err(refused(ctx, whose, reason, wrong()));
        };
        let proved = Authenticated { user: user(row)?, password_set_at: at(credential.updated_at) };
        if verdict.outdated
            && let Ok(password) = Password::parse(password)
        {
            self.rehash(by, proved.user.id, &password, credential.hash).await?;
        }
        Ok(proved)
    }

    /// Replaces a hash of another cost; one that has been replaced meanwhile stays. The password was set when it was.
    async fn rehash(&self, by: Network, id: UserId, password: &Password, old: String) -> Result<()> {
        let services = self.0;
        let new = services.passwords.hash(by, password, &*services.rng).await?;
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
}

/// The error of an attempt, once the security log has it.
fn refused(ctx: &Ctx, user: Option<UserId>, reason: Reason, error: Error) -> Error {
    Event::AuthenticationFailed.by(ctx).user(user).because(reason).write();
    error
}

fn wrong() -> Error {
    Problem::new(ErrorCode::BadCredentials, "the e-mail address or the password is wrong").into()
}
