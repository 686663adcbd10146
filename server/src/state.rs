//! What every handler can reach.

use std::sync::Arc;

use axum::extract::FromRef;
use domain::route;
use leptos::config::LeptosOptions;
use service::Services;

use crate::http::peer::Network;

/// Made once at start, cheap to clone.
#[derive(Clone)]
pub struct AppState {
    pub services: Services,
    pub leptos: LeptosOptions,
    /// The issuer is https: cookies are `Secure` and carry the `__Host-` prefix.
    pub secure: bool,
    /// Proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Arc<[Network]>,
    /// Where `/` leads: the dashboard, or the demo.
    pub home: &'static str,
}

impl AppState {
    pub fn new(services: Services, leptos: LeptosOptions) -> Self {
        let secure = services.settings.issuer.starts_with("https://");
        Self { services, leptos, secure, trusted_proxies: Arc::default(), home: route::DASHBOARD }
    }

    pub fn with_trusted_proxies(self, proxies: &[Network]) -> Self {
        Self { trusted_proxies: proxies.into(), ..self }
    }

    pub const fn with_home(mut self, home: &'static str) -> Self {
        self.home = home;
        self
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
