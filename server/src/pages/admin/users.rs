//! `/dashboard/{slug}/users`.

use std::sync::Arc;

use app::admin::{
    form::{Errors, Sent},
    frame::Done,
    users::list::{Query, UsersPage},
};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{FieldError, Flaw, identity::email::Email, route};
use leptos::prelude::*;
use service::{directory::ApplicationEntry, identity::memberships::MemberFilter};

use super::{
    desk::{Answer, Desk, Posted, Refused, done, unknown_action},
    kept,
};
use crate::pages::asked::Fields;

pub async fn show(desk: Desk, Path(slug): Path<String>) -> Answer {
    let entry = desk.application(&slug).await?;
    page(&desk, entry, StatusCode::OK, kept::typed(&desk)).await
}

async fn page(desk: &Desk, entry: Arc<ApplicationEntry>, status: StatusCode, sent: Sent) -> Answer {
    let asked = |name: &str| desk.asked.parameter(name).filter(|value| !value.is_empty());
    let search = desk.asked.search();
    let plan = asked("plan").and_then(|key| entry.plan_by_key(&key).cloned());
    let filter = MemberFilter { search: Some(search.trim()), plan: plan.as_ref().map(|plan| plan.id) };
    let request = desk.list_page();
    let later = request.after.is_some();
    let services = desk.services();
    let members = services.memberships().list(desk.ctx(), entry.application.id, request, filter).await;
    let members = desk.try_to(members)?;
    let query = Query { search, plan: plan.map(|plan| plan.key.clone()), later };
    let now = entry.billing_time(services.now());
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(status, || view! { <UsersPage frame members query now sent/> }))
}

pub async fn submit(desk: Desk, Path(slug): Path<String>, fields: Fields) -> Answer {
    let entry = desk.application(&slug).await?;
    let posted = Posted::from(fields);
    match act(&desk, &entry, &posted).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let (status, sent) = posted.again(&desk, refused)?;
            page(&desk, entry, status, sent).await
        }
    }
}

async fn act(desk: &Desk, entry: &ApplicationEntry, posted: &Posted) -> Result<Response, Refused> {
    if posted.action() != "grant" {
        return Err(unknown_action());
    }
    let mut errors = Errors::default();
    let email = errors.take("email", Email::parse(posted.values.get("email")));
    let role = posted.values.filled("role").map(|id| id.parse().map_err(|_| Flaw::ForeignRole));
    let role = role.and_then(|role| errors.take("role", role));
    let (Some(email), true) = (email, errors.0.is_empty()) else { return Err(errors.0.into()) };
    let services = desk.services();
    let Some(user) = services.users().find_by_email(&email).await? else {
        return Err(vec![FieldError::new("email", Flaw::Nobody)].into());
    };
    services.memberships().grant(desk.ctx(), entry.application.id, user.id, role).await?;
    let users = route::dashboard(entry.application.slug.as_str(), "users");
    Ok(done(&format!("{users}/{}", user.id), Done::Granted))
}
