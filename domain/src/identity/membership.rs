//! A user's access to one application.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    billing::{claims::CustomClaims, feature::Overrides},
    id::{ApplicationId, MembershipId, RoleId, UserId},
};

/// Whether the user may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MembershipStatus {
    Active,
    /// Kept out for now.
    Suspended,
    /// Kept out; signing in never revives it, only an admin does.
    Revoked,
}

impl MembershipStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Suspended, Self::Revoked].into_iter().find(|status| status.as_str() == text)
    }
}

/// A user's access to one application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Membership {
    pub id: MembershipId,
    pub application_id: ApplicationId,
    pub user_id: UserId,
    pub status: MembershipStatus,
    pub roles: Vec<RoleId>,
    pub claims: CustomClaims,
    pub overrides: Overrides,
    /// Its own part of `ent_ver`; the plan's version is added where it is shown.
    pub ent_ver: i64,
    /// When the user, or an admin for them, last chose a plan.
    pub chosen_at: Option<Timestamp>,
    pub created_at: Timestamp,
}
