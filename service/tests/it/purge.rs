use chrono::TimeDelta;
use domain::identity::proof::Proof;
use sea_orm::ConnectionTrait;
use service::{
    Ctx,
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
