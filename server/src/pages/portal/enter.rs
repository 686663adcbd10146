//! The door: a session's token becomes a visit, once, and goes out of the address.

use app::portal::Done;
use axum::{
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, SET_COOKIE},
    },
    response::{IntoResponse, Response},
};
use domain::route;
use service::{directory::ApplicationEntry, portal::Exchange};

use super::{
    closed,
    desk::{Desk, fault, visitor},
    done, overview,
};
use crate::{
    http::{cookie, redirect::see_other},
    pages::{
        asked::Asked,
        checkout::{back, notice},
    },
};

const SESSION: &str = "session";
const REDIRECT_URI: &str = "redirect_uri";
/// With which a provider sends people back who entered a payment method.
const METHOD: &str = "method";

/// The page; with a token in the address, the way in.
pub async fn show(method: Method, asked: Asked) -> Response {
    match asked.parameter(SESSION) {
        Some(_) if method == Method::HEAD => bare(StatusCode::OK),
        // An answer that the browser does not keep: when somebody follows the link, it asks again.
        Some(_) if is_prefetch(&asked.headers) => bare(StatusCode::SERVICE_UNAVAILABLE),
        Some(token) => enter(&asked, &token).await,
        None => match visitor(&asked.state, &asked.headers).await {
            Ok(Some(visitor)) => within(&Desk::of(asked, visitor)).await,
            Ok(None) => closed::show(asked).await,
            Err(error) => asked.fail(error),
        },
    }
}

async fn within(desk: &Desk) -> Response {
    match desk.asked.parameter(METHOD) {
        Some(token) => entered(desk, &token).await,
        None => overview::show(desk).await,
    }
}

/// Back from the provider's page: asks it which method was entered there.
async fn entered(desk: &Desk, token: &str) -> Response {
    match desk.services().methods().changed(token).await {
        Ok(Some(_)) => see_other(&done(Done::MethodChanged)),
        Ok(None) => see_other(route::PORTAL),
        Err(error) => match fault(error) {
            Ok((fault, status)) => overview::refused(desk, fault, status).await,
            Err(error) => desk.asked.fail(error),
        },
    }
}

async fn enter(asked: &Asked, token: &str) -> Response {
    let appended = asked.uri.query().and_then(appended);
    match asked.services().portal().exchange(token, appended.as_deref()).await {
        Ok(Exchange::Entered(visit)) => {
            let mut response = see_other(route::PORTAL);
            response.headers_mut().append(SET_COOKIE, cookie::set_portal(&asked.state, &visit));
            response
        }
        Ok(Exchange::Gone(application)) => gone(asked, application.as_deref()),
        Err(error) => asked.fail(error),
    }
}

/// Whether the browser only looks ahead (Fetch, `Sec-Purpose`; older browsers, `Purpose` and `X-Moz`).
fn is_prefetch(headers: &HeaderMap) -> bool {
    let says = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    ["sec-purpose", "purpose", "x-purpose", "x-moz"].into_iter().any(|name| {
        let purpose = says(name).to_ascii_lowercase();
        ["prefetch", "prerender", "preview"].into_iter().any(|ahead| purpose.contains(ahead))
    })
}

fn bare(status: StatusCode) -> Response {
    (status, [(CACHE_CONTROL, HeaderValue::from_static("no-store"))]).into_response()
}

/// The return URL that was appended to the address, encoded or as it is. Then its own query goes on to the end of
/// ours, or to the token.
fn appended(query: &str) -> Option<String> {
    let mut parts = query.split('&').skip_while(|part| !part.starts_with("redirect_uri="));
    let first = parts.next()?.strip_prefix("redirect_uri=")?;
    if !first.contains("://") {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).ok()?;
        return pairs.into_iter().find(|(name, _)| name == REDIRECT_URI).map(|(_, value)| value);
    }
    let is_session = |part: &&str| part.split('=').next() == Some(SESSION);
    let rest = parts.take_while(|part| !is_session(part)).filter(|_| first.contains('?'));
    Some(std::iter::once(first).chain(rest).collect::<Vec<_>>().join("&"))
}

fn gone(asked: &Asked, application: Option<&ApplicationEntry>) -> Response {
    let text = asked.visit.text();
    let ways = application.and_then(|entry| back(asked, entry)).into_iter().collect();
    notice(asked, application, StatusCode::GONE, text.portal_gone_title(), text.portal_gone_body(), ways)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn return_urls_may_come_as_they_are() {
        for (query, url) in [
            ("session=ps_a", None),
            ("session=ps_a&redirect_uri=https://app.example/x", Some("https://app.example/x")),
            ("session=ps_a&redirect_uri=https%3A%2F%2Fapp.example%2Fx%3Fa%3Db", Some("https://app.example/x?a=b")),
            ("session=ps_a&redirect_uri=https://app.example/x&lang=id", Some("https://app.example/x")),
            ("session=ps_a&redirect_uri=https://app.example/x?a=b&c=d%20e", Some("https://app.example/x?a=b&c=d%20e")),
            ("redirect_uri=https://app.example/x?a=b&session=ps_a", Some("https://app.example/x?a=b")),
            ("session=ps_a&other=redirect_uri=https://a", None),
            ("session=ps_a&redirect_uri=", Some("")),
        ] {
            assert_eq!(appended(query).as_deref(), url, "{query}");
        }
    }
}
