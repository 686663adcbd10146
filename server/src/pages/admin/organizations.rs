//! `/organizations` and below, for superadmins.

use app::admin::{
    form::{Errors, Sent, Values},
    frame::Done,
    organizations::{
        list::{OrganizationsPage, Query},
        new::NewOrganizationPage,
        page::OrganizationPage,
    },
};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{
    ErrorCode, FieldError, Flaw, Problem,
    id::UserId,
    identity::{
        email::Email,
        organization::{Invitation, Organization, OrganizationRole},
    },
    route,
    text::{Name, Slug, slugify},
};
use leptos::prelude::*;
use service::organization::NewOrganization;

use super::{
    desk::{Answer, Desk, Instead, Posted, Refused, done, gone, unknown_action},
    kept,
};
use crate::pages::asked::Fields;

pub async fn show(desk: Desk) -> Answer {
    let request = desk.list_page();
    let search = desk.asked.search();
    let sought = Some(search.trim()).filter(|text| !text.is_empty());
    let organizations = desk.services().organizations().list(desk.ctx(), &request, sought).await;
    let organizations = desk.try_to(organizations)?;
    let query = Query { search, later: request.after.is_some() };
    let frame = desk.frame(None).await?;
    Ok(desk.asked.page(StatusCode::OK, || view! { <OrganizationsPage frame organizations query/> }))
}

pub async fn show_new(desk: Desk) -> Answer {
    new_page(&desk, StatusCode::OK, kept::typed(&desk)).await
}

async fn new_page(desk: &Desk, status: StatusCode, sent: Sent) -> Answer {
    desk.try_to(desk.services().require_superadmin(desk.ctx()))?;
    let frame = desk.frame(None).await?;
    Ok(desk.asked.page(status, || view! { <NewOrganizationPage frame sent/> }))
}

pub async fn submit_new(desk: Desk, fields: Fields) -> Answer {
    let posted = Posted::from(fields);
    match create(&desk, &posted.values).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let (status, sent) = posted.again(&desk, refused)?;
            new_page(&desk, status, sent).await
        }
    }
}

async fn create(desk: &Desk, values: &Values) -> Result<Response, Refused> {
    let services = desk.services();
    // Before anybody is told whose address is known here.
    services.require_superadmin(desk.ctx())?;
    let mut errors = Errors::default();
    let name = errors.take("name", Name::parse(values.get("name")));
    let made = slugify(values.get("name"));
    let slug = errors.take("slug", Slug::parse(values.filled("slug").unwrap_or(&made)));
    let owner = match values.filled("owner").and_then(|text| errors.take("owner", Email::parse(text))) {
        None => None,
        Some(email) => {
            let user = services.users().find_by_email(&email).await?.map(|user| user.id);
            errors.take("owner", user.ok_or(Flaw::Nobody))
        }
    };
    let (Some(name), Some(slug), true) = (name, slug, errors.0.is_empty()) else { return Err(errors.0.into()) };
    let new = NewOrganization { slug, name, owner };
    let made = services.organizations().create(desk.ctx(), new).await?;
    Ok(done(&address(&made), Done::Created))
}

pub async fn show_one(desk: Desk, Path(id): Path<String>) -> Answer {
    let organization = find(&desk, &id).await?;
    one_page(&desk, organization, StatusCode::OK, kept::typed(&desk)).await
}

/// Its own people look after it at their account, not here.
async fn find(desk: &Desk, id: &str) -> Result<Organization, Instead> {
    desk.try_to(desk.services().require_superadmin(desk.ctx()))?;
    let id = id.parse().map_err(|_| desk.fail(ErrorCode::OrganizationNotFound.into()))?;
    desk.try_to(desk.services().organizations().get(desk.ctx(), id).await)
}

async fn one_page(desk: &Desk, organization: Organization, status: StatusCode, sent: Sent) -> Answer {
    let request = desk.list_page();
    let organizations = desk.services().organizations();
    let members = desk.try_to(organizations.members(desk.ctx(), organization.id, &request).await)?;
    let waiting = desk.try_to(organizations.invitations(desk.ctx(), organization.id).await)?;
    let later = request.after.is_some();
    let frame = desk.frame(None).await?;
    Ok(desk.asked.page(status, || view! { <OrganizationPage frame organization members waiting later sent/> }))
}

pub async fn submit_one(desk: Desk, Path(id): Path<String>, fields: Fields) -> Answer {
    let posted = Posted::from(fields);
    let organization = posted.about(find(&desk, &id).await, route::ORGANIZATIONS)?;
    match change(&desk, &organization, &posted).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let (status, sent) = posted.again(&desk, refused)?;
            one_page(&desk, organization, status, sent).await
        }
    }
}

async fn change(desk: &Desk, organization: &Organization, posted: &Posted) -> Result<Response, Refused> {
    let (organizations, ctx, id) = (desk.services().organizations(), desk.ctx(), organization.id);
    let (values, mut errors) = (&posted.values, Errors::default());
    let told = match posted.action() {
        "save" => {
            let name = errors.take("name", Name::parse(values.get("name"))).ok_or(errors.0)?;
            organizations.rename(ctx, id, name).await?;
            Done::Saved
        }
        "invite" => {
            let email = errors.take("email", Email::parse(values.get("email")));
            let role = errors.take("role", role(values));
            let (Some(email), Some(role)) = (email, role) else { return Err(errors.0.into()) };
            organizations.invite(ctx, id, email, role).await?;
            Done::Invited
        }
        // An invitation to the same address replaces the one before.
        "again" => {
            let Invitation { email, role, .. } = waiting(desk, organization, values).await?;
            organizations.invite(ctx, id, email, role).await?;
            Done::Invited
        }
        "uninvite" => {
            let one = values.get("invitation").parse().map_err(|_| Problem::field("invitation", Flaw::Over))?;
            organizations.uninvite(ctx, id, one).await?;
            Done::Uninvited
        }
        "role" => {
            let role = errors.take("role", role(values)).ok_or(errors.0)?;
            organizations.set_role(ctx, id, person(values)?, role).await?;
            Done::Saved
        }
        "remove" => {
            gone(organizations.remove(ctx, id, person(values)?).await)?;
            Done::Removed
        }
        "delete" => {
            let slug = organization.slug.as_str();
            if values.get("confirm").trim() != slug {
                return Err(vec![FieldError::new("confirm", Flaw::Exactly(slug.into()))].into());
            }
            gone(organizations.delete(ctx, id).await)?;
            return Ok(done(route::ORGANIZATIONS, Done::Deleted));
        }
        _ => return Err(unknown_action()),
    };
    Ok(done(&address(organization), told))
}

fn address(organization: &Organization) -> String {
    format!("{}/{}", route::ORGANIZATIONS, organization.id)
}

fn role(values: &Values) -> Result<OrganizationRole, Flaw> {
    OrganizationRole::parse(values.get("role")).ok_or(Flaw::OneOf("owner, admin, member".into()))
}

fn person(values: &Values) -> Result<UserId, Problem> {
    values.get("user").parse().map_err(|_| ErrorCode::OrganizationMemberNotFound.into())
}

/// The invitation that a button stands beside, while it waits.
async fn waiting(desk: &Desk, organization: &Organization, values: &Values) -> Result<Invitation, Refused> {
    let waiting = desk.services().organizations().invitations(desk.ctx(), organization.id).await?;
    let sent = values.get("invitation");
    let found = waiting.into_iter().find(|one| one.id.to_string() == sent);
    Ok(found.ok_or_else(|| Problem::field("invitation", Flaw::Over))?)
}
