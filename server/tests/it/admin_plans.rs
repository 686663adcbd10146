use axum::http::Method;
use serde_json::json;

use crate::rest::{Rest, refused, text};

/// The examples of the contract as they stand.
#[tokio::test(flavor = "multi_thread")]
async fn the_examples_work() {
    let rest = Rest::start().await;
    let acme = &rest.acme;
    let plans = format!("{}/plans", acme.base());
    let body = r#"{"name":"Team","description":"Full access","features":{"maxProjects":50,"exportEnabled":true,"storageGb":100},"isDefault":false,"stripeProductId":"prod_abc123"}"#;
    let made = rest.made(&plans, &serde_json::from_str(body).unwrap()).await;
    let plan = &made["plan"];
    assert_eq!((&plan["key"], &plan["name"], &plan["activeSubscribers"]), (&json!("team"), &json!("Team"), &json!(0)));
    assert_eq!(plan["features"], json!({ "maxProjects": 50, "exportEnabled": true, "storageGb": 100 }));
    assert_eq!((&plan["stripeProductId"], &plan["isListed"]), (&json!("prod_abc123"), &json!(true)));
    let path = format!("{plans}/{}", text(&plan["id"]));

    let patch = json!({ "features": { "maxProjects": 100 } });
    let changed = rest.admin(Method::PATCH, &path, Some(&patch)).await;
    assert_eq!(changed.status, 200);
    assert_eq!(changed.json()["plan"]["features"], json!({ "maxProjects": 100 }), "features are replaced");
    assert_eq!(changed.json()["plan"]["description"], "Full access");

    let body = r#"{"name":"Monthly","amount":999,"currency":"usd","interval":"month","stripePriceId":"price_xyz"}"#;
    let made = rest.made(&format!("{path}/prices"), &serde_json::from_str(body).unwrap()).await;
    let price = &made["price"];
    assert_eq!((&price["amount"], &price["currency"]), (&json!(999), &json!("usd")));
    assert_eq!((&price["interval"], &price["stripePriceId"]), (&json!("month"), &json!("price_xyz")));
    let again = rest.admin(Method::POST, &format!("{path}/prices"), Some(&serde_json::from_str(body).unwrap())).await;
    refused(&again, 400, "APP_001");
    assert_eq!(again.json()["error"]["details"]["fields"][0]["field"], "stripePriceId");
    let shown = rest.read(&path).await;
    assert_eq!(shown["plan"]["prices"][0]["id"], price["id"]);
    let price = format!("{path}/prices/{}", text(&price["id"]));
    assert_eq!(rest.admin(Method::DELETE, &price, None).await.status, 204);
    assert_eq!(rest.read(&path).await["plan"]["prices"], json!([]));
    refused(&rest.admin(Method::DELETE, &price, None).await, 404, "SUB_001");

    // The member holds the default plan, which goes first.
    let subscription = acme.subscription();
    assert_eq!(rest.admin(Method::DELETE, &subscription, None).await.status, 204);
    let body = json!({ "planId": plan["id"], "expiresAt": "2027-01-01T00:00:00Z" });
    let made = rest.made(&subscription, &body).await;
    let held = &made["subscription"];
    assert_eq!((&held["planId"], &held["priceId"]), (&plan["id"], &json!(null)));
    assert_eq!((&held["status"], &held["isActive"]), (&json!("active"), &json!(true)));
    assert_eq!((&held["expiresAt"], &held["cancelAt"]), (&json!("2027-01-01T00:00:00Z"), &json!(null)));
    assert_eq!(rest.read(&subscription).await, made);
    assert_eq!(rest.admin(Method::DELETE, &subscription, None).await.status, 204);
    refused(&rest.admin(Method::GET, &subscription, None).await, 404, "SUB_001");
}

#[tokio::test(flavor = "multi_thread")]
async fn stripe_is_not_chosen_for_what_it_counts_otherwise() {
    let rest = Rest::start().await;
    let acme = &rest.acme;
    let prices = format!("{}/plans/{}/prices", acme.base(), acme.pro);
    let made = rest.made(&prices, &json!({ "name": "Monthly", "amount": 100, "currency": "isk" })).await;
    let stripe = json!({ "paymentProvider": "stripe" });
    let answer = rest.admin(Method::PATCH, &acme.base(), Some(&stripe)).await;
    refused(&answer, 400, "APP_001");
    assert_eq!(answer.json()["error"]["details"]["fields"][0]["field"], "paymentProvider");
    let price = format!("{prices}/{}", text(&made["price"]["id"]));
    assert_eq!(rest.admin(Method::DELETE, &price, None).await.status, 204);
    assert_eq!(rest.admin(Method::PATCH, &acme.base(), Some(&stripe)).await.status, 200);
    let again = json!({ "name": "Monthly", "amount": 100, "currency": "isk" });
    let answer = rest.admin(Method::POST, &prices, Some(&again)).await;
    refused(&answer, 400, "APP_001");
    assert_eq!(answer.json()["error"]["details"]["fields"][0]["field"], "currency");
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_and_their_errors() {
    let rest = Rest::start().await;
    let path = rest.acme.subscription();
    let assign = json!({ "planId": rest.acme.pro });
    refused(&rest.admin(Method::POST, &path, Some(&assign)).await, 409, "SUB_002");
    let foreign = json!({ "planId": rest.other.pro });
    refused(&rest.admin(Method::PUT, &path, Some(&foreign)).await, 404, "SUB_001");
    let replaced = rest.admin(Method::PUT, &path, Some(&assign)).await;
    assert_eq!((replaced.status.as_u16(), &replaced.json()["subscription"]["planId"]), (200, &json!(rest.acme.pro)));

    // It ends at its expiry, that very second.
    let until = json!({ "planId": rest.acme.pro, "expiresAt": (service::testing::TestServices::epoch() + chrono::TimeDelta::hours(1)) });
    assert_eq!(rest.admin(Method::PUT, &path, Some(&until)).await.status, 200);
    rest.app.clock.advance(chrono::TimeDelta::hours(1) - chrono::TimeDelta::seconds(1));
    assert_eq!(rest.admin(Method::GET, &path, None).await.status, 200);
    rest.app.clock.advance(chrono::TimeDelta::seconds(1));
    refused(&rest.admin(Method::GET, &path, None).await, 404, "SUB_001");
    refused(&rest.admin(Method::DELETE, &path, None).await, 404, "SUB_001");
    assert_eq!(rest.admin(Method::POST, &path, Some(&assign)).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_in_use_stays() {
    let rest = Rest::start().await;
    let plans = format!("{}/plans", rest.acme.base());
    let free = format!("{plans}/{}", rest.acme.free);
    let answer = rest.admin(Method::DELETE, &free, None).await;
    refused(&answer, 400, "SUB_003");
    assert_eq!(answer.json()["error"]["details"]["activeSubscribers"], 1);
    let archive = json!({ "archived": true });
    let archived = rest.admin(Method::PATCH, &free, Some(&archive)).await.json();
    assert_eq!((&archived["plan"]["archived"], &archived["plan"]["isDefault"]), (&json!(true), &json!(false)));
    assert_eq!(rest.read(&rest.acme.subscription()).await["subscription"]["isActive"], true, "still honoured");

    let pro = format!("{plans}/{}", rest.acme.pro);
    assert_eq!(rest.admin(Method::DELETE, &pro, None).await.status, 204);
    refused(&rest.admin(Method::GET, &pro, None).await, 404, "SUB_001");
    let again = json!({ "name": "Pro", "key": "pro" });
    rest.made(&plans, &again).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_names_are_unique() {
    let rest = Rest::start().await;
    let plans = format!("{}/plans", rest.acme.base());
    refused(&rest.admin(Method::POST, &plans, Some(&json!({ "name": "Pro" }))).await, 409, "SUB_005");
    refused(&rest.admin(Method::POST, &plans, Some(&json!({ "name": "X", "key": "pro" }))).await, 409, "SUB_005");
    let made = rest.made(&plans, &json!({ "name": "PRO!" })).await;
    assert_eq!(made["plan"]["key"], "pro-2");
    let path = format!("{plans}/{}", text(&made["plan"]["id"]));
    refused(&rest.admin(Method::PATCH, &path, Some(&json!({ "name": "Free" }))).await, 409, "SUB_005");
    // The other application has a plan of the same key and name.
    assert_eq!(rest.read(&format!("{}/plans", rest.other.base())).await["plans"][1]["key"], "pro");

    let one = rest.admin(Method::PATCH, &path, Some(&json!({ "isDefault": true }))).await.json();
    assert_eq!(one["plan"]["isDefault"], true);
    let all = rest.read(&plans).await;
    let defaults = all["plans"].as_array().unwrap().iter().filter(|plan| plan["isDefault"] == true).count();
    assert_eq!(defaults, 1);
}
