//! Mail. A use case queues it inside its transaction, and a job sends it afterwards: what is taken back is never told,
//! and a mail server that is slow or down stops nobody.

pub(crate) mod account;
pub(crate) mod ending;
mod files;
mod letter;
mod mailer;
pub(crate) mod money;
mod outbox;
mod reader;
mod smtp;
mod text;

use domain::{
    Locale,
    id::{ApplicationId, UserId},
    identity::email::Email,
};
use sea_orm::EntityTrait;

pub use files::Files;
pub use letter::{Button, Letter};
pub(crate) use mailer::mailer;
pub use mailer::{Failure, MailSettings, Mailer, Outgoing, Transport};
pub use outbox::{Mails, Queued};
pub use smtp::{Smtp, SmtpUrl};

use crate::{Result, directory::ApplicationEntry, entity::users, tx::Tx};
use letter::{Brand, one_line};

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A renewal is to be paid by a link.
    RenewalInvoice,
    /// It is not paid yet.
    Reminder,
    /// It was not paid in time, or could not be charged.
    PastDue,
    /// It is paid.
    Receipt,
    /// A subscription was canceled and ends later.
    SubscriptionCanceled,
    /// A subscription has ended.
    SubscriptionEnded,
    /// A link that makes an account.
    Confirmation,
    /// Somebody wanted to make an account that there is.
    AccountExists,
    /// A link that signs in.
    SignInLink,
    /// A link to a new password.
    PasswordReset,
    /// A link was asked for, for an address without an account.
    NoAccount,
    /// The password is another one now.
    PasswordChanged,
    /// Somebody signed in with a browser that the account did not use before.
    NewSignIn,
    /// Somebody has the password and guesses at the second factor.
    PasswordKnown,
    /// What guards an account is another now.
    SecurityChanged,
    /// A provider's account signs in to this one now.
    IdentityLinked,
    /// The account is gone.
    AccountDeleted,
    /// Somebody is asked to join an organization.
    Invitation,
    /// The reader's part in an organization is another now, or that of one of its owners.
    OrganizationChanged,
    /// A link that gives an account this address.
    AddressConfirmation,
    /// Somebody wanted to give their account an address that has one.
    AddressTaken,
    /// The address is another one now.
    AddressChanged,
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RenewalInvoice => "renewal_invoice",
            Self::Reminder => "reminder",
            Self::PastDue => "past_due",
            Self::Receipt => "receipt",
            Self::SubscriptionCanceled => "subscription_canceled",
            Self::SubscriptionEnded => "subscription_ended",
            Self::Confirmation => "confirmation",
            Self::AccountExists => "account_exists",
            Self::SignInLink => "sign_in_link",
            Self::PasswordReset => "password_reset",
            Self::NoAccount => "no_account",
            Self::PasswordChanged => "password_changed",
            Self::NewSignIn => "new_sign_in",
            Self::PasswordKnown => "password_known",
            Self::SecurityChanged => "security_changed",
            Self::IdentityLinked => "identity_linked",
            Self::AccountDeleted => "account_deleted",
            Self::Invitation => "invitation",
            Self::OrganizationChanged => "organization_changed",
            Self::AddressConfirmation => "address_confirmation",
            Self::AddressTaken => "address_taken",
            Self::AddressChanged => "address_changed",
        }
    }
}

/// Who gets a mail, and in which language.
#[derive(Clone)]
pub(crate) struct Recipient {
    pub email: Email,
    pub locale: Locale,
}

impl Recipient {
    /// A user of an application; `None` for one who is gone or disabled.
    pub async fn of(tx: &Tx<'_>, user: UserId, entry: &ApplicationEntry) -> Result<Option<Self>> {
        let row = users::Entity::find_by_id(user.get()).one(tx.db).await?;
        let Some(row) = row.filter(|row| row.disabled_at.is_none()) else { return Ok(None) };
        let own = row.locale.as_deref().and_then(Locale::from_tag);
        let locale = own.unwrap_or(entry.application.settings.default_locale);
        Ok(Some(Self { email: Email::stored(row.email), locale }))
    }
}

/// Queues a mail in the use case's transaction, in the look of the application that it is about.
pub(crate) async fn queue(
    tx: &Tx<'_>,
    kind: Kind,
    application: Option<ApplicationId>,
    to: Recipient,
    letter: &Letter,
) -> Result<()> {
    let directory = tx.services.directory();
    let brand = Brand::of(application.and_then(|id| directory.application(id)).map(|entry| &**entry));
    let mail = Outgoing {
        from: brand.name.clone(),
        to: to.email,
        subject: one_line(&letter.subject),
        html: letter.html(&brand)?,
        plain: letter.plain(&brand)?,
    };
    outbox::store(tx, kind, application, &mail).await
}
