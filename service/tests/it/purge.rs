use chrono::TimeDelta;
use domain::{identity::proof::Proof, oauth::authorize::RawParameters};
use sea_orm::ConnectionTrait;
use service::{
    Ctx,
    catalog::Catalog,
    oauth::PresentedCredentials,
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
"#;

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
