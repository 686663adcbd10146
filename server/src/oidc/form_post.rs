//! The answer as a form that posts itself to the client (OAuth 2.0 Form Post Response Mode), and has a button where
//! that does not happen.

use app::shell::Visit;
use axum::{
    http::{
        HeaderValue,
        header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use domain::oauth::authorize::AuthorizationResponse;
use service::{Services, crypto::base64url};

use crate::http::html::escape;

/// The page, in the visitor's language, which says to which product it leads back. Its script waits for no stylesheet,
/// and lets nobody send the code again: that would end what it gives. No `form-action` in its policy: browsers would
/// apply it to where the client redirects, too.
pub fn page(services: &Services, visit: &Visit, product: Option<&str>, answer: &AuthorizationResponse) -> Response {
    let nonce = base64url(services.rng.bytes::<16>());
    let fields: String = answer
        .parameters
        .iter()
        .map(|(name, value)| format!(r#"<input type="hidden" name="{name}" value="{}">"#, escape(value)))
        .collect();
    let (action, lang, text) = (escape(&answer.redirect_uri), visit.locale.tag(), visit.text());
    let title = product.map_or_else(|| text.back_to_application(), |name| escape(&text.back_to(name)));
    let button = text.continue_();
    let (scheme, assets) = (visit.scheme.as_str(), visit.assets);
    let html = format!(
        r#"<!doctype html>
<html lang="{lang}" data-theme="{scheme}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
</head>
<body>
<main class="mx-auto grid min-h-dvh w-full max-w-[25rem] grid-cols-1 content-center px-4 py-8">
<div class="card grid gap-6 p-6 sm:p-8">
<h1 class="text-balance text-2xl font-semibold leading-tight tracking-tight">{title}</h1>
<form method="post" action="{action}">{fields}<button class="button button-primary w-full">{button}</button></form>
</div>
</main>
<script nonce="{nonce}">document.forms[0].submit();document.querySelector("button").disabled=true</script>
<link rel="stylesheet" href="{assets}/pkg/turnpike.css">
</body>
</html>"#
    );
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; base-uri 'none'; object-src 'none'; \
         frame-ancestors 'none'"
    );
    let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    ([(CONTENT_TYPE, kind), (CONTENT_SECURITY_POLICY, policy)], html).into_response()
}
