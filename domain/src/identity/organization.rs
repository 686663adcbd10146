//! Organizations: companies and teams whose people use the applications.

use serde::{Deserialize, Serialize};

use super::{email::Email, user::User};
use crate::{
    Timestamp,
    id::{InvitationId, OrganizationId},
    text::{Name, Slug},
};

/// A company or a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// What `org_id` of tokens says.
    pub id: OrganizationId,
    /// Unique on the server, and permanent.
    pub slug: Slug,
    pub name: Name,
    pub created_at: Timestamp,
}

/// What somebody may do in an organization. Each may do what those after it may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrganizationRole {
    #[default]
    Member,
    /// Invites and removes people, except owners.
    Admin,
    /// Decides who is an owner.
    Owner,
}

impl OrganizationRole {
    pub const ALL: [Self; 3] = [Self::Owner, Self::Admin, Self::Member];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Whether somebody with this role may make a member's role `before` into `after`; `None` is no member.
    pub fn may_change(self, before: Option<Self>, after: Option<Self>) -> bool {
        self >= Self::Admin && [before, after].iter().flatten().all(|role| *role <= self)
    }
}

/// Somebody of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationMember {
    pub user: User,
    pub role: OrganizationRole,
    pub joined_at: Timestamp,
}

/// Somebody who was asked to join by mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    pub id: InvitationId,
    pub organization_id: OrganizationId,
    pub email: Email,
    pub role: OrganizationRole,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// Whether its link works: not while who sent it could not send it any more. True of this moment, so never stored.
    #[serde(skip)]
    pub works: bool,
}

/// Whether an organization with these roles left has somebody who decides: an owner, or nobody at all.
pub fn is_led(left: &[OrganizationRole]) -> bool {
    left.is_empty() || left.contains(&OrganizationRole::Owner)
}

#[cfg(test)]
mod tests {
    use super::{OrganizationRole::*, *};

    #[test]
    fn nobody_touches_a_role_above_their_own() {
        assert!(Admin.may_change(None, Some(Member)) && Admin.may_change(Some(Admin), None));
        assert!(!Admin.may_change(Some(Member), Some(Owner)) && !Admin.may_change(Some(Owner), None));
        assert!(Owner.may_change(Some(Owner), Some(Member)) && Owner.may_change(None, Some(Owner)));
        for role in OrganizationRole::ALL {
            assert!(!Member.may_change(None, Some(role)));
            assert_eq!(OrganizationRole::parse(role.as_str()), Some(role));
        }
    }

    #[test]
    fn whoever_is_left_has_an_owner() {
        assert!(is_led(&[]) && is_led(&[Member, Owner]));
        assert!(!is_led(&[Member, Admin]));
    }
}
