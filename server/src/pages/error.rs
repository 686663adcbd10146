//! Errors as pages.

use std::sync::Arc;

use app::{
    look::Product,
    notice::{Notice, NoticePage, Way},
    shell::Visit,
};
use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, Method, StatusCode, Uri,
        header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE},
    },
    middleware::Next,
    response::Response,
};
use domain::{ErrorCode, identity::user::GlobalRole, route};
use leptos::prelude::*;
use service::{Ctx, directory::ApplicationEntry};

use super::{consent::DENY, respond, visit};
use crate::{
    http::{envelope, request_id},
    state::AppState,
};

/// What went wrong, as far as the person in front of the page needs to know.
#[derive(Clone, Debug)]
pub enum Mishap<'a> {
    /// The authorization request names no client of this server.
    UnknownClient,
    /// Its redirect URI is not registered; nothing is sent there.
    BadRedirect,
    /// It is malformed in a way that cannot be told to the client. The text is for developers.
    BadRequest(&'a str),
    /// The signed-in user may not use the application.
    NoAccess {
        application: &'a ApplicationEntry,
        flow: Option<&'a str>,
    },
    /// The sealed request is too old, or not ours.
    FlowExpired {
        application: Option<Arc<ApplicationEntry>>,
    },
    NotFound,
    Internal,
}

/// The page for a mishap, in the visitor's language. The status belongs to the mishap.
pub fn error_page(state: &AppState, uri: &Uri, headers: &HeaderMap, ctx: &Ctx, mishap: Mishap<'_>) -> Response {
    let visit = visit::of(state, uri, headers, Some(ctx));
    render(&visit, Some(ctx), request_id::of(headers), with_application(state, uri, mishap))
}

/// An expired flow still tells to which application its user may go back.
pub(super) fn with_application<'a>(state: &AppState, uri: &Uri, mishap: Mishap<'a>) -> Mishap<'a> {
    match mishap {
        Mishap::FlowExpired { application: None } => {
            let flow = visit::parameter(uri, route::FLOW);
            let application = flow.and_then(|flow| state.services.authorize().application_of(&flow));
            Mishap::FlowExpired { application }
        }
        other => other,
    }
}

/// As [`error_page`], where the visit is known.
pub fn render(visit: &Visit, ctx: Option<&Ctx>, request: &str, mishap: Mishap<'_>) -> Response {
    let application = match &mishap {
        Mishap::NoAccess { application, .. } => Some(*application),
        Mishap::FlowExpired { application } => application.as_deref(),
        _ => None,
    };
    let own = application.map(|entry| entry.application.settings.default_locale);
    let visit = visit.clone().fall_back(own);
    let text = visit.text();
    let mut notice = Notice::default();
    let (status, title, body) = match mishap {
        Mishap::UnknownClient => {
            notice.detail = Some("invalid_client: client_id".into());
            (StatusCode::BAD_REQUEST, text.unknown_client_title(), text.unknown_client_body())
        }
        Mishap::BadRedirect => {
            notice.detail = Some("invalid_request: redirect_uri".into());
            (StatusCode::BAD_REQUEST, text.bad_redirect_title(), text.bad_redirect_body())
        }
        Mishap::BadRequest(detail) => {
            notice.detail = Some(detail.into());
            (StatusCode::BAD_REQUEST, text.bad_request_title(), text.bad_request_body())
        }
        Mishap::NoAccess { application, flow } => {
            let product = product(application);
            let who = ctx.and_then(|ctx| ctx.session.as_ref()).map_or("", |session| session.user.email.as_str());
            let again = flow.map_or_else(|| route::SIGN_OUT.to_owned(), |flow| route::with_flow(route::SIGN_IN, flow));
            notice.ways.push(Way::new(text.use_another_account(), again));
            let back = |href: &str| Way::new(text.back_to(&product.name), href);
            match flow {
                // Its client waits for an answer: there is none but the user's refusal.
                Some(flow) => {
                    notice.ways.push(Way { answer: Some(DENY), ..back(&route::with_flow(route::CONSENT, flow)) });
                }
                None => notice.ways.extend(product.url.as_deref().map(back)),
            }
            let (title, body) = (text.no_access_title(&product.name), text.no_access_body(who, &product.name));
            notice.product = product;
            (StatusCode::FORBIDDEN, title, body)
        }
        Mishap::FlowExpired { application } => {
            if let Some(entry) = application {
                notice.product = product(&entry);
                notice.ways.extend(notice.product.url.clone().map(|url| Way::new(text.start_again(), url)));
            }
            (StatusCode::BAD_REQUEST, text.flow_expired_title(), text.flow_expired_body())
        }
        Mishap::NotFound => {
            let role = ctx.and_then(|ctx| ctx.session.as_ref()).map_or(GlobalRole::User, |session| session.user.role);
            notice.ways.push(match role {
                GlobalRole::User => Way::new(text.own_account(), route::ACCOUNT),
                GlobalRole::Admin | GlobalRole::Superadmin => Way::new(text.home(), route::DASHBOARD),
            });
            (StatusCode::NOT_FOUND, text.not_found_title(), text.not_found_body())
        }
        Mishap::Internal => {
            notice.request_id = Some(request.to_owned());
            (StatusCode::INTERNAL_SERVER_ERROR, text.error_title(), text.error_body())
        }
    };
    (notice.title, notice.body) = (title, body);
    respond::page(status, || view! { <NoticePage visit notice/> })
}

/// The product of an application: its name, theme and logo.
pub fn product(entry: &ApplicationEntry) -> Product {
    let settings = &entry.application.settings;
    Product {
        name: settings.name.to_string(),
        theme: settings.theme.clone(),
        logo: service::logo::path(&entry.application),
        url: settings.url.as_ref().map(|url| url.as_str().to_owned()),
    }
}

/// The mishap behind an error of a use case, where no better page is known. An internal one is logged here.
pub fn mishap(error: service::Error) -> Mishap<'static> {
    match error {
        service::Error::Problem(problem) => match problem.code {
            ErrorCode::NoSession | ErrorCode::BadCredentials => Mishap::FlowExpired { application: None },
            ErrorCode::ApplicationNotFound
            | ErrorCode::OrganizationNotFound
            | ErrorCode::PlanNotFound
            | ErrorCode::UserNotFound => Mishap::NotFound,
            ErrorCode::Internal => Mishap::Internal,
            code => Mishap::BadRequest(code.as_str()),
        },
        service::Error::Internal(source) => {
            tracing::error!(error = source.as_ref() as &dyn std::error::Error, "internal error");
            Mishap::Internal
        }
    }
}

/// Middleware: gives a page to browsers where a layer or the router answered with a bare status.
pub async fn dress(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let accepts = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    let navigates = matches!(*request.method(), Method::GET | Method::POST)
        && !envelope::is_api(request.uri().path())
        && accepts.is_some_and(|kinds| kinds.contains("text/html"));
    if !navigates {
        return next.run(request).await;
    }
    let (uri, headers) = (request.uri().clone(), request.headers().clone());
    let response = next.run(request).await;
    let status = response.status();
    let bare = (status.is_client_error() || status.is_server_error())
        && response.headers().get(CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !bare {
        return response;
    }
    let visit = visit::of(&state, &uri, &headers, None);
    let mishap = match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Mishap::NotFound,
        _ if status.is_client_error() => Mishap::BadRequest(status.as_str()),
        _ => Mishap::Internal,
    };
    let mut page = render(&visit, None, request_id::of(&headers), mishap);
    *page.status_mut() = status;
    let (mut parts, _) = response.into_parts();
    for name in [CONTENT_TYPE, CONTENT_LENGTH] {
        parts.headers.remove(name);
    }
    page.headers_mut().extend(parts.headers);
    page
}
