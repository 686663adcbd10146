//! Requests that change something and come from another site's page are refused (cross-site request forgery).

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, header::ORIGIN},
    middleware::Next,
    response::Response,
};
use domain::{ErrorCode, route};
use service::{Ctx, security_log::Event};

use super::{authorization::Shown, body::media_type, error::ApiError};
use crate::state::AppState;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Where other sites may post to: what reads no cookie, or only starts what the user then has to confirm.
const OPEN: &[&str] = &[
    route::AUTHORIZE,
    route::DEVICE_AUTHORIZATION,
    route::PAR,
    route::REGISTER_CLIENT,
    route::TOKEN,
    route::USERINFO,
    route::INTROSPECT,
    route::REVOKE,
    route::LOGOUT,
];
/// What no form of our pages is sent to. Where an `Authorization` header comes along, no cookie counts there.
const CALLS: &[&str] = &["/api/admin/", "/api/user/"];
/// What browsers send forms as (HTML, form submission).
const FORMS: &[&str] = &["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];
const OPEN_BELOW: &[&str] = &["/api/platform/", "/api/webhooks/"];

/// Middleware, inside of [`super::ctx::provide`]: lets unsafe methods pass from our own pages, and from what is no
/// current browser at all.
///
/// # Errors
/// `AUTH_011` for a request that another site's page sends, and for one to the API that a form sends.
pub async fn check(State(state): State<AppState>, request: Request, next: Next) -> Result<Response, ApiError> {
    let (path, headers) = (request.uri().path(), request.headers());
    let is_call = CALLS.iter().any(|prefix| path.starts_with(prefix));
    let open = request.method().is_safe()
        || OPEN.contains(&path)
        || OPEN_BELOW.iter().any(|prefix| path.starts_with(prefix))
        || (is_call && is_given_by_program(headers));
    let is_form = || FORMS.contains(&media_type(headers).as_str());
    if open || (is_ours(headers, &state.services.settings.issuer) && !(is_call && is_form())) {
        return Ok(next.run(request).await);
    }
    if let Some(ctx) = request.extensions().get::<Ctx>() {
        Event::CrossSiteRequestRefused.by(ctx).write();
    }
    Err(ApiError::from(ErrorCode::InsufficientRights))
}

/// Whether the request says who asks in a way that no browser does by itself. Basic is none: a browser repeats what it once
/// asked a person for. Servers that use it send no `Origin`, and pass as what is no browser.
fn is_given_by_program(headers: &HeaderMap) -> bool {
    matches!(Shown::of(headers), Some(Shown::Bearer(_) | Shown::Dpop(_)))
}

/// `Sec-Fetch-Site` decides; browsers without it send `Origin`; what sends neither is no browser of today.
fn is_ours(headers: &HeaderMap, issuer: &str) -> bool {
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        return matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    headers.get(ORIGIN).is_none_or(|origin| origin.to_str().is_ok_and(|origin| origin == origin_of(issuer)))
}

fn origin_of(issuer: &str) -> String {
    url::Url::parse(issuer).map_or_else(|_| issuer.to_owned(), |url| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use axum::http::header::AUTHORIZATION;

    use super::*;

    #[test]
    fn tokens_are_shown_by_programs_and_passwords_by_browsers_too() {
        let given = |value: &str| is_given_by_program(&HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]));
        assert!(given("Bearer abc") && given("bearer abc") && given("DPoP abc"));
        assert!(!given("Basic YTpi") && !given("Bearer") && !given(""));
        assert!(!is_given_by_program(&HeaderMap::new()));
    }

    #[test]
    fn only_our_own_pages_and_other_programs_pass() {
        let issuer = "https://id.example/tenant";
        let ours = |pairs: &[(&'static str, &str)]| {
            let headers = pairs.iter().map(|(k, v)| (HeaderName::from_static(k), v.parse().unwrap())).collect();
            is_ours(&headers, issuer)
        };
        assert!(ours(&[]));
        assert!(ours(&[("origin", "https://id.example")]));
        assert!(ours(&[("sec-fetch-site", "same-origin"), ("origin", "https://proxy.example")]));
        assert!(ours(&[("sec-fetch-site", "none")]));
        assert!(!ours(&[("sec-fetch-site", "cross-site"), ("origin", "https://id.example")]));
        assert!(!ours(&[("sec-fetch-site", "same-site")]));
        assert!(!ours(&[("origin", "https://evil.example")]));
        assert!(!ours(&[("origin", "null")]));
    }
}
