//! The authorization request (RFC 6749, section 4.1.1; OpenID Connect Core, 3.1.2.1): from raw parameters to a
//! validated request, by one ordered table of checks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    client::{Client, GrantType},
    error::{OAuthError, OAuthErrorCode as Code},
    pkce::Challenge,
    prompt::Prompts,
    scope::{Scope, ScopeSet},
};
use crate::{Locale, billing::plan::PlanKey};

/// The parameters that this server reads. Others are ignored, even when repeated.
const KNOWN: &[&str] = &[
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "login_hint",
    "id_token_hint",
    "ui_locales",
    "plan",
    "resource",
    "request",
    "request_uri",
    "registration",
];

/// The longest value of a parameter, in bytes; it travels in URLs.
const LONGEST: usize = 4096;

/// The parameters as they came. An empty value counts as left out (RFC 6749, section 3.1).
#[derive(Clone, Debug, Default)]
pub struct RawParameters {
    values: BTreeMap<String, String>,
    repeated: Vec<String>,
}

impl RawParameters {
    /// Keeps the known ones, and remembers which of them came twice.
    pub fn new<K: AsRef<str>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut raw = Self::default();
        for (name, value) in pairs {
            let (name, value) = (name.as_ref(), value.into());
            if !KNOWN.contains(&name) || value.is_empty() {
                continue;
            }
            if raw.values.insert(name.to_owned(), value).is_some() {
                raw.repeated.push(name.to_owned());
            }
        }
        raw
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    pub fn is_repeated(&self, name: &str) -> bool {
        self.repeated.iter().any(|repeated| repeated == name)
    }

    /// Sets a parameter that the request left out.
    pub fn or_set(&mut self, name: &str, value: &str) {
        self.values.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    }
}

/// How the answer goes back to the client (OAuth 2.0 Form Post Response Mode).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    #[default]
    Query,
    FormPost,
}

impl ResponseMode {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "query" => Some(Self::Query),
            "form_post" => Some(Self::FormPost),
            _ => None,
        }
    }
}

/// Why a request is answered by a page and never by a redirect (RFC 6749, section 4.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswerable {
    #[error("there is no such client")]
    Client,
    #[error("the redirect_uri is missing or not registered for this client")]
    RedirectUri,
}

/// Through which door the request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Authorize,
    /// `/auth/login`, where a confidential client needs no challenge.
    ShortForm,
}

/// A validated request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    pub client_id: String,
    pub redirect_uri: String,
    #[serde(default)]
    pub response_mode: ResponseMode,
    /// What of the asked scopes this server knows and the client may have.
    pub scopes: ScopeSet,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub challenge: Option<Challenge>,
    pub prompts: Prompts,
    /// The oldest sign-in that will do, in seconds.
    pub max_age: Option<u32>,
    pub login_hint: Option<String>,
    pub ui_locale: Option<Locale>,
    pub plan: Option<PlanKey>,
    pub resource: Option<String>,
    /// The `sub` of a verified id_token_hint.
    pub expected_user: Option<String>,
}

/// Where the answer goes, once that much of the request is known to be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnAddress {
    pub redirect_uri: String,
    pub response_mode: ResponseMode,
    pub state: Option<String>,
}

impl AuthorizationRequest {
    pub fn return_address(&self) -> ReturnAddress {
        ReturnAddress {
            redirect_uri: self.redirect_uri.clone(),
            response_mode: self.response_mode,
            state: self.state.clone(),
        }
    }
}

impl ReturnAddress {
    /// Checks the redirect URI of `client`'s request.
    ///
    /// # Errors
    /// When the answer cannot be sent anywhere.
    pub fn find(raw: &RawParameters, client: &Client) -> Result<Self, Unanswerable> {
        let asked = raw.get("redirect_uri").filter(|_| !raw.is_repeated("redirect_uri"));
        let redirect_uri =
            asked.filter(|uri| client.settings.redirect_uris.allow(uri)).ok_or(Unanswerable::RedirectUri)?.to_owned();
        let response_mode = raw.get("response_mode").and_then(ResponseMode::parse).unwrap_or_default();
        let state = raw.get("state").filter(|state| !raw.is_repeated("state") && state.len() <= LONGEST);
        let state = state.map(str::to_owned);
        Ok(Self { redirect_uri, response_mode, state })
    }
}

/// What goes back to the client: a code or an error, with `state` and `iss` (RFC 9207).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationResponse {
    pub redirect_uri: String,
    pub response_mode: ResponseMode,
    pub parameters: Vec<(&'static str, String)>,
}

impl AuthorizationResponse {
    pub fn code(address: ReturnAddress, issuer: &str, code: String) -> Self {
        Self::new(address, issuer, vec![("code", code)])
    }

    pub fn error(address: ReturnAddress, issuer: &str, error: &OAuthError) -> Self {
        let description = ("error_description", error.description.to_string());
        Self::new(address, issuer, vec![("error", error.code.as_str().to_owned()), description])
    }

    fn new(address: ReturnAddress, issuer: &str, mut parameters: Vec<(&'static str, String)>) -> Self {
        parameters.extend(address.state.map(|state| ("state", state)));
        parameters.push(("iss", issuer.to_owned()));
        Self { redirect_uri: address.redirect_uri, response_mode: address.response_mode, parameters }
    }

    /// The redirect URI with the parameters in its query.
    pub fn location(&self) -> String {
        with_query(&self.redirect_uri, &self.parameters)
    }
}

/// `uri`, to the letter, with more parameters in its query.
pub fn with_query(uri: &str, parameters: &[(&'static str, String)]) -> String {
    if parameters.is_empty() {
        return uri.to_owned();
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    let joint = match uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    format!("{uri}{joint}{query}")
}

/// What the checks look at.
struct Checked<'a> {
    raw: &'a RawParameters,
    client: &'a Client,
    allowed: &'a ScopeSet,
    door: Door,
}

type Check = fn(&Checked<'_>, &mut AuthorizationRequest) -> Result<(), OAuthError>;

/// The checks in their order: the first that fails answers.
const CHECKS: &[(&str, Check)] = &[
    ("a parameter is given once", once),
    ("a parameter is not too long", length),
    ("the client may use codes", grant),
    ("request objects are refused", request_objects),
    ("the response mode is known", response_mode),
    ("the response type is code", response_type),
    ("a scope remains", scope),
    ("prompt is known", prompt),
    ("max_age is a number", max_age),
    ("the challenge is S256, and there where it must be", challenge),
    ("the resource is an absolute URI", resource),
    ("hints never fail", hints),
];

/// Validates what [`ReturnAddress::find`] has found worth an answer. `allowed` are the application's scopes.
///
/// # Errors
/// What goes back to the client.
pub fn validate(
    raw: &RawParameters,
    client: &Client,
    allowed: &ScopeSet,
    door: Door,
    address: ReturnAddress,
) -> Result<AuthorizationRequest, OAuthError> {
    let mut request = AuthorizationRequest {
        client_id: client.client_id.to_string(),
        redirect_uri: address.redirect_uri,
        response_mode: address.response_mode,
        scopes: ScopeSet::default(),
        state: address.state,
        nonce: None,
        challenge: None,
        prompts: Prompts::default(),
        max_age: None,
        login_hint: None,
        ui_locale: None,
        plan: None,
        resource: None,
        expected_user: None,
    };
    let checked = Checked { raw, client, allowed, door };
    for (_, check) in CHECKS {
        check(&checked, &mut request)?;
    }
    Ok(request)
}

fn once(c: &Checked<'_>, _: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    match c.raw.repeated.first() {
        Some(name) => Err(OAuthError::invalid_request(format!("{name} is given more than once"))),
        None => Ok(()),
    }
}

fn length(c: &Checked<'_>, _: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    match c.raw.values.iter().find(|(_, value)| value.len() > LONGEST) {
        Some((name, _)) => Err(OAuthError::invalid_request(format!("{name} is longer than {LONGEST} bytes"))),
        None => Ok(()),
    }
}

fn grant(c: &Checked<'_>, _: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    if c.client.may(GrantType::AuthorizationCode) {
        return Ok(());
    }
    Err(OAuthError::new(Code::UnauthorizedClient, "this client may not use the authorization code grant"))
}

fn request_objects(c: &Checked<'_>, _: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    for (name, code) in [
        ("request", Code::RequestNotSupported),
        ("request_uri", Code::RequestUriNotSupported),
        ("registration", Code::RegistrationNotSupported),
    ] {
        if c.raw.get(name).is_some() {
            return Err(OAuthError::new(code, format!("the parameter {name} is not supported")));
        }
    }
    Ok(())
}

fn response_mode(c: &Checked<'_>, _: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    match c.raw.get("response_mode") {
        Some(text) if ResponseMode::parse(text).is_none() => {
            Err(OAuthError::invalid_request("response_mode must be query or form_post"))
        }
        _ => Ok(()),
    }
}

fn response_type(c: &Checked<'_>, _: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    match c.raw.get("response_type") {
        Some("code") => Ok(()),
        Some(_) => Err(OAuthError::new(Code::UnsupportedResponseType, "response_type must be code")),
        None => Err(OAuthError::invalid_request("response_type is missing")),
    }
}

fn scope(c: &Checked<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let asked = ScopeSet::parse(c.raw.get("scope").unwrap_or_default()).intersection(c.allowed);
    let refresh = c.client.may(GrantType::RefreshToken);
    request.scopes = asked.iter().filter(|scope| refresh || *scope != Scope::OfflineAccess).collect();
    if request.scopes.is_empty() {
        return Err(OAuthError::new(Code::InvalidScope, "scope names none that this client may have"));
    }
    Ok(())
}

fn prompt(c: &Checked<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    request.prompts = Prompts::parse(c.raw.get("prompt").unwrap_or_default()).map_err(OAuthError::invalid_request)?;
    Ok(())
}

fn max_age(c: &Checked<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let parse = |text: &str| {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        // A number beyond the type's range is older than any session.
        digits.then(|| text.parse().unwrap_or(u32::MAX))
    };
    request.max_age = match c.raw.get("max_age") {
        Some(text) => {
            Some(parse(text).ok_or_else(|| OAuthError::invalid_request("max_age must be a number of seconds"))?)
        }
        None => None,
    };
    Ok(())
}

fn challenge(c: &Checked<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let needed = c.client.is_public() || (c.client.requires_pkce() && c.door == Door::Authorize);
    request.challenge = match (c.raw.get("code_challenge"), c.raw.get("code_challenge_method")) {
        (None, None) if needed => return Err(OAuthError::invalid_request("code_challenge is missing")),
        (None, None) => None,
        (None, Some(_)) => return Err(OAuthError::invalid_request("code_challenge is missing")),
        (Some(text), Some("S256")) => Some(
            Challenge::parse(text)
                .ok_or_else(|| OAuthError::invalid_request("code_challenge must be a SHA-256 hash in base64url"))?,
        ),
        (Some(_), _) => return Err(OAuthError::invalid_request("code_challenge_method must be S256")),
    };
    Ok(())
}

fn resource(c: &Checked<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    request.resource = c.raw.get("resource").map(parse_resource).transpose()?;
    Ok(())
}

/// The audience that `resource` names (RFC 8707, section 2).
///
/// # Errors
/// `invalid_target` when it is no absolute URI or has a fragment.
pub fn parse_resource(text: &str) -> Result<String, OAuthError> {
    let bad = || OAuthError::new(Code::InvalidTarget, "resource must be an absolute URI without a fragment");
    let uri = url::Url::parse(text).map_err(|_| bad())?;
    let plain = uri.fragment().is_none() && text.len() <= 512 && !text.chars().any(|c| c.is_control() || c == ' ');
    if plain { Ok(text.to_owned()) } else { Err(bad()) }
}

fn hints(c: &Checked<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    request.nonce = c.raw.get("nonce").map(str::to_owned);
    request.login_hint = c.raw.get("login_hint").map(|hint| hint.chars().take(254).collect());
    request.ui_locale = c.raw.get("ui_locales").and_then(|tags| tags.split(' ').find_map(Locale::from_tag));
    request.plan = c.raw.get("plan").and_then(|key| PlanKey::parse(key).ok());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        oauth::{
            client::{ClientId, ClientSettings, ClientType},
            redirect_uri::{RedirectUri, RedirectUris},
        },
        text::Name,
    };

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn client(kind: ClientType, require_pkce: bool) -> Client {
        let mut settings = ClientSettings::new(Name::parse("Web").unwrap());
        settings.redirect_uris = RedirectUris(vec![RedirectUri::parse("https://app.example/cb").unwrap()]);
        settings.require_pkce = require_pkce;
        Client {
            id: uuid::Uuid::nil().into(),
            application_id: uuid::Uuid::nil().into(),
            client_id: ClientId::parse("web").unwrap(),
            kind,
            settings,
            created_at: crate::Timestamp::default(),
        }
    }

    fn request(extra: &[(&str, &str)]) -> RawParameters {
        let base = [
            ("client_id", "web"),
            ("redirect_uri", "https://app.example/cb"),
            ("response_type", "code"),
            ("scope", "openid email unknown"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("state", "s"),
        ];
        let kept = base.iter().filter(|(name, _)| !extra.iter().any(|(other, _)| other == name));
        RawParameters::new(kept.chain(extra).map(|(k, v)| (*k, *v)))
    }

    fn run(raw: &RawParameters, client: &Client, door: Door) -> Result<AuthorizationRequest, OAuthError> {
        let address = ReturnAddress::find(raw, client).expect("an address");
        validate(raw, client, &ScopeSet::all(), door, address)
    }

    #[test]
    fn a_good_request_passes() {
        let raw = request(&[("prompt", "login"), ("max_age", "60"), ("plan", "pro"), ("display", "popup")]);
        let request = run(&raw, &client(ClientType::Confidential, true), Door::Authorize).unwrap();
        assert_eq!(request.scopes.to_string(), "openid email");
        assert_eq!(request.max_age, Some(60));
        assert_eq!(request.plan.unwrap().as_str(), "pro");
    }

    #[test]
    fn the_table_answers_in_the_protocols_words() {
        let client = client(ClientType::Confidential, true);
        for (extra, code) in [
            (vec![("scope", "openid"), ("scope", "email")], Code::InvalidRequest),
            (vec![("request", "x")], Code::RequestNotSupported),
            (vec![("request_uri", "https://x.example")], Code::RequestUriNotSupported),
            (vec![("registration", "{}")], Code::RegistrationNotSupported),
            (vec![("response_mode", "fragment")], Code::InvalidRequest),
            (vec![("response_type", "token")], Code::UnsupportedResponseType),
            (vec![("response_type", "code id_token")], Code::UnsupportedResponseType),
            (vec![("response_type", "")], Code::InvalidRequest),
            (vec![("scope", "")], Code::InvalidScope),
            (vec![("scope", "nothing known")], Code::InvalidScope),
            (vec![("prompt", "none login")], Code::InvalidRequest),
            (vec![("prompt", "dance")], Code::InvalidRequest),
            (vec![("max_age", "-1")], Code::InvalidRequest),
            (vec![("code_challenge", "")], Code::InvalidRequest),
            (vec![("code_challenge_method", "plain")], Code::InvalidRequest),
            (vec![("code_challenge_method", "")], Code::InvalidRequest),
            (vec![("code_challenge", "short")], Code::InvalidRequest),
            (vec![("resource", "not a uri")], Code::InvalidTarget),
            (vec![("resource", "https://api.example/#x")], Code::InvalidTarget),
            (vec![("state", &"x".repeat(5000))], Code::InvalidRequest),
        ] {
            let answer = run(&request(&extra), &client, Door::Authorize);
            assert_eq!(answer.map_err(|e| e.code).unwrap_err(), code, "{extra:?}");
        }
    }

    #[test]
    fn where_the_answer_cannot_go_there_is_no_answer() {
        let client = client(ClientType::Confidential, true);
        for extra in [
            vec![("redirect_uri", "")],
            vec![("redirect_uri", "https://evil.example/cb")],
            vec![("redirect_uri", "https://app.example/cb?x")],
            vec![("redirect_uri", "https://app.example/cb"), ("redirect_uri", "https://app.example/cb")],
        ] {
            assert_eq!(ReturnAddress::find(&request(&extra), &client), Err(Unanswerable::RedirectUri), "{extra:?}");
        }
    }

    #[test]
    fn who_needs_a_challenge() {
        let bare = request(&[("code_challenge", ""), ("code_challenge_method", "")]);
        let asks = |kind, flag, door| run(&bare, &client(kind, flag), door).is_err();
        assert!(asks(ClientType::Confidential, true, Door::Authorize));
        assert!(!asks(ClientType::Confidential, false, Door::Authorize));
        assert!(!asks(ClientType::Confidential, true, Door::ShortForm));
        assert!(asks(ClientType::Public, false, Door::Authorize));
        assert!(asks(ClientType::Public, false, Door::ShortForm));
    }

    #[test]
    fn offline_access_needs_the_grant() {
        let mut client = client(ClientType::Confidential, true);
        let raw = request(&[("scope", "openid offline_access")]);
        assert!(run(&raw, &client, Door::Authorize).unwrap().scopes.contains(Scope::OfflineAccess));
        client.settings.grants.remove(&GrantType::RefreshToken);
        assert!(!run(&raw, &client, Door::Authorize).unwrap().scopes.contains(Scope::OfflineAccess));
    }

    #[test]
    fn answers_keep_the_redirect_uri_to_the_letter() {
        let parameters = [("code", "a b".to_owned())];
        assert_eq!(with_query("https://a.example/cb", &parameters), "https://a.example/cb?code=a+b");
        assert_eq!(with_query("https://a.example/cb?x=%7E", &parameters), "https://a.example/cb?x=%7E&code=a+b");
        assert_eq!(with_query("https://a.example/cb?", &parameters), "https://a.example/cb?code=a+b");
        assert_eq!(with_query("com.app:/cb", &[]), "com.app:/cb");
    }

    #[test]
    fn unknown_parameters_may_repeat() {
        let raw = request(&[("utm", "a"), ("utm", "b"), ("claims", "{oops"), ("acr_values", "x")]);
        assert!(run(&raw, &client(ClientType::Public, true), Door::Authorize).is_ok());
    }
}
