//! Stylesheet, scripts, WebAssembly and pictures: inside the binary in a release, from `target/site` in development.

use std::sync::LazyLock;

use axum::{
    Router,
    extract::Path,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use leptos::config::LeptosOptions;
use rust_embed::Embed;

use crate::{http::etag::is_known, state::AppState};

/// What `cargo leptos build` made; without it, pages have no styles. `build.rs` makes the directory.
#[derive(Embed)]
#[folder = "../target/site"]
#[exclude = ".*"]
struct Site;

/// Changes with every change of a file; `scripts/build.sh` computes it.
const VERSION: Option<&str> = option_env!("TURNPIKE_SITE_VERSION");

static ROOT: LazyLock<String> = LazyLock::new(|| format!("/site/{}", VERSION.unwrap_or("dev")));

/// The path below which this version's files lie.
pub fn root() -> &'static str {
    &ROOT
}

/// Options of Leptos without its build tool: the server asks it for nothing else.
pub fn leptos_options() -> LeptosOptions {
    LeptosOptions::builder().output_name("turnpike").build()
}

/// The files, below [`root`]; they need no session and no other layer.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/site/{version}/{*path}", get(versioned))
        .route("/robots.txt", get(|headers: HeaderMap| async move { file("robots.txt", &headers, false) }))
        .route("/favicon.ico", get(|headers: HeaderMap| async move { file("favicon.svg", &headers, false) }))
}

/// A file of this version is kept for ever; one that a page of an older version asks for is not.
async fn versioned(Path((version, path)): Path<(String, String)>, headers: HeaderMap) -> Response {
    file(&path, &headers, VERSION == Some(version.as_str()))
}

fn file(path: &str, headers: &HeaderMap, for_ever: bool) -> Response {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let compressed = [("br", ".br"), ("gzip", ".gz")].into_iter().find_map(|(coding, suffix)| {
        let wanted = accepted.split(',').any(|item| item.split(';').next().is_some_and(|name| name.trim() == coding));
        let file = wanted.then(|| Site::get(&format!("{path}{suffix}"))).flatten()?;
        Some((file, Some(coding)))
    });
    let Some((file, coding)) = compressed.or_else(|| Site::get(path).map(|file| (file, None))) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag: String = file.metadata.sha256_hash()[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{tag}\"");
    let cache = if for_ever { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut answer = HeaderMap::new();
    answer.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    answer.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(value) = HeaderValue::from_str(&tag) {
        answer.insert(ETAG, value);
    }
    if is_known(headers, &tag) {
        return (StatusCode::NOT_MODIFIED, answer).into_response();
    }
    if let Some(coding) = coding {
        answer.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    answer.insert(CONTENT_TYPE, content_type(path));
    (answer, file.data).into_response()
}

fn content_type(path: &str) -> HeaderValue {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let text = if kind.type_() == mime_guess::mime::TEXT { format!("{kind}; charset=utf-8") } else { kind.to_string() };
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}
