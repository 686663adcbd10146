//! `/account/organizations/{id}`: the people of one organization.

use app::{
    account::{OrganizationPage, People, Person, Waiting},
    form::{Complaint, FormState},
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

use super::{owner, session};
use crate::{
    http::{error::status_of, redirect::see_other},
    pages::{
        asked::{Asked, Fields},
        credentials::{self, Refused, typed},
    },
};

pub const PATH: &str = "/account/organizations/{id}";
const PAGE: AccountPage = AccountPage::Organizations;

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
        ("role", Some(user), Some(role), _) => organizations.set_role(&asked.ctx, id, user, role).await.map(drop),
        ("remove", Some(user), ..) => organizations.remove(&asked.ctx, id, user).await,
        ("uninvite", _, _, Ok(invitation)) => organizations.uninvite(&asked.ctx, id, invitation).await,
        _ => Ok(()),
    };
    match done {
        // The page is for its own people.
        Ok(()) if fields.get("deed") == "remove" && user == Some(own) => see_other(PAGE.path()),
        Ok(()) => back(id),
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
        Ok(_) => back(id),
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

fn back(id: OrganizationId) -> Response {
    see_other(&format!("{}/{id}", PAGE.path()))
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
    let (visit, owner) = (asked.visit.clone(), owner(asked, own, String::new()).await);
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
