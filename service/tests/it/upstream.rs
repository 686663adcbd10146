//! Signing in with other providers: who is signed in, made, or asked to prove an account.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use domain::{
    ErrorCode, Flaw, Secret,
    billing::ledger::Action,
    identity::{
        proof::Proof,
        upstream::{Issuer, MethodPatch, NewMethod, UpstreamClientId, UpstreamKind},
        user::User,
    },
    page::PageRequest,
    route::ReturnTo,
    text::Name,
};
use http::StatusCode;
use serde_json::json;
use service::{
    Ctx, Error, Services, Settings,
    audit::AuditFilter,
    catalog::Catalog,
    directory::ApplicationEntry,
    testing::{
        TestServices,
        http::{Answer, Reply},
        passkey::SoftPasskey,
        people::{mailed_token, register},
        provider::{CLIENT_ID, CLIENT_SECRET, Provider},
    },
    upstream::{Back, Departure, Failure, Intent, Outcome, Returned, methods::MethodEntry},
};

use crate::people::{email, new_user};

const CATALOG: &str = r#"
[[applications]]
slug = "acme"
name = "Acme"
allow_register = true

[[applications.sign_in_methods]]
kind = "oidc"
name = "Corp"
issuer = "ISSUER"
client_id = "turnpike-at-the-stand-in"
client_secret = "what-the-stand-in-gave-to-turnpike"
trust_email = true

[[applications.sign_in_methods]]
kind = "oidc"
slug = "doubted"
name = "Doubted"
issuer = "ISSUER"
client_id = "turnpike-at-the-stand-in"
client_secret = "what-the-stand-in-gave-to-turnpike"

[[applications]]
slug = "club"
name = "Club"
allow_register = false

[[applications.sign_in_methods]]
kind = "oidc"
name = "Corp"
issuer = "ISSUER"
client_id = "turnpike-at-the-stand-in"
client_secret = "what-the-stand-in-gave-to-turnpike"
trust_email = true
"#;

struct World {
    test: TestServices,
    provider: Provider,
}

/// A browser that has left for the provider.
struct Left {
    url: String,
    browser: Secret,
    application: &'static str,
    method: &'static str,
}

impl World {
    async fn start() -> Self {
        Self::start_with(TestServices::settings()).await
    }

    async fn start_with(settings: Settings) -> Self {
        let provider = Provider::start(TestServices::epoch().timestamp()).await;
        let world = Self { test: TestServices::start_with(settings).await, provider };
        world.apply(CATALOG).await;
        world
    }

    async fn apply(&self, catalog: &str) -> Vec<String> {
        let catalog = Catalog::parse(&catalog.replace("ISSUER", &self.provider.url()), "catalog.toml");
        let catalog = catalog.unwrap_or_else(|e| panic!("{e}"));
        let changes = self.services().catalog().apply(&Ctx::operator(), catalog, false).await.unwrap();
        changes.list.iter().map(ToString::to_string).collect()
    }

    const fn services(&self) -> &Services {
        &self.test.services
    }

    fn application(&self, slug: &str) -> Arc<ApplicationEntry> {
        self.services().directory().by_slug(slug).cloned().unwrap()
    }

    fn departure(&self, application: &str, method: &str, intent: Intent) -> Departure {
        let entry = self.application(application);
        Departure {
            method: entry.sign_in_method(method).cloned().unwrap(),
            application: entry,
            intent,
            to: ReturnTo::Flow("abc".into()),
            login_hint: None,
            browser: None,
        }
    }

    async fn leave(&self, application: &'static str, method: &'static str, intent: Intent, ctx: &Ctx) -> Left {
        let departure = self.departure(application, method, intent);
        let left = self.services().upstreams().depart(ctx, departure).await.unwrap();
        Left { url: left.url, browser: left.browser, application, method }
    }

    /// What the browser brings back when its person says yes.
    fn approved(&self, left: &Left) -> Back {
        Self::approved_by(&self.provider, left)
    }

    fn approved_by(provider: &Provider, left: &Left) -> Back {
        let mut back = Back {
            application: left.application.into(),
            method: left.method.into(),
            browser: Some(left.browser.expose().into()),
            ..Back::default()
        };
        for (name, value) in provider.approve(&left.url) {
            match name.as_str() {
                "code" => back.code = Some(value),
                "iss" => back.iss = Some(value),
                _ => back.state = value,
            }
        }
        back
    }

    async fn arrive(&self, back: Back) -> Result<Returned, Error> {
        self.services().upstreams().arrive(&Ctx::anonymous(), back).await
    }

    /// There and back again.
    async fn visit(&self, application: &'static str, method: &'static str) -> Outcome {
        let left = self.leave(application, method, Intent::SignIn, &Ctx::anonymous()).await;
        let returned = self.arrive(self.approved(&left)).await.unwrap();
        assert_eq!(returned.to, ReturnTo::Flow("abc".into()));
        returned.outcome
    }

    /// The circumstances of somebody who has just signed in.
    async fn signed_in(&self, user: &User) -> Ctx {
        let (session, _) = self.services().sessions().start(&Ctx::anonymous(), user, Proof::Password).await.unwrap();
        Ctx { actor: domain::billing::ledger::Actor::User(user.id), session: Some(session), ..Ctx::anonymous() }
    }

    async fn actions(&self, action: Action) -> usize {
        let filter = AuditFilter { action: Some(action), ..AuditFilter::default() };
        let page = PageRequest::parse(None, Some("100")).unwrap();
        self.services().audit().list(&Ctx::operator(), filter, &page).await.unwrap().items.len()
    }
}

fn signed_in(outcome: Outcome) -> User {
    match outcome {
        Outcome::SignedIn { user, .. } => *user,
        other => panic!("{other:?}"),
    }
}

fn failure(outcome: Outcome) -> Failure {
    match outcome {
        Outcome::Failed(failure) => failure,
        other => panic!("{other:?}"),
    }
}

fn code<T>(result: Result<T, Error>) -> ErrorCode {
    result.err().expect("refused").code()
}

/// An issuer of an admin's choice.
fn oidc(name: &str, issuer: &str) -> NewMethod {
    NewMethod {
        kind: UpstreamKind::Oidc,
        slug: None,
        name: Some(Name::parse(name).unwrap()),
        issuer: Some(Issuer::parse(issuer).unwrap()),
        client_id: UpstreamClientId::parse(CLIENT_ID).unwrap(),
        client_secret: Secret::new(CLIENT_SECRET),
        enabled: true,
        trust_email: None,
    }
}

fn method(world: &World, slug: &str) -> Arc<MethodEntry> {
    world.application("acme").sign_in_method(slug).cloned().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_person_gets_an_account_and_comes_back_to_it() {
    let world = World::start().await;
    let ann = signed_in(world.visit("acme", "corp").await);
    assert_eq!((ann.email.as_str(), ann.email_verified), ("ann@example.com", true));
    assert_eq!(ann.name.as_ref().map(Name::as_str), Some("Ann"));
    // Whatever the provider says about the address later: the account is linked to the subject.
    world.provider.be(json!({ "sub": "1001", "email": "renamed@example.com", "email_verified": true }));
    world.test.clock.advance(TimeDelta::minutes(3));
    assert_eq!(signed_in(world.visit("acme", "corp").await), ann);
    // The other application has another client at the same issuer.
    assert_eq!(signed_in(world.visit("club", "corp").await), ann);
    let ctx = world.signed_in(&ann).await;
    let linked = world.services().identities().list(&ctx).await.unwrap();
    assert_eq!(linked.len(), 1);
    assert_eq!((linked[0].provider.as_str(), linked[0].email.as_deref()), ("Corp", Some("ann@example.com")));
    assert_eq!(linked[0].used_at - linked[0].linked_at, TimeDelta::minutes(3));
    assert_eq!((world.actions(Action::UserCreated).await, world.actions(Action::IdentityLinked).await), (1, 1));
    assert!(world.services().identities().offers(&ctx).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_the_same_address_is_linked_by_its_owner_only() {
    let world = World::start().await;
    let services = world.services();
    let ann = register(services, new_user("ann@example.com")).await;
    let bob = register(services, new_user("bob@example.com")).await;
    let old = world.signed_in(&ann).await;
    world.test.clock.advance(TimeDelta::seconds(5));
    let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
    let browser = left.browser.expose().to_owned();
    let returned = world.arrive(world.approved(&left)).await.unwrap();
    let Outcome::Prove(ReturnTo::Link { pending }) = returned.outcome else { panic!("{returned:?}") };
    let upstreams = services.upstreams();
    let shown = upstreams.pending(&pending).unwrap();
    assert_eq!((shown.email.as_str(), &shown.to), ("ann@example.com", &ReturnTo::Flow("abc".into())));
    // Nobody, somebody else, a session from before, another browser.
    let (bobs, anns) = (world.signed_in(&bob).await, world.signed_in(&ann).await);
    let another = Some("up_another-browser");
    for (ctx, browser) in [
        (&Ctx::anonymous(), Some(browser.as_str())),
        (&bobs, Some(browser.as_str())),
        (&old, Some(browser.as_str())),
        (&anns, another),
        (&anns, None),
    ] {
        assert_eq!(code(upstreams.link(ctx, &pending, browser).await), ErrorCode::NoSession);
    }
    assert!(services.identities().list(&anns).await.unwrap().is_empty());
    assert!(matches!(world.visit("acme", "corp").await, Outcome::Prove(_)), "still not linked");
    upstreams.link(&anns, &pending, Some(&browser)).await.unwrap();
    upstreams.link(&anns, &pending, Some(&browser)).await.unwrap();
    assert_eq!(signed_in(world.visit("acme", "corp").await), ann);
    assert_eq!(world.actions(Action::IdentityLinked).await, 1);
    let mails = services.mails().latest(&Ctx::operator()).await.unwrap();
    let told = mails.iter().filter(|own| own.mail.to == ann.email && own.mail.plain.contains("127.0.0.1"));
    assert_eq!(told.filter(|own| own.mail.subject.contains("another way to sign in")).count(), 1);
    world.test.clock.advance(TimeDelta::minutes(31));
    assert_eq!(code(upstreams.pending(&pending)), ErrorCode::NoSession);
    assert_eq!(code(upstreams.pending("bent")), ErrorCode::NoSession);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_nobody_vouches_for_is_asked_by_mail() {
    let world = World::start().await;
    let services = world.services();
    register(services, new_user("known@example.com")).await;
    let unverified = |address: &str| json!({ "sub": address, "email": address, "email_verified": false });
    let claimed = |address: &str| json!({ "sub": address, "email": address, "email_verified": true });
    // A provider whose word does not count is told the same as one that does not give it.
    for (method, person) in [
        ("corp", unverified("known@example.com")),
        ("corp", unverified("new@example.com")),
        ("doubted", claimed("known@example.com")),
        ("doubted", claimed("new@example.com")),
    ] {
        world.provider.be(person);
        assert!(matches!(world.visit("acme", method).await, Outcome::MailSent(_)), "{method}");
    }
    // Where nobody can register it is the same too.
    for address in ["known@example.com", "new@example.com"] {
        world.provider.be(unverified(address));
        assert_eq!(failure(world.visit("club", "corp").await), Failure::Closed);
    }
    assert!(services.users().find_by_email(&email("new@example.com")).await.unwrap().is_none(), "not before");
    assert_eq!(world.actions(Action::IdentityLinked).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_makes_the_account_and_the_same_browser_links_it() {
    let world = World::start().await;
    let services = world.services();
    let left = world.leave("acme", "doubted", Intent::SignIn, &Ctx::anonymous()).await;
    let browser = left.browser.expose().to_owned();
    let returned = world.arrive(world.approved(&left)).await.unwrap();
    assert!(matches!(returned.outcome, Outcome::MailSent(_)));
    let token = mailed_token(services, &email("ann@example.com")).await.unwrap();
    let password = crate::people::password("four unrelated plain words");
    let arrived = services.mail_links().finish_registration(&Ctx::anonymous(), &token, password).await.unwrap();
    let ReturnTo::Link { pending } = arrived.to else { panic!("{arrived:?}") };
    let ctx = world.signed_in(&arrived.user).await;
    // Whoever reads the mail elsewhere has an account, and nobody else's way into it.
    assert_eq!(code(services.upstreams().link(&ctx, &pending, Some("up_elsewhere")).await), ErrorCode::NoSession);
    services.upstreams().link(&ctx, &pending, Some(&browser)).await.unwrap();
    assert_eq!(signed_in(world.visit("acme", "doubted").await), arrived.user);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_brought_back_counts_once_and_in_its_own_browser() {
    let world = World::start().await;
    let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
    let back = world.approved(&left);
    let elsewhere = [
        Back { browser: None, ..back.clone() },
        Back { browser: Some("up_another".into()), ..back.clone() },
        Back { state: "another".into(), ..back.clone() },
    ];
    for wrong in elsewhere {
        assert_eq!(code(world.arrive(wrong).await), ErrorCode::NoSession);
    }
    signed_in(world.arrive(back.clone()).await.unwrap().outcome);
    assert_eq!(code(world.arrive(back).await), ErrorCode::NoSession, "used");
    // The address of another method, or of another application's: an answer that was meant for somebody else.
    for (application, method) in [("acme", "doubted"), ("club", "corp"), ("acme", "nothing")] {
        let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
        let mut back = world.approved(&left);
        (back.application, back.method) = (application.into(), method.into());
        assert_eq!(code(world.arrive(back).await), ErrorCode::NoSession);
    }
    let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
    let late = world.approved(&left);
    world.test.clock.advance(TimeDelta::minutes(10));
    assert_eq!(code(world.arrive(late).await), ErrorCode::NoSession);
    world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
    world.test.clock.advance(TimeDelta::minutes(11));
    assert!(world.services().purge().await.unwrap() >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_forged_is_believed() {
    let world = World::start().await;
    let (world, now) = (&world, TestServices::epoch().timestamp());
    let refused = |name: &'static str| async move {
        let failed = failure(world.visit("acme", "corp").await);
        assert!(matches!(failed, Failure::Untrusted(_)), "{name}: {failed:?}");
    };
    type Bend = fn(&mut serde_json::Value, &mut serde_json::Value, i64);
    let table: [(&'static str, Bend); 15] = [
        ("nonce", |_, claims, _| claims["nonce"] = json!("another")),
        ("no nonce", |_, claims, _| drop(claims.as_object_mut().unwrap().remove("nonce"))),
        ("iss", |_, claims, _| claims["iss"] = json!("https://evil.example")),
        ("aud", |_, claims, _| claims["aud"] = json!("another-client")),
        ("no aud", |_, claims, _| claims["aud"] = json!([])),
        ("aud of several", |_, claims, _| claims["aud"] = json!([CLIENT_ID, "another-client"])),
        ("azp", |_, claims, _| claims["azp"] = json!("another-client")),
        ("expired", |_, claims, now| claims["exp"] = json!(now - 61)),
        ("from the future", |_, claims, now| claims["iat"] = json!(now + 3600)),
        ("not yet", |_, claims, now| claims["nbf"] = json!(now + 3600)),
        ("at_hash", |_, claims, _| claims["at_hash"] = json!("AAAAAAAAAAAAAAAAAAAAAA")),
        ("no sub", |_, claims, _| claims["sub"] = json!("")),
        ("alg none", |header, _, _| header["alg"] = json!("none")),
        ("alg of a shared secret", |header, _, _| header["alg"] = json!("HS256")),
        ("kid", |header, _, _| header["kid"] = json!("another")),
    ];
    for (name, bend) in table {
        world.provider.bend(move |header, claims| bend(header, claims, now));
        refused(name).await;
    }
    world.provider.be_honest();
    world.provider.forge();
    refused("another key").await;
    world.provider.be_honest();

    // Answers of the authorization endpoint.
    let back = |change: fn(&mut Back)| async move {
        let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
        let mut back = world.approved(&left);
        change(&mut back);
        failure(world.arrive(back).await.unwrap().outcome)
    };
    let untrusted = |failed: Failure| assert!(matches!(failed, Failure::Untrusted(_)), "{failed:?}");
    untrusted(back(|back| back.iss = Some("https://evil.example".into())).await);
    untrusted(back(|back| back.iss = None).await);
    untrusted(back(|back| back.code = None).await);
    untrusted(back(|back| back.code = Some("code-0".into())).await);
    untrusted(back(|back| back.error = Some("invalid_scope".into())).await);
    assert_eq!(back(|back| back.error = Some("access_denied".into())).await, Failure::Denied);
    assert_eq!(back(|back| back.error = Some("server_error".into())).await, Failure::Unavailable);
    assert_eq!(world.services().users().find_by_email(&email("ann@example.com")).await.unwrap(), None);
    // And what is within the rules is believed.
    world.provider.bend(move |_, claims| {
        (claims["aud"], claims["azp"]) = (json!([CLIENT_ID, "another-client"]), json!(CLIENT_ID));
        (claims["exp"], claims["iat"]) = (json!(now - 59), json!(now + 59));
        claims["email_verified"] = json!("true");
    });
    signed_in(world.visit("acme", "corp").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_down_or_has_no_address_stops_nobody_else() {
    let world = World::start().await;
    let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
    let back = world.approved(&left);
    world.provider.go_down(true);
    assert_eq!(failure(world.arrive(back).await.unwrap().outcome), Failure::Unavailable);
    world.provider.go_down(false);
    world.provider.be(json!({ "sub": "7" }));
    assert_eq!(failure(world.visit("acme", "corp").await), Failure::NoAddress);
    assert_eq!(failure(world.visit("club", "corp").await), Failure::Closed);
    // Who is known needs none.
    world.provider.be(json!({ "sub": "7", "email": "seven@example.com", "email_verified": true }));
    let seven = signed_in(world.visit("acme", "corp").await);
    world.provider.be(json!({ "sub": "7" }));
    assert_eq!(signed_in(world.visit("acme", "corp").await), seven);
    world.services().admin_users().disable(&Ctx::operator(), seven.id).await.unwrap();
    assert_eq!(failure(world.visit("acme", "corp").await), Failure::Refused(ErrorCode::AccountDisabled));
    // Before anything was fetched, and before the documents are old, a silent provider is told apart.
    let fresh = world.test.another_node().await;
    world.provider.go_down(true);
    let left = fresh.upstreams().depart(&Ctx::anonymous(), world.departure("acme", "corp", Intent::SignIn)).await;
    assert_eq!(code(left), ErrorCode::ProviderUnavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_answers_sign_nobody_in() {
    let world = World::start().await;
    let json = |body: &str| Answer::new(StatusCode::OK, "application/json", body.to_owned());
    let broken = |status: StatusCode| Answer::new(status, "text/html", "<h1>Sorry</h1>");
    let large = format!("{{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"x\":\"{}\"}}", "x".repeat(70_000));
    let elsewhere = broken(StatusCode::FOUND).with("location", &format!("{}/token", world.provider.url()));
    let table = [
        (broken(StatusCode::INTERNAL_SERVER_ERROR), true),
        (broken(StatusCode::SERVICE_UNAVAILABLE), true),
        (json(&large), true),
        (json("no JSON"), false),
        (json("{}"), false),
        (json("[]"), false),
        // OAuth 2 without OpenID Connect.
        (json("{\"access_token\":\"a\",\"token_type\":\"Bearer\"}"), false),
        (json("{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"id_token\":\"a.b.c\"}"), false),
        (broken(StatusCode::OK), false),
        (broken(StatusCode::NOT_FOUND), false),
        (elsewhere.clone(), false),
    ];
    for (answer, silent) in table {
        let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
        let back = world.approved(&left);
        world.provider.do_instead(Reply::Answer(answer.clone()));
        let failed = failure(world.arrive(back).await.unwrap().outcome);
        let fits = if silent { failed == Failure::Unavailable } else { matches!(failed, Failure::Untrusted(_)) };
        assert!(fits, "{failed:?}: {answer:?}");
        world.provider.go_down(false);
    }
    // Whoever says nothing at all is left after a while.
    let mut settings = TestServices::settings();
    settings.provider_timeout = Duration::from_secs(1);
    let node = world.test.node_with(settings).await;
    let departure = || world.departure("acme", "corp", Intent::SignIn);
    let gone = node.upstreams().depart(&Ctx::anonymous(), departure()).await.unwrap();
    let left = Left { url: gone.url, browser: gone.browser, application: "acme", method: "corp" };
    let back = world.approved(&left);
    world.provider.do_instead(Reply::Silence);
    let returned = node.upstreams().arrive(&Ctx::anonymous(), back).await.unwrap();
    assert_eq!(failure(returned.outcome), Failure::Unavailable);
    // Discovery is not redirected either, and is of its own issuer.
    world.provider.do_instead(Reply::Answer(elsewhere));
    let fresh = world.test.another_node().await;
    let refused = fresh.upstreams().depart(&Ctx::anonymous(), departure()).await;
    assert_eq!(code(refused), ErrorCode::ProviderUnavailable);
    let (application, entry) = (world.application("acme").application.id, method(&world, "corp"));
    let checked = fresh.sign_in_methods().check(&Ctx::operator(), application, entry.method.id).await;
    let Err(Error::Problem(problem)) = checked else { panic!("{checked:?}") };
    assert_eq!(problem.fields[0].flaw, Flaw::Discovery);
    assert_eq!(world.actions(Action::UserCreated).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_private_is_asked() {
    let world = World::start().await;
    let mut settings = TestServices::settings();
    settings.private_targets = false;
    let node = world.test.node_with(settings).await;
    let before = world.provider.requests();
    let left = node.upstreams().depart(&Ctx::anonymous(), world.departure("acme", "corp", Intent::SignIn)).await;
    assert_eq!(code(left), ErrorCode::ProviderUnavailable);
    let (application, entry) = (world.application("acme").application.id, method(&world, "corp"));
    let checked = node.sign_in_methods().check(&Ctx::operator(), application, entry.method.id).await;
    let Err(Error::Problem(problem)) = checked else { panic!("{checked:?}") };
    assert_eq!((problem.code, &problem.fields[0].flaw), (ErrorCode::ProviderNotConfigured, &Flaw::PrivateAddress));
    // Nor a code redeemed, where another node knows the addresses.
    let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
    let asked = world.provider.requests();
    let returned = node.upstreams().arrive(&Ctx::anonymous(), world.approved(&left)).await.unwrap();
    assert_eq!(failure(returned.outcome), Failure::Unavailable);
    assert_eq!((before, world.provider.requests()), (0, asked));
}

#[tokio::test(flavor = "multi_thread")]
async fn userinfo_may_say_who_somebody_is() {
    let world = World::start().await;
    world.provider.keep_to_userinfo();
    assert_eq!(signed_in(world.visit("acme", "corp").await).email.as_str(), "ann@example.com");
    world.provider.bend(|_, claims| claims["sub"] = json!("1002"));
    assert!(matches!(failure(world.visit("acme", "corp").await), Failure::Untrusted(_)), "somebody else's userinfo");
}

#[tokio::test(flavor = "multi_thread")]
async fn google_and_github_are_known_by_their_names() {
    let provider = Provider::start(TestServices::epoch().timestamp()).await;
    provider.call_itself("https://accounts.google.com");
    let mut settings = TestServices::settings();
    (settings.google_url, settings.github_url) = (Some(provider.url()), Some(provider.url()));
    let world = World { test: TestServices::start_with(settings).await, provider };
    world
        .apply(
            r#"
[[applications]]
slug = "acme"
name = "Acme"
allow_register = true
[[applications.sign_in_methods]]
kind = "google"
client_id = "turnpike-at-the-stand-in"
client_secret = "what-the-stand-in-gave-to-turnpike"
[[applications.sign_in_methods]]
kind = "github"
client_id = "turnpike-at-the-stand-in"
client_secret = "what-the-stand-in-gave-to-turnpike"
"#,
        )
        .await;
    let ann = signed_in(world.visit("acme", "google").await);
    world.provider.bend(|_, claims| claims["iss"] = json!("accounts.google.com"));
    assert_eq!(signed_in(world.visit("acme", "google").await), ann);
    world.provider.be_honest();
    // The same number and address at GitHub are another account, until its owner has linked them.
    assert!(matches!(world.visit("acme", "github").await, Outcome::Prove(_)));
    world.provider.be(json!({ "sub": "583231", "email": "octo@example.com", "email_verified": true, "name": "Octo" }));
    let octo = signed_in(world.visit("acme", "github").await);
    assert_eq!((octo.email.as_str(), octo.email_verified), ("octo@example.com", true));
    world.provider.be(json!({ "sub": "99", "email": "other@example.com", "email_verified": false }));
    assert!(matches!(world.visit("acme", "github").await, Outcome::MailSent(_)));
    let check = |slug: &'static str| {
        let (services, entry) = (world.services().clone(), world.application("acme"));
        let id = entry.sign_in_method(slug).unwrap().method.id;
        async move { services.sign_in_methods().check(&Ctx::operator(), entry.application.id, id).await }
    };
    check("github").await.unwrap();
    check("google").await.unwrap();
    let entry = world.application("acme");
    for slug in ["github", "google"] {
        let patch = MethodPatch { client_secret: Some(Secret::new("wrong")), ..MethodPatch::default() };
        let id = entry.sign_in_method(slug).unwrap().method.id;
        let methods = world.services().sign_in_methods();
        methods.update(&Ctx::operator(), entry.application.id, id, patch).await.unwrap();
        let Err(Error::Problem(problem)) = check(slug).await else { panic!("{slug} takes a wrong secret") };
        assert_eq!((problem.code, &problem.fields[0].flaw), (ErrorCode::ProviderNotConfigured, &Flaw::KeyRefused));
        let failed = failure(world.visit("acme", slug).await);
        assert!(matches!(failed, Failure::Untrusted(_)), "{slug}: {failed:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_who_bring_the_same_back_one_gets_in() {
    let world = World::start().await;
    let nodes = [world.services().clone(), world.test.another_node().await];
    let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
    let back = world.approved(&left);
    let tries = (0..50).map(|n| {
        let (services, back) = (nodes[n % 2].clone(), back.clone());
        tokio::spawn(async move { services.upstreams().arrive(&Ctx::anonymous(), back).await })
    });
    let mut arrived = 0;
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            Ok(returned) => {
                signed_in(returned.outcome);
                arrived += 1;
            }
            Err(error) => assert_eq!(error.code(), ErrorCode::NoSession),
        }
    }
    assert_eq!(arrived, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_first_sign_ins_at_once_make_one_account() {
    let world = World::start().await;
    let nodes = [world.services().clone(), world.test.another_node().await];
    let mut tries = Vec::new();
    for n in 0..50 {
        let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
        let (services, back) = (nodes[n % 2].clone(), world.approved(&left));
        tries.push(async move { services.upstreams().arrive(&Ctx::anonymous(), back).await });
    }
    let mut users = Vec::new();
    for attempt in tries.into_iter().map(tokio::spawn).collect::<Vec<_>>() {
        users.push(signed_in(attempt.await.unwrap().unwrap().outcome).id);
    }
    users.dedup();
    assert_eq!(users.len(), 1);
    assert_eq!((world.actions(Action::UserCreated).await, world.actions(Action::IdentityLinked).await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_links_and_unlinks_for_oneself() {
    let world = World::start().await;
    let services = world.services();
    let ann = register(services, new_user("ann@example.com")).await;
    let bob = register(services, new_user("bob@example.com")).await;
    let (anns, bobs) = (world.signed_in(&ann).await, world.signed_in(&bob).await);
    services.memberships().admit(&bobs, &bob, world.application("acme").application.id).await.unwrap();
    let offers = services.identities().offers(&bobs).await.unwrap();
    let offered: Vec<_> = offers.iter().map(|(_, entry)| entry.method.name.as_str()).collect();
    assert_eq!(offered, ["Corp"], "each issuer once");
    let link = |ctx: Ctx, user: &User| {
        let (world, owner) = (&world, user.id);
        async move {
            let left = world.leave("acme", "corp", Intent::Link(owner), &ctx).await;
            world.services().upstreams().arrive(&ctx, world.approved(&left)).await
        }
    };
    // An account of another address can be linked: its owner asks for it, signed in.
    assert!(matches!(link(bobs.clone(), &bob).await.unwrap().outcome, Outcome::Linked));
    assert!(matches!(link(bobs.clone(), &bob).await.unwrap().outcome, Outcome::Linked), "again");
    assert_eq!(failure(link(anns.clone(), &ann).await.unwrap().outcome), Failure::SomebodyElses);
    // Who signed out meanwhile, or is somebody else by now, links nothing.
    let left = world.leave("acme", "corp", Intent::Link(ann.id), &anns).await;
    let signed_out = services.upstreams().arrive(&Ctx::anonymous(), world.approved(&left)).await;
    assert_eq!(code(signed_out), ErrorCode::NoSession);
    assert_eq!(code(link(bobs.clone(), &ann).await), ErrorCode::NoSession);
    assert_eq!(signed_in(world.visit("acme", "corp").await), bob);
    let own = services.identities().list(&bobs).await.unwrap();
    services.identities().unlink(&anns, own[0].id).await.unwrap();
    assert_eq!(services.identities().list(&bobs).await.unwrap().len(), 1, "not by others");
    services.identities().unlink(&bobs, own[0].id).await.unwrap();
    services.identities().unlink(&bobs, own[0].id).await.unwrap();
    assert!(services.identities().list(&bobs).await.unwrap().is_empty());
    assert_eq!(world.actions(Action::IdentityUnlinked).await, 1);
    // The only way to sign in stays.
    world.provider.be(json!({ "sub": "5", "email": "five@example.com", "email_verified": true }));
    let five = signed_in(world.visit("acme", "corp").await);
    let fives = world.signed_in(&five).await;
    let own = services.identities().list(&fives).await.unwrap();
    assert_eq!(code(services.identities().unlink(&fives, own[0].id).await), ErrorCode::UserInvalid);
    // Another one counts while an application offers its provider.
    let second = Provider::start(TestServices::epoch().timestamp()).await;
    let (acme, operator) = (world.application("acme").application.id, Ctx::operator());
    let other = services.sign_in_methods().create(&operator, acme, oidc("Other", &second.url())).await.unwrap();
    let left = world.leave("acme", "other", Intent::Link(five.id), &fives).await;
    let returned = services.upstreams().arrive(&fives, World::approved_by(&second, &left)).await.unwrap();
    assert!(matches!(returned.outcome, Outcome::Linked), "{returned:?}");
    let methods = services.sign_in_methods();
    let switch = |on: bool| {
        let patch = MethodPatch { enabled: Some(on), ..MethodPatch::default() };
        methods.update(&operator, acme, other.method.id, patch)
    };
    switch(false).await.unwrap();
    assert_eq!(code(services.identities().unlink(&fives, own[0].id).await), ErrorCode::UserInvalid);
    switch(true).await.unwrap();
    services.identities().unlink(&fives, own[0].id).await.unwrap();
    let last = services.identities().list(&fives).await.unwrap();
    assert_eq!(last.len(), 1);
    assert_eq!(code(services.identities().unlink(&fives, last[0].id).await), ErrorCode::UserInvalid);
    // A session that was left open changes nothing of it.
    world.test.clock.advance(TimeDelta::minutes(15));
    let departure = world.departure("acme", "corp", Intent::Link(ann.id));
    assert_eq!(code(services.upstreams().depart(&anns, departure).await), ErrorCode::NoSession);
    assert_eq!(code(services.identities().unlink(&fives, last[0].id).await), ErrorCode::NoSession);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passkey_and_a_linked_account_stand_in_for_each_other() {
    let origin = "http://localhost:8080";
    let world = World::start_with(Settings::new(origin)).await;
    let services = world.services();
    world.provider.be(json!({ "sub": "5", "email": "five@example.com", "email_verified": true }));
    let five = signed_in(world.visit("acme", "corp").await);
    let ctx = world.signed_in(&five).await;
    let linked = services.identities().list(&ctx).await.unwrap()[0].id;
    let (factors, identities) = (services.factors(), services.identities());
    let challenge = factors.begin_passkey(&ctx).await.unwrap();
    let (_, answer) = SoftPasskey::make(&challenge.options, origin);
    let made = factors.finish_passkey(&ctx, &challenge.sealed, &answer).await.unwrap();
    let session = services.sessions().find(made.token.expose()).await.unwrap();
    let ctx = Ctx { session, ..ctx };
    let passkey = factors.of(five.id).await.unwrap().passkeys[0].id;
    // A linked account counts while an application offers its provider.
    let switch = async |on: bool| {
        for slug in ["acme", "club"] {
            let application = world.application(slug);
            for own in &application.sign_in_methods {
                let patch = MethodPatch { enabled: Some(on), ..MethodPatch::default() };
                let (operator, application) = (Ctx::operator(), application.application.id);
                services.sign_in_methods().update(&operator, application, own.method.id, patch).await.unwrap();
            }
        }
    };
    switch(false).await;
    assert_eq!(code(factors.remove_passkey(&ctx, passkey).await), ErrorCode::UserInvalid);
    switch(true).await;
    // Of both at once one stays, whichever it is.
    let (removed, unlinked) = tokio::join!(factors.remove_passkey(&ctx, passkey), identities.unlink(&ctx, linked));
    let refused: Vec<_> = [removed, unlinked].into_iter().filter_map(Result::err).map(|error| error.code()).collect();
    assert_eq!(refused, [ErrorCode::UserInvalid]);
    let left = (factors.of(five.id).await.unwrap().passkeys.len(), identities.list(&ctx).await.unwrap().len());
    assert!(matches!(left, (1, 0) | (0, 1)), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_says_which_methods_there_are() {
    let world = World::start().await;
    assert_eq!(world.apply(CATALOG).await, Vec::<String>::new());
    let resecreted = CATALOG.replacen(CLIENT_SECRET, "another-secret-of-the-stand-in", 1);
    assert_eq!(world.apply(&resecreted).await, ["update sign-in method acme/corp"]);
    assert_eq!(method(&world, "corp").secret_hint(), "d-in");
    let fewer = resecreted.replacen("slug = \"doubted\"", "slug = \"renamed\"", 1);
    let changes = world.apply(&fewer).await;
    assert_eq!(changes, ["create sign-in method acme/renamed", "archive sign-in method acme/doubted"]);
    assert!(world.application("acme").sign_in_method("doubted").is_none(), "off");
    assert_eq!(world.application("acme").sign_in_methods.len(), 3, "and still there");
    assert_eq!(world.apply(&fewer).await, Vec::<String>::new());
    for (broken, place) in [
        ("kind = \"oidc\"\nname = \"Corp\"", "kind = \"oidc\""),
        ("issuer = \"ISSUER\"", "issuer = \"http://login.example\""),
        ("client_secret = \"what-the-stand-in-gave-to-turnpike\"", ""),
        ("kind = \"oidc\"", "kind = \"facebook\""),
    ] {
        let text = CATALOG.replacen(broken, place, 1);
        assert!(Catalog::parse(&text, "catalog.toml").is_err(), "{place}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_are_the_admins_and_their_secrets_nobodys() {
    let world = World::start().await;
    let (services, operator) = (world.services(), Ctx::operator());
    let acme = world.application("acme").application.id;
    let methods = services.sign_in_methods();
    let made = methods.create(&operator, acme, oidc("Good one", &world.provider.url())).await.unwrap();
    assert_eq!((made.method.slug.as_str(), made.secret_hint().as_str()), ("good-one", "pike"));
    assert_eq!(
        code(methods.create(&operator, acme, oidc("Good one", "https://a.example")).await),
        ErrorCode::SlugTaken
    );
    methods.check(&operator, acme, made.method.id).await.unwrap();
    let flaw = |result: Result<(), Error>| match result {
        Err(Error::Problem(problem)) => (problem.code, problem.fields[0].flaw.clone()),
        other => panic!("{other:?}"),
    };
    world.provider.call_itself("https://login.corp.example");
    let other = Flaw::OtherIssuer { says: "https://login.corp.example".into() };
    let found = flaw(methods.check(&operator, acme, made.method.id).await);
    assert_eq!(found, (ErrorCode::ProviderNotConfigured, other));
    world.provider.go_down(true);
    let found = flaw(methods.check(&operator, acme, made.method.id).await);
    assert_eq!(found, (ErrorCode::ProviderUnavailable, Flaw::Unreachable));
    world.provider.go_down(false);
    let lost =
        methods.create(&operator, acme, oidc("Lost", &format!("{}/nothing", world.provider.url()))).await.unwrap();
    let found = flaw(methods.check(&operator, acme, lost.method.id).await);
    assert_eq!(found, (ErrorCode::ProviderNotConfigured, Flaw::Discovery));
    // Nothing of it is legible in the database or in the ledger.
    let page = PageRequest::parse(None, Some("100")).unwrap();
    let audit = services.audit().list(&operator, AuditFilter::default(), &page).await.unwrap();
    assert!(!format!("{:?}", audit.items).contains(CLIENT_SECRET));
    assert!(!format!("{:?}", methods.list(&operator, acme).await.unwrap()).contains(CLIENT_SECRET));
    methods.delete(&operator, acme, made.method.id).await.unwrap();
    assert_eq!(code(methods.delete(&operator, acme, made.method.id).await), ErrorCode::ApplicationNotFound);
    let club = world.application("club").application.id;
    assert_eq!(code(methods.get(&operator, club, lost.method.id).await), ErrorCode::ApplicationNotFound);
    assert_eq!(code(methods.list(&Ctx::anonymous(), acme).await), ErrorCode::NoSession);
}
