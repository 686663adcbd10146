//! How often anybody may call: wrong proofs of a client, strangers of a network, and those who have shown who they are.

use axum::http::{Method, StatusCode};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::TimeDelta;
use domain::{billing::ledger::Actor, id::UserId};
use futures::stream::{FuturesUnordered, StreamExt};
use serde_json::json;
use service::{Ctx, Settings, testing::TestServices};

use crate::{
    acme::{self, CALLBACK, SECRET},
    rest::{Rest, Shop, refused},
    support::{Answer, TestApp},
};

const HERE: [u8; 4] = [192, 0, 2, 66];
const THERE: [u8; 4] = [192, 0, 2, 67];

/// So many wrong secrets of one client are free for one network.
const WRONG: usize = 100;

/// Where clients prove themselves.
const DOORS: [&str; 5] =
    ["/oauth2/token", "/oauth2/introspect", "/oauth2/revoke", "/oauth2/par", "/oauth2/device_authorization"];
const INTROSPECT: &str = DOORS[1];

async fn knock(from: &TestApp, door: &str, client: &str, secret: &str) -> Answer {
    from.request(Method::POST, door).basic(client, secret).form(&[("token", "none")]).send().await
}

/// A public client asks for tokens.
async fn stranger(from: &TestApp) -> Answer {
    acme::token(from, "spa", &[("grant_type", "authorization_code"), ("code", "invented")]).await
}

#[track_caller]
fn held_up(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.text());
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
    assert_eq!((answer.header("retry-after"), answer.header("cache-control")), (Some("1"), Some("no-store")));
}

/// How many of 20,000 calls at one moment are let through.
fn calls(app: &TestApp, actor: Actor, address: &str) -> usize {
    let ctx = Ctx { actor, address: Some(address.into()), ..Ctx::anonymous() };
    (0..20_000).filter(|_| app.services.pace(&ctx).is_ok()).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_secrets_hold_up_their_network_and_no_other() {
    let app = acme::start().await;
    let (here, there) = (app.behind(HERE), app.behind(THERE));
    for door in DOORS.iter().cycle().take(WRONG) {
        let answer = knock(&here, door, "web", "wrong").await;
        assert_eq!(
            (answer.status, answer.json()["error"].as_str()),
            (StatusCode::UNAUTHORIZED, Some("invalid_client"))
        );
    }
    // Neither does the right one pass: whoever guesses learns nothing.
    for door in DOORS {
        held_up(&knock(&here, door, "web", SECRET).await);
    }
    let body = json!({ "grant_type": "client_credentials", "client_id": "web", "client_secret": SECRET });
    held_up(&here.post_json("/api/platform/token", &body).await);
    let platform = here.request(Method::GET, "/api/platform/plans").basic("web", SECRET).send().await;
    refused(&platform, 429, "RATE_001");
    assert_eq!(
        (platform.header("retry-after"), &platform.json()["error"]["details"]["retryAfter"]),
        (Some("1"), &json!(1))
    );

    assert_eq!(knock(&here, INTROSPECT, "es", SECRET).await.status, StatusCode::OK, "another client");
    assert_eq!(knock(&there, INTROSPECT, "web", SECRET).await.status, StatusCode::OK, "another network");
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(knock(&here, INTROSPECT, "web", SECRET).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platform_api_counts_wrong_secrets_too() {
    let app = acme::start().await;
    let here = app.behind(HERE);
    for n in 0..WRONG {
        let request = here.request(Method::GET, "/api/platform/plans");
        let body = json!({ "client_id": "web", "client_secret": "wrong" });
        let request = if n % 2 == 0 { request.basic("web", "wrong") } else { request.json(&body) };
        refused(&request.send().await, 401, "AUTH_003");
    }
    held_up(&knock(&here, INTROSPECT, "web", SECRET).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_tells_whose_wrong_secrets_they_are() {
    let proxy = acme::start().await.behind([10, 0, 0, 1]);
    let ask = async |forwarded: &str, secret: &str| {
        let request = proxy.request(Method::POST, INTROSPECT).header("x-forwarded-for", forwarded);
        request.basic("web", secret).form(&[("token", "none")]).send().await.status
    };
    for _ in 0..WRONG {
        assert_eq!(ask("198.51.100.7", "wrong").await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(ask("203.0.113.9, 198.51.100.7", SECRET).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(ask("198.51.100.8", SECRET).await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_readings_of_a_right_secret_are_no_wrong_one() {
    let app = TestApp::start().await;
    let secret = "a+secret%2Bof-32-characters-or-more";
    let catalog = format!(
        r#"
[[applications]]
slug = "odd"
name = "Odd"

[[applications.clients]]
name = "Odd"
client_id = "odd"
client_secret = "{secret}"
redirect_uris = ["{CALLBACK}"]
"#
    );
    app.apply(&catalog).await;
    let here = app.behind(HERE);
    // As it is, without the form encoding that RFC 6749 wants.
    let header = format!("Basic {}", BASE64_STANDARD.encode(format!("odd:{secret}")));
    for _ in 0..WRONG + 5 {
        let request = here.request(Method::POST, INTROSPECT).header("authorization", &header);
        assert_eq!(request.form(&[("token", "none")]).send().await.status, StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_of_one_network_wait_and_nobody_else() {
    let app = acme::start().await;
    let (here, there) = (app.behind(HERE), app.behind(THERE));
    assert_eq!(calls(&app, Actor::Anonymous, "192.0.2.66"), 5_000);
    held_up(&stranger(&here).await);
    held_up(&here.post_form("/oauth2/par", &[("client_id", "spa")]).await);
    held_up(&here.post_form("/oauth2/device_authorization", &[("client_id", "tv"), ("scope", "openid")]).await);
    held_up(&knock(&here, "/oauth2/token", "nobody", SECRET).await);
    let metadata = json!({ "redirect_uris": [CALLBACK] });
    held_up(&here.request(Method::POST, "/oauth2/register").bearer("invented").json(&metadata).send().await);
    refused(&here.get("/api/platform/plans").await, 429, "RATE_001");
    refused(&here.request(Method::GET, "/api/admin/users").bearer("ak_wrong").send().await, 429, "RATE_001");
    refused(&here.request(Method::GET, "/api/user/sessions").bearer("wrong").send().await, 429, "RATE_001");

    // What can be told to the client is told to the client (RFC 6749, section 4.1.2.1).
    let request = acme::request(&[]);
    let fields: Vec<_> = request.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for answer in [acme::authorize(&here, &[]).await, here.post_form("/oauth2/authorize", &fields).await] {
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert!(answer.location().unwrap().starts_with(CALLBACK), "{:?}", answer.location());
        let told = ["error", "state"].map(|name| answer.location_param(name).unwrap());
        assert_eq!(told, ["temporarily_unavailable", "s t&"]);
    }

    assert_eq!(knock(&here, INTROSPECT, "web", SECRET).await.status, StatusCode::OK, "who proves it is no stranger");
    assert_eq!(stranger(&there).await.json()["error"], "invalid_grant");
    assert_eq!(acme::authorize(&there, &[]).await.location_param("error"), None);
    let user = app.user("user@example.com").await;
    let signed_in = app.behind(HERE);
    signed_in.sign_in(&user).await;
    acme::code(&signed_in, &[]).await;
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(stranger(&here).await.json()["error"], "invalid_grant");
}

/// A public client asks for codes of a device.
async fn device(from: &TestApp) -> Answer {
    from.post_form("/oauth2/device_authorization", &[("client_id", "tv"), ("scope", "openid")]).await
}

/// A public client pushes its request.
async fn push(from: &TestApp) -> Answer {
    let request = acme::request(&[("client_id", "spa"), ("redirect_uri", "https://spa.example/")]);
    let fields: Vec<_> = request.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    from.post_form("/oauth2/par", &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_for_strangers_has_a_budget_of_its_own() {
    let app = acme::start().await;
    let (here, there) = (app.behind(HERE), app.behind(THERE));
    for _ in 0..50 {
        assert_eq!(device(&here).await.status, StatusCode::OK);
        let pushed = push(&here).await;
        assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.text());
    }
    held_up(&device(&here).await);
    held_up(&push(&here).await);
    let odd = here.post_form("/oauth2/device_authorization", &[("client_id", "tv"), ("scope", "odd")]).await;
    assert_eq!(odd.json()["error"], "invalid_scope", "nothing is kept of it");
    assert_eq!(stranger(&here).await.json()["error"], "invalid_grant", "nor of this");
    let request = acme::request(&[]);
    let fields: Vec<_> = request.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let proved = here.request(Method::POST, "/oauth2/par").basic("web", SECRET).form(&fields).send().await;
    assert_eq!(proved.status, StatusCode::CREATED, "who proves it is no stranger");
    assert_eq!(device(&there).await.status, StatusCode::OK);
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!((device(&here).await.status, push(&here).await.status), (StatusCode::OK, StatusCode::CREATED));
    held_up(&device(&here).await);
    for _ in 0..=100 {
        assert_eq!(device(&app).await.status, StatusCode::OK, "this machine is not counted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_a_key_and_a_user_have_a_budget_each() {
    let rest = Rest::start().await;
    let services = &rest.app.services;
    let client = services.directory().client(&rest.acme.client_id).expect("a client").client.id;
    let key = services.api_keys().authenticate(rest.key.expose()).await.unwrap().expect("a key");
    let user: UserId = rest.acme.user.parse().unwrap();
    for actor in [Actor::Client(client), Actor::ApiKey(key), Actor::User(user)] {
        // From wherever they call.
        assert_eq!((calls(&rest.app, actor, "192.0.2.66"), calls(&rest.app, actor, "192.0.2.67")), (10_000, 0));
    }
    let here = rest.app.behind(HERE);
    here.sign_in(&services.users().find(user).await.unwrap().expect("a user")).await;
    let platform = |shop: &Shop| {
        let request = here.request(Method::GET, "/api/platform/plans");
        request.basic(&shop.client_id, &shop.client_secret).send()
    };
    let admin = || here.request(Method::GET, "/api/admin/users").bearer(rest.key.expose()).send();
    for answer in [platform(&rest.acme).await, admin().await, here.get("/api/user/sessions").await] {
        refused(&answer, 429, "RATE_001");
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    assert_eq!(platform(&rest.other).await.status, StatusCode::OK, "another application");
    rest.app.clock.advance(TimeDelta::seconds(1));
    for answer in [platform(&rest.acme).await, admin().await, here.get("/api/user/sessions").await] {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_changed_so_often_and_then_slowly() {
    let app = acme::signed_in().await;
    let change = async |n: usize| {
        let name = json!({ "name": format!("Ann {n}") });
        app.request(Method::PATCH, "/api/user/profile").json(&name).send().await
    };
    for n in 0..60 {
        assert_eq!(change(n).await.status, StatusCode::OK);
    }
    let held_up = change(60).await;
    refused(&held_up, 429, "RATE_001");
    assert_eq!(held_up.header("retry-after"), Some("1"));
    assert_eq!(change(59).await.status, StatusCode::OK, "what changes nothing is not counted");
    app.clock.advance(TimeDelta::seconds(10));
    assert_eq!(change(60).await.status, StatusCode::OK);
    refused(&change(61).await, 429, "RATE_001");
}

#[tokio::test(flavor = "multi_thread")]
async fn this_machine_is_not_counted_and_limits_can_be_off() {
    let app = acme::start().await;
    for near in ["127.0.0.1", "::1"] {
        assert_eq!(calls(&app, Actor::Anonymous, near), 20_000, "{near}");
    }
    let settings = Settings { limits: false, ..TestServices::settings() };
    let app = acme::on(TestApp::of(TestServices::start_with(settings).await)).await;
    assert_eq!(calls(&app, Actor::Anonymous, "192.0.2.66"), 20_000);
    let here = app.behind(HERE);
    for _ in 0..=WRONG {
        assert_eq!(knock(&here, INTROSPECT, "web", "wrong").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(knock(&here, INTROSPECT, "web", SECRET).await.status, StatusCode::OK);
}

/// More people than may wait for the hash of their password.
const CROWD: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn who_finds_too_many_waiting_for_their_hash_is_told_when_to_come_back() {
    // One at a time, and that one long.
    let settings = Settings {
        limits: false,
        hashing_threads: 1,
        hashing_memory: 64 * 1024,
        hashing_passes: 16,
        ..TestServices::settings()
    };
    let app = TestApp::of(TestServices::start_with(settings).await);
    let form = [("email", "nobody@example.com"), ("password", "not the right one")];
    let mut asked: FuturesUnordered<_> = (0..CROWD).map(|_| app.post_form("/sign-in", &form)).collect();
    let refused = loop {
        let answer = asked.next().await.expect("one for whom there is no room");
        if answer.status != StatusCode::UNAUTHORIZED {
            break answer;
        }
    };
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{}", refused.text());
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(app.get("/sign-in").await.status, StatusCode::OK, "nothing is hashed for it");
}
