//! `/account/organizations/{id}`: the people of one organization.

use app::{
    account::{OrganizationPage, People, Person, Waiting},
    form::{Complaint, FormState},
    i18n::Text,
};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{
    ErrorCode,
    id::{InvitationId, OrganizationId, UserId},
    identity::organization::OrganizationRole,
    page::PageRequest,
    route::AccountPage,
};
use leptos::prelude::*;

use super::{DONE, owner, session};
use crate::{
    http::{error::status_of, redirect::see_other},
    pages::{
        asked::{Asked, Fields},
        credentials::{self, Refused, typed},
    },
};

pub const PATH: &str = "/account/organizations/{id}";
const PAGE: AccountPage = AccountPage::Organizations;

/// What a form about an organization did, as its redirect says: a closed list, so that nobody can write into the page
/// by a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Invited,
    Uninvited,
    RoleChanged,
    Removed,
    /// Whoever pressed the button is not among its people any more.
    Left,
}

impl Deed {
    const ALL: [Self; 5] = [Self::Invited, Self::Uninvited, Self::RoleChanged, Self::Removed, Self::Left];

    /// The value of [`DONE`].
    const fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Uninvited => "uninvited",
            Self::RoleChanged => "role",
            Self::Removed => "removed",
            Self::Left => "left",
        }
    }

    fn sentence(self, text: Text) -> String {
        match self {
            Self::Invited => text.invitation_sent(),
            Self::Uninvited => text.invitation_revoked(),
            Self::RoleChanged => text.organization_role_changed(),
            Self::Removed => text.organization_person_removed(),
            Self::Left => text.organization_left(),
        }
    }

    /// To a page that says so.
    pub fn told_at(self, page: &str) -> Response {
        see_other(&format!("{page}?{DONE}={}", self.as_str()))
    }

    /// What the page that was asked for has to say first.
    pub fn told(asked: &Asked) -> Option<String> {
        let done = asked.parameter(DONE)?;
        let deed = Self::ALL.into_iter().find(|deed| deed.as_str() == done)?;
        Some(deed.sentence(asked.visit.text()))
    }
}

pub async fn show(asked: Asked, Path(id): Path<String>) -> Response {
    if let Err(response) = session(&asked, PAGE) {
        return response;
    }
    let Ok(id) = id.parse::<OrganizationId>() else { return none(&asked) };
    page(&asked, id, StatusCode::OK, FormState::default(), None).await
}

/// Changes a role, takes somebody out, invites somebody, or takes an invitation back.
pub async fn submit(asked: Asked, Path(id): Path<String>, fields: Fields) -> Response {
    let own = match session(&asked, PAGE) {
        Ok(session) => session.user.id,
        Err(response) => return response,
    };
    let Ok(id) = id.parse::<OrganizationId>() else { return none(&asked) };
    if fields.get("deed") == "invite" {
        return invite(&asked, id, &fields).await;
    }
    let organizations = asked.services().organizations();
    let user = fields.get("user").parse::<UserId>().ok();
    let role = OrganizationRole::parse(fields.get("role"));
    let done = match (fields.get("deed"), user, role, fields.get("invitation").parse::<InvitationId>()) {
        ("role", Some(user), Some(role), _) => {
            organizations.set_role(&asked.ctx, id, user, role).await.map(|_| Some(Deed::RoleChanged))
        }
        ("remove", Some(user), ..) => {
            let deed = if user == own { Deed::Left } else { Deed::Removed };
            organizations.remove(&asked.ctx, id, user).await.map(|()| Some(deed))
        }
        ("uninvite", _, _, Ok(invitation)) => {
            organizations.uninvite(&asked.ctx, id, invitation).await.map(|()| Some(Deed::Uninvited))
        }
        _ => Ok(None),
    };
    match done {
        // The page is for its own people.
        Ok(Some(Deed::Left)) => Deed::Left.told_at(PAGE.path()),
        Ok(Some(deed)) => deed.told_at(&path(id)),
        Ok(None) => see_other(&path(id)),
        Err(error) if matches!(error.code(), ErrorCode::OrganizationNotFound | ErrorCode::Internal) => {
            asked.fail(error)
        }
        Err(error) => page(&asked, id, status_of(error.code()), FormState::default(), Some(error.code())).await,
    }
}

async fn invite(asked: &Asked, id: OrganizationId, fields: &Fields) -> Response {
    let mut form =
        FormState::default().keep("email", typed(fields.get("email"))).keep("role", typed(fields.get("role")));
    let email = form.read("email", credentials::email(fields));
    let role = OrganizationRole::parse(fields.get("role")).unwrap_or_default();
    let Some(email) = email else { return page(asked, id, StatusCode::BAD_REQUEST, form, None).await };
    match asked.services().organizations().invite(&asked.ctx, id, email, role).await {
        Ok(_) => Deed::Invited.told_at(&path(id)),
        Err(error) if error.code() == ErrorCode::OrganizationNotFound => asked.fail(error),
        Err(error) => {
            match error.code() {
                ErrorCode::OrganizationMemberTaken => form.complain("email", Complaint::Member),
                ErrorCode::OrganizationInvalid => form.complain("email", Complaint::Invitations),
                _ => {}
            }
            match Refused::by(error, form) {
                Ok(refused) => {
                    let wait = refused.wait();
                    Refused::delay(wait, page(asked, id, refused.status, refused.form, None).await)
                }
                Err(error) => asked.fail(error),
            }
        }
    }
}

fn none(asked: &Asked) -> Response {
    asked.fail(ErrorCode::OrganizationNotFound.into())
}

fn path(id: OrganizationId) -> String {
    format!("{}/{id}", PAGE.path())
}

async fn page(
    asked: &Asked,
    id: OrganizationId,
    status: StatusCode,
    form: FormState,
    refused: Option<ErrorCode>,
) -> Response {
    let own = match session(asked, PAGE) {
        Ok(own) => own,
        Err(response) => return response,
    };
    let people = match load(asked, id).await {
        Ok(people) => people,
        Err(error) => return asked.fail(error),
    };
    let (visit, owner) = (asked.visit.clone(), owner(asked, own, Deed::told(asked)).await);
    let refusal = refused.map(|code| visit.text().problem(code));
    asked.page(status, || view! { <OrganizationPage visit owner people form refusal/> })
}

async fn load(asked: &Asked, id: OrganizationId) -> service::Result<People> {
    let organizations = asked.services().organizations();
    let cursor = asked.parameter("cursor");
    let (organization, role) = organizations.seen(&asked.ctx, id).await?;
    let members = organizations.members(&asked.ctx, id, &PageRequest::parse(cursor.as_deref(), None)?).await?;
    let waiting = match role {
        OrganizationRole::Member => Vec::new(),
        _ => organizations.invitations(&asked.ctx, id).await?,
    };
    let people = members.items.into_iter().map(|member| Person {
        id: member.user.id.to_string(),
        name: member.user.name.as_ref().map(ToString::to_string),
        email: member.user.email.to_string(),
        role: member.role,
    });
    let waiting = waiting.into_iter().map(|one| Waiting {
        id: one.id.to_string(),
        email: one.email.to_string(),
        role: one.role,
        until: one.expires_at,
        works: one.works,
    });
    Ok(People {
        id: id.to_string(),
        name: organization.name.to_string(),
        role,
        people: people.collect(),
        next: members.next_cursor,
        waiting: waiting.collect(),
    })
}
