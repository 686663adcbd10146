//! Every address of the server. A page that sends somebody on says where by [`ReturnTo`], never by a raw URL.

use serde::{Deserialize, Serialize};

pub const DISCOVERY: &str = "/.well-known/openid-configuration";
pub const OAUTH_METADATA: &str = "/.well-known/oauth-authorization-server";
pub const JWKS: &str = "/.well-known/jwks.json";
pub const KEY_PEM: &str = "/.well-known/keys/{kid}";
pub const AUTHORIZE: &str = "/oauth2/authorize";
/// Where an interrupted authorization goes on, after sign-in, consent or plan selection.
pub const RESUME: &str = "/oauth2/resume";
pub const TOKEN: &str = "/oauth2/token";
pub const USERINFO: &str = "/oauth2/userinfo";
pub const INTROSPECT: &str = "/oauth2/introspect";
pub const REVOKE: &str = "/oauth2/revoke";
pub const LOGOUT: &str = "/oauth2/logout";
pub const AUTH_LOGIN: &str = "/auth/login";

/// Sends whoever comes without an address to where they begin.
pub const HOME: &str = "/";
pub const SIGN_IN: &str = "/sign-in";
pub const REGISTER: &str = "/register";
pub const SIGN_OUT: &str = "/sign-out";
pub const CONSENT: &str = "/consent";
pub const PLANS: &str = "/plans";
/// What somebody is about to pay; with a path segment, a sealed order.
pub const CHECKOUT: &str = "/checkout";
/// Where providers send people back to, with the sealed order.
pub const CHECKOUT_RETURN: &str = "/checkout/return";
/// The sandbox's own page, with the payment's key.
pub const SANDBOX_PAY: &str = "/sandbox/pay";
pub const SETUP: &str = "/setup";
pub const DASHBOARD: &str = "/dashboard";
pub const DEMO: &str = "/demo";

pub const HEALTH: &str = "/healthz";
pub const READY: &str = "/readyz";
/// Where Midtrans posts its notifications.
pub const MIDTRANS_WEBHOOK: &str = "/api/webhooks/midtrans";
pub const OPENAPI: &str = "/api/openapi.json";
pub const API_DOCS: &str = "/api/docs";

/// The query parameter that carries a sealed authorization request from page to page.
pub const FLOW: &str = "flow";

/// Where somebody goes on after signing in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReturnTo {
    /// The dashboard: for people who came here by themselves.
    #[default]
    Dashboard,
    /// A page of the dashboard of one application, by its slug.
    Application { slug: String },
    /// An authorization that waits; its sealed request.
    Flow(String),
}

impl ReturnTo {
    /// The address to redirect to.
    pub fn path(&self) -> String {
        match self {
            Self::Dashboard => DASHBOARD.into(),
            Self::Application { slug } => dashboard(slug, "plans"),
            Self::Flow(flow) => with_flow(RESUME, flow),
        }
    }
}

/// `page` with the sealed authorization request. A sealed request is base64url, so that it needs no escaping.
pub fn with_flow(page: &str, flow: &str) -> String {
    let clean: String = flow.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    format!("{page}?{FLOW}={clean}")
}

/// A page of one application in the dashboard: `/dashboard/acme/plans`.
pub fn dashboard(slug: &str, page: &str) -> String {
    format!("{DASHBOARD}/{slug}/{page}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_return_address_is_always_ours() {
        let evil = ReturnTo::Flow("//evil.example/?a=b&c".into());
        assert_eq!(evil.path(), "/oauth2/resume?flow=evilexampleabc");
    }
}
