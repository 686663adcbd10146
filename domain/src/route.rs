//! Every address of the server. A page that sends somebody on says where by [`ReturnTo`], never by a raw URL.

use serde::{Deserialize, Serialize};

use crate::{
    Locale,
    id::{ApplicationId, OrganizationId},
    identity::user::GlobalRole,
    oauth::device::UserCode,
};

pub const DISCOVERY: &str = "/.well-known/openid-configuration";
pub const OAUTH_METADATA: &str = "/.well-known/oauth-authorization-server";
pub const JWKS: &str = "/.well-known/jwks.json";
pub const KEY_PEM: &str = "/.well-known/keys/{kid}";
pub const AUTHORIZE: &str = "/oauth2/authorize";
/// Where an interrupted authorization goes on, after sign-in, consent or plan selection.
pub const RESUME: &str = "/oauth2/resume";
/// Pushed authorization requests.
pub const PAR: &str = "/oauth2/par";
/// Where devices ask for a code (RFC 8628).
pub const DEVICE_AUTHORIZATION: &str = "/oauth2/device_authorization";
/// Where people enter a device's code.
pub const DEVICE: &str = "/device";
/// The query parameter that holds a device's code.
pub const USER_CODE: &str = "user_code";
/// Dynamic client registration.
pub const REGISTER_CLIENT: &str = "/oauth2/register";
pub const TOKEN: &str = "/oauth2/token";
/// The token endpoint once more, which takes JSON as well.
pub const PLATFORM_TOKEN: &str = "/api/platform/token";
pub const USERINFO: &str = "/oauth2/userinfo";
pub const INTROSPECT: &str = "/oauth2/introspect";
pub const REVOKE: &str = "/oauth2/revoke";
pub const LOGOUT: &str = "/oauth2/logout";
pub const AUTH_LOGIN: &str = "/auth/login";

/// Sends whoever comes without an address to where they begin.
pub const HOME: &str = "/";
pub const SIGN_IN: &str = "/sign-in";
/// Where somebody who is signed in, though not lately, signs in for the dashboard.
pub const SIGN_IN_AGAIN: &str = "/sign-in?again";
/// Its parameter.
pub const AGAIN: &str = "again";
/// The parameter of [`SIGN_IN`] for whoever sent a form after their session had ended.
pub const ENDED: &str = "ended";
pub const REGISTER: &str = "/register";
/// Where somebody asks for a sign-in link by mail.
pub const EMAIL_SIGN_IN: &str = "/sign-in/link";
/// Where a passkey signs in.
pub const PASSKEY_SIGN_IN: &str = "/sign-in/passkey";
/// Where a second factor is asked for, between the first and the session or to raise a session.
pub const FACTOR: &str = "/sign-in/factor";
pub const FORGOT_PASSWORD: &str = "/forgot-password";
/// Where pages ask how hard a password is to guess that somebody is choosing.
pub const PASSWORD_STRENGTH: &str = "/password-strength";
/// Where links in mails about accounts lead; with a path segment, their token.
pub const MAIL_LINK: &str = "/link";
/// Where a sign-in with another provider begins; with a path segment, the method's slug.
pub const UPSTREAM: &str = "/sign-in/upstream";
/// Where providers send people back to; with two path segments, the slugs of application and method.
pub const UPSTREAM_CALLBACK: &str = "/upstream/callback";
/// Where a provider's account is linked to an account that was proved.
pub const UPSTREAM_LINK: &str = "/upstream/link";
/// Where invitations to organizations lead; with a path segment, their token.
pub const INVITATION: &str = "/invitation";
pub const SIGN_OUT: &str = "/sign-out";
pub const CONSENT: &str = "/consent";
/// One's own account; its pages are [`AccountPage`]s.
pub const ACCOUNT: &str = "/account";
/// The second factors of one's account.
pub const SECURITY: &str = "/account/security";
/// Where an authenticator app is set up.
pub const AUTHENTICATOR: &str = "/account/security/authenticator";
/// Everything that is known about oneself, as a file.
pub const ACCOUNT_EXPORT: &str = "/account/export";
pub const PLANS: &str = "/plans";
/// What somebody is about to pay; with a path segment, a sealed order.
pub const CHECKOUT: &str = "/checkout";
/// Where an invoice is paid without a session; with a path segment, a sealed invoice.
pub const PAY: &str = "/pay";
/// Where providers send people back to, with the sealed order.
pub const CHECKOUT_RETURN: &str = "/checkout/return";
/// The sandbox's own page, with the payment's key.
pub const SANDBOX_PAY: &str = "/sandbox/pay";
/// The customer portal.
pub const PORTAL: &str = "/portal";
/// What another plan would cost, before it is confirmed.
pub const PORTAL_CHANGE: &str = "/portal/change";
/// An invoice, by its number.
pub const PORTAL_INVOICES: &str = "/portal/invoices";
pub const SETUP: &str = "/setup";
pub const DASHBOARD: &str = "/dashboard";
/// The organizations of the server, for superadmins. Not below [`DASHBOARD`], where every name is an application's.
pub const ORGANIZATIONS: &str = "/organizations";
/// Mails that did not leave the machine, for development.
pub const MAILBOX: &str = "/mailbox";
pub const DEMO: &str = "/demo";

/// Logos of applications; with two path segments, the application's id and the version of its logo's address.
pub const LOGO: &str = "/logo";

pub const HEALTH: &str = "/healthz";
pub const READY: &str = "/readyz";
/// Where Stripe posts its notifications, with an application's id behind it where more than one uses Stripe.
pub const STRIPE_WEBHOOK: &str = "/api/webhooks/stripe";
/// Where Midtrans posts its notifications.
pub const MIDTRANS_WEBHOOK: &str = "/api/webhooks/midtrans";
pub const OPENAPI: &str = "/api/openapi.json";
pub const API_DOCS: &str = "/api/docs";

/// The query parameter that carries a sealed authorization request from page to page.
pub const FLOW: &str = "flow";
/// The query parameter that carries a checkout by link through sign-in: its own query.
pub const LINK: &str = "checkout";

/// The query parameter with the languages that a client asks for.
pub const UI_LOCALES: &str = "ui_locales";
/// The query parameter that names a page of one's own, for after the sign-in.
pub const TO: &str = "to";
/// [`DASHBOARD`], as [`TO`] names it where it does not go without saying.
pub const TO_DASHBOARD: &str = "dashboard";
/// The query parameter that carries a provider's account, sealed, to where it is linked.
pub const PENDING: &str = "pending";

/// A page about one's own account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountPage {
    #[default]
    Profile,
    Password,
    /// The second factors.
    Security,
    /// The providers' accounts by which one signs in.
    Identities,
    /// The browsers in which one is signed in.
    Sessions,
    /// The clients that may use one's account.
    Connected,
    /// The organizations to which one belongs.
    Organizations,
    /// Taking one's data along, or away.
    Data,
    /// Another address to sign in with.
    Email,
}

impl AccountPage {
    /// In the order in which they are offered.
    pub const ALL: [Self; 9] = [
        Self::Profile,
        Self::Email,
        Self::Password,
        Self::Security,
        Self::Identities,
        Self::Sessions,
        Self::Connected,
        Self::Organizations,
        Self::Data,
    ];

    pub const fn path(self) -> &'static str {
        match self {
            Self::Profile => ACCOUNT,
            Self::Password => "/account/password",
            Self::Security => SECURITY,
            Self::Identities => "/account/identities",
            Self::Sessions => "/account/sessions",
            Self::Connected => "/account/connected",
            Self::Organizations => "/account/organizations",
            Self::Data => "/account/data",
            Self::Email => "/account/email",
        }
    }

    /// As [`TO`] names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Password => "password",
            Self::Security => "security",
            Self::Identities => "identities",
            Self::Sessions => "sessions",
            Self::Connected => "connected",
            Self::Organizations => "organizations",
            Self::Data => "data",
            Self::Email => "email",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|page| page.name() == name)
    }
}

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
    /// One's own account.
    Account(AccountPage),
    /// The people of an organization to which one belongs.
    Organization { id: OrganizationId },
    /// An invitation to an organization, by its token.
    Invitation { token: String },
    /// A device that waits to be allowed.
    Device { code: Option<UserCode> },
    /// A checkout by link, with the query of its address.
    Checkout { query: String },
    /// A provider's account that is linked once its owner has proved the account here; sealed.
    Link { pending: String },
    /// A link of a mail that only its account's owner may follow, by its token.
    MailLink { token: String },
}

/// [`INVITATION`] and [`MAIL_LINK`], as [`TO`] names them, and the query parameter with their token.
pub const TO_INVITATION: &str = "invitation";
pub const TO_MAIL_LINK: &str = "mail";
pub const TOKEN_OF: &str = "token";

/// [`DEVICE`], as [`TO`] names it.
pub const TO_DEVICE: &str = "device";

/// The page of one organization, as [`TO`] names it, and the query parameter with its id.
pub const TO_ORGANIZATION: &str = "organization";
pub const ID_OF: &str = "id";

impl ReturnTo {
    /// Where somebody begins who came here by themselves: whoever runs nothing on this server has an account, and no
    /// dashboard.
    pub const fn home(role: GlobalRole) -> Self {
        match role {
            GlobalRole::User => Self::Account(AccountPage::Profile),
            GlobalRole::Admin | GlobalRole::Superadmin => Self::Dashboard,
        }
    }

    /// The address to redirect to.
    pub fn path(&self) -> String {
        match self {
            Self::Dashboard => DASHBOARD.into(),
            Self::Application { slug } => dashboard(slug, "plans"),
            Self::Flow(flow) => with_flow(RESUME, flow),
            Self::Account(page) => page.path().into(),
            Self::Organization { id } => format!("{}/{id}", AccountPage::Organizations.path()),
            Self::Invitation { token } => format!("{INVITATION}/{}", sealed(token)),
            Self::Device { code: Some(code) } => format!("{DEVICE}?{USER_CODE}={}", code.shown()),
            Self::Device { code: None } => DEVICE.into(),
            Self::Checkout { query } => format!("{CHECKOUT}?{}", query_of(query)),
            Self::Link { pending } => format!("{UPSTREAM_LINK}?{PENDING}={}", sealed(pending)),
            Self::MailLink { token } => format!("{MAIL_LINK}/{}", sealed(token)),
        }
    }

    /// The sign-in page that leads there.
    pub fn sign_in(&self) -> String {
        self.by(SIGN_IN)
    }

    /// As [`Self::sign_in`], which says that a form was lost with its session.
    pub fn sign_in_ended(&self) -> String {
        let page = self.sign_in();
        let joint = if page.contains('?') { '&' } else { '?' };
        format!("{page}{joint}{ENDED}")
    }

    /// Another page on the way there.
    pub fn by(&self, page: &str) -> String {
        match self {
            Self::Dashboard | Self::Application { .. } => page.into(),
            Self::Flow(flow) => with_flow(page, flow),
            Self::Account(own) => format!("{page}?{TO}={}", own.name()),
            Self::Organization { id } => format!("{page}?{TO}={TO_ORGANIZATION}&{ID_OF}={id}"),
            Self::Invitation { token } => format!("{page}?{TO}={TO_INVITATION}&{TOKEN_OF}={}", sealed(token)),
            Self::Device { code: Some(code) } => format!("{page}?{TO}={TO_DEVICE}&{USER_CODE}={}", code.shown()),
            Self::Device { code: None } => format!("{page}?{TO}={TO_DEVICE}"),
            Self::Link { pending } => format!("{page}?{PENDING}={}", sealed(pending)),
            Self::MailLink { token } => format!("{page}?{TO}={TO_MAIL_LINK}&{TOKEN_OF}={}", sealed(token)),
            Self::Checkout { query } => {
                let query: String = url::form_urlencoded::byte_serialize(query_of(query).as_bytes()).collect();
                format!("{page}?{LINK}={query}")
            }
        }
    }

    /// What [`Self::by`] put into a query, of which `parameter` has the values, decoded; the dashboard where that is
    /// nothing. A page of an application's dashboard is not told from the dashboard.
    pub fn of(parameter: impl Fn(&str) -> Option<String>) -> Self {
        if let Some(flow) = parameter(FLOW) {
            return Self::Flow(flow);
        }
        if let Some(pending) = parameter(PENDING) {
            return Self::Link { pending };
        }
        let to = parameter(TO);
        if let Some(page) = to.as_deref().and_then(AccountPage::named) {
            return Self::Account(page);
        }
        let token = || parameter(TOKEN_OF).unwrap_or_default();
        match to.as_deref() {
            Some(TO_ORGANIZATION) => match parameter(ID_OF).and_then(|id| id.parse().ok()) {
                Some(id) => Self::Organization { id },
                None => Self::Account(AccountPage::Organizations),
            },
            Some(TO_INVITATION) => Self::Invitation { token: token() },
            Some(TO_MAIL_LINK) => Self::MailLink { token: token() },
            Some(TO_DEVICE) => Self::Device { code: parameter(USER_CODE).and_then(|code| UserCode::parse(&code).ok()) },
            _ => parameter(LINK).map_or(Self::Dashboard, |query| Self::Checkout { query }),
        }
    }
}

/// [`SIGN_OUT`] in the language that a client asks for, where it does.
pub fn sign_out(locale: Option<Locale>) -> String {
    locale.map_or_else(|| SIGN_OUT.to_owned(), |locale| format!("{SIGN_OUT}?{UI_LOCALES}={}", locale.tag()))
}

/// `page` with the sealed authorization request.
pub fn with_flow(page: &str, flow: &str) -> String {
    format!("{page}?{FLOW}={}", sealed(flow))
}

/// A sealed value or a token as an address holds it: base64url, so that it needs no escaping.
fn sealed(value: &str) -> String {
    value.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
}

/// Where a provider sends people back to, behind the server's own address. Each method has one of its own, so that one
/// provider's answer cannot pass for another's (RFC 9700, section 4.4).
pub fn upstream_callback(application: &str, method: &str) -> String {
    format!("{UPSTREAM_CALLBACK}/{application}/{method}")
}

/// `query` without what a query cannot hold as it is: it stays behind the address that it is put to.
fn query_of(query: &str) -> String {
    query.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '#' | '"' | '<' | '>' | '\\')).collect()
}

/// A page of one application in the dashboard: `/dashboard/acme/plans`.
pub fn dashboard(slug: &str, page: &str) -> String {
    format!("{DASHBOARD}/{slug}/{page}")
}

/// Where this server shows the logo of an application.
pub fn logo(application: ApplicationId, version: &str) -> String {
    format!("{LOGO}/{application}/{version}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_the_account_is_found_by_its_name() {
        for page in AccountPage::ALL {
            assert_eq!(AccountPage::named(page.name()), Some(page));
            assert_eq!(ReturnTo::Account(page).path(), page.path());
        }
        assert_eq!(ReturnTo::Account(AccountPage::Data).sign_in(), "/sign-in?to=data");
        assert_eq!(AccountPage::named("//evil.example"), None);
    }

    fn of(address: &str) -> ReturnTo {
        let query = address.split_once('?').map_or("", |(_, query)| query);
        ReturnTo::of(|name| {
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        })
    }

    #[test]
    fn every_place_is_found_again_by_what_leads_there() {
        let code = UserCode::parse("WDJB-MJHT").unwrap();
        let mut places = vec![
            ReturnTo::Dashboard,
            ReturnTo::Flow("a_b-c".into()),
            ReturnTo::Organization { id: uuid::Uuid::from_u128(7).into() },
            ReturnTo::Invitation { token: "inv_abc".into() },
            ReturnTo::Device { code: Some(code) },
            ReturnTo::Device { code: None },
            ReturnTo::Checkout { query: "project_id=1&plan=a%20b&to=data".into() },
            ReturnTo::Link { pending: "abc".into() },
            ReturnTo::MailLink { token: "el_abc".into() },
        ];
        places.extend(AccountPage::ALL.map(ReturnTo::Account));
        for place in places {
            assert_eq!(of(&place.by("/sign-in")), place);
            assert_eq!(of(&place.sign_in_ended()), place);
        }
        assert_eq!(of(&ReturnTo::Application { slug: "acme".into() }.sign_in()), ReturnTo::Dashboard);
        assert_eq!(of("/sign-in?to=//evil.example"), ReturnTo::Dashboard);
        assert_eq!(of("/sign-in?to=device&user_code=nonsense"), ReturnTo::Device { code: None });
        assert_eq!(of("/sign-in?to=organization&id=nonsense"), ReturnTo::Account(AccountPage::Organizations));
    }

    #[test]
    fn only_who_runs_something_begins_at_the_dashboard() {
        assert_eq!(ReturnTo::home(GlobalRole::User).path(), ACCOUNT);
        assert_eq!(ReturnTo::home(GlobalRole::Admin).path(), DASHBOARD);
        assert_eq!(ReturnTo::home(GlobalRole::Superadmin).path(), DASHBOARD);
    }

    #[test]
    fn a_return_address_is_always_ours() {
        let evil = ReturnTo::Flow("//evil.example/?a=b&c".into());
        assert_eq!(evil.path(), "/oauth2/resume?flow=evilexampleabc");
        let evil = ReturnTo::Invitation { token: "inv_a/../b?c".into() };
        assert_eq!(evil.path(), "/invitation/inv_abc");
        assert_eq!(evil.sign_in(), "/sign-in?to=invitation&token=inv_abc");
        let evil = ReturnTo::MailLink { token: "el_a/../b?c".into() };
        assert_eq!(evil.path(), "/link/el_abc");
        assert_eq!(evil.sign_in(), "/sign-in?to=mail&token=el_abc");
        let evil = ReturnTo::Checkout { query: "//evil.example/\r\nx: y#z&plan=a%20b".into() };
        assert_eq!(evil.path(), "/checkout?//evil.example/x:yz&plan=a%20b");
        assert_eq!(evil.sign_in(), "/sign-in?checkout=%2F%2Fevil.example%2Fx%3Ayz%26plan%3Da%2520b");
        let evil = ReturnTo::Link { pending: "a&to=//evil".into() };
        assert_eq!(evil.path(), "/upstream/link?pending=atoevil");
    }
}
