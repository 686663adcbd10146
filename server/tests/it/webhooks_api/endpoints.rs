//! Webhooks that are made, read, changed and deleted.

use axum::http::Method;
use serde_json::{Value, json};

use super::hooks;
use crate::rest::{Rest, refused, text};

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
