//! Asking for a mail with a link.

use chrono::TimeDelta;
use domain::{
    ErrorCode, Locale, Problem, Secret,
    billing::ledger::Action,
    id::{ApplicationId, OrganizationId, UserId},
    identity::{email::Email, user::User},
    route::{AccountPage, ReturnTo},
    text::Name,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Counted, Errand, Kept, LIFE, MailLinks, Newcomer, Origin};
use crate::{
    Ctx, Result, clock, crypto,
    db::take_turn,
    entity::{mail_links, users},
    identity::{account::only_application, admin_users::locked, sessions::user},
    ledger::Entry,
    mail::{Kind, account::About},
    tx::Tx,
};

/// So many mails of one kind go to one address within [`WITHIN`]: whoever asks for more has them already. Each kind counts
/// for itself, so that nobody keeps a link from its owner by asking for others.
const MOST: u64 = 5;
const WITHIN: TimeDelta = TimeDelta::hours(1);

/// What somebody asks for.
enum Wish {
    Register {
        name: Option<Name>,
        locale: Option<Locale>,
    },
    SignIn,
    Reset,
    /// The user who is to have the address.
    Address(UserId),
}

impl Wish {
    const fn counted(&self) -> Counted {
        match self {
            Self::Register { .. } => Counted::Register,
            Self::SignIn => Counted::SignIn,
            Self::Reset => Counted::Reset,
            Self::Address(_) => Counted::Address,
        }
    }
}

impl MailLinks<'_> {
    /// Sends a link that makes an account; to an address that has one, a mail that says so.
    ///
    /// # Errors
    /// `AUTH_007` (fact `retryAfter`, in seconds) when the address got many such mails within the hour, or too many
    /// were asked for from this network.
    pub async fn register(&self, ctx: &Ctx, new: Newcomer, origin: Origin) -> Result<()> {
        let Newcomer { email, name, locale } = new;
        self.send(ctx, email, Wish::Register { name, locale }, origin).await
    }

    /// Sends a link that signs in; to an address without an account, a mail that says so.
    ///
    /// # Errors
    /// `AUTH_007` as [`Self::register`].
    pub async fn sign_in(&self, ctx: &Ctx, email: Email, origin: Origin) -> Result<()> {
        self.send(ctx, email, Wish::SignIn, origin).await
    }

    /// Sends a link to choose a new password; to an address without an account, a mail that says so.
    ///
    /// # Errors
    /// `AUTH_007` as [`Self::register`].
    pub async fn reset(&self, ctx: &Ctx, email: Email, origin: Origin) -> Result<()> {
        self.send(ctx, email, Wish::Reset, origin).await
    }

    /// Sends a link that gives the user this address, to the address; to one that has an account, a mail that says so.
    ///
    /// # Errors
    /// `AUTH_001` or `AUTH_004` unless the sign-in is recent; `AUTH_007` as [`Self::register`].
    pub async fn change_address(&self, ctx: &Ctx, email: Email) -> Result<()> {
        let owner = self.0.factors().fresh(ctx).await?.user;
        let application = only_application(self.0.db.read(), &owner).await?;
        let origin = Origin { to: ReturnTo::Account(AccountPage::Profile), application };
        self.send(ctx, email, Wish::Address(owner.id), origin).await
    }

    /// Sends a user a link to choose a password, because an administrator wants it; also to one who never had a password.
    /// The mail looks like those of `application`. Until its reader chooses, everything stays as it is.
    ///
    /// # Errors
    /// As [`crate::Services::require_superadmin`]; `USR_001` for an unknown user, `AUTH_006` for one who is disabled,
    /// `AUTH_007` (fact `retryAfter`, in seconds) when the address got many such mails within the hour.
    pub async fn reset_for(&self, ctx: &Ctx, id: UserId, application: Option<ApplicationId>) -> Result<()> {
        self.0.require_superadmin(ctx)?;
        let origin = Origin { to: ReturnTo::Account(AccountPage::Profile), application };
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let user = locked(&tx, id).await?;
                    if user.disabled_at.is_some() {
                        return Err(ErrorCode::AccountDisabled.into());
                    }
                    if tx.services.settings.limits {
                        limit(&tx, &user.email, Counted::Reset).await?;
                    }
                    let token = tx.services.rng.secret("el_");
                    let about = About::owner(&tx, &user, application).await?;
                    let address_hash = tx.services.address_hash(&user.email, Counted::Reset);
                    let kept = Kept { errand: Errand::Reset(id), email: user.email, origin, locale: None };
                    store(&tx, &token, address_hash, Some(&kept)).await?;
                    tx.log(Entry::new(Action::PasswordResetSent).user(id)).await?;
                    about.queue(&tx, Kind::PasswordReset, &about.password_asked(&token)).await
                })
            })
            .await
    }

    async fn send(&self, ctx: &Ctx, email: Email, wish: Wish, origin: Origin) -> Result<()> {
        let services = self.0;
        if services.settings.limits {
            services.attempts.ask_mail(ctx.network(), services.now())?;
        }
        services
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    if tx.services.settings.limits {
                        limit(&tx, &email, wish.counted()).await?;
                    }
                    let found = users::Entity::find().filter(users::Column::Email.eq(email.as_str()));
                    let found = found.one(tx.db).await?.map(user).transpose()?;
                    deliver(&tx, email, found, wish, origin).await
                })
            })
            .await
    }
}

/// Counts an invitation by its address.
///
/// # Errors
/// `AUTH_007` (fact `retryAfter`, in seconds) when the address got many from this organization within the hour.
pub(crate) async fn count_invitation(tx: &Tx<'_>, by: OrganizationId, email: &Email, token: &Secret) -> Result<()> {
    let kind = Counted::Invitation(by);
    if tx.services.settings.limits {
        limit(tx, email, kind).await?;
    }
    store(tx, token, tx.services.address_hash(email, kind), None).await
}

/// Refuses a mail to an address that got many lately.
async fn limit(tx: &Tx<'_>, email: &Email, kind: Counted) -> Result<()> {
    let address_hash = tx.services.address_hash(email, kind);
    // Of many who ask at once, each counts those before it.
    take_turn(tx.db, &address_hash).await?;
    let recent: Vec<i64> = mail_links::Entity::find()
        .select_only()
        .column(mail_links::Column::CreatedAt)
        .filter(mail_links::Column::AddressHash.eq(address_hash))
        .filter(mail_links::Column::CreatedAt.gt((tx.now - WITHIN).timestamp_millis()))
        .order_by_desc(mail_links::Column::CreatedAt)
        .limit(MOST)
        .into_tuple()
        .all(tx.db)
        .await?;
    let full = recent.len() as u64 == MOST;
    match recent.last().filter(|_| full) {
        None => Ok(()),
        Some(oldest) => {
            let why = "this address got several mails within the last hour";
            Err(Problem::wait(ErrorCode::TooManyAttempts, why, clock::at(*oldest) + WITHIN - tx.now).into())
        }
    }
}

async fn deliver(tx: &Tx<'_>, email: Email, found: Option<User>, wish: Wish, origin: Origin) -> Result<()> {
    let token = tx.services.rng.secret("el_");
    let about = About::of(tx, &email, found.as_ref(), origin.application);
    let address_hash = tx.services.address_hash(&email, wish.counted());
    let may = found.as_ref().filter(|user| user.disabled_at.is_none());
    let (errand, kind, letter) = match (wish, may) {
        (Wish::Register { name, locale }, _) if found.is_none() => {
            (Errand::Register { name, locale }, Kind::Confirmation, about.confirmation(&token))
        }
        (Wish::Register { .. }, _) => (Errand::None, Kind::AccountExists, about.account_exists(&origin.to)),
        (Wish::SignIn, Some(user)) => (Errand::SignIn(user.id), Kind::SignInLink, about.sign_in_link(&token)),
        (Wish::Reset, Some(user)) => (Errand::Reset(user.id), Kind::PasswordReset, about.password_reset(&token)),
        (Wish::Address(owner), _) if found.is_none() => {
            (Errand::Address(owner), Kind::AddressConfirmation, about.address_confirmation(&token))
        }
        (Wish::Address(_), _) => (Errand::None, Kind::AddressTaken, about.address_taken(&origin.to)),
        (Wish::SignIn | Wish::Reset, None) => (Errand::None, Kind::NoAccount, about.no_account(&origin.to)),
    };
    let kept = Kept { errand, email, origin, locale: tx.ctx.locale };
    store(tx, &token, address_hash, Some(&kept)).await?;
    about.queue(tx, kind, &letter).await
}

async fn store(tx: &Tx<'_>, token: &Secret, address_hash: Vec<u8>, kept: Option<&Kept>) -> Result<()> {
    let row = mail_links::ActiveModel {
        id: Set(tx.id()),
        token_hash: Set(crypto::hash(token.expose())),
        address_hash: Set(address_hash),
        sealed: Set(tx.services.seal_link(kept)?),
        created_at: Set(tx.millis()),
        expires_at: Set((tx.now + LIFE).timestamp_millis()),
    };
    mail_links::Entity::insert(row).exec_without_returning(tx.db).await?;
    Ok(())
}
