//! Users and how they prove who they are.

mod authenticate;
mod make;
mod password;
mod superadmins;

use domain::{
    Locale,
    id::{ApplicationId, UserId},
    identity::{email::Email, password::Password, user::User},
    text::Name,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

pub use authenticate::Authenticated;
pub(crate) use make::insert;
pub(crate) use password::set_password;
pub(crate) use superadmins::has_superadmin;

use super::sessions::user;
use crate::{Result, Services, entity::users, upstream::identities::NewIdentity};

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
}
