use super::*;
use crate::{
    Locale,
    oauth::{
        authorize::{
            Unanswerable,
            parameters::{LONGEST, LONGEST_HINT},
            with_query,
        },
        claim::Claim,
        client::{ClientId, ClientSettings, ClientType},
        redirect_uri::{RedirectUri, RedirectUris},
        resource::Resource,
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
        is_registered: false,
        created_at: crate::Timestamp::default(),
    }
}

fn confidential() -> Client {
    client(ClientType::Confidential, true)
}

fn pushing() -> Client {
    let mut client = confidential();
    client.settings.require_pushed = true;
    client
}

fn without(grant: GrantType) -> Client {
    let mut client = confidential();
    client.settings.grants.remove(&grant);
    client
}

fn parameters(extra: &[(&str, &str)]) -> RawParameters {
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

fn settings() -> Settings {
    let mut settings = Settings::new(Name::parse("Acme").unwrap());
    settings.resources = vec![Resource::parse("https://api.example/v1").unwrap()];
    settings
}

fn run(raw: &RawParameters, client: &Client, door: Door) -> Result<AuthorizationRequest, (&'static Rule, OAuthError)> {
    let address = ReturnAddress::find(raw, client).expect("an address");
    by_the_table(&Checked { raw, client, settings: &settings(), door }, address)
}

/// One row per way to break a rule, or to keep it where that is not obvious: the rule's name, the client, what the
/// request has besides the usual, and the error that the rule answers with.
type Row<'a> = (&'static str, &'static str, Client, Vec<(&'a str, &'a str)>, Option<Code>);

#[test]
fn every_rule_answers_in_the_protocols_words() {
    let long = "x".repeat(LONGEST + 1);
    let (hint, long_hint) = ("x".repeat(LONGEST_HINT), "x".repeat(LONGEST_HINT + 1));
    let bare = vec![("code_challenge", ""), ("code_challenge_method", "")];
    let bad = Some(Code::InvalidRequest);
    let unmet = Some(Code::UnmetAuthenticationRequirements);
    let optional = || client(ClientType::Confidential, false);
    let public = || client(ClientType::Public, false);
    let rows: Vec<Row<'_>> = vec![
        ("once", "a parameter is given once", confidential(), vec![("scope", "openid"), ("scope", "email")], bad),
        ("once", "a parameter is given once", confidential(), vec![("acr_values", "a"), ("acr_values", "b")], bad),
        (
            "unknown ones may repeat",
            "a parameter is given once",
            confidential(),
            vec![("utm", "a"), ("utm", "b")],
            None,
        ),
        ("length", "a parameter is not too long", confidential(), vec![("state", &long)], bad),
        ("a long hint", "a parameter is not too long", confidential(), vec![("id_token_hint", &hint)], None),
        ("too long a hint", "a parameter is not too long", confidential(), vec![("id_token_hint", &long_hint)], bad),
        ("once, too long", "a parameter is given once", confidential(), vec![("claims", &long), ("claims", "{}")], bad),
        ("long claims", "wishes for single claims never fail", confidential(), vec![("claims", &long)], None),
        (
            "long hints",
            "hints never fail",
            confidential(),
            vec![
                ("display", &long),
                ("ui_locales", &long),
                ("claims_locales", &long),
                ("acr_values", &long),
                ("login_hint", &long),
            ],
            None,
        ),
        (
            "grant",
            "the client may use codes",
            without(GrantType::AuthorizationCode),
            vec![],
            Some(Code::UnauthorizedClient),
        ),
        (
            "request",
            "request objects are refused",
            confidential(),
            vec![("request", "x")],
            Some(Code::RequestNotSupported),
        ),
        (
            "request_uri",
            "addresses of request objects are refused",
            confidential(),
            vec![("request_uri", "https://x.example")],
            Some(Code::RequestUriNotSupported),
        ),
        ("not pushed", "the request is pushed where it must be", pushing(), vec![], bad),
        (
            "registration",
            "clients do not register on the way",
            confidential(),
            vec![("registration", "{}")],
            Some(Code::RegistrationNotSupported),
        ),
        ("fragment", "the response mode is known", confidential(), vec![("response_mode", "fragment")], bad),
        ("query", "the response mode is known", confidential(), vec![("response_mode", "query")], None),
        ("form_post", "the response mode is known", confidential(), vec![("response_mode", "form_post")], None),
        (
            "implicit",
            "the response type is code",
            confidential(),
            vec![("response_type", "token")],
            Some(Code::UnsupportedResponseType),
        ),
        (
            "hybrid",
            "the response type is code",
            confidential(),
            vec![("response_type", "code id_token")],
            Some(Code::UnsupportedResponseType),
        ),
        ("no type", "the response type is code", confidential(), vec![("response_type", "")], bad),
        ("no scope", "a scope remains", confidential(), vec![("scope", "")], Some(Code::InvalidScope)),
        ("unknown scopes", "a scope remains", confidential(), vec![("scope", "a b")], Some(Code::InvalidScope)),
        (
            "offline only",
            "offline_access needs the grant",
            without(GrantType::RefreshToken),
            vec![("scope", "offline_access")],
            Some(Code::InvalidScope),
        ),
        (
            "none and login",
            "prompt is known, and none stands alone",
            confidential(),
            vec![("prompt", "none login")],
            bad,
        ),
        ("unknown prompt", "prompt is known, and none stands alone", confidential(), vec![("prompt", "dance")], bad),
        ("negative age", "max_age is a number", confidential(), vec![("max_age", "-1")], bad),
        ("no age", "max_age is a number", confidential(), vec![("max_age", "soon")], bad),
        ("challenge left out", "a challenge is there where it must be", confidential(), bare.clone(), bad),
        ("challenge not needed", "a challenge is there where it must be", optional(), bare.clone(), None),
        ("challenge of a public client", "a challenge is there where it must be", public(), bare.clone(), bad),
        ("method alone", "a challenge is there where it must be", optional(), vec![("code_challenge", "")], bad),
        ("plain", "a challenge is S256", confidential(), vec![("code_challenge_method", "plain")], bad),
        ("plain by default", "a challenge is S256", optional(), vec![("code_challenge_method", "")], bad),
        ("short challenge", "a challenge is S256", confidential(), vec![("code_challenge", "short")], bad),
        (
            "no URI",
            "the resource is one of the application's",
            confidential(),
            vec![("resource", "api")],
            Some(Code::InvalidTarget),
        ),
        (
            "another's resource",
            "the resource is one of the application's",
            confidential(),
            vec![("resource", "https://api.example/v1/")],
            Some(Code::InvalidTarget),
        ),
        (
            "own resource",
            "the resource is one of the application's",
            confidential(),
            vec![("resource", "https://api.example/v1")],
            None,
        ),
        ("no thumbprint", "the key of the code is a thumbprint", confidential(), vec![("dpop_jkt", "short")], bad),
        ("a level of others", "an essential level can be reached", confidential(), vec![("claims", GOLD)], unmet),
        ("broken claims", "wishes for single claims never fail", confidential(), vec![("claims", "{oops")], None),
        (
            "hints",
            "hints never fail",
            confidential(),
            vec![
                ("display", "hologram"),
                ("ui_locales", "xx yy"),
                ("claims_locales", "xx"),
                ("acr_values", "9"),
                ("login_hint", "\u{1f600}"),
            ],
            None,
        ),
        ("no plan key", "our own parameters never fail", confidential(), vec![("plan", "No Key")], None),
    ];
    for rule in RULES {
        assert!(rows.iter().any(|(_, own, ..)| *own == rule.name), "no row for: {}", rule.name);
    }
    for (name, rule, client, extra, expected) in rows {
        assert!(RULES.iter().any(|own| own.name == rule), "no such rule: {rule}");
        let answer = run(&parameters(&extra), &client, Door::Authorize);
        let told = answer.map_err(|(rule, error)| (rule.name, error.code)).err();
        assert_eq!(told, expected.map(|code| (rule, code)), "{name}");
    }
}

/// One row per rule, in their order: its name and its section, the client where it is not the usual one, what the
/// request has besides the usual to break it, and, where that is so, why it is not broken beside the rule before it.
type Breach<'a> = (&'static str, &'static str, Option<Client>, Vec<(&'a str, &'a str)>, Option<&'static str>);

const GOLD: &str = r#"{"id_token":{"acr":{"essential":true,"values":["gold"]}}}"#;

const NEVER: &str = "no request breaks it";

#[test]
fn of_two_broken_rules_the_earlier_one_answers() {
    let long = "x".repeat(LONGEST + 1);
    let bare = vec![("code_challenge", ""), ("code_challenge_method", "")];
    let (no_codes, no_refresh) = (without(GrantType::AuthorizationCode), without(GrantType::RefreshToken));
    let unlooked = Some("where the challenge is missing, there is none to look at");
    let rows: Vec<Breach<'_>> = vec![
        ("a parameter is given once", "RFC 6749, 3.1", None, vec![("nonce", "a"), ("nonce", "b")], None),
        ("a parameter is not too long", "RFC 6749, 4.1.2.1", None, vec![("state", &long)], None),
        ("the client may use codes", "RFC 6749, 4.1.2.1", Some(no_codes), vec![], None),
        ("request objects are refused", "OpenID Connect Core, 6.1", None, vec![("request", "x")], None),
        (
            "addresses of request objects are refused",
            "OpenID Connect Core, 6.2",
            None,
            vec![("request_uri", "https://x.example")],
            None,
        ),
        ("the request is pushed where it must be", "RFC 9126, 6", Some(pushing()), vec![], None),
        ("clients do not register on the way", "OpenID Connect Core, 7.2.1", None, vec![("registration", "{}")], None),
        (
            "the response mode is known",
            "OAuth 2.0 Multiple Response Types, 2.1",
            None,
            vec![("response_mode", "fragment")],
            None,
        ),
        ("the response type is code", "RFC 6749, 3.1.1", None, vec![("response_type", "token")], None),
        ("a scope remains", "RFC 6749, 3.3", None, vec![("scope", "a b")], None),
        (
            "offline_access needs the grant",
            "OpenID Connect Core, 11",
            Some(no_refresh),
            vec![("scope", "offline_access")],
            None,
        ),
        (
            "prompt is known, and none stands alone",
            "OpenID Connect Core, 3.1.2.1",
            None,
            vec![("prompt", "none login")],
            None,
        ),
        ("max_age is a number", "OpenID Connect Core, 3.1.2.1", None, vec![("max_age", "-1")], None),
        ("a challenge is there where it must be", "RFC 9700, 2.1.1", None, bare, None),
        ("a challenge is S256", "RFC 7636, 4.3", None, vec![("code_challenge_method", "plain")], unlooked),
        ("the resource is one of the application's", "RFC 8707, 2", None, vec![("resource", "api")], None),
        ("the key of the code is a thumbprint", "RFC 9449, 10", None, vec![("dpop_jkt", "short")], None),
        ("an essential level can be reached", "OpenID Connect Core, 5.5.1.1", None, vec![("claims", GOLD)], None),
        (
            "wishes for single claims never fail",
            "OpenID Connect Core, 5.5",
            None,
            vec![("claims", "{oops")],
            Some(NEVER),
        ),
        ("hints never fail", "OpenID Connect Core, 3.1.2.1", None, vec![("acr_values", "9")], Some(NEVER)),
        ("our own parameters never fail", "RFC 6749, 8.2", None, vec![("plan", "No Key")], Some(NEVER)),
    ];
    let named: Vec<_> = rows.iter().map(|(rule, section, ..)| (*rule, *section)).collect();
    assert_eq!(named, RULES.iter().map(|rule| (rule.name, rule.section)).collect::<Vec<_>>());
    let told = |client: Option<Client>, extra: &[(&str, &str)]| {
        let answer = run(&parameters(extra), &client.unwrap_or_else(confidential), Door::Authorize);
        answer.err().map(|(rule, _)| rule.name)
    };
    for (rule, _, client, extra, apart) in &rows {
        assert_eq!(told(client.clone(), extra), (*apart != Some(NEVER)).then_some(*rule), "{rule}, alone");
    }
    for ((rule, _, client, extra, _), (next, _, other, more, apart)) in rows.iter().zip(&rows[1..]) {
        if apart.is_some() {
            continue;
        }
        // Where both are about one parameter, it breaks both as the earlier one has it.
        let more = more.iter().filter(|(name, _)| !extra.iter().any(|(own, _)| own == name));
        let both: Vec<_> = extra.iter().chain(more).copied().collect();
        assert_eq!(told(client.clone().or_else(|| other.clone()), &both), Some(*rule), "{rule}, and: {next}");
    }
}

#[test]
fn a_good_request_passes() {
    let raw = parameters(&[("prompt", "login"), ("max_age", "60"), ("plan", "pro"), ("ui_locales", "fr id")]);
    let request = run(&raw, &confidential(), Door::Authorize).unwrap();
    assert_eq!(request.scopes.to_string(), "openid email");
    assert_eq!(request.max_age, Some(60));
    assert_eq!(request.plan.unwrap().as_str(), "pro");
    assert_eq!(request.ui_locale, Some(Locale::Id));
}

#[test]
fn single_claims_stay_within_what_the_application_allows() {
    let claims = r#"{"id_token":{"sub":{"value":"u1"},"email":{"essential":true},"oops":null},
        "userinfo":{"phone_number":null,"given_name":null}}"#;
    let raw = parameters(&[("claims", claims), ("scope", "openid")]);
    let client = confidential();
    let address = ReturnAddress::find(&raw, &client).unwrap();
    let settings = Settings { allowed_scopes: ScopeSet::parse("openid profile email"), ..settings() };
    let request = validate(&raw, &client, &settings, Door::Authorize, address).unwrap();
    assert_eq!(request.expected_user.as_deref(), Some("u1"));
    assert!(request.claims.id_token.has(Claim::Email) && !request.claims.userinfo.has(Claim::Email));
    assert!(request.claims.userinfo.has(Claim::GivenName) && !request.claims.userinfo.has(Claim::PhoneNumber));
    // The user is asked about them as about their scopes.
    assert_eq!(request.wanted_scopes().to_string(), "openid profile email");
    assert_eq!(request.scopes.to_string(), "openid");
}

#[test]
fn wishes_too_long_to_travel_are_left_out() {
    let wish = |value: &str| format!(r#"{{"id_token":{{"sub":{{"value":"{value}"}},"email":null}}}}"#);
    let hint = "x".repeat(LONGEST + 1);
    let asked = |claims: &str, hint: &str| {
        let raw = parameters(&[("claims", claims), ("login_hint", hint)]);
        run(&raw, &confidential(), Door::Authorize).unwrap()
    };
    let request = asked(&wish("u1"), "u1@example.com");
    assert_eq!((request.expected_user.as_deref(), request.login_hint.as_deref()), (Some("u1"), Some("u1@example.com")));
    assert!(request.claims.id_token.has(Claim::Email));
    let request = asked(&wish(&hint), &hint);
    assert_eq!((request.expected_user, request.login_hint), (None, None));
    assert!(!request.claims.id_token.has(Claim::Email));
}

#[test]
fn where_the_answer_cannot_go_there_is_no_answer() {
    for extra in [
        vec![("redirect_uri", "")],
        vec![("redirect_uri", "https://evil.example/cb")],
        vec![("redirect_uri", "https://app.example/cb?x")],
        vec![("redirect_uri", "https://app.example/cb"), ("redirect_uri", "https://app.example/cb")],
    ] {
        let address = ReturnAddress::find(&parameters(&extra), &confidential());
        assert_eq!(address, Err(Unanswerable::RedirectUri), "{extra:?}");
    }
}

#[test]
fn the_short_form_asks_only_public_clients_for_a_challenge() {
    let bare = parameters(&[("code_challenge", ""), ("code_challenge_method", "")]);
    assert!(run(&bare, &confidential(), Door::ShortForm).is_ok());
    assert!(run(&bare, &client(ClientType::Public, false), Door::ShortForm).is_err());
}

#[test]
fn a_pushed_request_passes_where_it_must_be_one() {
    assert!(run(&parameters(&[]), &pushing(), Door::Pushed).is_ok());
    let bare = parameters(&[("code_challenge", ""), ("code_challenge_method", "")]);
    assert!(run(&bare, &confidential(), Door::Pushed).is_err());
}

#[test]
fn offline_access_needs_the_grant() {
    let raw = parameters(&[("scope", "openid offline_access")]);
    let scopes = |client: &Client| run(&raw, client, Door::Authorize).unwrap().scopes;
    assert!(scopes(&confidential()).contains(Scope::OfflineAccess));
    assert!(!scopes(&without(GrantType::RefreshToken)).contains(Scope::OfflineAccess));
}

#[test]
fn answers_keep_the_redirect_uri_to_the_letter() {
    let parameters = [("code", "a b".to_owned())];
    assert_eq!(with_query("https://a.example/cb", &parameters), "https://a.example/cb?code=a+b");
    assert_eq!(with_query("https://a.example/cb?x=%7E", &parameters), "https://a.example/cb?x=%7E&code=a+b");
    assert_eq!(with_query("https://a.example/cb?", &parameters), "https://a.example/cb?code=a+b");
    assert_eq!(with_query("com.app:/cb", &[]), "com.app:/cb");
}
