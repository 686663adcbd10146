//! Who decided for the plan.

use serde::{Deserialize, Serialize};

/// Who decided for this plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The default plan of the application, granted with the membership.
    Default,
    /// The user, on a hosted page.
    User,
    /// An admin, in the dashboard or by API.
    Admin,
    /// A client, by the platform API.
    Api,
    /// A catalog file.
    Catalog,
    /// A payment provider: it bills the subscription.
    Provider,
}

impl Source {
    pub const ALL: [Self; 6] = [Self::Default, Self::User, Self::Admin, Self::Api, Self::Catalog, Self::Provider];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::User => "user",
            Self::Admin => "admin",
            Self::Api => "api",
            Self::Catalog => "catalog",
            Self::Provider => "provider",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == text)
    }

    /// Users may change on hosted pages what they chose themselves or got by default.
    pub const fn user_may_change(self) -> bool {
        matches!(self, Self::Default | Self::User)
    }
}
