//! Logos of applications, from an address of this server's. No session is looked up.

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{
        HeaderMap, StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{id::ApplicationId, route};
use service::Services;

use crate::{http::etag::is_known, state::AppState};

/// The route. HEAD is answered as GET without its body.
pub fn router() -> Router<AppState> {
    Router::new().route(&format!("{}/{{application}}/{{version}}", route::LOGO), get(show))
}

async fn show(
    State(services): State<Services>,
    Path((application, version)): Path<(String, String)>,
    asked: HeaderMap,
) -> Response {
    let logo = match application.parse::<ApplicationId>() {
        Ok(application) => services.logo(application, &version).await,
        Err(_) => None,
    };
    let Some(logo) = logo else {
        return (StatusCode::NOT_FOUND, [(CACHE_CONTROL, "no-store")]).into_response();
    };
    let headers = [
        (CACHE_CONTROL, "public, max-age=86400"),
        // Opened by itself it is a picture, whatever its bytes go on with.
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
        (ETAG, logo.etag.as_str()),
    ];
    if is_known(&asked, &logo.etag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, [(CONTENT_TYPE, logo.media_type)], Bytes::from_owner(logo.bytes)).into_response()
}
