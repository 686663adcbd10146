//! What every handler can reach.

use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use service::Services;

/// Made once at start, cheap to clone.
#[derive(Clone)]
pub struct AppState {
    pub services: Services,
    pub leptos: LeptosOptions,
    /// The issuer is https: cookies are `Secure` and carry the `__Host-` prefix.
    pub secure: bool,
}

impl AppState {
    pub fn new(services: Services, leptos: LeptosOptions) -> Self {
        let secure = services.settings.issuer.starts_with("https://");
        Self { services, leptos, secure }
    }
}

impl FromRef<AppState> for Services {
    fn from_ref(state: &AppState) -> Self {
        state.services.clone()
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
