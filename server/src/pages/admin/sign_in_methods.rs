//! `/dashboard/{slug}/sign-in-methods` and below.

use std::sync::Arc;

use app::admin::{
    form::{Errors, Sent, Values},
    frame::Done,
    sign_in_methods::{
        list::SignInMethodsPage,
        page::{MethodPage, NewMethodPage},
    },
};
use axum::{extract::Path, http::StatusCode, response::Response};
use domain::{
    ErrorCode, FieldError, Flaw, Secret,
    identity::upstream::{Issuer, MethodPatch, NewMethod, UpstreamClientId, UpstreamKind},
    identity::user::GlobalRole,
    route,
    text::{Name, Slug, slugify},
};
use leptos::prelude::*;
use service::{directory::ApplicationEntry, upstream::methods::MethodEntry};

use super::{
    desk::{Answer, Desk, Instead, Posted, Refused, done, gone, unknown_action},
    kept,
};
use crate::pages::asked::Fields;

pub async fn show(desk: Desk, Path(slug): Path<String>) -> Answer {
    let entry = desk.application(&slug).await?;
    let methods = desk.try_to(desk.services().sign_in_methods().list(desk.ctx(), entry.application.id).await)?;
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(StatusCode::OK, || view! { <SignInMethodsPage frame methods/> }))
}

pub async fn show_new(desk: Desk, Path(slug): Path<String>) -> Answer {
    let entry = desk.application(&slug).await?;
    let kind = desk.asked.parameter("kind").unwrap_or_default();
    let kind = UpstreamKind::parse(&kind).map_err(|_| desk.not_found())?;
    // Whoever may not bring a client has no use for the form.
    if !kind.is_for_admins() && desk.user.role != GlobalRole::Superadmin {
        return Err(desk.fail(ErrorCode::InsufficientRights.into()));
    }
    new_page(&desk, entry, kind, StatusCode::OK, kept::typed(&desk)).await
}

async fn new_page(
    desk: &Desk,
    entry: Arc<ApplicationEntry>,
    kind: UpstreamKind,
    status: StatusCode,
    sent: Sent,
) -> Answer {
    // What an empty short name will be made of.
    let slug = match (kind, sent.values.filled("slug")) {
        (UpstreamKind::Oidc, Some(slug)) => slug.to_owned(),
        (UpstreamKind::Oidc, None) => slugify(sent.values.get("name")),
        (kind, _) => kind.as_str().to_owned(),
    };
    let redirect_uri = desk.services().upstream_redirect_uri(&entry, &slug);
    let frame = desk.frame(Some(entry)).await?;
    Ok(desk.asked.page(status, || view! { <NewMethodPage frame kind redirect_uri sent/> }))
}

pub async fn submit_new(desk: Desk, Path(slug): Path<String>, fields: Fields) -> Answer {
    let entry = desk.application(&slug).await?;
    let posted = Posted::from(fields);
    let kind = UpstreamKind::parse(posted.values.get("kind")).map_err(|_| desk.not_found())?;
    match create(&desk, &entry, kind, &posted.values).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let (status, sent) = again(posted, &desk, refused)?;
            new_page(&desk, entry, kind, status, sent).await
        }
    }
}

async fn create(
    desk: &Desk,
    entry: &ApplicationEntry,
    kind: UpstreamKind,
    values: &Values,
) -> Result<Response, Refused> {
    let mut errors = Errors::default();
    let parsed = parse(&mut errors, kind, values);
    let slug = values.filled("slug").and_then(|slug| errors.take("slug", Slug::parse(slug)));
    if parsed.client_secret.is_none() {
        errors.add("client_secret", Flaw::Required);
    }
    let (Some(client_id), Some(client_secret), true) = (parsed.client_id, parsed.client_secret, errors.0.is_empty())
    else {
        return Err(errors.0.into());
    };
    let new = NewMethod {
        kind,
        slug,
        name: parsed.name,
        issuer: parsed.issuer,
        client_id,
        client_secret,
        enabled: true,
        trust_email: parsed.trust_email,
    };
    let made = desk.services().sign_in_methods().create(desk.ctx(), entry.application.id, new).await?;
    Ok(done(&format!("{}/{}", base(entry), made.method.id), Done::Created))
}

pub async fn show_one(desk: Desk, Path((slug, id)): Path<(String, String)>) -> Answer {
    let entry = desk.application(&slug).await?;
    let method = find(&desk, &entry, &id).await?;
    one_page(&desk, entry, method, StatusCode::OK, kept::typed(&desk)).await
}

async fn find(desk: &Desk, entry: &ApplicationEntry, id: &str) -> Result<Arc<MethodEntry>, Instead> {
    let id = id.parse().map_err(|_| desk.not_found())?;
    desk.try_to(desk.services().sign_in_methods().get(desk.ctx(), entry.application.id, id).await)
}

async fn one_page(
    desk: &Desk,
    application: Arc<ApplicationEntry>,
    entry: Arc<MethodEntry>,
    status: StatusCode,
    sent: Sent,
) -> Answer {
    let redirect_uri = desk.services().upstream_redirect_uri(&application, entry.method.slug.as_str());
    let frame = desk.frame(Some(application)).await?;
    Ok(desk.asked.page(status, || view! { <MethodPage frame entry redirect_uri sent/> }))
}

pub async fn submit_one(desk: Desk, Path((slug, id)): Path<(String, String)>, fields: Fields) -> Answer {
    let entry = desk.application(&slug).await?;
    let posted = Posted::from(fields);
    let method = posted.about(find(&desk, &entry, &id).await, &base(&entry))?;
    match change(&desk, &entry, &method, &posted).await {
        Ok(response) => Ok(response),
        Err(refused) => {
            let (status, sent) = again(posted, &desk, refused)?;
            one_page(&desk, entry, method, status, sent).await
        }
    }
}

async fn change(
    desk: &Desk,
    entry: &ApplicationEntry,
    method: &MethodEntry,
    posted: &Posted,
) -> Result<Response, Refused> {
    let (methods, ctx, application) = (desk.services().sign_in_methods(), desk.ctx(), entry.application.id);
    let (id, path) = (method.method.id, format!("{}/{}", base(entry), method.method.id));
    let switch = |on: bool| MethodPatch { enabled: Some(on), ..MethodPatch::default() };
    let patch = match posted.action() {
        "save" => {
            let mut errors = Errors::default();
            let patch = parse(&mut errors, method.method.kind, &posted.values);
            if !errors.0.is_empty() {
                return Err(errors.0.into());
            }
            patch
        }
        "on" => switch(true),
        "off" => switch(false),
        "test" => {
            methods.check(ctx, application, id).await?;
            return Ok(done(&path, Done::MethodWorks));
        }
        "delete" => {
            let slug = method.method.slug.as_str();
            if posted.values.get("confirm").trim() != slug {
                return Err(vec![FieldError::new("confirm", Flaw::Exactly(slug.into()))].into());
            }
            gone(methods.delete(ctx, application, id).await)?;
            return Ok(done(&base(entry), Done::Deleted));
        }
        _ => return Err(unknown_action()),
    };
    methods.update(ctx, application, id, patch).await?;
    Ok(done(&path, Done::Saved))
}

fn base(entry: &ApplicationEntry) -> String {
    route::dashboard(entry.application.slug.as_str(), "sign-in-methods")
}

/// What was typed. An unchecked box says nothing where it was not shown: the rules of the use case hold then.
fn parse(errors: &mut Errors, kind: UpstreamKind, values: &Values) -> MethodPatch {
    let oidc = kind == UpstreamKind::Oidc;
    MethodPatch {
        name: errors.take("name", Name::parse(values.get("name"))),
        issuer: if oidc { errors.take("issuer", Issuer::parse(values.get("issuer"))) } else { None },
        client_id: errors.take("client_id", UpstreamClientId::parse(values.get("client_id").trim())),
        client_secret: values.filled("client_secret").map(Secret::new),
        enabled: None,
        trust_email: Some(values.is_checked("trust_email")),
    }
}

/// What was typed into the field for a secret never comes back.
fn again(posted: Posted, desk: &Desk, refused: Refused) -> Result<(StatusCode, Sent), Instead> {
    let (status, mut sent) = posted.again(desk, refused)?;
    sent.values.0.retain(|(name, _)| name != "client_secret");
    Ok((status, sent))
}
