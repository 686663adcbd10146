//! What clients hold for a user, and with what it ends: a sign-out leaves it, a new password does not.

use chrono::TimeDelta;
use domain::{
    billing::ledger::{Action, Actor},
    identity::{proof::Proof, user::User},
    oauth::authorize::{Door, RawParameters},
    page::PageRequest,
};
use service::{
    Ctx, Services,
    audit::AuditFilter,
    catalog::Catalog,
    oauth::{Failure, PresentedCredentials, Step, TokenRequest, tokens::TokenAnswer},
    testing::{TestServices, authenticator, people::register},
};

use crate::people::{new_user, password};

pub const CATALOG: &str = r#"
[[applications]]
slug = "acme"
name = "Acme"
allow_register = true
plan_selection = "never"

[[applications.clients]]
name = "Page"
client_id = "page"
type = "public"
redirect_uris = ["https://app.example/"]
skip_consent = true
"#;
const RIGHT: &str = "correct horse battery";
const NEW: &str = "another unrelated phrase";
// The pair of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

async fn open() -> (TestServices, User) {
    let test = TestServices::start().await;
    let catalog = Catalog::parse(CATALOG, "catalog.toml").unwrap_or_else(|e| panic!("{e}"));
    test.services.catalog().apply(&Ctx::operator(), catalog, false).await.unwrap();
    let ann = register(&test.services, new_user("ann@example.com")).await;
    (test, ann)
}

/// The circumstances of somebody who has just signed in, in a browser of its own.
async fn signed_in(services: &Services, user: &User) -> Ctx {
    let (session, _) = services.sessions().start(&Ctx::anonymous(), user, Proof::Password).await.unwrap();
    Ctx { actor: Actor::User(user.id), session: Some(session), ..Ctx::anonymous() }
}

/// A code for the client of [`CATALOG`].
pub async fn code(services: &Services, ctx: &Ctx) -> String {
    let raw = RawParameters::new([
        ("client_id", "page"),
        ("redirect_uri", "https://app.example/"),
        ("response_type", "code"),
        ("scope", "openid offline_access"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    match services.authorize().begin(ctx, &raw, Door::Authorize).await.unwrap() {
        Step::Redirect(answer) => answer.parameters.into_iter().find(|(name, _)| *name == "code").expect("a code").1,
        step => panic!("{step:?}"),
    }
}

async fn token(services: &Services, request: TokenRequest<'_>) -> Result<TokenAnswer, Failure> {
    let credentials = PresentedCredentials { client_id: Some("page"), ..Default::default() };
    services.grants().token(&TokenRequest { credentials, ..request }).await
}

pub async fn redeem(services: &Services, code: &str) -> Result<TokenAnswer, Failure> {
    let request = TokenRequest {
        grant_type: Some("authorization_code"),
        code: Some(code),
        redirect_uri: Some("https://app.example/"),
        code_verifier: Some(VERIFIER),
        ..TokenRequest::default()
    };
    token(services, request).await
}

/// What a client gets in a session.
pub async fn tokens(services: &Services, ctx: &Ctx) -> TokenAnswer {
    let code = code(services, ctx).await;
    redeem(services, &code).await.unwrap()
}

/// Within the leeway, so that the same token does again and again.
async fn refresh(services: &Services, tokens: &TokenAnswer) -> Result<TokenAnswer, Failure> {
    let refresh_token = Some(tokens.refresh_token.as_deref().expect("a refresh token"));
    token(services, TokenRequest { grant_type: Some("refresh_token"), refresh_token, ..TokenRequest::default() }).await
}

#[track_caller]
fn refused(answer: Result<TokenAnswer, Failure>) {
    assert_eq!(answer.err().expect("refused").public().code.as_str(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_what_clients_hold() {
    let (test, ann) = open().await;
    let services = &test.services;
    let bob = register(services, new_user("bob@example.com")).await;
    let others = tokens(services, &signed_in(services, &bob).await).await;
    let stolen = signed_in(services, &ann).await;
    let kept = tokens(services, &stolen).await;
    services.sessions().end(&Ctx::anonymous(), stolen.session.as_ref().unwrap().id).await.unwrap();
    refresh(services, &kept).await.expect("a sign-out leaves what works while nobody is there");
    let here = signed_in(services, &ann).await;
    let in_flight = code(services, &here).await;
    services.account().change_password(&here, RIGHT, password(NEW)).await.unwrap();
    refused(refresh(services, &kept).await);
    refused(redeem(services, &in_flight).await);
    refresh(services, &others).await.expect("another user's");
    tokens(services, &signed_in(services, &ann).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_does_not_outlive_its_session() {
    let (test, ann) = open().await;
    let services = &test.services;
    let ctx = signed_in(services, &ann).await;
    let (used, unused) = (code(services, &ctx).await, code(services, &ctx).await);
    let kept = redeem(services, &used).await.unwrap();
    services.sessions().end(&Ctx::anonymous(), ctx.session.as_ref().unwrap().id).await.unwrap();
    refused(redeem(services, &unused).await);
    refresh(services, &kept).await.unwrap();
    // The second use takes back what the first one got, also when the session is over.
    refused(redeem(services, &used).await);
    refused(refresh(services, &kept).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_in_flight_is_taken_back_with_everything() {
    let (test, ann) = open().await;
    let services = &test.services;
    let bob = register(services, new_user("bob@example.com")).await;
    let (ctx, other) = (signed_in(services, &ann).await, signed_in(services, &bob).await);
    let (kept, in_flight) = (tokens(services, &ctx).await, code(services, &ctx).await);
    let of_bob = code(services, &other).await;
    let application = services.directory().by_slug("acme").unwrap().application.id;
    assert_eq!(services.grants().revoke_all(&Ctx::operator(), application, ann.id).await.unwrap(), 1);
    refused(refresh(services, &kept).await);
    refused(redeem(services, &in_flight).await);
    redeem(services, &of_bob).await.expect("another user's");
    test.clock.advance(TimeDelta::seconds(1));
    tokens(services, &ctx).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_are_ended_on_the_account_page_take_their_grants_along() {
    let (test, ann) = open().await;
    let services = &test.services;
    let eve = register(services, new_user("eve@example.com")).await;
    let (here, second) = (signed_in(services, &ann).await, signed_in(services, &ann).await);
    let (third, evil) = (signed_in(services, &ann).await, signed_in(services, &eve).await);
    let (own, of_second, of_third) =
        (tokens(services, &here).await, tokens(services, &second).await, tokens(services, &third).await);
    let of_evil = tokens(services, &evil).await;
    let account = services.account();
    account.end_session(&evil, second.session.as_ref().unwrap().id).await.unwrap();
    refresh(services, &of_second).await.expect("not hers to end");
    account.end_session(&here, second.session.as_ref().unwrap().id).await.unwrap();
    refused(refresh(services, &of_second).await);
    refresh(services, &of_third).await.unwrap();
    // What was left behind by a session that is over already counts as elsewhere, too.
    services.sessions().end(&Ctx::anonymous(), third.session.as_ref().unwrap().id).await.unwrap();
    account.end_others(&here).await.unwrap();
    refused(refresh(services, &of_third).await);
    refresh(services, &own).await.expect("of the browser that asked");
    refresh(services, &of_evil).await.expect("another user's");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_out_everywhere_begins_anew() {
    let (test, ann) = open().await;
    let services = &test.services;
    let bob = register(services, new_user("bob@example.com")).await;
    let (here, there) = (signed_in(services, &ann).await, signed_in(services, &ann).await);
    let (of_here, in_flight) = (tokens(services, &here).await, code(services, &there).await);
    let others = tokens(services, &signed_in(services, &bob).await).await;
    let users = services.admin_users();
    users.sign_out(&Ctx::operator(), ann.id).await.unwrap();
    refused(refresh(services, &of_here).await);
    refused(redeem(services, &in_flight).await);
    for own in [&here, &there] {
        let live = services.account().sessions(own).await.unwrap();
        assert!(live.is_empty(), "{live:?}");
    }
    refresh(services, &others).await.expect("another user's");
    // A grant that outlived its session ends as well; once more ends nothing, and says nothing.
    let kept = signed_in(services, &ann).await;
    let of_kept = tokens(services, &kept).await;
    services.sessions().end(&Ctx::anonymous(), kept.session.as_ref().unwrap().id).await.unwrap();
    for _ in 0..2 {
        users.sign_out(&Ctx::operator(), ann.id).await.unwrap();
    }
    refused(refresh(services, &of_kept).await);
    let filter = AuditFilter { user: Some(ann.id), action: Some(Action::UserSignedOut), application: None };
    let page = PageRequest::parse(None, None).unwrap();
    let told = services.audit().list(&Ctx::operator(), filter, &page).await.unwrap();
    assert_eq!(told.items.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_factor_ends_what_clients_hold() {
    let (test, ann) = open().await;
    let services = &test.services;
    let bob = register(services, new_user("bob@example.com")).await;
    let others = tokens(services, &signed_in(services, &bob).await).await;
    let (here, there) = (signed_in(services, &ann).await, signed_in(services, &ann).await);
    let (own, elsewhere) = (tokens(services, &here).await, tokens(services, &there).await);
    let enrolment = services.factors().begin_totp(&here).await.unwrap();
    let shown = authenticator::code(&enrolment.key, services.now());
    services.factors().confirm_totp(&here, &enrolment.sealed, &shown).await.unwrap();
    // Also of the session that set it up: somebody else may have had its cookie.
    refused(refresh(services, &own).await);
    refused(refresh(services, &elsewhere).await);
    refresh(services, &others).await.expect("another user's");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_enabled_again_begins_anew() {
    let (test, ann) = open().await;
    let services = &test.services;
    let kept = tokens(services, &signed_in(services, &ann).await).await;
    services.admin_users().disable(&Ctx::operator(), ann.id).await.unwrap();
    services.admin_users().enable(&Ctx::operator(), ann.id).await.unwrap();
    refused(refresh(services, &kept).await);
}
