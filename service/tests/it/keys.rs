use std::{collections::HashSet, sync::Arc};

use domain::Secret;
use sea_orm::ConnectionTrait;
use service::{Services, Settings, db, random::SystemRng, testing::TestServices};

#[tokio::test(flavor = "multi_thread")]
async fn another_secret_key_does_not_open_the_signing_keys() {
    let test = TestServices::start().await;
    let db = db::connect(&test.url).await.unwrap();
    let (clock, rng) = (Arc::new(test.clock.clone()), Arc::new(SystemRng::default()));
    let other = Secret::new("another secret key, 32 bytes or more");
    assert!(Services::start(db, &other, Settings::new("http://127.0.0.1:8080"), clock, rng).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_at_once_make_one_key_per_algorithm() {
    let test = TestServices::start().await;
    test.services.db.read().execute_unprepared("DELETE FROM signing_keys").await.unwrap();
    let mut nodes = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (url, clock) = (test.url.clone(), test.clock.clone());
        nodes.spawn(async move {
            let db = db::connect(&url).await.unwrap();
            let secret_key = Secret::new("a secret key for tests, 32 bytes or more");
            let settings = Settings::new("http://127.0.0.1:8080");
            let node = Services::start(db, &secret_key, settings, Arc::new(clock), Arc::new(SystemRng::default()));
            node.await.unwrap().directory().keys.jwks().to_vec()
        });
    }
    let sets: HashSet<_> = nodes.join_all().await.into_iter().collect();
    assert_eq!(sets.len(), 1);
    let set = String::from_utf8(sets.into_iter().next().unwrap()).unwrap();
    assert_eq!(set.matches("\"kid\"").count(), 3);
}
