//! `/dashboard/{slug}/roles` and below.

use std::sync::Arc;

use app::admin::{
    form::{Errors, Sent},
    frame::Done,
    roles::{list::RolesPage, page::RolePage},
};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{
    ErrorCode, FieldError, Flaw, Problem,
    application::{PermissionName, Role, RoleName},
    route,
};
use leptos::prelude::*;
use service::directory::ApplicationEntry;

use super::desk::{Answer, Desk, Instead, Posted, Refused, done, gone, unknown_action};
use crate::pages::asked::Fields;

pub async fn show(desk: Desk, Path(slug): Path<String>) -> Answer {
    let entry = desk.application(&slug).await?;
    page(&desk, entry, StatusCode::OK, Sent::default()).await
}

async fn page(desk: &Desk, entry: Arc<ApplicationEntry>, status: StatusCode, sent: Sent) -> Answer {
    let frame = desk.frame(Some(entry.clone())).await?;
    Ok(desk.asked.page(status, || view! { <RolesPage frame entry sent/> }))
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
    let (roles, ctx, application) = (desk.services().roles(), desk.ctx(), entry.application.id);
    let (values, mut errors) = (&posted.values, Errors::default());
    match posted.action() {
        "create" => {
            let name = errors.take("name", RoleName::parse(values.get("name").trim())).ok_or(errors.0)?;
            let role = roles.create(ctx, application, name).await?;
            Ok(done(&format!("{}/{}", base(entry), role.id), Done::Created))
        }
        "create_permission" => {
            let name = PermissionName::parse(values.get("permission").trim());
            let name = errors.take("permission", name).ok_or(errors.0)?;
            roles.create_permission(ctx, application, name).await?;
            Ok(done(&base(entry), Done::Created))
        }
        "delete_permission" => {
            let id = values.get("id").parse().map_err(|_| Problem::from(ErrorCode::PermissionNotFound))?;
            gone(roles.delete_permission(ctx, application, id).await)?;
            Ok(done(&base(entry), Done::Deleted))
        }
        _ => Err(unknown_action()),
    }
}

pub async fn show_one(desk: Desk, Path((slug, id)): Path<(String, String)>) -> Answer {
    let entry = desk.application(&slug).await?;
    let role = find(&desk, &entry, &id)?;
    one_page(&desk, entry, role, StatusCode::OK, Sent::default()).await
}

fn find(desk: &Desk, entry: &ApplicationEntry, id: &str) -> Result<Role, Instead> {
    let id = id.parse().map_err(|_| desk.not_found())?;
    entry.role(id).cloned().ok_or_else(|| desk.not_found())
}

async fn one_page(desk: &Desk, entry: Arc<ApplicationEntry>, role: Role, status: StatusCode, sent: Sent) -> Answer {
    let permissions = entry.permissions.clone();
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(status, || view! { <RolePage frame role permissions sent/> }))
}

pub async fn submit_one(desk: Desk, Path((slug, id)): Path<(String, String)>, fields: Fields) -> Answer {
    let entry = desk.application(&slug).await?;
    let posted = Posted::from(fields);
    let role = posted.about(find(&desk, &entry, &id), &base(&entry))?;
    match change(&desk, &entry, &role, &posted).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let (status, sent) = posted.again(&desk, refused)?;
            one_page(&desk, entry, role, status, sent).await
        }
    }
}

async fn change(desk: &Desk, entry: &ApplicationEntry, role: &Role, posted: &Posted) -> Result<Response, Refused> {
    let (roles, ctx, values) = (desk.services().roles(), desk.ctx(), &posted.values);
    match posted.action() {
        "save" => {
            let mut errors = Errors::default();
            let name = errors.take("name", RoleName::parse(values.get("name").trim())).ok_or(errors.0)?;
            let permissions = values.all("permission").map(str::parse).collect::<Result<_, _>>();
            let permissions = permissions.map_err(|_| Problem::from(ErrorCode::PermissionNotFound))?;
            roles.replace(ctx, Role { name, permissions, ..role.clone() }).await?;
            Ok(done(&format!("{}/{}", base(entry), role.id), Done::Saved))
        }
        "delete" => {
            let name = role.name.as_str();
            if values.get("confirm").trim() != name {
                return Err(vec![FieldError::new("confirm", Flaw::Exactly(name.into()))].into());
            }
            gone(roles.delete(ctx, entry.application.id, role.id).await)?;
            Ok(done(&base(entry), Done::Deleted))
        }
        _ => Err(unknown_action()),
    }
}

fn base(entry: &ApplicationEntry) -> String {
    route::dashboard(entry.application.slug.as_str(), "roles")
}
