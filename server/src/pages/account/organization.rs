//! `/account/organizations/{id}`: the people of one organization.

use app::{
    account::{OrganizationPage, People, Person, Waiting},
    form::{Complaint, FormState},
};
use axum::{
    extract::Path,
    http::{StatusCode, header::SET_COOKIE},
    response::Response,
};
use domain::{
    ErrorCode,
    id::{InvitationId, OrganizationId, UserId},
    identity::organization::OrganizationRole,
    page::PageRequest,
    route::{AccountPage, ReturnTo},
};
use leptos::prelude::*;

use super::{DONE, deed::Deed, owner, session};
use crate::{
    http::{error::status_of, redirect::see_other},
    pages::{
        asked::{Asked, Fields},
        credentials::{self, Refused, typed},
        kept,
    },
};

pub const PATH: &str = "/account/organizations/{id}";
const PAGE: AccountPage = AccountPage::Organizations;
/// What its forms hold that is chosen or typed.
const FIELDS: [&str; 3] = ["user", "role", "email"];

/// What the page shows beside the people.
#[derive(Default)]
struct Shown {
    status: StatusCode,
    form: FormState,
    /// What it has to say first.
    told: Option<String>,
    refused: Option<ErrorCode>,
}

pub async fn show(asked: Asked, Path(id): Path<String>) -> Response {
    if let Err(response) = session(&asked, PAGE) {
        return response;
    }
    let Ok(id) = id.parse::<OrganizationId>() else { return none(&asked) };
    page(&asked, id, come_back(&asked)).await
}

/// The page with the form that was sent before the sign-in that leads here, if there was one.
fn come_back(asked: &Asked) -> Shown {
    if asked.parameter(DONE).is_some() {
        return Shown { told: Deed::told(asked), ..Shown::default() };
    }
    let Some(found) = kept::open(asked, asked.uri.path()) else { return Shown::default() };
    let text = asked.visit.text();
    let told = if found.is_empty() { text.done_type_again() } else { text.done_signed_in() };
    Shown { form: filled(&Fields(found)), told: Some(told), ..Shown::default() }
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
        Ok(Some(deed)) => kept::forget(&asked, deed.told_at(&path(id))),
        Ok(None) => see_other(&path(id)),
        Err(error) if wants_sign_in(&error) => lead(&asked, id, &fields).await,
        Err(error) if matches!(error.code(), ErrorCode::OrganizationNotFound | ErrorCode::Internal) => {
            asked.fail(error)
        }
        Err(error) => {
            let (status, refused) = (status_of(error.code()), Some(error.code()));
            page(&asked, id, Shown { status, refused, ..Shown::default() }).await
        }
    }
}

async fn invite(asked: &Asked, id: OrganizationId, fields: &Fields) -> Response {
    let mut form = filled(fields);
    let email = form.read("email", credentials::email(fields));
    let role = OrganizationRole::parse(fields.get("role")).unwrap_or_default();
    let Some(email) = email else {
        return page(asked, id, Shown { status: StatusCode::BAD_REQUEST, form, ..Shown::default() }).await;
    };
    match asked.services().organizations().invite(&asked.ctx, id, email, role).await {
        Ok(_) => kept::forget(asked, Deed::Invited.told_at(&path(id))),
        Err(error) if wants_sign_in(&error) => lead(asked, id, fields).await,
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
                    let shown = Shown { status: refused.status, form: refused.form, ..Shown::default() };
                    Refused::delay(wait, page(asked, id, shown).await)
                }
                Err(error) => asked.fail(error),
            }
        }
    }
}

/// The form with what was chosen and typed.
fn filled(fields: &Fields) -> FormState {
    FIELDS.into_iter().fold(FormState::default(), |form, name| form.keep(name, typed(fields.get(name))))
}

/// Whether a change wants a recent sign-in.
fn wants_sign_in(error: &service::Error) -> bool {
    matches!(error.code(), ErrorCode::NoSession | ErrorCode::MfaRequired)
}

/// To a recent sign-in, and from there back to the page with what was chosen and typed.
async fn lead(asked: &Asked, id: OrganizationId, fields: &Fields) -> Response {
    let mut response = match asked.recent(&ReturnTo::Organization { id }).await {
        Err(response) => response,
        Ok(_) => return see_other(&path(id)),
    };
    let chosen = FIELDS.map(|name| (name.to_owned(), typed(fields.get(name))));
    match kept::seal(asked, chosen.into()) {
        Ok((cookie, _)) => {
            response.headers_mut().append(SET_COOKIE, cookie);
            response
        }
        Err(error) => asked.fail(error),
    }
}

fn none(asked: &Asked) -> Response {
    asked.fail(ErrorCode::OrganizationNotFound.into())
}

fn path(id: OrganizationId) -> String {
    ReturnTo::Organization { id }.path()
}

async fn page(asked: &Asked, id: OrganizationId, shown: Shown) -> Response {
    let own = match session(asked, PAGE) {
        Ok(own) => own,
        Err(response) => return response,
    };
    let people = match load(asked, id).await {
        Ok(people) => people,
        Err(error) => return asked.fail(error),
    };
    let Shown { status, form, told, refused } = shown;
    let (visit, owner) = (asked.visit.clone(), owner(asked, own, told).await);
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
