use chrono::TimeDelta;
use domain::{
    Secret,
    application::Provider,
    identity::proof::Proof,
    oauth::{authorize::RawParameters, client::SigningAlg},
};
use sea_orm::{ConnectionTrait, Statement};
use service::{
    Ctx, Services,
    catalog::Catalog,
    oauth::PresentedCredentials,
    payment::keys::NewKeys,
    testing::{TestServices, people::register},
};

use crate::people::new_user;

#[tokio::test(flavor = "multi_thread")]
async fn rows_go_when_their_time_is_over() {
    let test = TestServices::start().await;
    let services = &test.services;
    let ann = register(services, new_user("ann@example.com")).await;
    let (first, _) = services.sessions().start(&Ctx::anonymous(), &ann, Proof::Password).await.unwrap();
    let (_, token) = services.sessions().start(&Ctx::anonymous(), &ann, Proof::Password).await.unwrap();
    services.sessions().end(&Ctx::anonymous(), first.id).await.unwrap();
    let now = services.now().timestamp_millis();
    for i in 0..1200 {
        let row = format!("INSERT INTO revoked_tokens (jti, expires_at) VALUES ('{i}', {})", now + 60_000);
        services.db.read().execute_unprepared(&row).await.unwrap();
    }
    assert_eq!(services.purge().await.unwrap(), 0);
    test.clock.advance(TimeDelta::minutes(1));
    assert_eq!(services.purge().await.unwrap(), 1200);
    test.clock.advance(TimeDelta::days(1));
    assert_eq!(services.purge().await.unwrap(), 1);
    assert!(services.sessions().find(token.expose()).await.unwrap().is_some());
    test.clock.advance(TimeDelta::days(8));
    assert_eq!(services.purge().await.unwrap(), 1);
}

const CATALOG: &str = r#"
[[applications]]
slug = "acme"
name = "Acme"

[[applications.clients]]
name = "Page"
client_id = "page"
type = "public"
redirect_uris = ["https://app.example/"]

[[applications.clients]]
name = "Television"
client_id = "tv"
type = "public"
grants = ["device_code"]

[[applications.clients]]
name = "Server"
client_id = "server"
"#;

async fn count(services: &Services, rows: &str) -> i64 {
    let db = services.db.read();
    let sql = format!("SELECT COUNT(*) FROM {rows}");
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    row.expect("a count").try_get_by_index(0).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_keys_go_when_they_tell_nothing_any_more() {
    let test = TestServices::start().await;
    let (services, operator) = (&test.services, Ctx::operator());
    let kid = |services: &Services, alg: SigningAlg| {
        let all = services.keys().list(&Ctx::operator()).unwrap();
        all.into_iter().find(|key| key.alg == alg).expect("a key").kid
    };
    let rows = async |kid: &str| count(services, &format!("signing_keys WHERE kid = '{kid}'")).await;
    let (leaked, retired) = (kid(services, SigningAlg::ES256), kid(services, SigningAlg::RS256));
    services.keys().rotate(&operator, &[SigningAlg::RS256], false).await.unwrap();
    services.keys().rotate(&operator, &[SigningAlg::ES256], true).await.unwrap();
    assert_eq!((rows(&leaked).await, rows(&retired).await), (1, 1));
    assert_eq!(services.purge().await.unwrap(), 1);
    assert_eq!((rows(&leaked).await, rows(&retired).await), (0, 1), "one that was retired lately stays");
    test.clock.advance(TimeDelta::days(31));
    services.purge().await.unwrap();
    assert_eq!(rows(&retired).await, 1, "a hint may still be of it");
    test.clock.advance(TimeDelta::minutes(30));
    services.purge().await.unwrap();
    assert_eq!(count(services, "signing_keys").await, 3);
    assert!(services.directory().keys.by_kid(&retired).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_go_when_others_have_taken_their_place() {
    let test = TestServices::start().await;
    let (services, operator) = (&test.services, Ctx::operator());
    let catalog = Catalog::parse(CATALOG, "catalog.toml").unwrap_or_else(|e| panic!("{e}"));
    services.catalog().apply(&operator, catalog, false).await.unwrap();
    let other = test.another_node().await;
    let app = services.directory().by_slug("acme").unwrap().application.id;
    services.clients().rotate_secret(&operator, app, None, false).await.unwrap();
    for secret in ["whsec_first", "whsec_second"] {
        let keys = NewKeys { secret: Some(Secret::new("sk_test_1")), webhook: Some(Secret::new(secret)) };
        services.payment_keys().set(&operator, app, Provider::Stripe, keys).await.unwrap();
    }
    let held = async || {
        other.refresh_directory().await.unwrap();
        let directory = other.directory();
        let stripe = directory.application(app).unwrap().keys_of(Provider::Stripe).unwrap().webhook.len();
        let client = directory.client("server").unwrap().secrets.len();
        (count(services, "client_secrets").await, client, stripe)
    };
    test.clock.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    services.purge().await.unwrap();
    assert_eq!(held().await, (2, 2, 2));
    test.clock.advance(TimeDelta::seconds(1));
    services.purge().await.unwrap();
    assert_eq!(held().await, (1, 1, 1));
    let left = services.directory();
    let left = left.application(app).unwrap().keys_of(Provider::Stripe).unwrap();
    assert_eq!(left.webhook, [Secret::new("whsec_second")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_nobody_answers_go_soon() {
    let test = TestServices::start().await;
    let services = &test.services;
    let catalog = Catalog::parse(CATALOG, "catalog.toml").unwrap_or_else(|e| panic!("{e}"));
    services.catalog().apply(&Ctx::operator(), catalog, false).await.unwrap();
    let of = |client: &'static str| PresentedCredentials { client_id: Some(client), ..Default::default() };
    for _ in 0..3 {
        let raw = RawParameters::new([
            ("redirect_uri", "https://app.example/"),
            ("response_type", "code"),
            ("scope", "openid"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
        ]);
        services.authorize().push(&of("page"), raw, None).await.unwrap();
        services.device_codes().begin(&of("tv"), Some("openid"), None).await.unwrap();
    }
    assert_eq!(services.purge_requests().await.unwrap(), 0);
    test.clock.advance(TimeDelta::seconds(90));
    assert_eq!(services.purge_requests().await.unwrap(), 3, "what was pushed");
    test.clock.advance(TimeDelta::minutes(11) - TimeDelta::seconds(91));
    assert_eq!(services.purge_requests().await.unwrap(), 0, "a device that asks is told that its code is over");
    test.clock.advance(TimeDelta::seconds(1));
    assert_eq!(services.purge_requests().await.unwrap(), 3);
    assert_eq!(services.purge().await.unwrap(), 0);
}
