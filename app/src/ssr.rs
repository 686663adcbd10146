//! What only the server half of pages has: the services, who asks, and the conversion of errors.

use domain::ErrorCode;
use http::{
    Method, Request,
    header::{ACCEPT, REFERER},
    request::Parts,
};
use leptos::{
    context::{provide_context, use_context},
    nonce::Nonce,
    prelude::{IntoView, Owner, RenderHtml, expect_context},
    server_fn::{
        axum::server_fn_paths,
        axum_export::{
            body::Body,
            response::{IntoResponse, Response},
        },
    },
};
use service::{Ctx, Services, portal::Visitor};

use crate::error::Failure;

/// Path and method of every server function.
pub fn functions() -> impl Iterator<Item = (&'static str, Method)> {
    server_fn_paths()
}

/// Answers the call of a server function, which has its use cases from here and its [`Ctx`] from the request. Whoever
/// calls is no form: there is no redirect back.
pub async fn call(services: Services, mut request: Request<Body>) -> Response {
    for name in [ACCEPT, REFERER] {
        request.headers_mut().remove(name);
    }
    leptos_axum::handle_server_fns_with_context(move || provide_context(services.clone()), request)
        .await
        .into_response()
}

/// The use cases, for server functions.
pub fn services() -> Services {
    expect_context()
}

/// Who calls a server function: what the middleware found out about this request.
pub fn ctx() -> Ctx {
    let parts = use_context::<Parts>();
    parts.and_then(|parts| parts.extensions.get::<Ctx>().cloned()).unwrap_or_else(Ctx::anonymous)
}

/// Whose visit to the portal a server function is called from.
///
/// # Errors
/// `AUTH_001` when it is from none.
pub fn visitor() -> Result<Visitor, Failure> {
    let parts = use_context::<Parts>();
    parts.and_then(|parts| parts.extensions.get::<Visitor>().cloned()).ok_or_else(|| ErrorCode::NoSession.into())
}

/// The policy of every page (CSP level 3). There is no `form-action`: browsers apply it to every later hop of the
/// redirect back to an application.
pub fn content_security_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; \
         frame-ancestors 'none'; object-src 'none'"
    )
}

/// A page as HTML, and the value of its `Content-Security-Policy`.
pub struct Rendered {
    pub html: String,
    pub policy: String,
}

/// Renders a page whose data is there already.
pub fn render<V: IntoView>(page: impl FnOnce() -> V) -> Rendered {
    let owner = Owner::new_root(Some(std::sync::Arc::new(hydration_context::SsrSharedContext::new_islands())));
    let nonce = Nonce::new();
    let policy = content_security_policy(&nonce);
    let html = owner.with(|| {
        provide_context(nonce);
        page().into_view().to_html()
    });
    owner.unset_with_forced_cleanup();
    Rendered { html, policy }
}

/// The one place where an error of a use case becomes the failure of a server function: an internal one is logged
/// and says nothing.
impl From<service::Error> for Failure {
    fn from(error: service::Error) -> Self {
        match error {
            service::Error::Problem(problem) => problem.into(),
            service::Error::Internal(source) => {
                tracing::error!(error = source.as_ref() as &dyn std::error::Error, "internal error");
                ErrorCode::Internal.into()
            }
        }
    }
}
