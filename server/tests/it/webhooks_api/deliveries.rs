//! What is posted and signed, and what becomes of it.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use chrono::{DateTime, TimeDelta};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use service::testing::http::Request;

use super::hooks;
use crate::{
    receiver::Receiver,
    rest::{Rest, refused, text},
};

/// A product's server.
async fn receiver() -> Receiver {
    Receiver::start("thanks").await
}

/// A webhook: where the API has it, and its secret.
struct Hook {
    path: String,
    secret: String,
}

impl Hook {
    /// Acme's webhook at `receiver`, told of everything.
    async fn register(rest: &Rest, receiver: &Receiver) -> Self {
        let new = json!({ "url": format!("{}/hooks", receiver.url()) });
        let made = rest.made(&hooks(rest), &new).await;
        Self { path: format!("{}/{}", hooks(rest), text(&made["webhook"]["id"])), secret: text(&made["secret"]) }
    }

    fn delivery(&self, delivery: &Value) -> String {
        format!("{}/deliveries/{}", self.path, text(&delivery["id"]))
    }

    /// What became of it.
    async fn outcome(&self, rest: &Rest, delivery: &Value) -> Value {
        rest.read(&self.delivery(delivery)).await["delivery"].clone()
    }
}

/// Sends what is due.
async fn work(rest: &Rest) {
    rest.app.services.deliveries().work().await.unwrap();
}

/// Moves Acme's user from Free to Pro, and says how many seats they have.
async fn set_claims(rest: &Rest) {
    let claims = json!({ "end_user_id": rest.acme.user, "claims": { "plan": "pro", "seats": 5 } });
    let answer = rest.platform(&rest.acme, Method::POST, "/api/platform/claims", Some(&claims)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// What a holder of `secret` would sign a request with, as Standard Webhooks has it.
fn signature(request: &Request, secret: &str) -> String {
    let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").expect("the prefix")).expect("base64");
    assert_eq!(key.len(), 32);
    let body = std::str::from_utf8(&request.body).expect("text");
    let content = format!("{}.{}.{body}", request.header("webhook-id"), request.header("webhook-timestamp"));
    let key = EncodingKey::from_secret(&key);
    let signed = jsonwebtoken::crypto::sign(content.as_bytes(), &key, Algorithm::HS256).expect("a signature");
    format!("v1,{}", BASE64_STANDARD.encode(BASE64_URL_SAFE_NO_PAD.decode(signed).expect("base64")))
}

/// The event in a request, verified with one secret.
#[track_caller]
fn verified(rest: &Rest, request: &Request, secret: &str) -> Value {
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/hooks"));
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(request.header("webhook-timestamp"), rest.app.services.now().timestamp().to_string());
    assert_eq!(request.header("webhook-signature"), signature(request, secret));
    let event: Value = serde_json::from_slice(&request.body).expect("JSON");
    assert_eq!(event["type"], request.header("x-turnpike-event"));
    assert_eq!(event["data"]["id"], request.header("webhook-id"));
    event
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_posted_and_signed() {
    let rest = Rest::start().await;
    let receiver = receiver().await;
    let hook = Hook::register(&rest, &receiver).await;
    set_claims(&rest).await;
    work(&rest).await;
    let posted = receiver.posted();
    let events: BTreeMap<String, Value> = posted
        .iter()
        .map(|request| verified(&rest, request, &hook.secret))
        .map(|event| (text(&event["type"]), event))
        .collect();
    assert_eq!(events.keys().collect::<Vec<_>>(), ["claims.updated", "subscription.updated"]);
    for event in events.values() {
        let at = DateTime::parse_from_rfc3339(&text(&event["timestamp"])).expect("a moment");
        assert_eq!(at.timestamp(), rest.app.services.now().timestamp());
        assert_eq!(event["data"]["project_id"], json!(rest.acme.id));
        assert_eq!(event["data"]["end_user_id"], json!(rest.acme.user));
        assert_eq!(event["data"]["change"], event["type"]);
    }
    let moved = &events["subscription.updated"]["data"];
    assert_eq!(moved["plan"], "pro");
    assert_eq!(
        (&moved["before"]["plan_id"], &moved["after"]["plan_id"]),
        (&json!(rest.acme.free), &json!(rest.acme.pro))
    );
    let claims = &events["claims.updated"]["data"];
    assert_eq!((&claims["before"], &claims["after"]), (&json!({}), &json!({ "seats": 5 })));
    work(&rest).await;
    assert!(receiver.posted().is_empty(), "once is enough");

    let list = rest.read(&format!("{}/deliveries", hook.path)).await;
    let deliveries = list["deliveries"].as_array().unwrap();
    assert_eq!((deliveries.len(), &list["nextCursor"]), (2, &json!(null)));
    for delivery in deliveries {
        let event = &events[&text(&delivery["event"])];
        assert_eq!(delivery["eventId"], event["data"]["id"]);
        assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("delivered"), &json!(1)));
        assert!(delivery["deliveredAt"].is_string() && delivery["nextAt"].is_null(), "{delivery}");
        let last = &delivery["lastAttempt"];
        assert_eq!((&last["status"], &last["answer"], &last["error"]), (&json!(200), &json!("thanks"), &json!(null)));
        assert_eq!(delivery.get("request"), None);
        let request = hook.outcome(&rest, delivery).await["request"].clone();
        assert_eq!(request["headers"]["webhook-id"], delivery["eventId"]);
        assert_eq!(request["headers"]["x-turnpike-event"], delivery["event"]);
        let sent = posted.iter().find(|request| delivery["eventId"] == request.header("webhook-id")).unwrap();
        assert_eq!(text(&request["body"]).as_bytes(), &sent.body);
    }
    let page = rest.read(&format!("{}/deliveries?limit=1&status=delivered", hook.path)).await;
    assert_eq!(page["deliveries"], json!([deliveries[0]]));
    let cursor = text(&page["nextCursor"]);
    let page = rest.read(&format!("{}/deliveries?limit=1&status=delivered&cursor={cursor}", hook.path)).await;
    assert_eq!((&page["deliveries"], &page["nextCursor"]), (&json!([deliveries[1]]), &json!(null)));
    for status in ["waiting", "failed"] {
        let none = rest.read(&format!("{}/deliveries?status={status}", hook.path)).await;
        assert_eq!(none["deliveries"], json!([]), "{status}");
    }

    // The same event again, in a request of now.
    rest.app.clock.advance(TimeDelta::hours(1));
    let again = rest.admin(Method::POST, &format!("{}/resend", hook.delivery(&deliveries[0])), None).await;
    assert_eq!(again.status, 200, "{}", again.text());
    let again = again.json()["delivery"].clone();
    assert_eq!((&again["status"], &again["attempts"]), (&json!("waiting"), &json!(0)));
    assert_eq!(again["eventId"], deliveries[0]["eventId"]);
    work(&rest).await;
    let [request] = receiver.posted().try_into().expect("one request");
    assert_eq!(verified(&rest, &request, &hook.secret), events[&text(&again["event"])]);
    assert_eq!(hook.outcome(&rest, &again).await["status"], "delivered");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_goes_where_it_is_wanted() {
    let rest = Rest::start().await;
    let receiver = receiver().await;
    let hook = Hook::register(&rest, &receiver).await;
    let only = json!({ "events": ["payment.settled", "claims.updated"] });
    assert_eq!(rest.admin(Method::PATCH, &hook.path, Some(&only)).await.status, 200);
    let elsewhere = json!({ "url": format!("{}/elsewhere", receiver.url()) });
    rest.made(&format!("{}/webhooks", rest.other.base()), &elsewhere).await;
    set_claims(&rest).await;
    work(&rest).await;
    let [request] = receiver.posted().try_into().expect("one request");
    assert_eq!(verified(&rest, &request, &hook.secret)["type"], "claims.updated");
    // A test comes whatever was asked for.
    let test = rest.made(&format!("{}/test", hook.path), &json!({})).await["delivery"].clone();
    assert_eq!((&test["event"], &test["status"]), (&json!("webhook.test"), &json!("waiting")));
    work(&rest).await;
    let [request] = receiver.posted().try_into().expect("one request");
    let event = verified(&rest, &request, &hook.secret);
    assert_eq!((&event["type"], &event["data"]["id"]), (&json!("webhook.test"), &test["eventId"]));
    assert_eq!(hook.outcome(&rest, &test).await["status"], "delivered");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_taken_is_sent_again() {
    let rest = Rest::start().await;
    let receiver = receiver().await;
    let hook = Hook::register(&rest, &receiver).await;
    receiver.answers(StatusCode::SERVICE_UNAVAILABLE);
    let test = rest.made(&format!("{}/test", hook.path), &json!({})).await["delivery"].clone();
    work(&rest).await;
    let waiting = hook.outcome(&rest, &test).await;
    assert_eq!((&waiting["status"], &waiting["attempts"]), (&json!("waiting"), &json!(1)));
    assert_eq!((&waiting["lastAttempt"]["status"], &waiting["lastAttempt"]["answer"]), (&json!(503), &json!("thanks")));
    let next = DateTime::parse_from_rfc3339(&text(&waiting["nextAt"])).expect("a moment");
    assert_eq!(next.timestamp() - rest.app.services.now().timestamp(), 5);
    let list = rest.read(&format!("{}/deliveries?status=waiting", hook.path)).await;
    assert_eq!(list["deliveries"][0]["id"], test["id"]);
    work(&rest).await;
    assert_eq!(receiver.posted().len(), 1, "before its time");
    receiver.answers(StatusCode::NO_CONTENT);
    rest.app.clock.advance(TimeDelta::seconds(5));
    work(&rest).await;
    let [request] = receiver.posted().try_into().expect("one request");
    assert_eq!(verified(&rest, &request, &hook.secret)["data"]["id"], test["eventId"]);
    let done = hook.outcome(&rest, &test).await;
    assert_eq!((&done["status"], &done["attempts"]), (&json!("delivered"), &json!(2)));

    // Nobody is there any more.
    drop(receiver);
    let resend = format!("{}/resend", hook.delivery(&test));
    assert_eq!(rest.admin(Method::POST, &resend, None).await.status, 200);
    work(&rest).await;
    let silent = hook.outcome(&rest, &test).await;
    assert_eq!((&silent["status"], &silent["attempts"]), (&json!("waiting"), &json!(1)));
    assert!(silent["lastAttempt"]["status"].is_null() && silent["lastAttempt"]["error"].is_string(), "{silent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_gone_is_left_alone() {
    let rest = Rest::start().await;
    let receiver = receiver().await;
    let hook = Hook::register(&rest, &receiver).await;
    receiver.answers(StatusCode::GONE);
    let test = rest.made(&format!("{}/test", hook.path), &json!({})).await["delivery"].clone();
    work(&rest).await;
    let shown = rest.read(&hook.path).await["webhook"].clone();
    assert_eq!((&shown["enabled"], &shown["disabledBy"]), (&json!(false), &json!("gone")));
    for path in [format!("{}/test", hook.path), format!("{}/resend", hook.delivery(&test))] {
        let answer = rest.admin(Method::POST, &path, None).await;
        refused(&answer, 400, "APP_001");
        assert_eq!(answer.json()["error"]["details"]["fields"][0]["field"], "enabled", "{path}");
    }
    set_claims(&rest).await;
    rest.app.clock.advance(TimeDelta::days(1));
    receiver.posted();
    work(&rest).await;
    assert!(receiver.posted().is_empty());
    receiver.answers(StatusCode::OK);
    let on = rest.admin(Method::PATCH, &hook.path, Some(&json!({ "enabled": true }))).await.json();
    assert_eq!((&on["webhook"]["enabled"], &on["webhook"]["disabledBy"]), (&json!(true), &json!(null)));
    // What happened meanwhile is not told; what waited is.
    work(&rest).await;
    let [request] = receiver.posted().try_into().expect("one request");
    assert_eq!(verified(&rest, &request, &hook.secret)["data"]["id"], test["eventId"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_secret_signs_for_one_more_day() {
    let rest = Rest::start().await;
    let receiver = receiver().await;
    let hook = Hook::register(&rest, &receiver).await;
    let rotated = rest.admin(Method::POST, &format!("{}/rotate-secret", hook.path), None).await;
    assert_eq!(rotated.status, 200, "{}", rotated.text());
    let new = text(&rotated.json()["secret"]);
    let send = async || {
        rest.made(&format!("{}/test", hook.path), &json!({})).await;
        work(&rest).await;
        let [request] = receiver.posted().try_into().expect("one request");
        request
    };
    let both = send().await;
    let mut signatures: Vec<_> = both.header("webhook-signature").split(' ').collect();
    let mut wanted = [signature(&both, &hook.secret), signature(&both, &new)];
    signatures.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(signatures, wanted);
    rest.app.clock.advance(TimeDelta::hours(24));
    verified(&rest, &send().await, &new);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_found_at_its_own_webhook_only() {
    let rest = Rest::start().await;
    let receiver = receiver().await;
    let (hook, second) = (Hook::register(&rest, &receiver).await, Hook::register(&rest, &receiver).await);
    let test = rest.made(&format!("{}/test", hook.path), &json!({})).await["delivery"].clone();
    hook.outcome(&rest, &test).await;
    let theirs = second.delivery(&test);
    refused(&rest.admin(Method::GET, &theirs, None).await, 404, "APP_002");
    refused(&rest.admin(Method::POST, &format!("{theirs}/resend"), None).await, 404, "APP_002");
    assert_eq!(rest.read(&format!("{}/deliveries", second.path)).await["deliveries"], json!([]));
    // Another application's path leads to nothing of this one, also for who may see both.
    let id = hook.path.rsplit('/').next().unwrap();
    let elsewhere = format!("{}/webhooks/{id}", rest.other.base());
    let change = json!({ "description": "Changed" });
    for (method, below, body) in [
        (Method::GET, String::new(), None),
        (Method::PATCH, String::new(), Some(&change)),
        (Method::DELETE, String::new(), None),
        (Method::POST, "/rotate-secret".into(), None),
        (Method::POST, "/test".into(), None),
        (Method::GET, "/deliveries".into(), None),
        (Method::GET, format!("/deliveries/{}", text(&test["id"])), None),
        (Method::POST, format!("/deliveries/{}/resend", text(&test["id"])), None),
    ] {
        refused(&rest.admin(method, &format!("{elsewhere}{below}"), body).await, 404, "APP_002");
    }
    // With its webhook it goes, too.
    assert_eq!(rest.admin(Method::DELETE, &hook.path, None).await.status, 204);
    work(&rest).await;
    assert!(receiver.posted().is_empty());
}
