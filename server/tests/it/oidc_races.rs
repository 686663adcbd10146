use std::{collections::BTreeSet, sync::Arc};

use axum::http::Method;
use chrono::TimeDelta;
use service::Ctx;
use tokio::task::JoinSet;

use crate::{
    acme::{self, SECRET, authorize, redeem, refresh, request, signed_in, tokens},
    support::Answer,
};

#[tokio::test(flavor = "multi_thread")]
async fn one_of_fifty_redeems_a_code() {
    let app = Arc::new(signed_in().await);
    let node = Arc::new(app.another_node().await);
    let code = acme::code(&app, &[]).await;
    let mut all = JoinSet::new();
    for i in 0..50 {
        let (app, code) = (if i % 2 == 0 { app.clone() } else { node.clone() }, code.clone());
        all.spawn(async move { redeem(&app, "web", &code).await.status });
    }
    let answers = all.join_all().await;
    assert_eq!(answers.iter().filter(|status| status.is_success()).count(), 1);
    assert_eq!(answers.iter().filter(|status| **status == 400).count(), 49);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_refreshes_get_one_successor() {
    let app = Arc::new(signed_in().await);
    let node = Arc::new(app.another_node().await);
    let first = tokens(&app, &[]).await["refresh_token"].as_str().unwrap().to_owned();
    let mut all = JoinSet::new();
    for i in 0..50 {
        let (app, token) = (if i % 2 == 0 { app.clone() } else { node.clone() }, first.clone());
        all.spawn(
            async move { refresh(&app, "web", &token).await.json()["refresh_token"].as_str().map(str::to_owned) },
        );
    }
    let successors: BTreeSet<_> = all.join_all().await.into_iter().collect();
    assert_eq!(successors.len(), 1);
    let successor = successors.into_iter().next().flatten().expect("a successor");
    app.clock.advance(TimeDelta::minutes(1));
    assert_eq!(refresh(&node, "web", &successor).await.status, 200);
    // Too late for the first one: now the whole family is over.
    assert_eq!(refresh(&app, "web", &first).await.json()["error"], "invalid_grant");
    assert_eq!(refresh(&app, "web", &successor).await.json()["error"], "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_at_once_share_their_keys() {
    let app = acme::start().await;
    let node = app.another_node().await;
    let jwks = app.get("/.well-known/jwks.json").await.json();
    assert_eq!(jwks["keys"].as_array().map(Vec::len), Some(3));
    assert_eq!(node.get("/.well-known/jwks.json").await.json(), jwks);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_revoked_in_the_middle_keeps_nothing() {
    let app = Arc::new(signed_in().await);
    let (application, user) = (app.application("acme"), app.user("user@example.com").await.id);
    for round in 0..20 {
        app.services.memberships().grant(&Ctx::operator(), application, user, None).await.unwrap();
        let code = acme::code(&app, &[]).await;
        let redeeming = tokio::spawn({
            let (app, code) = (app.clone(), code.clone());
            async move { redeem(&app, "web", &code).await }
        });
        if round % 2 == 0 {
            tokio::task::yield_now().await;
        }
        app.services.memberships().revoke(&Ctx::operator(), application, user).await.unwrap();
        let answer = redeeming.await.unwrap();
        if answer.status == 200 {
            let token = answer.json()["refresh_token"].as_str().unwrap().to_owned();
            // It was first, and so it ended with the membership, also for one who is let in again.
            app.services.memberships().grant(&Ctx::operator(), application, user, None).await.unwrap();
            assert_eq!(refresh(&app, "web", &token).await.json()["error"], "invalid_grant", "round {round}");
        } else {
            assert_eq!(answer.json()["error"], "invalid_grant");
        }
    }
}

/// On a node that has not heard of it yet.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_deleted_in_the_middle_gets_nothing() {
    let app = signed_in().await;
    let node = app.another_node().await;
    node.sign_in(&app.user("user@example.com").await).await;
    let code = acme::code(&node, &[]).await;
    let question = authorize(&node, &[("client_id", "third")]).await.location().expect("a page").to_owned();
    for id in ["web", "third", "tv"] {
        let client = app.services.directory().client(id).unwrap().client.clone();
        app.services.clients().delete(&Ctx::operator(), client.application_id, client.id).await.unwrap();
    }
    let said = |answer: &Answer| (answer.status.as_u16(), answer.json()["error"].as_str().unwrap().to_owned());
    assert_eq!(said(&redeem(&node, "web", &code).await), (400, "invalid_grant".into()));
    let fields = request(&[]);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let pushed = node.request(Method::POST, "/oauth2/par").basic("web", SECRET).form(&fields).send().await;
    assert_eq!(said(&pushed), (401, "invalid_client".into()));
    let device = node.post_form("/oauth2/device_authorization", &[("client_id", "tv"), ("scope", "openid")]).await;
    assert_eq!(said(&device), (401, "invalid_client".into()));
    let allowed = node.post_form(&question, &[("decision", "allow")]).await;
    assert_eq!((allowed.status.as_u16(), allowed.location()), (400, None), "{}", allowed.text());
    assert!(allowed.text().contains("This sign\u{2011}in has expired"), "{}", allowed.text());
}
