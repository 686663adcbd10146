use chrono::TimeDelta;
use domain::{
    Secret,
    application::{OnEnd, Provider},
    identity::proof::Proof,
    oauth::{authorize::RawParameters, client::SigningAlg},
    webhook::endpoint::NewEndpoint,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use service::{
    Ctx, Services,
    billing::orders::{NewOrder, Payer, Started},
    catalog::Catalog,
    oauth::PresentedCredentials,
    payment::keys::NewKeys,
    testing::{TestServices, books, people::register},
};
use uuid::Uuid;

use crate::{
    people::{email, new_user},
    renewals::{self, GOOD},
    shop::{Shop, operator},
};

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
    assert_eq!(services.purge().await.unwrap(), 2, "the ended session, and the link that made the account");
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

async fn counted(shop: &Shop, sql: &str) -> i64 {
    let db = shop.services().db.read();
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_unpaid_order_knows_of_people_goes_after_three_months() {
    let shop = renewals::shop(false, OnEnd::None).await;
    let (services, application) = (shop.services(), shop.application);
    let (buyer, other) = (shop.member().await, shop.member().await);
    let note = json!({ "who": "ann" }).as_object().cloned();
    let payer = Payer { email: email("boss@example.com"), name: None };
    for member in [buyer, other] {
        let new = NewOrder { metadata: note.clone(), payer: Some(payer.clone()), ..renewals::wanted("pro") };
        let started = services.orders().start(&operator(), application, member, new).await.unwrap();
        let Started::Order(placed) = started else { panic!("granted") };
        if member == buyer {
            renewals::pay(&shop, *placed, GOOD).await;
        }
    }
    let noted = async || {
        let both =
            ["payer", "metadata"].map(|column| format!("SELECT count(*) FROM orders WHERE {column} IS NOT NULL"));
        (counted(&shop, &both[0]).await, counted(&shop, &both[1]).await)
    };
    shop.test.clock.advance(TimeDelta::hours(24));
    services.engine().tick().await.unwrap();
    assert_eq!(counted(&shop, "SELECT count(*) FROM orders WHERE status = 'expired'").await, 1);
    for (passes, left) in [(TimeDelta::days(90) - TimeDelta::milliseconds(1), 2), (TimeDelta::milliseconds(1), 1)] {
        shop.test.clock.advance(passes);
        services.purge().await.unwrap();
        assert_eq!(noted().await, (left, left), "what was paid keeps them");
        assert_eq!(books::audit(services).await.unwrap(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn resolved_alerts_and_replaced_secrets_go() {
    let shop = Shop::open().await;
    let (services, application) = (shop.services(), shop.test.literal(shop.application.get()));
    let now = services.now().timestamp_millis();
    for (n, resolved) in [(1, "NULL".to_owned()), (2, now.to_string())] {
        let id = shop.test.literal(Uuid::from_u128(n));
        let row = format!("({id}, {application}, 'dispute', 'order {n}', 'why', {now}, {resolved})");
        let columns = "id, application_id, kind, subject, detail, created_at, resolved_at";
        shop.test.execute(&format!("INSERT INTO alerts ({columns}) VALUES {row}")).await;
    }
    let endpoint = NewEndpoint::parse("https://app.example/hooks", "", &[]).unwrap();
    let (endpoint, _) = services.webhooks().create(&operator(), shop.application, endpoint).await.unwrap();
    services.webhooks().rotate_secret(&operator(), shop.application, endpoint.id).await.unwrap();
    let replaced = "SELECT count(*) FROM webhook_endpoints WHERE sealed_old_secret IS NOT NULL";
    let hour = TimeDelta::hours(1);
    for (passes, alerts, secrets) in
        [(hour * 23, 2, 1), (hour, 2, 0), (TimeDelta::days(89) - hour, 2, 0), (hour, 1, 0), (hour * 9_999, 1, 0)]
    {
        shop.test.clock.advance(passes);
        services.purge().await.unwrap();
        assert_eq!(counted(&shop, "SELECT count(*) FROM alerts").await, alerts, "{passes}");
        assert_eq!(counted(&shop, replaced).await, secrets, "{passes}");
    }
}
