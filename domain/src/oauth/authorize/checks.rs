//! The table of checks that an authorization request has to pass.

use super::{AuthorizationRequest, Door, RawParameters, ResponseMode, ReturnAddress, parameters::longest};
use crate::{
    application::Settings,
    billing::plan::PlanKey,
    oauth::{
        acr::AcrWish,
        claims_request::{self, ClaimsRequest},
        client::{Client, GrantType},
        error::{OAuthError, OAuthErrorCode as Code},
        pkce::Challenge,
        prompt::Prompts,
        scope::{Scope, ScopeSet},
    },
};

/// What the checks look at.
struct Checked<'a> {
    raw: &'a RawParameters,
    client: &'a Client,
    settings: &'a Settings,
    door: Door,
}

type Check = fn(&Checked<'_>, &mut AuthorizationRequest) -> Result<(), OAuthError>;

/// One rule of the table.
#[derive(Debug)]
pub struct Rule {
    pub name: &'static str,
    /// Where it comes from.
    pub section: &'static str,
    check: Check,
}

const fn rule(name: &'static str, section: &'static str, check: Check) -> Rule {
    Rule { name, section, check }
}

/// The rules in their order: the first that a request breaks answers it. Whether the client and its redirect URI are
/// right has been found out before, by [`ReturnAddress::find`]: without them there is nobody to answer. Whether
/// `id_token_hint` is one of the client's takes the signing keys: `service` finds it out last.
pub const RULES: &[Rule] = &[
    rule("a parameter is given once", "RFC 6749, 3.1", once),
    rule("a parameter is not too long", "RFC 6749, 4.1.2.1", length),
    rule("the client may use codes", "RFC 6749, 4.1.2.1", grant),
    rule("request objects are refused", "OpenID Connect Core, 6.1", request),
    rule("addresses of request objects are refused", "OpenID Connect Core, 6.2", request_uri),
    rule("the request is pushed where it must be", "RFC 9126, 6", pushed),
    rule("clients do not register on the way", "OpenID Connect Core, 7.2.1", registration),
    rule("the response mode is known", "OAuth 2.0 Multiple Response Types, 2.1", response_mode),
    rule("the response type is code", "RFC 6749, 3.1.1", response_type),
    rule("a scope remains", "RFC 6749, 3.3", scope),
    rule("offline_access needs the grant", "OpenID Connect Core, 11", offline_access),
    rule("prompt is known, and none stands alone", "OpenID Connect Core, 3.1.2.1", prompt),
    rule("max_age is a number", "OpenID Connect Core, 3.1.2.1", max_age),
    rule("a challenge is there where it must be", "RFC 9700, 2.1.1", challenged),
    rule("a challenge is S256", "RFC 7636, 4.3", challenge),
    rule("the resource is one of the application's", "RFC 8707, 2", resource),
    rule("the key of the code is a thumbprint", "RFC 9449, 10", dpop_jkt),
    rule("an essential level can be reached", "OpenID Connect Core, 5.5.1.1", level),
    rule("wishes for single claims never fail", "OpenID Connect Core, 5.5", claims),
    rule("hints never fail", "OpenID Connect Core, 3.1.2.1", hints),
    rule("our own parameters never fail", "RFC 6749, 8.2", own),
];

/// Validates what [`ReturnAddress::find`] has found worth an answer. `settings` are those of the client's
/// application.
///
/// # Errors
/// What goes back to the client.
pub fn validate(
    raw: &RawParameters,
    client: &Client,
    settings: &Settings,
    door: Door,
    address: ReturnAddress,
) -> Result<AuthorizationRequest, OAuthError> {
    by_the_table(&Checked { raw, client, settings, door }, address).map_err(|(_, error)| error)
}

/// Validates what comes beside the name of a pushed request, which counts in place of all of it (RFC 9126, section 4;
/// RFC 9101, section 6.3): no request object is left out silently, nor a parameter that says two things.
///
/// # Errors
/// What goes back to the client.
pub fn beside_pushed(raw: &RawParameters) -> Result<(), OAuthError> {
    repeated(raw)?;
    match raw.get("request") {
        Some(_) => Err(OAuthError::invalid_request("request and request_uri exclude each other")),
        None => Ok(()),
    }
}

/// The request, or the first rule that it breaks.
fn by_the_table(
    checked: &Checked<'_>,
    address: ReturnAddress,
) -> Result<AuthorizationRequest, (&'static Rule, OAuthError)> {
    let mut request = AuthorizationRequest {
        client_id: checked.client.client_id.to_string(),
        redirect_uri: address.redirect_uri,
        response_mode: address.response_mode,
        scopes: ScopeSet::default(),
        state: address.state,
        nonce: None,
        challenge: None,
        prompts: Prompts::default(),
        max_age: None,
        login_hint: None,
        ui_locale: address.ui_locale,
        plan: None,
        resource: None,
        dpop_jkt: None,
        expected_user: None,
        acr: AcrWish::default(),
        claims: ClaimsRequest::default(),
    };
    for rule in RULES {
        (rule.check)(checked, &mut request).map_err(|error| (rule, error))?;
    }
    Ok(request)
}

fn once(c: &Checked<'_>, _: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    repeated(c.raw)
}

fn repeated(raw: &RawParameters) -> Result<(), OAuthError> {
    match raw.repeated() {
        Some("resource") => Err(several_resources()),
        Some(name) => Err(OAuthError::invalid_request(format!("{name} is given more than once"))),
        None => Ok(()),
    }
}

/// A token is for one resource: whoever needs more asks again, with the refresh token or for another code.
pub fn several_resources() -> OAuthError {
    OAuthError::new(Code::InvalidTarget, "a token is for one resource at a time")
}

fn length(c: &Checked<'_>, _: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    match c.raw.too_long() {
        Some(name) => Err(OAuthError::invalid_request(format!("{name} is longer than {} bytes", longest(name)))),
        None => Ok(()),
    }
}

fn grant(c: &Checked<'_>, _: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    if c.client.may(GrantType::AuthorizationCode) {
        return Ok(());
    }
    Err(OAuthError::new(Code::UnauthorizedClient, "this client may not use the authorization code grant"))
}

fn request(c: &Checked<'_>, _: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    unsupported(c, "request", Code::RequestNotSupported)
}

fn request_uri(c: &Checked<'_>, _: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    unsupported(c, "request_uri", Code::RequestUriNotSupported)
}

fn pushed(c: &Checked<'_>, _: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    if c.client.settings.require_pushed && c.door != Door::Pushed {
        return Err(OAuthError::invalid_request("this client must push its requests"));
    }
    Ok(())
}

fn registration(c: &Checked<'_>, _: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    unsupported(c, "registration", Code::RegistrationNotSupported)
}

fn unsupported(c: &Checked<'_>, name: &str, code: Code) -> Result<(), OAuthError> {
    match c.raw.get(name) {
        Some(_) => Err(OAuthError::new(code, format!("the parameter {name} is not supported"))),
        None => Ok(()),
    }
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
    request.scopes = ScopeSet::parse(c.raw.get("scope").unwrap_or_default()).intersection(&c.settings.allowed_scopes);
    some_scope(request)
}

fn some_scope(request: &AuthorizationRequest) -> Result<(), OAuthError> {
    if request.scopes.is_empty() {
        return Err(OAuthError::new(Code::InvalidScope, "scope names none that this client may have"));
    }
    Ok(())
}

fn offline_access(c: &Checked<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    if !c.client.may(GrantType::RefreshToken) {
        request.scopes = request.scopes.iter().filter(|scope| *scope != Scope::OfflineAccess).collect();
    }
    some_scope(request)
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

fn challenged(c: &Checked<'_>, _: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let needed = c.client.is_public() || (c.client.requires_pkce() && c.door != Door::ShortForm);
    let method = c.raw.get("code_challenge_method").is_some();
    if c.raw.get("code_challenge").is_none() && (needed || method) {
        return Err(OAuthError::invalid_request("code_challenge is missing"));
    }
    Ok(())
}

fn challenge(c: &Checked<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let Some(text) = c.raw.get("code_challenge") else { return Ok(()) };
    if c.raw.get("code_challenge_method") != Some("S256") {
        return Err(OAuthError::invalid_request("code_challenge_method must be S256"));
    }
    let bad = || OAuthError::invalid_request("code_challenge must be a SHA-256 hash in base64url");
    request.challenge = Some(Challenge::parse(text).ok_or_else(bad)?);
    Ok(())
}

fn resource(c: &Checked<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    request.resource = c.raw.get("resource").map(|named| c.settings.resource(named)).transpose()?;
    Ok(())
}

fn dpop_jkt(c: &Checked<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    request.dpop_jkt = c.raw.get("dpop_jkt").map(str::to_owned);
    match &request.dpop_jkt {
        Some(text) if !Challenge::is_hash(text) => Err(OAuthError::invalid_request("dpop_jkt must be a thumbprint")),
        _ => Ok(()),
    }
}

fn level(c: &Checked<'_>, _: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    match c.raw.get("claims").and_then(claims_request::parse) {
        Some(wishes) if wishes.acr == AcrWish::Impossible => {
            let why = "acr is essential, and none of its levels is known";
            Err(OAuthError::new(Code::UnmetAuthenticationRequirements, why))
        }
        _ => Ok(()),
    }
}

/// What the application does not allow, this server does not know or cannot read is left out. `essential` asks that
/// the client gets a claim where there is one: it does anyway.
fn claims(c: &Checked<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    let wishes = c.raw.get("claims").and_then(claims_request::parse).unwrap_or_default();
    request.claims = wishes.claims.within(&c.settings.allowed_scopes);
    request.expected_user = wishes.sub;
    request.acr = wishes.acr;
    Ok(())
}

/// `display` and `claims_locales` change nothing: pages fit every display, and claims have one language.
fn hints(c: &Checked<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    request.nonce = c.raw.get("nonce").map(str::to_owned);
    request.acr = request.acr.max(AcrWish::of_values(c.raw.get("acr_values").unwrap_or_default()));
    request.login_hint = c.raw.get("login_hint").map(|hint| hint.chars().take(254).collect());
    Ok(())
}

fn own(c: &Checked<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    request.plan = c.raw.get("plan").and_then(|key| PlanKey::parse(key).ok());
    Ok(())
}

#[cfg(test)]
mod tests;
