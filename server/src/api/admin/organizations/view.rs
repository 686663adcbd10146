use chrono::{DateTime, Utc};
use domain::identity::organization::{Invitation, Organization, OrganizationMember};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A company or a team.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationView {
    /// `org_id` of tokens.
    id: Uuid,
    #[schema(example = "acme-inc")]
    slug: String,
    #[schema(example = "Acme, Inc.")]
    name: String,
    created_at: DateTime<Utc>,
}

impl From<&Organization> for OrganizationView {
    fn from(organization: &Organization) -> Self {
        Self {
            id: organization.id.get(),
            slug: organization.slug.to_string(),
            name: organization.name.to_string(),
            created_at: organization.created_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct OrganizationBody {
    pub organization: OrganizationView,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationList {
    pub organizations: Vec<OrganizationView>,
    pub next_cursor: Option<String>,
}

/// Somebody of an organization.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationMemberView {
    user_id: Uuid,
    #[schema(example = "user@example.com")]
    email: String,
    name: Option<String>,
    /// `owner`, `admin` or `member`.
    #[schema(example = "member")]
    role: &'static str,
    joined_at: DateTime<Utc>,
}

impl From<&OrganizationMember> for OrganizationMemberView {
    fn from(member: &OrganizationMember) -> Self {
        Self {
            user_id: member.user.id.get(),
            email: member.user.email.to_string(),
            name: member.user.name.as_ref().map(ToString::to_string),
            role: member.role.as_str(),
            joined_at: member.joined_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct OrganizationMemberBody {
    pub member: OrganizationMemberView,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationMemberList {
    pub members: Vec<OrganizationMemberView>,
    pub next_cursor: Option<String>,
}

/// Somebody who was asked to join by mail.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvitationView {
    id: Uuid,
    #[schema(example = "user@example.com")]
    email: String,
    /// `owner`, `admin` or `member`.
    #[schema(example = "member")]
    role: &'static str,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// Whether its link works: not while who sent it could not send it any more.
    works: bool,
}

impl From<&Invitation> for InvitationView {
    fn from(invitation: &Invitation) -> Self {
        Self {
            id: invitation.id.get(),
            email: invitation.email.to_string(),
            role: invitation.role.as_str(),
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            works: invitation.works,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct InvitationBody {
    pub invitation: InvitationView,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvitationList {
    pub invitations: Vec<InvitationView>,
    pub next_cursor: Option<String>,
}
