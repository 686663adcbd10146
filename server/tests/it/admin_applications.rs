use axum::http::Method;
use serde_json::{Value, json};

use crate::rest::{Rest, refused, text};

#[tokio::test(flavor = "multi_thread")]
async fn applications_from_first_to_last() {
    let rest = Rest::start().await;
    let new = json!({
        "name": "Shop", "slug": "shop", "description": "A shop", "redirectUris": ["https://shop.example/cb"],
        "returnUrls": ["https://shop.example/"], "allowRegister": false, "isMfaRequired": true, "skipConsent": true,
        "allowedScopes": ["openid", "email"], "resources": ["https://api.shop.example/v1"],
        "themeConfig": { "brand": "#123456" }, "planSelection": "always", "defaultLocale": "id",
        "onEnd": "default_plan", "graceDays": 3, "url": "https://shop.example/", "icon": null,
    });
    let made = rest.made("/api/admin/applications", &new).await;
    let id = text(&made["application"]["id"]);
    assert!(text(&made["clientSecret"]).starts_with("sec_"));
    assert_eq!(made["application"]["clientId"], made["clientId"]);
    for field in [
        "name",
        "slug",
        "description",
        "redirectUris",
        "returnUrls",
        "allowRegister",
        "isMfaRequired",
        "skipConsent",
        "allowedScopes",
        "resources",
        "themeConfig",
        "defaultLocale",
        "planSelection",
        "onEnd",
        "graceDays",
        "url",
        "icon",
    ] {
        assert_eq!(made["application"][field], new[field], "{field}");
    }
    let path = format!("/api/admin/applications/{id}");
    let shown = rest.read(&path).await;
    assert!(!shown.to_string().contains("sec_"), "a secret is shown once");

    let patch = json!({ "name": "Shop 2", "redirectUris": ["https://shop.example/two"], "url": null });
    let changed = rest.admin(Method::PATCH, &path, Some(&patch)).await.json();
    assert_eq!(changed["application"]["name"], "Shop 2");
    assert_eq!(changed["application"]["redirectUris"], json!(["https://shop.example/two"]));
    assert_eq!(changed["application"]["url"], json!(null));
    assert_eq!(changed["application"]["graceDays"], 3);
    assert_eq!(rest.read(&path).await, changed);
    // The whole resource may come back as it was read.
    let same = rest.admin(Method::PATCH, &path, Some(&changed["application"])).await;
    assert_eq!((same.status.as_u16(), same.json()), (200, changed));

    // Without a client to carry the redirect URIs nothing else changes either.
    let clients = rest.read(&format!("{path}/clients")).await;
    let client = format!("{path}/clients/{}", text(&clients["clients"][0]["id"]));
    assert_eq!(rest.admin(Method::DELETE, &client, None).await.status, 204);
    let patch = json!({ "name": "Shop 3", "redirectUris": ["https://shop.example/three"] });
    refused(&rest.admin(Method::PATCH, &path, Some(&patch)).await, 404, "APP_002");
    assert_eq!(rest.read(&path).await["application"]["name"], "Shop 2");

    refused(&rest.admin(Method::POST, "/api/admin/applications", Some(&new)).await, 409, "APP_003");

    // Who takes tokens for an address knows whose plans and roles they say.
    let theirs = json!({ "resources": ["https://api.other.example/", "https://api.shop.example/v1"] });
    let taken = rest.admin(Method::PATCH, &rest.other.base(), Some(&theirs)).await;
    refused(&taken, 400, "APP_001");
    let message = "https://api.shop.example/v1 belongs to another application";
    let fields = json!([{ "field": "resources", "message": message }]);
    assert_eq!(taken.json()["error"]["details"]["fields"], fields);
    let mut another = new.clone();
    another["slug"] = json!("another");
    refused(&rest.admin(Method::POST, "/api/admin/applications", Some(&another)).await, 400, "APP_001");
    let own = rest.admin(Method::PATCH, &path, Some(&json!({ "resources": new["resources"], "name": "Shop 2" }))).await;
    assert_eq!(own.status, 200, "{}", own.text());
    assert_eq!(rest.admin(Method::PATCH, &path, Some(&json!({ "resources": [] }))).await.status, 200);
    assert_eq!(rest.admin(Method::PATCH, &rest.other.base(), Some(&theirs)).await.status, 200, "it is free again");
    assert_eq!(rest.admin(Method::DELETE, &path, None).await.status, 204);
    refused(&rest.admin(Method::GET, &path, None).await, 404, "APP_002");
    refused(&rest.admin(Method::DELETE, &path, None).await, 404, "APP_002");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_a_provider_bills_is_not_deleted() {
    let rest = Rest::start().await;
    assert_eq!(rest.admin(Method::DELETE, &rest.other.base(), None).await.status, 204);
    rest.app.test.execute("UPDATE subscriptions SET provider = 'stripe', reference = 'sub_1', mode = 'live'").await;
    let kept = rest.admin(Method::DELETE, &rest.acme.base(), None).await;
    refused(&kept, 409, "SUB_006");
    let details = json!({ "billedSubscriptions": 1, "openOrders": 0, "waitingChanges": 0 });
    assert_eq!(kept.json()["error"]["details"], details);
    rest.app.test.execute("UPDATE subscriptions SET status = 'canceled', status_since_at = 0").await;
    assert_eq!(rest.admin(Method::DELETE, &rest.acme.base(), None).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_in_pages() {
    let rest = Rest::start().await;
    let first = rest.read("/api/admin/applications?limit=1").await;
    assert_eq!(first["applications"].as_array().unwrap().len(), 1);
    assert_eq!(first["applications"][0]["slug"], "acme");
    let next = format!("/api/admin/applications?limit=1&cursor={}", text(&first["nextCursor"]));
    let second = rest.read(&next).await;
    assert_eq!(second["applications"][0]["slug"], "other");
    assert_eq!(second["nextCursor"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_roll_with_an_overlap() {
    let rest = Rest::start().await;
    let path = format!("{}/rotate-secret", rest.acme.base());
    let rotated = rest.admin(Method::POST, &path, None).await.json();
    assert_eq!(rotated["clientId"], rest.acme.client_id.as_str());
    let secret = text(&rotated["clientSecret"]);
    let ask = |secret: String| {
        let request = rest.app.request(Method::GET, "/api/platform/plans").basic(&rest.acme.client_id, &secret);
        request.send()
    };
    assert_eq!(ask(secret.clone()).await.status, 200);
    assert_eq!(ask(rest.acme.client_secret.clone()).await.status, 200);
    rest.app.clock.advance(chrono::TimeDelta::hours(24));
    assert_eq!(ask(secret).await.status, 200);
    refused(&ask(rest.acme.client_secret.clone()).await, 401, "AUTH_003");
}

#[tokio::test(flavor = "multi_thread")]
async fn leaked_secrets_end_at_once() {
    let rest = Rest::start().await;
    let ask = |secret: String| {
        let request = rest.app.request(Method::GET, "/api/platform/plans").basic(&rest.acme.client_id, &secret);
        request.send()
    };
    let clients = format!("{}/clients/{}", rest.acme.base(), rest.acme.client_id);
    let mut last = rest.acme.client_secret.clone();
    for path in [rest.acme.base(), clients] {
        let path = format!("{path}/rotate-secret");
        for overlapping in [json!({}), json!({ "atOnce": false })] {
            let rotated = rest.admin(Method::POST, &path, Some(&overlapping)).await;
            assert_eq!((rotated.status.as_u16(), ask(last.clone()).await.status.as_u16()), (200, 200), "{overlapping}");
        }
        for wrong in [json!({ "atOnce": "yes" }), json!({ "atOnce": null }), json!([])] {
            refused(&rest.admin(Method::POST, &path, Some(&wrong)).await, 400, "APP_001");
        }
        let form = rest.app.request(Method::POST, &path).bearer(rest.key.expose()).form(&[("atOnce", "true")]);
        refused(&form.send().await, 415, "APP_001");
        // A repeat of the request ends nothing more.
        let once = async || {
            let request = rest.app.request(Method::POST, &path).bearer(rest.key.expose());
            request.header("idempotency-key", &path).json(&json!({ "atOnce": true })).send().await
        };
        let (rotated, again) = (once().await.json(), once().await.json());
        assert_eq!(rotated, again);
        refused(&ask(last).await, 401, "AUTH_003");
        last = text(&rotated["clientSecret"]);
        assert_eq!(ask(last.clone()).await.status, 200);
    }
    let entries = rest.read("/api/admin/audit?action=client.secret_rotated").await;
    assert_eq!(entries["entries"][0]["reason"], "the old secrets ended at once", "{entries}");
    let document = rest.app.get("/api/openapi.json").await.json();
    let body = &document["paths"]["/api/admin/applications/{appId}/rotate-secret"]["post"]["requestBody"];
    assert_eq!(body["content"]["application/json"]["schema"]["$ref"], "#/components/schemas/RotateInput", "{body}");
    assert_ne!(body["required"], true);
    assert!(document["components"]["schemas"]["RotateInput"]["properties"]["atOnce"].is_object());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_token_requires_pkce_unless_it_says_otherwise() {
    let rest = Rest::start().await;
    let path = format!("{}/registration-tokens", rest.acme.base());
    for (given, held) in [(Value::Null, true), (json!(true), true), (json!(false), false)] {
        let mut token = json!({ "name": "Partners", "days": 1 });
        if !given.is_null() {
            token["requirePkce"] = given;
        }
        let made = rest.made(&path, &token).await;
        assert_eq!(made["registrationToken"]["requirePkce"], held, "{token}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn further_clients() {
    let rest = Rest::start().await;
    let clients = format!("{}/clients", rest.acme.base());
    let new = json!({
        "name": "Mobile", "clientId": "acme-mobile", "type": "public", "redirectUris": ["com.example.app:/cb"],
        "postLogoutRedirectUris": ["https://acme.example/"], "grants": ["authorization_code"], "idTokenAlg": "EdDSA",
        "skipConsent": true, "customClaims": true,
    });
    let made = rest.made(&clients, &new).await;
    assert_eq!(made["clientSecret"], json!(null));
    for field in [
        "name",
        "clientId",
        "type",
        "redirectUris",
        "postLogoutRedirectUris",
        "grants",
        "idTokenAlg",
        "skipConsent",
        "customClaims",
    ] {
        assert_eq!(made["client"][field], new[field], "{field}");
    }
    let listed = rest.read(&clients).await;
    assert_eq!(listed["clients"].as_array().unwrap().len(), 2);
    assert!(!listed.to_string().contains(&rest.acme.client_secret));

    // By its public name or by its id.
    for name in [text(&made["client"]["clientId"]), text(&made["client"]["id"])] {
        let path = format!("{clients}/{name}");
        let patch = json!({ "name": name });
        let changed = rest.admin(Method::PATCH, &path, Some(&patch)).await.json();
        assert_eq!(changed["client"]["name"], name.as_str());
    }
    let path = format!("{clients}/acme-mobile");
    let never = json!({ "type": "confidential" });
    refused(&rest.admin(Method::PATCH, &path, Some(&never)).await, 400, "APP_001");
    refused(&rest.admin(Method::POST, &format!("{path}/rotate-secret"), None).await, 400, "APP_001");
    refused(&rest.admin(Method::POST, &clients, Some(&new)).await, 400, "APP_001");
    assert_eq!(rest.admin(Method::DELETE, &path, None).await.status, 204);
    refused(&rest.admin(Method::GET, &path, None).await, 404, "APP_002");
}

/// Without the page, whoever is signed in and follows a link hands over what their account says.
#[tokio::test(flavor = "multi_thread")]
async fn only_superadmins_turn_the_consent_page_off() {
    let rest = Rest::start().await;
    let own = rest.browser_of(&rest.administrator(&rest.acme).await).await;
    let base = rest.acme.base();
    let ask =
        async |method: Method, path: &str, body: &serde_json::Value| own.request(method, path).json(body).send().await;
    let skip = |skips: bool| json!({ "skipConsent": skips });
    assert_eq!(ask(Method::PATCH, &base, &skip(true)).await.status, 200, "as it was");
    assert_eq!(ask(Method::PATCH, &base, &skip(false)).await.status, 200);
    refused(&ask(Method::PATCH, &base, &skip(true)).await, 403, "AUTH_011");
    let clients = format!("{base}/clients");
    let new = json!({ "name": "App", "clientId": "app", "redirectUris": ["https://app.example/cb"] });
    let mut skipping = new.clone();
    skipping["skipConsent"] = json!(true);
    refused(&ask(Method::POST, &clients, &skipping).await, 403, "AUTH_011");
    assert_eq!(ask(Method::POST, &clients, &new).await.status, 201);
    let path = format!("{clients}/app");
    refused(&ask(Method::PATCH, &path, &skip(true)).await, 403, "AUTH_011");
    let shown = own.get("/dashboard/acme/settings").await;
    assert!(!shown.text().contains("skip_consent"), "{}", shown.text());
    assert_eq!(rest.admin(Method::PATCH, &path, Some(&skip(true))).await.json()["client"]["skipConsent"], true);
    assert_eq!(ask(Method::PATCH, &path, &json!({ "name": "Mine", "skipConsent": true })).await.status, 200);
}
