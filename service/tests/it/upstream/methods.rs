//! The methods that an application offers.

use domain::{ErrorCode, Flaw, Secret, identity::upstream::MethodPatch, page::PageRequest};
use serde_json::json;
use service::{
    Ctx, Error,
    audit::AuditFilter,
    catalog::Catalog,
    testing::{
        TestServices,
        provider::{CLIENT_SECRET, Provider},
    },
    upstream::{Failure, Outcome},
};

use super::{CATALOG, World, code, failure, method, oidc, signed_in};

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
