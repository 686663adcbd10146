//! Applications: one product each, with its settings.

use serde::{Deserialize, Serialize};

use crate::{
    Locale, Problem, Timestamp,
    billing::dunning::Dunning,
    flaw::{Alphabet, Flaw},
    id::{ApplicationId, PermissionId, RoleId},
    identity::proof::Proofs,
    oauth::{
        addresses,
        error::{OAuthError, OAuthErrorCode},
        resource::Resource,
        scope::ScopeSet,
    },
    stored,
    text::{Description, Name, Slug, keyed, text},
    theme::{Theme, WebUrl},
};

/// When a user is asked to choose a plan during sign-in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanSelection {
    #[default]
    FirstSignIn,
    Always,
    Never,
}

/// What follows the end of a subscription.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnEnd {
    #[default]
    None,
    DefaultPlan,
}

/// Who collects the money. With [`Provider::None`] every plan is granted without payment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    #[default]
    None,
    Sandbox,
    Stripe,
    Midtrans,
}

macro_rules! named {
    ($type:ident, $field:literal, $($variant:ident $text:literal),*) => {
        impl $type {
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// # Errors
            /// `APP_001` on the setting's field.
            pub fn parse(text: &str) -> Result<Self, Problem> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    _ => Err(Problem::field($field, Flaw::OneOf([$($text),*].join(", ").into()))),
                }
            }
        }
    };
}
named!(PlanSelection, "planSelection", FirstSignIn "first_sign_in", Always "always", Never "never");
named!(OnEnd, "onEnd", None "none", DefaultPlan "default_plan");
named!(Provider, "paymentProvider", None "none", Sandbox "sandbox", Stripe "stripe", Midtrans "midtrans");

/// What an admin can set on an application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub name: Name,
    pub description: Description,
    /// Whether somebody without a membership may make one by signing in.
    pub allow_register: bool,
    pub is_mfa_required: bool,
    /// Skips the consent page for every client of the application.
    pub skip_consent: bool,
    /// The scopes that its clients may ask for.
    pub allowed_scopes: ScopeSet,
    /// The APIs for which its clients may ask access tokens.
    #[serde(default)]
    pub resources: Vec<Resource>,
    pub theme: Theme,
    /// Of pages and mails for people of whom no other language is known.
    #[serde(default)]
    pub default_locale: Locale,
    pub plan_selection: PlanSelection,
    pub on_end: OnEnd,
    /// Days of features after a failed payment, 0 to 90.
    pub grace_days: u8,
    /// When a failed charge is tried again, and when people are reminded of what is due.
    #[serde(default)]
    pub dunning: Dunning,
    pub provider: Provider,
    pub return_urls: Vec<ReturnUrl>,
    /// The product's own address.
    pub url: Option<WebUrl>,
    pub icon: Option<WebUrl>,
}

impl Settings {
    /// Whether somebody who has proved this goes on, or has to show a second factor.
    pub fn admits(&self, proofs: &Proofs) -> bool {
        !self.is_mfa_required || proofs.is_multi_factor()
    }

    /// The audience that `resource` names in a request of a client (RFC 8707, section 2).
    ///
    /// # Errors
    /// `invalid_target` unless it is one of [`Self::resources`].
    pub fn resource(&self, named: &str) -> Result<String, OAuthError> {
        let own = self.resources.iter().find(|own| own.as_str() == named);
        let unknown = || OAuthError::new(OAuthErrorCode::InvalidTarget, "resource is none of this application's");
        own.map(ToString::to_string).ok_or_else(unknown)
    }

    /// Whether a new application may have these.
    ///
    /// # Errors
    /// `APP_001` on the field with more than [`addresses::MOST`] addresses.
    pub fn check(&self) -> Result<(), Problem> {
        addresses::check("resources", &self.resources)?;
        addresses::check("returnUrls", &self.return_urls)
    }

    /// Whether checkout may send people back to `url`: at or below one of the return URLs.
    pub fn may_return_to(&self, url: &str) -> bool {
        self.return_urls.iter().any(|own| own.covers(url))
    }

    /// The settings of a new application.
    pub fn new(name: Name) -> Self {
        Self {
            name,
            description: Description::default(),
            allow_register: true,
            is_mfa_required: false,
            skip_consent: false,
            allowed_scopes: ScopeSet::all(),
            resources: Vec::new(),
            theme: Theme::default(),
            default_locale: Locale::default(),
            plan_selection: PlanSelection::default(),
            on_end: OnEnd::default(),
            grace_days: 7,
            dunning: Dunning::default(),
            provider: Provider::default(),
            return_urls: Vec::new(),
            url: None,
            icon: None,
        }
    }
}

/// A partial change of [`Settings`]: `None` leaves a setting as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsPatch {
    pub name: Option<Name>,
    pub description: Option<Description>,
    pub allow_register: Option<bool>,
    pub is_mfa_required: Option<bool>,
    pub skip_consent: Option<bool>,
    pub allowed_scopes: Option<ScopeSet>,
    pub resources: Option<Vec<Resource>>,
    pub theme: Option<Theme>,
    pub default_locale: Option<Locale>,
    pub plan_selection: Option<PlanSelection>,
    pub on_end: Option<OnEnd>,
    pub grace_days: Option<u8>,
    pub dunning: Option<Dunning>,
    pub provider: Option<Provider>,
    pub return_urls: Option<Vec<ReturnUrl>>,
    pub url: Option<Option<WebUrl>>,
    pub icon: Option<Option<WebUrl>>,
}

impl SettingsPatch {
    /// Whether an application may be changed to this.
    ///
    /// # Errors
    /// As [`Settings::check`].
    pub fn check(&self) -> Result<(), Problem> {
        addresses::check("resources", self.resources.as_deref().unwrap_or_default())?;
        addresses::check("returnUrls", self.return_urls.as_deref().unwrap_or_default())
    }

    /// `settings` after this change.
    pub fn apply(self, settings: &Settings) -> Settings {
        let old = settings.clone();
        Settings {
            name: self.name.unwrap_or(old.name),
            description: self.description.unwrap_or(old.description),
            allow_register: self.allow_register.unwrap_or(old.allow_register),
            is_mfa_required: self.is_mfa_required.unwrap_or(old.is_mfa_required),
            skip_consent: self.skip_consent.unwrap_or(old.skip_consent),
            allowed_scopes: self.allowed_scopes.unwrap_or(old.allowed_scopes),
            resources: self.resources.unwrap_or(old.resources),
            theme: self.theme.unwrap_or(old.theme),
            default_locale: self.default_locale.unwrap_or(old.default_locale),
            plan_selection: self.plan_selection.unwrap_or(old.plan_selection),
            on_end: self.on_end.unwrap_or(old.on_end),
            grace_days: self.grace_days.unwrap_or(old.grace_days),
            dunning: self.dunning.unwrap_or(old.dunning),
            provider: self.provider.unwrap_or(old.provider),
            return_urls: self.return_urls.unwrap_or(old.return_urls),
            url: self.url.unwrap_or(old.url),
            icon: self.icon.unwrap_or(old.icon),
        }
    }
}

/// The longest grace after a failed payment, in days.
pub const MAX_GRACE_DAYS: u8 = 90;

/// # Errors
/// `APP_001` on the field `graceDays` when it lies outside 0 to [`MAX_GRACE_DAYS`].
pub fn parse_grace_days(days: i64) -> Result<u8, Problem> {
    u8::try_from(days)
        .ok()
        .filter(|days| *days <= MAX_GRACE_DAYS)
        .ok_or_else(|| Problem::field("graceDays", Flaw::Between { min: 0, max: MAX_GRACE_DAYS.into() }))
}

/// One product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Application {
    pub id: ApplicationId,
    pub slug: Slug,
    pub settings: Settings,
    pub created_at: Timestamp,
}

text!(
    /// The name of a role, 1 to 64 characters of `a-z`, `0-9`, `_` and `-`.
    RoleName,
    |text| keyed(text, 64, Alphabet::Key)
);

impl RoleName {
    /// The role that makes its holder an admin of the application.
    pub const ADMIN: &'static str = "admin";
    /// The role of everybody else.
    pub const USER: &'static str = "user";
}

text!(
    /// A permission: `resource` to read, `resource.write` to change; the resource has 1 to 64 characters of `a-z`,
    /// `0-9`, `_` and `-`.
    PermissionName,
    |text| {
        let resource = text.strip_suffix(".write").unwrap_or(text);
        keyed(resource, 64, Alphabet::Permission)?;
        Ok(text.to_owned())
    }
);

/// A role of an application with its permissions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    pub id: RoleId,
    pub application_id: ApplicationId,
    pub name: RoleName,
    pub permissions: Vec<PermissionId>,
}

/// An address below which checkout and portal may send people back, of at most 2,048 characters as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReturnUrl(url::Url);

impl ReturnUrl {
    /// The longest in bytes.
    const MAX: usize = 2048;

    /// # Errors
    /// When `text` is no absolute http(s) URL, or has user information, a backslash, a control character, a dot
    /// segment, a query or a fragment, or what is kept of it is too long.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let url = plain_url(text).ok_or(Flaw::WebUrl)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(Flaw::QueryOrFragment);
        }
        if url.as_str().len() > Self::MAX {
            return Err(Flaw::TooLong { max: Self::MAX });
        }
        Ok(Self(url))
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether `target` has the same scheme, host and port, and a path at or below this one's.
    pub fn covers(&self, target: &str) -> bool {
        let Some(target) = plain_url(target) else { return false };
        let same = |a: &url::Url, b: &url::Url| {
            a.scheme() == b.scheme() && a.host() == b.host() && a.port_or_known_default() == b.port_or_known_default()
        };
        let base = self.0.path().trim_end_matches('/');
        let below = target.path().strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        same(&self.0, &target) && below
    }
}

/// Parses an absolute http(s) URL that no two parsers read differently.
fn plain_url(text: &str) -> Option<url::Url> {
    if text.contains(|c: char| c == '\\' || c.is_control()) {
        return None;
    }
    let url = url::Url::parse(text).ok()?;
    let (_, rest) = text.split_once(':')?;
    // What is kept has no dot segments any more.
    let written = text.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let dotted = written.split('/').any(|segment| matches!(segment.replace("%2e", ".").as_str(), "." | ".."));
    let path = url.path().to_ascii_lowercase();
    let plain = matches!(url.scheme(), "http" | "https")
        && rest.starts_with("//")
        && !rest.starts_with("///")
        && !dotted
        && !["%2f", "%5c"].iter().any(|sign| path.contains(sign))
        && url.host().is_some()
        && url.username().is_empty()
        && url.password().is_none();
    plain.then_some(url)
}

impl TryFrom<String> for ReturnUrl {
    type Error = Flaw;

    fn try_from(text: String) -> Result<Self, Flaw> {
        if stored::is_being_read() {
            return url::Url::parse(&text).map(Self).map_err(|_| Flaw::WebUrl);
        }
        Self::parse(&text)
    }
}

impl From<ReturnUrl> for String {
    fn from(url: ReturnUrl) -> Self {
        url.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn return_urls_cover_their_path_and_below() {
        let base = ReturnUrl::parse("https://app.example/billing").unwrap();
        for good in ["https://app.example/billing", "https://app.example:443/billing/x?a=b#c"] {
            assert!(base.covers(good), "{good}");
        }
        for bad in [
            "https://app.example/billing-evil",
            "https://app.example/",
            "http://app.example/billing",
            "https://app.example:444/billing",
            "https://app.example.evil/billing",
            "https://u:p@app.example/billing",
            "https://app.example/billing/../admin",
            "https://app.example/billing/%2e%2e/admin",
            "https://app.example\\billing",
            // Parsers leave such signs out, and browsers the slashes.
            "https://app.example/billing/..%\t2f..%\t2fx",
            "https://app.example/billing/..%\n5cx",
            "https:app.example/billing",
            "https:/app.example/billing",
            "https:///app.example/billing",
            "javascript:alert(1)",
        ] {
            assert!(!base.covers(bad), "{bad}");
        }
    }

    #[test]
    fn what_is_kept_of_a_return_url_is_judged() {
        for bad in
            ["https://a.example/%\t2f", "https://a.example/%2F", "https://a.example/%\n5c", "https:a.example/ret"]
        {
            assert_eq!(ReturnUrl::parse(bad), Err(Flaw::WebUrl), "{bad:?}");
        }
        let long = |path: usize| ReturnUrl::parse(&format!("https://a.example/{}", "x".repeat(path)));
        assert!(long(2030).is_ok());
        assert_eq!(long(2031), Err(Flaw::TooLong { max: 2048 }));
    }
}
