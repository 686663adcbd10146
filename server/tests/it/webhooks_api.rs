//! `/api/admin/applications/:appId/webhooks`, and what is posted to a product's own server.

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

fn hooks(rest: &Rest) -> String {
    format!("{}/webhooks", rest.acme.base())
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
async fn webhooks_are_made_read_changed_and_deleted() {
    let rest = Rest::start().await;
    let new = json!({
        "url": "https://app.example/hooks", "description": "Seats",
        "events": ["subscription.updated", "claims.updated", "claims.updated"],
    });
    let made = rest.made(&hooks(&rest), &new).await;
    let hook = &made["webhook"];
    let secret = text(&made["secret"]);
    assert!(secret.starts_with("whsec_"), "{secret}");
    assert!(text(&hook["secretHint"]).ends_with(&secret[secret.len() - 4..]), "{hook}");
    assert_eq!((&hook["url"], &hook["description"]), (&new["url"], &new["description"]));
    assert_eq!(hook["events"], json!(["claims.updated", "subscription.updated"]));
    let off = |hook: &Value| (hook["enabled"].clone(), hook["disabledBy"].clone(), hook["disabledAt"].is_string());
    assert_eq!(off(hook), (json!(true), json!(null), false));
    let one = format!("{}/{}", hooks(&rest), text(&hook["id"]));
    assert_eq!(&rest.read(&one).await["webhook"], hook);
    let second = rest.made(&hooks(&rest), &json!({ "url": "http://127.0.0.1:9/hooks" })).await["webhook"].clone();
    assert_eq!((&second["description"], &second["events"]), (&json!(""), &json!([])));
    let list = rest.read(&hooks(&rest)).await;
    assert_eq!((&list["webhooks"], &list["nextCursor"]), (&json!([hook, second]), &json!(null)));
    let admin = rest.browser_of(&rest.administrator(&rest.acme).await).await;
    assert_eq!(admin.get(&hooks(&rest)).await.json(), list);
    let first = rest.read(&format!("{}?limit=1", hooks(&rest))).await;
    assert_eq!(first["webhooks"], json!([hook]));
    let rest_of_it = rest.read(&format!("{}?cursor={}", hooks(&rest), text(&first["nextCursor"]))).await;
    assert_eq!(rest_of_it["webhooks"], json!([second]));

    let change = async |patch: Value| {
        let answer = rest.admin(Method::PATCH, &one, Some(&patch)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["webhook"].clone()
    };
    let changed = change(json!({ "url": "https://app.example/other", "description": "", "events": [] })).await;
    assert_eq!(
        (&changed["url"], &changed["description"], &changed["events"]),
        (&json!("https://app.example/other"), &json!(""), &json!([]))
    );
    assert_eq!(off(&change(json!({ "enabled": false })).await), (json!(false), json!("admin"), true));
    assert_eq!(change(json!({ "enabled": true })).await, changed);
    assert_eq!(change(json!({})).await, changed);

    // The secret is in the answer that makes it, and nowhere else.
    let again = text(&rest.admin(Method::POST, &format!("{one}/rotate-secret"), None).await.json()["secret"]);
    assert_ne!(again, secret);
    assert!(text(&rest.read(&one).await["webhook"]["secretHint"]).ends_with(&again[again.len() - 4..]));
    let audit = rest.read(&format!("/api/admin/audit?applicationId={}&limit=100", rest.acme.id)).await;
    let shown = format!("{audit}{}{}", rest.read(&hooks(&rest)).await, rest.read(&one).await);
    for secret in [secret, again] {
        assert!(!shown.contains(&secret["whsec_".len()..]), "{shown}");
    }
    assert_eq!(rest.admin(Method::DELETE, &one, None).await.status, 204);
    for action in ["created", "updated", "secret_rotated", "deleted"] {
        let entries = rest.read(&format!("/api/admin/audit?action=webhook.{action}")).await;
        assert_eq!(entries["entries"][0]["applicationId"], json!(rest.acme.id), "{action}: {entries}");
    }
    refused(&rest.admin(Method::GET, &one, None).await, 404, "APP_002");
    refused(&rest.admin(Method::DELETE, &one, None).await, 404, "APP_002");
    assert_eq!(rest.read(&hooks(&rest)).await["webhooks"], json!([second]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_named_and_changes_nothing() {
    let rest = Rest::start().await;
    let good = json!({ "url": "https://app.example/hooks" });
    let one = format!("{}/{}", hooks(&rest), text(&rest.made(&hooks(&rest), &good).await["webhook"]["id"]));
    let before = rest.dump().await;
    for (wrong, field) in [
        (json!({ "url": "http://app.example/hooks" }), "url"),
        (json!({ "url": "ftp://app.example/hooks" }), "url"),
        (json!({ "url": "/hooks" }), "url"),
        (json!({ "url": "" }), "url"),
        (json!({ "url": null }), "url"),
        (json!({ "url": "https://app.example/", "description": "x".repeat(201) }), "description"),
        (json!({ "url": "https://app.example/", "events": ["subscription.renewed"] }), "events"),
        // Nobody subscribes to it.
        (json!({ "url": "https://app.example/", "events": ["webhook.test"] }), "events"),
        (json!({ "url": "https://app.example/", "events": ["user.created", ""] }), "events"),
        (json!({ "url": "https://app.example/", "events": null }), "events"),
    ] {
        for (method, path) in [(Method::POST, &hooks(&rest)), (Method::PATCH, &one)] {
            let answer = rest.admin(method.clone(), path, Some(&wrong)).await;
            refused(&answer, 400, "APP_001");
            let fields = &answer.json()["error"]["details"]["fields"];
            assert_eq!(fields[0]["field"], field, "{method} {wrong}: {}", answer.text());
        }
    }
    refused(&rest.admin(Method::POST, &hooks(&rest), Some(&json!({}))).await, 400, "APP_001");
    refused(&rest.admin(Method::PATCH, &one, Some(&json!({ "enabled": null }))).await, 400, "APP_001");
    for status in ["", "done", "Waiting"] {
        let answer = rest.admin(Method::GET, &format!("{one}/deliveries?status={status}"), None).await;
        refused(&answer, 400, "APP_001");
        assert_eq!(answer.json()["error"]["details"]["fields"][0]["field"], "status");
    }
    assert_eq!(rest.dump().await, before, "something changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_key_a_webhook_is_made_once() {
    let rest = Rest::start().await;
    let new = json!({ "url": "https://app.example/hooks" });
    let make = async || {
        let request = rest.app.request(Method::POST, &hooks(&rest)).bearer(rest.key.expose());
        request.header("idempotency-key", "hooks").json(&new).send().await
    };
    let (first, second) = (make().await, make().await);
    assert_eq!((first.status.as_u16(), &first.body), (201, &second.body));
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    assert_eq!(rest.read(&hooks(&rest)).await["webhooks"].as_array().map(Vec::len), Some(1));
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
