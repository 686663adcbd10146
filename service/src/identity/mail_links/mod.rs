//! Links in mails, by which somebody proves that an address is theirs: to finish a registration, to sign in, to choose a
//! new password, or to sign in with that address from then on. A link works once, for an hour; the database keeps its
//! hash.
//!
//! Whoever asks for a mail is told the same whether or not the address has an account, and it costs the same: there is
//! always one row and one mail. What differs is what the mail says.

mod ask;
mod follow;

use chrono::TimeDelta;
use domain::{
    ErrorCode, Locale, Problem, Timestamp,
    id::{ApplicationId, OrganizationId, UserId},
    identity::{email::Email, user::User},
    route::ReturnTo,
    text::Name,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde::{Deserialize, Serialize};

pub(crate) use ask::count_invitation;

use crate::{Error, Result, Services, crypto, crypto::Purpose, entity::mail_links};

/// A link works for so long.
const LIFE: TimeDelta = TimeDelta::hours(1);

/// See the module.
pub struct MailLinks<'a>(&'a Services);

impl Services {
    pub const fn mail_links(&self) -> MailLinks<'_> {
        MailLinks(self)
    }
}

/// From where somebody asked, which is where they go on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Origin {
    pub to: ReturnTo,
    /// Whose pages they were on; the server's own are nobody's.
    pub application: Option<ApplicationId>,
}

/// Who wants an account. Its password is chosen behind the link, by whoever reads the mail.
#[derive(Clone, Debug)]
pub struct Newcomer {
    pub email: Email,
    pub name: Option<Name>,
    pub locale: Option<Locale>,
}

/// What a link does when its form is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Takes a password and makes the account that was asked for.
    Register,
    SignIn,
    /// Takes a new password.
    Reset,
    /// Gives an account another address.
    Address,
}

/// A kind of mail that is counted by its address: by what somebody asks for, not by what the mail then says.
#[derive(Clone, Copy)]
enum Counted {
    Register,
    SignIn,
    Reset,
    Address,
    /// To this organization: none keeps another from inviting somebody. What its link does is no matter of this module.
    Invitation(OrganizationId),
}

impl Counted {
    /// Those with links of this module.
    const OWN: [Self; 4] = [Self::Register, Self::SignIn, Self::Reset, Self::Address];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::SignIn => "sign in",
            Self::Reset => "reset",
            Self::Address => "address",
            Self::Invitation(_) => "invitation",
        }
    }
}

/// What the page of a link shows.
#[derive(Clone, Debug)]
pub struct Link {
    pub deed: Deed,
    /// Who alone may follow it, in a session of theirs; `None`: whoever has it.
    pub owner: Option<UserId>,
    pub email: Email,
    /// What the owner of a password that is chosen here is called.
    pub name: Option<Name>,
    pub origin: Origin,
    /// What was spoken where the link was asked for, if anybody told.
    pub locale: Option<Locale>,
}

/// Somebody who followed a link to its end, and where they go on.
#[derive(Debug)]
pub struct Arrived {
    pub user: User,
    pub to: ReturnTo,
    /// When the password was set that the account had when the link was used up, or got by it. With another one, having
    /// followed the link proves nothing.
    pub password_set_at: Option<Timestamp>,
}

/// What a link stands for.
#[derive(Serialize, Deserialize)]
enum Errand {
    /// Nothing: the mail has no link of this module, its row is there to be counted.
    None,
    Register {
        name: Option<Name>,
        locale: Option<Locale>,
    },
    SignIn(UserId),
    Reset(UserId),
    /// The account that gets the link's address.
    Address(UserId),
}

/// What is kept, sealed, with a link's hash.
#[derive(Serialize, Deserialize)]
struct Kept {
    errand: Errand,
    email: Email,
    origin: Origin,
    #[serde(default)]
    locale: Option<Locale>,
}

impl MailLinks<'_> {
    /// What stands behind a link. Looking changes nothing, so that what reads mails before their reader does cannot
    /// use the link up.
    ///
    /// # Errors
    /// `AUTH_003` for a link that is not ours, was used, or is older than an hour.
    pub async fn find(&self, token: &str) -> Result<Link> {
        let (_, kept) = self.0.kept(self.0.db.read(), token).await?;
        let (deed, owner, name) = match kept.errand {
            Errand::None => return Err(used()),
            Errand::Register { name, .. } => (Deed::Register, None, name),
            Errand::SignIn(_) => (Deed::SignIn, None, None),
            Errand::Reset(id) => (Deed::Reset, None, self.0.users().find(id).await?.and_then(|user| user.name)),
            Errand::Address(owner) => (Deed::Address, Some(owner), None),
        };
        Ok(Link { deed, owner, email: kept.email, name, origin: kept.origin, locale: kept.locale })
    }
}

impl Services {
    async fn kept(&self, db: &impl ConnectionTrait, token: &str) -> Result<(mail_links::Model, Kept)> {
        let row = mail_links::Entity::find()
            .filter(mail_links::Column::TokenHash.eq(crypto::hash(token)))
            .filter(mail_links::Column::ExpiresAt.gt(self.now().timestamp_millis()))
            .one(db)
            .await?
            .ok_or_else(used)?;
        let plain = self.vault.open(Purpose::MailLink, &row.sealed);
        let plain = plain.ok_or_else(|| Error::internal("this secret key does not open the link"))?;
        let kept: Option<Kept> = domain::stored::read_bytes(&plain).map_err(Error::internal)?;
        Ok((row, kept.ok_or_else(used)?))
    }

    /// Ends every link to an address. That it was asked for still counts until its hour is over: whoever asks for mails
    /// would else learn that the address has an owner, who has just done something.
    ///
    /// # Errors
    /// The database's own.
    pub(crate) async fn end_links(&self, db: &impl ConnectionTrait, email: &Email) -> Result<()> {
        self.end_kinds(db, email, &Counted::OWN).await
    }

    async fn end_kinds(&self, db: &impl ConnectionTrait, email: &Email, kinds: &[Counted]) -> Result<()> {
        let hashes = kinds.iter().map(|kind| self.address_hash(email, *kind));
        mail_links::Entity::update_many()
            .col_expr(mail_links::Column::Sealed, Expr::value(self.seal_link(None)?))
            .filter(mail_links::Column::AddressHash.is_in(hashes))
            .exec(db)
            .await?;
        Ok(())
    }

    /// What a row keeps of its link; without one it is there to be counted alone.
    fn seal_link(&self, kept: Option<&Kept>) -> Result<Vec<u8>> {
        let plain = serde_json::to_vec(&kept).map_err(Error::internal)?;
        Ok(self.vault.seal(Purpose::MailLink, &plain, &*self.rng))
    }

    /// By which the mails of one kind to one address are found, also where nobody has the address.
    fn address_hash(&self, email: &Email, kind: Counted) -> Vec<u8> {
        let by = match kind {
            Counted::Invitation(organization) => organization.to_string(),
            _ => String::new(),
        };
        self.vault.mac(&[b"mail link", kind.as_str().as_bytes(), email.as_str().as_bytes(), by.as_bytes()]).to_vec()
    }
}

fn used() -> Error {
    Problem::new(ErrorCode::BadCredentials, "this link was used already, or is older than an hour").into()
}
