//! What only the server half of pages has: the services, who asks, and the conversion of errors.

use domain::ErrorCode;
use http::{HeaderValue, StatusCode, header, request::Parts};
use leptos::{
    context::{provide_context, use_context},
    nonce::Nonce,
    prelude::{IntoView, Owner, RenderHtml, expect_context},
};
use leptos_axum::ResponseOptions;
use service::{Ctx, Services};

use crate::{error::Failure, shell::Visit};

/// The use cases. `server` puts them into the context of every page and server function.
pub fn services() -> Services {
    expect_context()
}

/// Who asks: what the middleware found out about this request.
pub fn ctx() -> Ctx {
    extension().unwrap_or_else(Ctx::anonymous)
}

/// How the page looks to this visitor.
pub fn visit() -> Visit {
    use_context::<Visit>().or_else(extension).unwrap_or_default()
}

fn extension<T: Clone + Send + Sync + 'static>() -> Option<T> {
    use_context::<Parts>()?.extensions.get::<T>().cloned()
}

/// The policy of every page (CSP level 3). There is no `form-action`: browsers apply it to every later hop of the
/// redirect back to an application.
pub fn content_security_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' data: https:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; \
         frame-ancestors 'none'; object-src 'none'"
    )
}

/// Sets the policy on the answer, for pages that `leptos_axum` renders.
pub(crate) fn protect(nonce: &Nonce) {
    if let Some(options) = use_context::<ResponseOptions>()
        && let Ok(policy) = HeaderValue::from_str(&content_security_policy(nonce))
    {
        options.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// A page as HTML, and the value of its `Content-Security-Policy`.
pub struct Rendered {
    pub html: String,
    pub policy: String,
}

/// Renders a page whose data is there already.
pub fn render<V: IntoView>(visit: &Visit, page: impl FnOnce() -> V) -> Rendered {
    let owner = Owner::new_root(Some(std::sync::Arc::new(hydration_context::SsrSharedContext::new_islands())));
    let nonce = Nonce::new();
    let policy = content_security_policy(&nonce);
    let html = owner.with(|| {
        provide_context(nonce);
        provide_context(visit.clone());
        page().into_view().to_html()
    });
    owner.unset_with_forced_cleanup();
    Rendered { html, policy }
}

/// The one place where an error of a use case becomes the failure of a server function: an internal one is logged
/// and says nothing; the status is set for callers that are no navigating browser, whose redirect it would destroy.
impl From<service::Error> for Failure {
    fn from(error: service::Error) -> Self {
        let failure = match error {
            service::Error::Problem(problem) => Self::from(problem),
            service::Error::Internal(source) => {
                tracing::error!(error = source.as_ref() as &dyn std::error::Error, "internal error");
                ErrorCode::Internal.into()
            }
        };
        set_status(failure.code.status());
        failure
    }
}

/// Sets the answer's status unless a browser navigates.
fn set_status(status: u16) {
    let navigates = use_context::<Parts>().is_some_and(|parts| {
        let accept = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        accept.is_some_and(|accept| accept.contains("text/html"))
    });
    if let (false, Some(options), Ok(status)) =
        (navigates, use_context::<ResponseOptions>(), StatusCode::from_u16(status))
    {
        options.set_status(status);
    }
}
