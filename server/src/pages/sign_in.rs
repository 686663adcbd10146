//! `/sign-in`.

use std::sync::Arc;

use app::{
    auth::SignInPage,
    form::{Complaint, FormState},
    look::Product,
};
use axum::{http::StatusCode, response::Response};
use domain::{id::ApplicationId, identity::email::Email, route, route::ReturnTo};
use leptos::prelude::*;
use service::directory::ApplicationEntry;

use super::{
    account::{Refused, typed},
    asked::{Asked, Fields, see_other},
    error::product,
    flow,
};

/// What waits behind the sign-in.
struct Behind {
    to: ReturnTo,
    /// Whose it is; the server's own dashboard is nobody's.
    application: Option<Arc<ApplicationEntry>>,
    login_hint: Option<String>,
}

/// The form; the address is filled in when the application knows it.
pub async fn show(mut asked: Asked) -> Response {
    match behind(&mut asked) {
        Err(error) => asked.fail(error),
        Ok(behind) if behind.application.is_none() && asked.session().is_some() => see_other(route::DASHBOARD),
        Ok(behind) => {
            let form = FormState::default().keep("email", typed(behind.login_hint.as_deref().unwrap_or_default()));
            page(&asked, &behind, StatusCode::OK, form)
        }
    }
}

/// Checks address and password and sends the person on. Unknown addresses are told nothing else than wrong passwords.
pub async fn submit(mut asked: Asked, fields: Fields) -> Response {
    let behind = match behind(&mut asked) {
        Ok(behind) => behind,
        Err(error) => return asked.fail(error),
    };
    match sign_in(&asked, &behind, &fields).await {
        Ok(Ok(response)) => response,
        Ok(Err(refused)) => {
            let wait = refused.wait();
            Refused::delay(wait, page(&asked, &behind, refused.status, refused.form))
        }
        Err(error) => asked.fail(error),
    }
}

/// The flow of the address, or its checkout by link; else the dashboard.
fn behind(asked: &mut Asked) -> service::Result<Behind> {
    if let Some(waiting) = flow::of(asked)? {
        let (application, login_hint) = (Some(waiting.view.application), waiting.view.login_hint);
        return Ok(Behind { to: ReturnTo::Flow(waiting.flow), application, login_hint });
    }
    let query = asked.parameter(route::LINK);
    let application = query.as_deref().and_then(|query| project(asked, query));
    let to = match (query, &application) {
        (Some(query), Some(_)) => ReturnTo::Checkout { query },
        _ => ReturnTo::Dashboard,
    };
    Ok(Behind { to, application, login_hint: None })
}

/// The application that a checkout by link is for.
fn project(asked: &Asked, query: &str) -> Option<Arc<ApplicationEntry>> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).ok()?;
    let (_, id) = pairs.into_iter().find(|(name, _)| name == "project_id")?;
    asked.services().directory().application(id.parse::<ApplicationId>().ok()?).cloned()
}

async fn sign_in(asked: &Asked, behind: &Behind, fields: &Fields) -> service::Result<Result<Response, Refused>> {
    let mut form = FormState::default().keep("email", typed(fields.get("email")));
    let (email, password) = (fields.get("email").trim(), fields.get("password"));
    if email.is_empty() {
        form.complain("email", Complaint::Required);
    } else if Email::parse(email).is_err() {
        form.complain("email", Complaint::Email);
    }
    if password.is_empty() {
        form.complain("password", Complaint::Required);
    }
    if !form.is_fine() {
        return Ok(Err(Refused::invalid(form)));
    }
    match asked.services().users().authenticate(&asked.ctx, email, password).await {
        Ok(user) => asked.welcome(&user, &behind.to).await.map(Ok),
        Err(error) => Refused::by(error, form).map(Err),
    }
}

fn page(asked: &Asked, behind: &Behind, status: StatusCode, form: FormState) -> Response {
    let application = behind.application.as_deref();
    let can_register = application.is_some_and(|entry| entry.application.settings.allow_register);
    let product = application.map_or_else(Product::default, product);
    let (visit, to) = (asked.visit.clone(), behind.to.clone());
    asked.page(status, || view! { <SignInPage visit product to can_register form/> })
}
