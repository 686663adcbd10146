//! `/api/admin/applications/:appId/sign-in-methods`.

use axum::http::Method;
use serde_json::json;
use service::testing::{
    TestServices,
    provider::{CLIENT_ID, CLIENT_SECRET, Provider},
};

use crate::rest::{Rest, refused};

#[tokio::test(flavor = "multi_thread")]
async fn methods_are_made_tested_changed_and_deleted() {
    let rest = Rest::start().await;
    let provider = Provider::start(TestServices::epoch().timestamp()).await;
    let base = format!("{}/sign-in-methods", rest.acme.base());
    let input = json!({
        "kind": "oidc", "name": "Corp login", "issuer": provider.url(), "clientId": CLIENT_ID,
        "clientSecret": CLIENT_SECRET,
    });
    let made = rest.made(&base, &input).await["signInMethod"].clone();
    assert_eq!(
        (&made["slug"], &made["trustEmail"], &made["enabled"]),
        (&json!("corp-login"), &json!(false), &json!(true))
    );
    assert_eq!(made["clientSecretLast4"], "pike");
    assert_eq!(made["redirectUri"], "http://127.0.0.1:8080/upstream/callback/acme/corp-login");
    let one = format!("{base}/{}", made["id"].as_str().unwrap());
    assert_eq!(rest.read(&one).await["signInMethod"], made);
    let listed = rest.read(&base).await;
    assert_eq!((&listed["signInMethods"], &listed["nextCursor"]), (&json!([made]), &json!(null)));
    let again = rest.admin(Method::POST, &base, Some(&input)).await;
    refused(&again, 409, "APP_003");
    assert_eq!(rest.admin(Method::POST, &format!("{one}/test"), None).await.status, 204);

    for (patch, field) in [
        (json!({ "issuer": "https://evil.example" }), "clientSecret"),
        (json!({ "issuer": "http://login.example", "clientSecret": "new" }), "issuer"),
        (json!({ "clientSecret": "" }), "clientSecret"),
        (json!({ "slug": "other" }), "slug"),
        (json!({ "kind": "google" }), "kind"),
        (json!({ "name": null }), "name"),
    ] {
        let answer = rest.admin(Method::PATCH, &one, Some(&patch)).await;
        refused(&answer, 400, "APP_001");
        assert!(answer.text().contains(field), "{patch}: {}", answer.text());
    }
    let patch = json!({ "name": "Login", "enabled": false, "clientSecret": "another-secret-of-the-corp" });
    let changed = rest.admin(Method::PATCH, &one, Some(&patch)).await.json()["signInMethod"].clone();
    assert_eq!(
        (&changed["name"], &changed["enabled"], &changed["clientSecretLast4"]),
        (&json!("Login"), &json!(false), &json!("corp"))
    );
    refused(&rest.admin(Method::POST, &format!("{one}/test"), None).await, 409, "SRV_002");

    let services = rest.read("/api/admin/services").await["services"].clone();
    assert_eq!(
        (&services["signIn"], &services["secondFactors"]),
        (&json!(["password", "mail"]), &json!(["totp", "recovery_code"]))
    );
    assert_eq!(
        services["signInMethods"],
        json!([{
            "applicationId": rest.acme.id, "kind": "oidc", "slug": "corp-login", "issuer": made["issuer"], "enabled": false,
        }])
    );

    // What was typed is shown nowhere.
    let shown = format!("{}{}{}", rest.dump().await, rest.read(&base).await, rest.read("/api/admin/services").await);
    for secret in [CLIENT_SECRET, "another-secret-of-the-corp"] {
        assert!(!shown.contains(secret), "{secret}");
    }
    let foreign = format!("{}/sign-in-methods/{}", rest.other.base(), made["id"].as_str().unwrap());
    for method in [Method::GET, Method::DELETE] {
        refused(&rest.admin(method, &foreign, None).await, 404, "APP_002");
    }
    assert_eq!(rest.admin(Method::DELETE, &one, None).await.status, 204);
    refused(&rest.admin(Method::GET, &one, None).await, 404, "APP_002");
}

/// Whoever runs an issuer, or owns a client at GitHub, could sign in as anybody who goes there.
#[tokio::test(flavor = "multi_thread")]
async fn only_superadmins_bring_a_client_of_any_provider_but_google() {
    let rest = Rest::start().await;
    let own = rest.browser_of(&rest.administrator(&rest.acme).await).await;
    let base = format!("{}/sign-in-methods", rest.acme.base());
    let ask =
        async |method: Method, path: &str, body: &serde_json::Value| own.request(method, path).json(body).send().await;
    let client = json!({ "clientId": "turnpike", "clientSecret": "a-secret-of-the-corp" });
    let with = |more: serde_json::Value| {
        let mut all = client.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let corp = with(json!({ "kind": "oidc", "name": "Corp", "issuer": "https://login.corp.example" }));
    let github = with(json!({ "kind": "github" }));
    let google = ask(Method::POST, &base, &with(json!({ "kind": "google" }))).await;
    assert_eq!(google.status, 201);
    let google = format!("{base}/{}", google.json()["signInMethod"]["id"].as_str().unwrap());
    let again = with(json!({ "clientId": "another", "enabled": true }));
    assert_eq!(ask(Method::PATCH, &google, &again).await.json()["signInMethod"]["clientId"], "another");
    for (input, is_oidc) in [(&corp, true), (&github, false)] {
        refused(&ask(Method::POST, &base, input).await, 403, "AUTH_011");
        let made = rest.made(&base, input).await["signInMethod"].clone();
        let id = made["id"].as_str().unwrap();
        let one = format!("{base}/{id}");
        let mut theirs = vec![
            json!({ "clientId": "another" }),
            json!({ "clientSecret": "another-secret-of-the-corp" }),
            with(json!({ "name": "Renamed" })),
        ];
        if is_oidc {
            theirs.extend([with(json!({ "issuer": "https://evil.example" })), json!({ "trustEmail": true })]);
        }
        for refusal in &theirs {
            refused(&ask(Method::PATCH, &one, refusal).await, 403, "AUTH_011");
        }
        let patch = json!({ "name": "Renamed", "clientId": made["clientId"], "enabled": false });
        let off = ask(Method::PATCH, &one, &patch).await.json()["signInMethod"].clone();
        assert_eq!((&off["name"], &off["enabled"]), (&json!("Renamed"), &json!(false)));
        refused(&ask(Method::PATCH, &one, &json!({ "enabled": true })).await, 403, "AUTH_011");
        refused(&own.request(Method::DELETE, &one).send().await, 403, "AUTH_011");
        // A page says so, and has nothing that the server would refuse.
        let shown = own.get(&format!("/dashboard/acme/sign-in-methods/{id}")).await;
        let html = shown.text();
        assert!(html.contains("readonly") && html.contains("Only a superadmin changes the client"), "{html}");
        for part in ["client_secret", "Switch on", "Delete this method"] {
            assert!(!html.contains(part), "{part}: {html}");
        }
        assert_eq!(html.contains("trust_email"), !is_oidc, "{html}");
        let switch = json!({ "enabled": true, "clientId": "another", "clientSecret": "another-secret-of-the-corp" });
        assert_eq!(rest.admin(Method::PATCH, &one, Some(&switch)).await.status, 200);
    }
    let shown = own.get("/dashboard/acme/sign-in-methods").await;
    assert!(shown.text().contains("kind=google"), "{}", shown.text());
    for kind in ["github", "oidc"] {
        assert!(!shown.text().contains(&format!("kind={kind}")), "{}", shown.text());
        let form = own.get(&format!("/dashboard/acme/sign-in-methods/new?kind={kind}")).await;
        assert_eq!(form.status, 403, "{}", form.text());
    }
}
