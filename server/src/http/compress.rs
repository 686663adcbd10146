//! Compression of pages, for browsers that say they take it. Answers of the API and of the protocol stay as they are.

use axum::{
    extract::Request,
    http::{HeaderMap, Method, header, header::ACCEPT_ENCODING},
    middleware::Next,
    response::Response,
};
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, Predicate, predicate::SizeAbove},
};

/// Smaller pages are not worth the work, in bytes.
const WORTH: u16 = 2048;

/// Compresses pages as fast as can be. Goes below [`reads_only`].
pub fn layer() -> CompressionLayer<impl Predicate> {
    let html = |_, _, headers: &HeaderMap, _: &_| {
        headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
    };
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(SizeAbove::new(WORTH).and(html))
}

/// Middleware: what answers a form repeats what was typed, and is left alone.
pub async fn reads_only(mut request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        request.headers_mut().remove(ACCEPT_ENCODING);
    }
    next.run(request).await
}
