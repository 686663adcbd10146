//! Every request gets an id: in its own headers for [`service::Ctx`], in the answer, and in the log's span.

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;
use uuid::Uuid;

use crate::state::AppState;

pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id that [`give`] put into a request's headers.
pub fn of(headers: &HeaderMap) -> &str {
    headers.get(HEADER).and_then(|id| id.to_str().ok()).unwrap_or_default()
}

/// Middleware: gives the request its id. One that came with it is not believed.
pub async fn give(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let mut buffer = [0; uuid::fmt::Simple::LENGTH];
    let id: &str = state.services.id::<Uuid>().simple().encode_lower(&mut buffer);
    let Ok(value) = HeaderValue::from_str(id) else { return next.run(request).await };
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let path = logged(request.uri().path(), route);
    // At this level, so that every line of the request has it, whatever `log.level` is.
    let span = tracing::error_span!("request", id, method = %request.method(), path);
    request.headers_mut().insert(HEADER, value.clone());
    let mut response = next.run(request).instrument(span.clone()).await;
    span.in_scope(|| tracing::debug!(status = response.status().as_u16(), "answered"));
    response.headers_mut().insert(HEADER, value);
    response
}

/// The path as the log has it: with a token in it, the route's instead; where no route is, nothing behind the first
/// part, as a link that somebody bent still has its token.
fn logged<'a>(path: &'a str, route: Option<&'a str>) -> &'a str {
    match route {
        Some(route) if route.contains("/{token}") => route,
        Some(_) => path,
        None => path.match_indices(['/', '%']).nth(1).map_or(path, |(second, _)| &path[..second]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_is_logged() {
        assert_eq!(logged("/link/el_1", Some("/link/{token}")), "/link/{token}");
        assert_eq!(
            logged("/api/admin/applications/1", Some("/api/admin/applications/{id}")),
            "/api/admin/applications/1"
        );
        for bent in ["/link/el_1/", "/link/el_1/more", "/link/el_1)", "/link//el_1", "/link%2Fel_1"] {
            assert_eq!(logged(bent, None), "/link", "{bent}");
        }
        assert_eq!(logged("/nowhere", None), "/nowhere");
        assert_eq!((logged("//el_1", None), logged("/", None)), ("/", "/"));
    }
}
