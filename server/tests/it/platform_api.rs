use axum::http::Method;
use domain::oauth::client::{ClientPatch, GrantType};
use serde_json::{Value, json};
use service::{Ctx, application::clients::NewClient};

use crate::{
    acme,
    rest::{Rest, refused, text},
};

/// The example of the contract as it stands: credentials in the body, by e-mail address.
#[tokio::test(flavor = "multi_thread")]
async fn a_backend_sets_a_plan() {
    let rest = Rest::start().await;
    let body = json!({
        "client_id": rest.acme.client_id, "client_secret": rest.acme.client_secret,
        "email": rest.acme.email, "claims": { "plan": "pro", "seats": 5 },
    });
    let answer = rest.app.post_json("/api/platform/claims", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    assert_eq!(answer["claims"], json!({ "plan": "pro", "seats": 5 }));
    assert_eq!((&answer["end_user_id"], &answer["email"]), (&json!(rest.acme.user), &json!(rest.acme.email)));
    let again = rest.app.post_json("/api/platform/claims", &body).await.json();
    assert_eq!(again, answer, "the same again changes nothing");

    let set = async |claims: Value| {
        let body = json!({ "end_user_id": rest.acme.user, "claims": claims });
        rest.platform(&rest.acme, Method::POST, "/api/platform/claims", Some(&body)).await.json()
    };
    assert_eq!(set(json!({ "seats": null })).await["claims"], json!({ "plan": "pro" }));
    let ended = set(json!({ "plan": null })).await;
    assert_eq!(ended["claims"], json!({}));
    assert!(ended["ent_ver"].as_i64() > answer["ent_ver"].as_i64());
    let path = format!("/api/platform/claims?email={}", rest.acme.email);
    assert_eq!(rest.platform(&rest.acme, Method::GET, &path, None).await.json(), ended);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_ways_to_authenticate_and_one_at_a_time() {
    let rest = Rest::start().await;
    let (id, secret) = (rest.acme.client_id.as_str(), rest.acme.client_secret.as_str());
    let credentials = json!({ "grant_type": "client_credentials", "client_id": id, "client_secret": secret });
    let token = text(&rest.app.post_json("/api/platform/token", &credentials).await.json()["access_token"]);
    let get = || rest.app.request(Method::GET, "/api/platform/plans");
    assert_eq!(get().basic(id, secret).send().await.status, 200);
    assert_eq!(get().bearer(&token).send().await.status, 200);
    assert_eq!(get().json(&json!({ "client_id": id, "client_secret": secret })).send().await.status, 200);
    refused(&get().basic(id, secret).json(&json!({ "client_secret": secret })).send().await, 400, "APP_001");
    refused(&get().bearer(&token).json(&json!({ "client_id": rest.other.client_id })).send().await, 400, "APP_001");
    refused(&get().json(&json!({ "client_id": id })).send().await, 401, "AUTH_003");
    refused(&get().json(&json!({ "client_id": id, "client_secret": "sec_wrong" })).send().await, 401, "AUTH_003");
    refused(&get().json(&json!({ "client_id": 5, "client_secret": secret })).send().await, 400, "APP_001");
    refused(&get().send().await, 401, "AUTH_001");
    let answer = get().basic(id, secret).header("origin", "https://evil.example").send().await;
    assert_eq!(answer.header("access-control-allow-origin"), None, "CORS is off");
    rest.app.clock.advance(chrono::TimeDelta::hours(2));
    refused(&get().bearer(&token).send().await, 401, "AUTH_003");
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_with_exact_prices() {
    let rest = Rest::start().await;
    let plans = "/api/platform/plans";
    let make = async |body: &str| {
        let request = rest.app.request(Method::POST, plans).basic(&rest.acme.client_id, &rest.acme.client_secret);
        request.text_body(body.to_owned(), "application/json").send().await
    };
    let made = make(r#"{"plan_key":"gold","display_name":"Gold","price":9.99,"currency":"USD","period":"monthly","features":{"a":1}}"#).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert!(made.text().contains("\"price\":9.99,"), "{}", made.text());
    let plan = &made.json()["plan"];
    assert_eq!(
        (&plan["plan_key"], &plan["currency"], &plan["period"]),
        (&json!("gold"), &json!("USD"), &json!("monthly"))
    );
    let stored = |key: &'static str| {
        let rest = &rest;
        async move {
            let all = rest.read(&format!("{}/plans", rest.acme.base())).await;
            let found = all["plans"].as_array().unwrap().iter().find(|plan| plan["key"] == key).cloned();
            found.unwrap()
        }
    };
    assert_eq!(stored("gold").await["prices"][0]["amount"], 999);
    let made =
        make(r#"{"plan_key":"emas","display_name":"Emas","price":99000,"currency":"idr","period":"yearly"}"#).await;
    assert!(made.text().contains("\"price\":99000,"), "{}", made.text());
    assert_eq!(stored("emas").await["prices"][0]["amount"], 9_900_000);
    let free = make(r#"{"plan_key":"zero","display_name":"Zero","price":0}"#).await.json();
    assert_eq!((&free["plan"]["price"], &free["plan"]["prices"]), (&json!(0), &json!([])));

    // A new price takes the place of the old one.
    let patch = json!({ "price": 12.5, "currency": "USD", "period": "yearly", "description": "x".repeat(512) });
    let path = "/api/platform/plans/gold";
    let changed = rest.platform(&rest.acme, Method::PATCH, path, Some(&patch)).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!((&changed.json()["plan"]["price"], &changed.json()["plan"]["period"]), (&json!(12.5), &json!("yearly")));
    assert_eq!(changed.json()["plan"]["prices"].as_array().unwrap().len(), 1);
    let freed = rest.platform(&rest.acme, Method::PATCH, path, Some(&json!({ "price": 0 }))).await.json();
    assert_eq!(freed["plan"]["prices"], json!([]));

    let taken = json!({ "plan_key": "gold", "display_name": "Other" });
    refused(&rest.platform(&rest.acme, Method::POST, plans, Some(&taken)).await, 409, "SUB_005");
    assert_eq!(rest.platform(&rest.acme, Method::DELETE, path, None).await.status, 204);
    refused(&rest.platform(&rest.acme, Method::GET, path, None).await, 404, "SUB_001");
    let free = "/api/platform/plans/free";
    let in_use = rest.platform(&rest.acme, Method::DELETE, free, None).await;
    refused(&in_use, 400, "SUB_003");
    assert_eq!(in_use.json()["error"]["details"]["activeSubscribers"], 1);
    let page = rest.platform(&rest.acme, Method::GET, "/api/platform/plans?limit=1", None).await.json();
    assert_eq!((page["plans"].as_array().unwrap().len(), page["next_cursor"].is_string()), (1, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn entitlements_have_a_tag() {
    let rest = Rest::start().await;
    let path = format!("/api/platform/entitlements/{}", rest.acme.user);
    let get = || rest.app.request(Method::GET, &path).basic(&rest.acme.client_id, &rest.acme.client_secret);
    let answer = get().send().await;
    let tag = answer.header("etag").unwrap().to_owned();
    let body = answer.json();
    assert_eq!(tag, format!("\"{}\"", body["ent_ver"]));
    assert_eq!((&body["plan"], &body["status"]), (&json!("free"), &json!("active")));
    assert_eq!((&body["features"], &body["claims"]), (&json!({ "maxProjects": 3 }), &json!({ "plan": "free" })));
    assert_eq!(body["valid_until"], json!(null));
    let same = get().header("if-none-match", &format!("\"0\", W/{tag}")).send().await;
    assert_eq!((same.status.as_u16(), same.body.len(), same.header("etag")), (304, 0, Some(tag.as_str())));

    let until = json!({ "planId": rest.acme.pro, "expiresAt": "2026-12-01T00:00:00Z" });
    assert_eq!(rest.admin(Method::PUT, &rest.acme.subscription(), Some(&until)).await.status, 200);
    let now = get().header("if-none-match", &tag).send().await;
    assert_eq!(now.status, 200);
    assert_eq!(now.json()["valid_until"], "2026-12-01T00:00:00Z");
    let tag = now.header("etag").unwrap().to_owned();
    rest.app.clock.advance(chrono::TimeDelta::days(30));
    let over = get().header("if-none-match", &tag).send().await;
    assert_eq!(over.status, 200, "what time ended has another tag");
    assert_eq!((&over.json()["plan"], &over.json()["features"]), (&json!(null), &json!({})));
}

#[tokio::test(flavor = "multi_thread")]
async fn users_of_the_application() {
    let rest = Rest::start().await;
    let list = rest.platform(&rest.acme, Method::GET, "/api/platform/users?search=acme.example", None).await.json();
    let user = &list["users"][0];
    assert_eq!((&user["end_user_id"], &user["plan"]), (&json!(rest.acme.user), &json!("free")));
    assert_eq!((list["users"].as_array().unwrap().len(), &list["next_cursor"]), (1, &json!(null)));
    let one = rest.platform(&rest.acme, Method::GET, &format!("/api/platform/users/{}", rest.acme.user), None).await;
    assert_eq!(&one.json()["user"], user);
}

#[tokio::test(flavor = "multi_thread")]
async fn revocation_ends_refresh_tokens_of_this_application() {
    let rest = Rest::start().await;
    let mut refresh = Vec::new();
    for _ in 0..3 {
        let browser = rest.browser_of(&rest.acme.user).await;
        let query = serde_urlencoded::to_string([
            ("client_id", rest.acme.client_id.as_str()),
            ("redirect_uri", crate::rest::REDIRECT),
            ("state", "s"),
        ]);
        let code = browser.follow(&format!("/auth/login?{}", query.unwrap())).await.location_param("code").unwrap();
        let redeem = json!({
            "grant_type": "authorization_code", "code": code, "redirect_uri": crate::rest::REDIRECT,
            "client_id": rest.acme.client_id, "client_secret": rest.acme.client_secret,
        });
        let tokens = browser.post_json("/api/platform/token", &redeem).await.json();
        refresh.push(text(&tokens["refresh_token"]));
    }
    let foreign = json!({ "refresh_token": refresh[0] });
    refused(&rest.platform(&rest.other, Method::POST, "/api/platform/revoke", Some(&foreign)).await, 404, "USR_001");
    let bent = json!({ "refresh_token": "rt_bent" });
    refused(&rest.platform(&rest.acme, Method::POST, "/api/platform/revoke", Some(&bent)).await, 404, "USR_001");
    let done = rest.platform(&rest.acme, Method::POST, "/api/platform/revoke", Some(&foreign)).await;
    assert_eq!((done.status.as_u16(), &done.json()["grants"]), (200, &json!(3)), "{}", done.text());
    for token in refresh {
        let use_it = json!({
            "grant_type": "refresh_token", "refresh_token": token,
            "client_id": rest.acme.client_id, "client_secret": rest.acme.client_secret,
        });
        let answer = rest.app.post_json("/api/platform/token", &use_it).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]), (400, &json!("invalid_grant")));
    }
    for name in [json!({ "email": rest.acme.email }), json!({ "end_user_id": rest.acme.user })] {
        let again = rest.platform(&rest.acme, Method::POST, "/api/platform/revoke", Some(&name)).await;
        assert_eq!((again.status.as_u16(), &again.json()["grants"]), (200, &json!(0)));
    }
    let logged = rest.read("/api/admin/audit?action=grants.revoked").await;
    assert_eq!(logged["entries"].as_array().map(Vec::len), Some(1), "what ended, once: {logged}");
    assert_eq!(
        (&logged["entries"][0]["userId"], &logged["entries"][0]["applicationId"]),
        (&json!(rest.acme.user), &json!(rest.acme.id))
    );
}

/// Where somebody goes on without the app, their address and name are none of its business.
#[tokio::test(flavor = "multi_thread")]
async fn an_app_reads_nothing_of_whom_it_has_lost() {
    let rest = Rest::start().await;
    let (list, one) = ("/api/platform/users", format!("/api/platform/users/{}", rest.acme.user));
    let get = async |path: &str| rest.platform(&rest.acme, Method::GET, path, None).await;
    assert_eq!(get(&one).await.json()["user"]["status"], "active");
    assert_eq!(rest.admin(Method::DELETE, &rest.acme.user(), None).await.status, 204);
    let renamed = json!({ "email": "later@example.com" });
    rest.admin(Method::PATCH, &format!("/api/admin/users/{}", rest.acme.user), Some(&renamed)).await;
    refused(&get(&one).await, 404, "USR_001");
    assert!(!get(list).await.text().contains(&rest.acme.user));
    let members = rest.read(&format!("{}/users", rest.acme.base())).await;
    assert_eq!(members["users"][0]["status"], "revoked", "its admins can give it back: {members}");
    // Who is only held up is one of its users.
    rest.made(&format!("{}/users", rest.acme.base()), &json!({ "userId": rest.acme.user })).await;
    rest.admin(Method::PATCH, &rest.acme.user(), Some(&json!({ "status": "suspended" }))).await;
    assert_eq!(get(&one).await.json()["user"]["status"], "suspended");
}

#[tokio::test(flavor = "multi_thread")]
async fn idempotent_posts() {
    let rest = Rest::start().await;
    let post = |key: &str, path: &str, body: &Value| {
        let request = rest.app.request(Method::POST, path).basic(&rest.acme.client_id, &rest.acme.client_secret);
        request.header("idempotency-key", key).json(body).send()
    };
    let plan = json!({ "plan_key": "gold", "display_name": "Gold" });
    let first = post("k1", "/api/platform/plans", &plan).await;
    assert_eq!(first.status, 201);
    let second = post("k1", "/api/platform/plans", &plan).await;
    assert_eq!((second.status.as_u16(), &second.body), (201, &first.body));
    assert_eq!((first.header("idempotent-replayed"), second.header("idempotent-replayed")), (None, Some("true")));
    let other = json!({ "plan_key": "silver", "display_name": "Silver" });
    refused(&post("k1", "/api/platform/plans", &other).await, 409, "APP_001");
    refused(&post("k2", "/api/platform/plans", &plan).await, 409, "SUB_005");
    refused(&post("", "/api/platform/plans", &plan).await, 400, "APP_001");
    // Keys belong to a client.
    let theirs = rest.app.request(Method::POST, "/api/platform/plans").header("idempotency-key", "k1");
    let theirs = theirs.basic(&rest.other.client_id, &rest.other.client_secret).json(&other).send().await;
    assert_eq!(theirs.status, 201);

    let many = (0..20).map(|_| {
        let body = json!({ "plan_key": "many", "display_name": "Many" });
        let (post, rest) = (&post, &rest);
        async move {
            let _ = rest;
            post("k3", "/api/platform/plans", &body).await
        }
    });
    let answers = futures::future::join_all(many).await;
    assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer.header("idempotent-replayed").is_none()).count(), 1);

    rest.app.clock.advance(chrono::TimeDelta::hours(24));
    refused(&post("k1", "/api/platform/plans", &plan).await, 409, "SUB_005");
}

/// A token that a client has in its own name is worth what the client is worth now.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_with_the_grant_and_with_its_client() {
    let app = acme::start().await;
    let token = async || {
        let answer = acme::token(&app, "web", &[("grant_type", "client_credentials")]).await;
        text(&answer.json()["access_token"])
    };
    let get = async |token: &str| app.request(Method::GET, "/api/platform/users").bearer(token).send().await.status;
    let (clients, acme) = (app.services.clients(), app.application("acme"));
    let id = app.services.directory().client("web").unwrap().client.id;
    let first = token().await;
    assert_eq!(get(&first).await, 200);
    let without = ClientPatch { grants: Some([GrantType::AuthorizationCode].into()), ..ClientPatch::default() };
    clients.update(&Ctx::operator(), acme, id, without).await.unwrap();
    assert_eq!(get(&first).await, 401);
    assert_eq!(acme::introspect(&app, "web", &first).await["active"], false);
    let with = [GrantType::AuthorizationCode, GrantType::ClientCredentials].into();
    let patch = ClientPatch { grants: Some(with), ..ClientPatch::default() };
    clients.update(&Ctx::operator(), acme, id, patch).await.unwrap();
    assert_eq!(get(&first).await, 200);

    let old = app.services.directory().client("web").unwrap().client.clone();
    clients.delete(&Ctx::operator(), acme, id).await.unwrap();
    assert_eq!(get(&first).await, 401);
    app.clock.advance(chrono::TimeDelta::seconds(2));
    let again = NewClient { client_id: Some(old.client_id), kind: old.kind, settings: old.settings };
    clients.create(&Ctx::operator(), acme, again).await.unwrap();
    assert_eq!(get(&first).await, 401, "another client of that name");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_taken_back_stays_so() {
    let app = acme::signed_in().await;
    let machine = async || {
        let answer = acme::token(&app, "machine", &[("grant_type", "client_credentials")]).await;
        text(&answer.json()["access_token"])
    };
    let (other, machine) = (machine().await, machine().await);
    let user = text(&acme::tokens(&app, &[]).await["access_token"]);
    let at = async |path: &'static str, token: &str| {
        app.request(Method::GET, path).bearer(token).send().await.status.as_u16()
    };
    let opens = async || {
        let platform = at("/api/platform/plans", &machine).await;
        (platform, at("/api/user/subscription", &user).await, acme::userinfo(&app, &user).await.status.as_u16())
    };
    assert_eq!(opens().await, (200, 200, 200));
    for (client, token) in [("machine", &machine), ("web", &user)] {
        let post = app.request(Method::POST, "/oauth2/revoke").basic(client, acme::SECRET);
        assert_eq!(post.form(&[("token", token.as_str())]).send().await.status, 200);
    }
    assert_eq!(opens().await, (401, 401, 401));
    // To the end of its life (an hour), whatever is cleared away.
    app.clock.advance(chrono::TimeDelta::minutes(59));
    app.services.purge().await.unwrap();
    assert_eq!(opens().await, (401, 401, 401));
    assert_eq!(at("/api/platform/plans", &other).await, 200, "it lives for so long");
}
