//! Cross-origin requests of browsers: with every origin of a registered redirect URI, and no other (Fetch, CORS).

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
            ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
        },
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use service::directory::Directory;

use crate::state::AppState;

/// Middleware: answers preflights, and lets registered origins read the answer. Cookies are never allowed along.
pub async fn registered(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(ORIGIN).cloned();
    let allowed =
        origin.filter(|origin| origin.to_str().is_ok_and(|origin| is_registered(&state.services.directory(), origin)));
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = allowed {
        allow(headers, origin);
    }
    response
}

fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PATCH, DELETE"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type, dpop"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after, www-authenticate"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("3600"));
}

fn is_registered(directory: &Directory, origin: &str) -> bool {
    let uris = directory.clients.values().flat_map(|entry| &entry.client.settings.redirect_uris.0);
    uris.into_iter().any(|uri| is_of(uri.as_str(), origin))
}

/// Whether a redirect URI lies at this origin, which browsers write in lower case and without a default port.
fn is_of(uri: &str, origin: &str) -> bool {
    let start = uri.get(..origin.len()).is_some_and(|start| start.eq_ignore_ascii_case(origin));
    start && matches!(uri.as_bytes().get(origin.len()), None | Some(b'/' | b'?')) && origin.contains("://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_more_than_a_prefix() {
        assert!(is_of("https://app.example/cb", "https://app.example"));
        assert!(is_of("https://app.example", "https://app.example"));
        assert!(!is_of("https://app.example.evil/cb", "https://app.example"));
        assert!(!is_of("https://app.example:8443/cb", "https://app.example"));
        assert!(!is_of("https://app.example/cb", "https:"));
        assert!(!is_of("https://app.example/cb", "null"));
    }
}
