//! Features of one user, by the product's own server.

use axum::http::Method;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::{
    acme::claims,
    rest::{Rest, refused, text},
    support::Answer,
};

fn feature(user: &str, key: &str) -> String {
    format!("/api/platform/users/{user}/features/{key}")
}

async fn put(rest: &Rest, key: &str, body: &Value) -> Answer {
    rest.platform(&rest.acme, Method::PUT, &feature(&rest.acme.user, key), Some(body)).await
}

async fn entitlements(rest: &Rest) -> Value {
    let path = format!("/api/platform/entitlements/{}", rest.acme.user);
    rest.platform(&rest.acme, Method::GET, &path, None).await.json()
}

/// What the ledger says about overrides, newest first.
async fn entries(rest: &Rest) -> Vec<Value> {
    let log = rest.read("/api/admin/audit?action=feature.overridden").await;
    log["entries"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_token_carries_a_users_feature() {
    let rest = Rest::start().await;
    let before = entitlements(&rest).await["ent_ver"].as_i64().unwrap();
    let set = put(&rest, "maxProjects", &json!({ "value": 100 })).await;
    assert_eq!(set.status, 200, "{}", set.text());
    let set = set.json();
    assert_eq!((&set["end_user_id"], &set["feature_key"]), (&json!(rest.acme.user), &json!("maxProjects")));
    assert_eq!((&set["value"], &set["expires_at"]), (&json!(100), &json!(null)));
    assert!(set["ent_ver"].as_i64().unwrap() > before);
    let token = claims(&json!(rest.access_token(&rest.acme, &rest.acme.user).await));
    assert_eq!(token["features"], json!({ "maxProjects": 100 }));
    assert_eq!(token["ent_ver"], set["ent_ver"]);

    assert_eq!(put(&rest, "maxProjects", &json!({ "value": 100 })).await.json(), set, "the same again changes nothing");
    let log = entries(&rest).await;
    assert_eq!(log.len(), 1);
    assert_eq!((&log[0]["from"], &log[0]["to"]), (&json!({}), &json!({ "maxProjects": { "value": 100 } })));
    assert_eq!((&log[0]["actor"]["kind"], &log[0]["userId"]), (&json!("client"), &json!(rest.acme.user)));

    // Also what no plan knows.
    let beta = put(&rest, "beta%20tools", &json!({ "value": ["a", { "b": null }] })).await;
    assert_eq!(beta.json()["feature_key"], "beta tools", "{}", beta.text());
    let features = json!({ "maxProjects": 100, "beta tools": ["a", { "b": null }] });
    assert_eq!(entitlements(&rest).await["features"], features);
    for _ in 0..2 {
        for key in ["maxProjects", "beta%20tools"] {
            let path = feature(&rest.acme.user, key);
            assert_eq!(rest.platform(&rest.acme, Method::DELETE, &path, None).await.status, 204);
        }
    }
    let after = entitlements(&rest).await;
    assert_eq!(after["features"], json!({ "maxProjects": 3 }), "the plan decides again");
    assert!(after["ent_ver"].as_i64() > beta.json()["ent_ver"].as_i64());
    assert_eq!(entries(&rest).await.len(), 4, "what changed nothing is not written down");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_users_feature_ends_by_the_clock() {
    let rest = Rest::start().await;
    let until = rest.app.services.now() + TimeDelta::minutes(30);
    let set = put(&rest, "maxProjects", &json!({ "value": 100, "expires_at": until.to_rfc3339() })).await;
    assert_eq!(set.status, 200, "{}", set.text());
    let moment = |value: &Value| text(value).parse::<DateTime<Utc>>().unwrap().timestamp_millis();
    assert_eq!(moment(&set.json()["expires_at"]), until.timestamp_millis());
    let held = entitlements(&rest).await;
    assert_eq!(moment(&held["valid_until"]), until.timestamp_millis());
    let token = claims(&json!(rest.access_token(&rest.acme, &rest.acme.user).await));
    assert_eq!(token["features"], json!({ "maxProjects": 100 }));
    assert_eq!(token["exp"], until.timestamp(), "no token outlives it");

    rest.app.clock.advance(TimeDelta::minutes(30));
    let over = entitlements(&rest).await;
    assert_eq!((&over["features"], &over["valid_until"]), (&json!({ "maxProjects": 3 }), &json!(null)));
    assert!(over["ent_ver"].as_i64() > held["ent_ver"].as_i64());
    let token = claims(&json!(rest.access_token(&rest.acme, &rest.acme.user).await));
    assert_eq!(token["features"], json!({ "maxProjects": 3 }));
    let log = entries(&rest).await;
    assert_eq!((log.len(), &log[0]["actor"]["kind"], &log[0]["to"]), (2, &json!("system"), &json!({})));
    assert_eq!(moment(&log[0]["at"]), until.timestamp_millis(), "dated at its moment");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_users_features_have_limits() {
    let rest = Rest::start().await;
    let key = "x".repeat(65);
    for (key, body) in [
        ("maxProjects", json!({})),
        ("maxProjects", json!({ "value": 1, "expires_at": "2020-01-01T00:00:00Z" })),
        ("maxProjects", json!({ "value": 1, "expires_at": "+12026-01-01T00:00:00Z" })),
        ("maxProjects", json!({ "value": 1, "expires_at": "soon" })),
        ("maxProjects", json!({ "value": "x".repeat(3100) })),
        ("maxProjects", json!({ "value": [[[[[[[[1]]]]]]]] })),
        (key.as_str(), json!({ "value": 1 })),
        ("a%0Ab", json!({ "value": 1 })),
    ] {
        refused(&put(&rest, key, &body).await, 400, "APP_001");
    }
    // Two that are small enough alone are too large together.
    let large = json!({ "value": "x".repeat(2000) });
    assert_eq!(put(&rest, "first", &large).await.status, 200);
    let second = put(&rest, "second", &large).await;
    refused(&second, 400, "APP_001");
    assert_eq!(second.json()["error"]["details"]["fields"][0]["field"], "value");

    let one = json!({ "value": 1 });
    for user in [rest.other.user.as_str(), "0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f", "nobody"] {
        let path = feature(user, "maxProjects");
        refused(&rest.platform(&rest.acme, Method::PUT, &path, Some(&one)).await, 404, "USR_001");
        refused(&rest.platform(&rest.acme, Method::DELETE, &path, None).await, 404, "USR_001");
    }
    assert_eq!(rest.admin(Method::DELETE, &rest.acme.user(), None).await.status, 204);
    refused(&put(&rest, "maxProjects", &one).await, 404, "USR_001");
    assert_eq!(entries(&rest).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feature_is_there_or_not() {
    let rest = Rest::start().await;
    let check = async |user: &str, key: &str| {
        let body = json!({ "end_user_id": user, "feature_key": key });
        rest.platform(&rest.acme, Method::POST, "/api/platform/features/check", Some(&body)).await
    };
    let has = async |key: &str| check(&rest.acme.user, key).await.json();
    assert_eq!(has("maxProjects").await, json!({ "has_feature": true, "value": 3 }));
    assert_eq!(has("exportEnabled").await, json!({ "has_feature": false, "value": null }));
    // Of the plan, at once.
    let pro = json!({ "end_user_id": rest.acme.user, "claims": { "plan": "pro" } });
    assert_eq!(rest.platform(&rest.acme, Method::POST, "/api/platform/claims", Some(&pro)).await.status, 200);
    assert_eq!(has("exportEnabled").await, json!({ "has_feature": true, "value": true }));
    // Of the user, whatever the plan says, until its moment.
    let until = (rest.app.services.now() + TimeDelta::minutes(5)).to_rfc3339();
    for (value, there) in [(json!(false), false), (json!(0), false), (json!("some"), true), (json!(null), false)] {
        let own = json!({ "value": value, "expires_at": until });
        assert_eq!(put(&rest, "exportEnabled", &own).await.status, 200);
        assert_eq!(has("exportEnabled").await, json!({ "has_feature": there, "value": value }));
    }
    rest.app.clock.advance(TimeDelta::minutes(5));
    assert_eq!(has("exportEnabled").await, json!({ "has_feature": true, "value": true }));

    for user in [rest.other.user.as_str(), "0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f", "nobody"] {
        refused(&check(user, "maxProjects").await, 404, "USR_001");
    }
    refused(&check(&rest.acme.user, "").await, 400, "APP_001");
    assert_eq!(rest.admin(Method::DELETE, &rest.acme.user(), None).await.status, 204);
    refused(&check(&rest.acme.user, "maxProjects").await, 404, "USR_001");
}
