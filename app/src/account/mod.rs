//! The pages about one's own account.

mod connected;
mod data;
mod email;
pub(crate) mod frame;
mod identities;
mod organization;
mod organizations;
mod password;
mod profile;
mod sessions;

pub use connected::{Connected, ConnectedPage};
pub use data::DataPage;
pub use email::EmailPage;
pub use identities::{IdentitiesPage, Linkable, Linked};
pub(crate) use organization::role_options;
pub use organization::{OrganizationPage, People, Person, Waiting};
pub use organizations::{OrganizationsPage, Own};
use password::PasswordByMail;
pub use password::PasswordPage;
pub use profile::ProfilePage;
pub use sessions::{OwnSession, SessionsPage};

use crate::look::Product;

/// Whose account it is, the look that its pages wear, and what has just been done.
#[derive(Clone, Debug)]
pub struct Owner {
    pub email: String,
    pub product: Product,
    /// Shown once, above the page.
    pub done: Option<String>,
}
