//! `/dashboard/{slug}/users/{id}`.

use std::sync::Arc;

use app::admin::{
    draft::{ObjectDraft, Sheet},
    form::{Errors, Sent, Values},
    frame::Done,
    users::page::UserPage,
};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{
    ErrorCode, FieldError, Flaw, Problem,
    id::{PlanId, UserId},
    identity::{membership::MembershipStatus, user::GlobalRole},
    route,
};
use leptos::prelude::*;
use serde_json::Value;
use service::{
    billing::subscriptions::Assignment, directory::ApplicationEntry, identity::memberships::MembershipPatch,
};

use super::{
    desk::{Answer, Desk, Instead, Posted, Refused, done, gone, unknown_action},
    kept,
    moment::moment,
};
use crate::pages::asked::Fields;

pub async fn show(desk: Desk, Path((slug, id)): Path<(String, String)>) -> Answer {
    let entry = desk.application(&slug).await?;
    let user = parse_id(&desk, &id)?;
    page(&desk, entry, user, StatusCode::OK, None, kept::typed(&desk)).await
}

fn parse_id(desk: &Desk, id: &str) -> Result<UserId, Instead> {
    id.parse().map_err(|_| desk.fail(ErrorCode::UserNotFound.into()))
}

async fn page(
    desk: &Desk,
    application: Arc<ApplicationEntry>,
    user: UserId,
    status: StatusCode,
    typed: Option<ObjectDraft>,
    sent: Sent,
) -> Answer {
    let (services, id) = (desk.services(), application.application.id);
    let member = desk.try_to(services.memberships().get(desk.ctx(), id, user).await)?;
    let view = desk.try_to(services.claims().get(desk.ctx(), id, user).await)?;
    let claims =
        typed.unwrap_or_else(|| ObjectDraft::of(&domain::billing::claims::to_object(&view.custom), Sheet::Table));
    let (entitlement, now) = (view.entitlement, application.billing_time(services.now()));
    let factors = match desk.user.role {
        GlobalRole::Superadmin => Some(desk.try_to(services.factors().of_user(desk.ctx(), user).await)?),
        _ => None,
    };
    let frame = desk.frame(Some(application.clone())).await?;
    Ok(desk.asked.page(status, || {
        view! { <UserPage frame application member entitlement claims factors now sent/> }
    }))
}

pub async fn submit(desk: Desk, Path((slug, id)): Path<(String, String)>, fields: Fields) -> Answer {
    let entry = desk.application(&slug).await?;
    let user = parse_id(&desk, &id)?;
    // Also what would make a member of somebody, or is about them everywhere, is for those who have this page.
    desk.try_to(desk.services().memberships().get(desk.ctx(), entry.application.id, user).await)?;
    let posted = Posted::from(fields);
    let claims = ObjectDraft::read(&posted.values, "claims");
    let reshaped = match posted.action() {
        "claims_as_table" => Some(claims.switched(Sheet::Table, "claims")),
        "claims_as_json" => Some(claims.switched(Sheet::Json, "claims")),
        // Spare rows come back with every page.
        "claims_add_row" => Some(claims.clone()),
        _ => None,
    };
    if let Some(draft) = reshaped {
        let errors = draft.parse("claims").err().unwrap_or_default();
        let text = desk.asked.visit.text();
        let sent = Sent { text, action: "claims".into(), values: posted.values, errors, message: None };
        return page(&desk, entry, user, StatusCode::OK, Some(draft), sent).await;
    }
    let typed = (posted.action() == "claims").then(|| claims.clone());
    match change(&desk, &entry, user, &claims, &posted).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let (status, mut sent) = posted.again(&desk, refused)?;
            place(&mut sent.errors, &claims);
            page(&desk, entry, user, status, typed, sent).await
        }
    }
}

/// An error of the use case on `claims.{key}` belongs to the row of that key, or to the JSON.
fn place(errors: &mut [FieldError], claims: &ObjectDraft) {
    for error in errors {
        let Some(key) = error.field.strip_prefix("claims.").filter(|key| key.parse::<usize>().is_err()) else {
            continue;
        };
        error.flaw = error.flaw.clone().of(key);
        error.field = match claims.sheet {
            Sheet::Json => "claims_json".into(),
            Sheet::Table => {
                let row = claims.rows.iter().position(|row| row.key.trim().eq_ignore_ascii_case(key));
                row.map_or_else(|| "claims".into(), |row| format!("claims.{row}"))
            }
        };
    }
}

async fn change(
    desk: &Desk,
    entry: &ApplicationEntry,
    user: UserId,
    claims: &ObjectDraft,
    posted: &Posted,
) -> Result<Response, Refused> {
    let (services, ctx, application) = (desk.services(), desk.ctx(), entry.application.id);
    let status = |status: MembershipStatus| MembershipPatch { status: Some(status), roles: None };
    let told = match posted.action() {
        "suspend" => {
            let patch = status(MembershipStatus::Suspended);
            services.memberships().update(ctx, application, user, patch).await?;
            Done::Suspended
        }
        "reactivate" => {
            // Granting is what revives a revoked membership, too.
            services.memberships().grant(ctx, application, user, None).await?;
            Done::Reactivated
        }
        "revoke" => {
            services.memberships().revoke(ctx, application, user).await?;
            Done::Revoked
        }
        "reset_factors" => {
            services.factors().reset(ctx, user).await?;
            Done::FactorsReset
        }
        "reset_password" => {
            services.mail_links().reset_for(ctx, user, Some(application)).await?;
            Done::ResetSent
        }
        "sign_out" => {
            services.admin_users().sign_out(ctx, user).await?;
            Done::SignedOut
        }
        "roles" => {
            let roles = posted.values.all("role").map(str::parse).collect::<Result<_, _>>();
            let roles = roles.map_err(|_| Problem::field("role", Flaw::ForeignRole))?;
            let patch = MembershipPatch { status: None, roles: Some(roles) };
            services.memberships().update(ctx, application, user, patch).await?;
            Done::Saved
        }
        "assign" => {
            let assignment = assignment(&posted.values)?;
            services.subscriptions().assign(ctx, application, user, assignment).await?;
            Done::Assigned
        }
        "end" => {
            gone(services.subscriptions().end(ctx, application, user).await)?;
            Done::Ended
        }
        "claims" => {
            let object = claims.parse("claims")?;
            services.claims().replace(ctx, application, user, Value::Object(object)).await?;
            Done::Saved
        }
        _ => return Err(unknown_action()),
    };
    let users = route::dashboard(entry.application.slug.as_str(), "users");
    Ok(done(&format!("{users}/{user}"), told))
}

fn assignment(values: &Values) -> Result<Assignment, Vec<FieldError>> {
    let mut errors = Errors::default();
    let plan = values.get("plan").parse::<PlanId>().map_err(|_| Flaw::ForeignPlan);
    let plan_id = errors.take("plan", plan);
    let expires_at = match values.filled("expires_at") {
        None => Some(None),
        Some(text) => errors.take("expires_at", moment(text)).map(Some),
    };
    match (plan_id, expires_at) {
        (Some(plan_id), Some(expires_at)) => Ok(Assignment { plan_id, expires_at, replace: true }),
        _ => Err(errors.0),
    }
}
