//! A way to sign in that an application offers besides its own.

use serde::{Deserialize, Serialize};

use crate::{
    ErrorCode, Flaw, Problem, Secret, Timestamp,
    id::{ApplicationId, SignInMethodId},
    identity::user::GlobalRole,
    oauth::redirect_uri::RedirectUri,
    text::{Name, Slug, bounded, slugify, text},
};

/// Who vouches for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UpstreamKind {
    Google,
    /// It speaks OAuth 2 only; who somebody is comes from its API.
    GitHub,
    /// Any issuer of OpenID Connect, found by its discovery document.
    Oidc,
}

impl UpstreamKind {
    pub const ALL: [Self; 3] = [Self::Google, Self::GitHub, Self::Oidc];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::GitHub => "github",
            Self::Oidc => "oidc",
        }
    }

    /// # Errors
    /// When `text` names no kind.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| Flaw::OneOf("google, github, oidc".into()))
    }

    /// Its name, where it is always the same.
    pub const fn brand(self) -> Option<&'static str> {
        match self {
            Self::Google => Some("Google"),
            Self::GitHub => Some("GitHub"),
            Self::Oidc => None,
        }
    }

    /// Its issuer, where it is always the same. GitHub has none of its own making: this one stands for it here.
    pub const fn issuer(self) -> Option<&'static str> {
        match self {
            Self::Google => Some("https://accounts.google.com"),
            Self::GitHub => Some("https://github.com"),
            Self::Oidc => None,
        }
    }

    /// Whether its word on addresses counts whoever set it up: its answers come from a company that does not belong
    /// to the application's admin.
    const fn is_independent(self) -> bool {
        matches!(self, Self::Google | Self::GitHub)
    }

    /// Whether an application's admin may bring a client of their own. Whoever owns a client gets codes for it from
    /// people who mean something else, and could bring one to this server in their own browser. Google redeems a code
    /// only for the redirect URI that it went to; GitHub signs nothing that names the client or the sign-in, and lets
    /// the client's owner change that URI; any other issuer may itself be the admin's.
    pub const fn is_for_admins(self) -> bool {
        matches!(self, Self::Google)
    }
}

text!(
    /// An issuer (OpenID Connect Discovery, section 2): `https`, or `http` on a loopback address; no query, no
    /// fragment.
    Issuer,
    |text| {
        let uri = RedirectUri::parse(text.trim())?;
        let web = ["https://", "http://"].iter().any(|scheme| uri.as_str().starts_with(scheme));
        match (web, uri.as_str().contains('?')) {
            (false, _) => Err(Flaw::Https),
            (true, true) => Err(Flaw::QueryOrFragment),
            (true, false) => Ok(uri.into()),
        }
    }
);
text!(
    /// The name by which a provider knows this server: 1 to 255 printable characters of ASCII.
    UpstreamClientId,
    |text| {
        let id = bounded(text, 1, 255)?;
        if id.chars().all(|c| c.is_ascii_graphic()) { Ok(id) } else { Err(Flaw::Control) }
    }
);
text!(
    /// The name by which a provider knows somebody for ever (`sub`): 1 to 255 characters.
    Subject,
    |text| {
        let subject = bounded(text, 1, 255)?;
        if subject == text { Ok(subject) } else { Err(Flaw::Control) }
    }
);

/// A way to sign in that an application offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInMethod {
    pub id: SignInMethodId,
    pub application_id: ApplicationId,
    /// Unique in the application; stands in addresses and never changes.
    pub slug: Slug,
    pub kind: UpstreamKind,
    /// What stands on the button.
    pub name: Name,
    pub issuer: Issuer,
    pub client_id: UpstreamClientId,
    pub enabled: bool,
    /// Whether an address counts as verified because this provider says so. Whoever can set up a provider could
    /// otherwise say that any address is theirs: but for Google, only superadmins turn it on.
    pub trust_email: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl SignInMethod {
    /// Whether the whole server relies on the provider, and not the application's admin alone: it belongs to neither, or
    /// a superadmin has put their trust in it.
    pub const fn is_vouched_for(&self) -> bool {
        self.kind.is_independent() || self.trust_email
    }

    /// Whether it may sign in accounts of this role. Whoever runs the provider of an application can say that anybody
    /// is there: applications of others and the server are not theirs to look after.
    pub fn admits(&self, role: GlobalRole) -> bool {
        role == GlobalRole::User || self.is_vouched_for()
    }
}

/// What it takes to make one.
#[derive(Clone, Debug)]
pub struct NewMethod {
    pub kind: UpstreamKind,
    /// The kind when left out; for `oidc` made from the name.
    pub slug: Option<Slug>,
    /// The provider's own when left out; `oidc` has none.
    pub name: Option<Name>,
    /// For `oidc`, and only for it.
    pub issuer: Option<Issuer>,
    pub client_id: UpstreamClientId,
    pub client_secret: Secret,
    pub enabled: bool,
    /// On for Google and GitHub, off for `oidc`, when left out.
    pub trust_email: Option<bool>,
}

/// A partial change. What is left out stays.
#[derive(Clone, Debug, Default)]
pub struct MethodPatch {
    pub name: Option<Name>,
    pub issuer: Option<Issuer>,
    pub client_id: Option<UpstreamClientId>,
    pub client_secret: Option<Secret>,
    pub enabled: Option<bool>,
    pub trust_email: Option<bool>,
}

/// The rights of whoever sets a method up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setter {
    /// Somebody who answers for the whole server.
    Superadmin,
    /// An admin of the application.
    Admin,
}

impl Setter {
    /// Lets those pass who say with which client a provider is offered, and whether it is.
    ///
    /// # Errors
    /// `AUTH_011` for an admin, but for Google: accounts are everybody's, and whoever owns a client of another
    /// provider, or runs that, could sign in as anybody who goes there.
    pub fn may_offer(self, kind: UpstreamKind) -> Result<(), Problem> {
        if self == Self::Superadmin || kind.is_for_admins() {
            return Ok(());
        }
        Err(Problem::new(ErrorCode::InsufficientRights, "only superadmins set up other providers than Google"))
    }
}

impl NewMethod {
    /// The method, with the id and the moment of its making.
    ///
    /// # Errors
    /// `APP_001` on the field for a name or issuer that is missing or does not go with the kind; `AUTH_011` as
    /// [`Setter::may_offer`].
    pub fn build(
        &self,
        id: SignInMethodId,
        application_id: ApplicationId,
        by: Setter,
        now: Timestamp,
    ) -> Result<SignInMethod, Problem> {
        by.may_offer(self.kind)?;
        let missing = |field| Problem::field(field, Flaw::Required);
        let brand = self.kind.brand().map(Name::parse).transpose().map_err(|flaw| Problem::field("name", flaw))?;
        let name = self.name.clone().or(brand).ok_or_else(|| missing("name"))?;
        let issuer = match (self.kind.issuer(), &self.issuer) {
            (None, issuer) => issuer.clone().ok_or_else(|| missing("issuer"))?,
            (Some(fixed), None) => Issuer::parse(fixed).map_err(|flaw| Problem::field("issuer", flaw))?,
            (Some(_), Some(_)) => return Err(Problem::field("issuer", "goes with the kind oidc")),
        };
        let slug = match (&self.slug, self.kind) {
            (Some(slug), _) => slug.clone(),
            (None, UpstreamKind::Oidc) => Slug::parse(&slugify(name.as_str())).map_err(|_| missing("slug"))?,
            (None, kind) => Slug::parse(kind.as_str()).map_err(|_| missing("slug"))?,
        };
        checked_secret(&self.client_secret)?;
        let trust_email = self.trust_email.unwrap_or(self.kind.is_independent());
        Ok(SignInMethod {
            id,
            application_id,
            slug,
            kind: self.kind,
            name,
            issuer,
            client_id: self.client_id.clone(),
            enabled: self.enabled,
            trust_email,
            created_at: now,
            updated_at: now,
        })
    }
}

impl MethodPatch {
    /// The method afterwards, without its new moment. Whoever sends people to another issuer types the secret again: the
    /// old one is not meant for it.
    ///
    /// # Errors
    /// As [`NewMethod::build`]; `AUTH_011` as [`Setter::may_offer`] for another issuer or client id, a secret, the
    /// switch from off to on, and trust in the provider's word; `APP_001` on `clientSecret` for another issuer without
    /// it.
    pub fn apply(&self, before: &SignInMethod, by: Setter) -> Result<SignInMethod, Problem> {
        if self.issuer.is_some() && before.kind.issuer().is_some() {
            return Err(Problem::field("issuer", "goes with the kind oidc"));
        }
        if let Some(secret) = &self.client_secret {
            checked_secret(secret)?;
        }
        let issuer = self.issuer.clone().unwrap_or_else(|| before.issuer.clone());
        let client_id = self.client_id.clone().unwrap_or_else(|| before.client_id.clone());
        let enabled = self.enabled.unwrap_or(before.enabled);
        let trust_email = self.trust_email.unwrap_or(before.trust_email);
        let other_client = issuer != before.issuer || client_id != before.client_id || self.client_secret.is_some();
        if other_client || (enabled && !before.enabled) || (trust_email && !before.trust_email) {
            by.may_offer(before.kind)?;
        }
        if issuer != before.issuer && self.client_secret.is_none() {
            return Err(Problem::field("clientSecret", Flaw::Required));
        }
        Ok(SignInMethod {
            name: self.name.clone().unwrap_or_else(|| before.name.clone()),
            issuer,
            client_id,
            enabled,
            trust_email,
            ..before.clone()
        })
    }
}

/// The longest secret of a provider, in characters.
const MAX_SECRET: usize = 4096;

fn checked_secret(secret: &Secret) -> Result<(), Problem> {
    let text = secret.expose();
    let flaw = match text.len() {
        0 => Flaw::Required,
        len if len > MAX_SECRET => Flaw::TooLong { max: MAX_SECRET },
        _ if !text.chars().all(|c| c.is_ascii_graphic()) => Flaw::Control,
        _ => return Ok(()),
    };
    Err(Problem::field("clientSecret", flaw))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn new(kind: UpstreamKind) -> NewMethod {
        NewMethod {
            kind,
            slug: None,
            name: None,
            issuer: None,
            client_id: UpstreamClientId::parse("id").unwrap(),
            client_secret: Secret::new("secret"),
            enabled: true,
            trust_email: None,
        }
    }

    fn oidc() -> NewMethod {
        NewMethod {
            name: Some(Name::parse("Corp Login").unwrap()),
            issuer: Some(Issuer::parse("https://login.corp.example").unwrap()),
            ..new(UpstreamKind::Oidc)
        }
    }

    fn build(new: &NewMethod, by: Setter) -> Result<SignInMethod, Problem> {
        new.build(Uuid::nil().into(), Uuid::nil().into(), by, Timestamp::default())
    }

    fn field(result: Result<SignInMethod, Problem>) -> String {
        result.unwrap_err().fields[0].field.clone()
    }

    #[test]
    fn what_is_always_the_same_need_not_be_said() {
        let google = build(&new(UpstreamKind::Google), Setter::Admin).unwrap();
        assert_eq!((google.slug.as_str(), google.name.as_str(), google.trust_email), ("google", "Google", true));
        assert_eq!(google.issuer.as_str(), "https://accounts.google.com");
        let corp = build(&oidc(), Setter::Superadmin).unwrap();
        assert_eq!((corp.slug.as_str(), corp.trust_email), ("corp-login", false));
        assert_eq!(field(build(&new(UpstreamKind::Oidc), Setter::Superadmin)), "name");
        assert_eq!(field(build(&NewMethod { issuer: None, ..oidc() }, Setter::Superadmin)), "issuer");
        let foreign = NewMethod { issuer: oidc().issuer, ..new(UpstreamKind::GitHub) };
        assert_eq!(field(build(&foreign, Setter::Superadmin)), "issuer");
        let secretless = NewMethod { client_secret: Secret::new(""), ..oidc() };
        assert_eq!(field(build(&secretless, Setter::Superadmin)), "clientSecret");
    }

    #[test]
    fn an_admin_chooses_nobody_who_vouches_for_everybody() {
        let trusted = NewMethod { trust_email: Some(true), ..oidc() };
        for new in [&trusted, &oidc(), &new(UpstreamKind::GitHub)] {
            assert_eq!(build(new, Setter::Admin).unwrap_err().code, ErrorCode::InsufficientRights);
        }
        let method = build(&trusted, Setter::Superadmin).unwrap();
        let issuer = Some(Issuer::parse("https://evil.example").unwrap());
        let other = MethodPatch { issuer, client_secret: Some(Secret::new("typed-again")), ..Default::default() };
        // The secret for one issuer is not sent to another.
        let silent = MethodPatch { client_secret: None, ..other.clone() };
        assert_eq!(field(silent.apply(&method, Setter::Superadmin)), "clientSecret");
        assert!(other.apply(&method, Setter::Superadmin).unwrap().trust_email);
        let doubted = build(&oidc(), Setter::Superadmin).unwrap();
        let trusting = MethodPatch { trust_email: Some(true), ..Default::default() };
        for (patch, before) in [(&other, &method), (&silent, &method), (&other, &doubted), (&trusting, &doubted)] {
            assert_eq!(patch.apply(before, Setter::Admin).unwrap_err().code, ErrorCode::InsufficientRights);
        }
        let patch = MethodPatch { issuer: Some(method.issuer.clone()), ..Default::default() };
        assert_eq!(patch.apply(&method, Setter::Admin).unwrap(), method, "the same issuer");
        // What a superadmin has decided stays while nothing else changes.
        let same = MethodPatch { trust_email: Some(true), enabled: Some(false), ..Default::default() };
        assert!(same.apply(&method, Setter::Admin).unwrap().trust_email);
        let google = build(&new(UpstreamKind::Google), Setter::Admin).unwrap();
        let off = MethodPatch { trust_email: Some(false), ..Default::default() };
        let off = off.apply(&google, Setter::Admin).unwrap();
        assert!(!off.trust_email && same.apply(&off, Setter::Admin).unwrap().trust_email);
    }

    #[test]
    fn the_client_of_any_provider_but_google_is_the_superadmins() {
        let client_id = Some(UpstreamClientId::parse("another").unwrap());
        let patches = [
            MethodPatch { client_id, ..Default::default() },
            MethodPatch { client_secret: Some(Secret::new("another")), ..Default::default() },
            MethodPatch { enabled: Some(true), ..Default::default() },
        ];
        let name = Some(Name::parse("Renamed").unwrap());
        for new in [new(UpstreamKind::Google), new(UpstreamKind::GitHub), oidc()] {
            let on = build(&new, Setter::Superadmin).unwrap();
            let client_id = Some(on.client_id.clone());
            let off = MethodPatch { name: name.clone(), client_id, enabled: Some(false), ..Default::default() };
            let off = off.apply(&on, Setter::Admin).unwrap();
            assert_eq!((off.name.as_str(), off.enabled), ("Renamed", false));
            for patch in &patches {
                assert!(patch.apply(&off, Setter::Superadmin).is_ok());
                let by_admin = patch.apply(&off, Setter::Admin).map_err(|problem| problem.code);
                match new.kind {
                    UpstreamKind::Google => assert!(by_admin.is_ok()),
                    _ => assert_eq!(by_admin, Err(ErrorCode::InsufficientRights)),
                }
            }
        }
    }

    #[test]
    fn issuers_are_addresses_of_their_own() {
        for good in ["https://login.example", "https://login.example/realms/a", "http://127.0.0.1:9000"] {
            assert_eq!(Issuer::parse(good).unwrap().as_str(), good);
        }
        for bad in
            ["http://login.example", "https://login.example/?a=b", "https://login.example/#a", "app.example:/cb", "x"]
        {
            assert!(Issuer::parse(bad).is_err(), "{bad}");
        }
        assert!(Subject::parse("248289761001").is_ok() && Subject::parse("").is_err() && Subject::parse(" a").is_err());
    }
}
