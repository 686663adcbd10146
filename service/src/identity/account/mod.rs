//! What people do with their own account: everything here is about the user who asks, and nobody else. Some of it they
//! also do by an access token that they have let a program have; what guards the account they do in a session.

mod application;
mod delete;
mod export;
mod password;
mod profile;
mod sessions;

pub(crate) use application::only_application;
pub use profile::ProfilePatch;
pub use sessions::OwnSession;

use crate::Services;

/// See the module.
pub struct Account<'a>(&'a Services);

impl Services {
    pub const fn account(&self) -> Account<'_> {
        Account(self)
    }
}
