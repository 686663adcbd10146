//! A person, who signs in once for all applications.

use serde::{Deserialize, Serialize};

use super::{email::Email, profile::Profile};
use crate::{
    Locale, Timestamp,
    id::{OrganizationId, UserId},
    text::Name,
};

/// What a user may do on the whole server; the later ones may do more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GlobalRole {
    #[default]
    User,
    /// An admin of every application in which the membership has the role `admin`.
    Admin,
    Superadmin,
}

impl GlobalRole {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
            Self::Superadmin => "superadmin",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::User, Self::Admin, Self::Superadmin].into_iter().find(|role| role.as_str() == text)
    }
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    pub email: Email,
    pub email_verified: bool,
    pub name: Option<Name>,
    pub role: GlobalRole,
    pub locale: Option<Locale>,
    pub disabled_at: Option<Timestamp>,
    pub created_at: Timestamp,
    #[serde(default)]
    pub profile: Profile,
    /// When something that clients may read about the user last changed.
    pub updated_at: Timestamp,
    /// The organization that they act for: `org_id` of tokens.
    #[serde(default)]
    pub organization: Option<OrganizationId>,
}

impl User {
    /// The name, or the address where there is none.
    pub fn display_name(&self) -> &str {
        self.name.as_ref().map_or(self.email.as_str(), |name| name.as_str())
    }

    /// What mails to others call them: the name, or the address where there is none that leads nowhere (see
    /// [`Name::is_linkable`]).
    pub fn name_in_mails(&self) -> &str {
        self.name.as_ref().filter(|name| !name.is_linkable()).map_or(self.email.as_str(), |name| name.as_str())
    }
}
