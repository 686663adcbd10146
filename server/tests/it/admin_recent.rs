//! What sends tokens or money elsewhere, what makes something that opens a door, and what gives power wants a recent
//! sign-in of whoever comes by a cookie, as the change of a user does. A program with its key is not asked, nor is
//! anybody about the rest.

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    pages_factor::with_app,
    rest::{REDIRECT, Rest, Shop, refused, with},
    route_table::Extra,
    support::{Answer, TestApp},
};

/// For so long a sign-in is recent.
const RECENT: TimeDelta = TimeDelta::minutes(15);

type Call = (Method, String, Option<Value>);

/// What asks, each in a form that changes something.
fn delicate(shop: &Shop, extra: &Extra) -> Vec<Call> {
    let base = shop.base();
    let of = |path: &str| format!("{base}/{path}");
    let google = json!({
        "kind": "google", "slug": "another", "clientId": "turnpike", "clientSecret": "a-secret-of-the-corp",
    });
    let team = |path: &str| format!("/api/admin/organizations/{}/{path}", extra.organization);
    vec![
        (Method::PATCH, format!("/api/admin/users/{}", shop.user), Some(json!({ "name": "Changed" }))),
        (Method::POST, format!("/api/admin/users/{}/sign-out", shop.user), None),
        (Method::POST, "/api/admin/applications".into(), Some(json!({ "name": "New", "slug": "new" }))),
        (Method::PATCH, base.clone(), Some(json!({ "redirectUris": ["https://moved.example/cb"] }))),
        (Method::PATCH, base.clone(), Some(json!({ "returnUrls": ["https://moved.example/"] }))),
        (Method::PATCH, base.clone(), Some(json!({ "skipConsent": false }))),
        (Method::PATCH, base.clone(), Some(json!({ "paymentProvider": "sandbox" }))),
        (Method::POST, of("rotate-secret"), None),
        (Method::POST, of("clients"), Some(json!({ "name": "Third" }))),
        (Method::PATCH, of(&format!("clients/{}", extra.client)), Some(json!({ "requirePkce": false }))),
        (Method::POST, of(&format!("clients/{}/rotate-secret", extra.client)), None),
        (Method::POST, of("registration-tokens"), Some(json!({ "name": "Third parties", "days": 7 }))),
        (Method::PUT, of("payment-settings/stripe"), Some(json!({ "secretKey": "sk_test_of_somebody" }))),
        (Method::POST, of("sign-in-methods"), Some(google)),
        (Method::PATCH, of(&format!("sign-in-methods/{}", extra.method)), Some(json!({ "enabled": false }))),
        (Method::POST, of("webhooks"), Some(json!({ "url": "https://moved.example/hooks" }))),
        (
            Method::PATCH,
            of(&format!("webhooks/{}", extra.webhook)),
            Some(json!({ "url": "https://moved.example/hooks" })),
        ),
        (Method::POST, of(&format!("webhooks/{}/rotate-secret", extra.webhook)), None),
        (Method::PATCH, of(&format!("users/{}", shop.user)), Some(json!({ "roles": [shop.admin_role] }))),
        (Method::POST, of("users"), Some(json!({ "userId": shop.user, "roleId": extra.role }))),
        (Method::POST, "/api/admin/organizations".into(), Some(json!({ "name": "New", "slug": "new" }))),
        (Method::POST, team("invitations"), Some(json!({ "email": "boss@example.com", "role": "owner" }))),
        (Method::DELETE, team(&format!("members/{}", shop.user)), None),
        (Method::POST, team("members"), Some(json!({ "userId": shop.user, "role": "owner" }))),
    ]
}

/// What asks for nothing: no address, no secret and no provider is another one after it.
fn others(shop: &Shop, extra: &Extra) -> Vec<Call> {
    let base = shop.base();
    let of = |path: &str| format!("{base}/{path}");
    let same = json!({
        "name": "Renamed", "graceDays": 3, "redirectUris": [REDIRECT], "returnUrls": [], "skipConsent": true,
        "paymentProvider": "none", "themeConfig": { "brand": "#123456" },
    });
    let same_hook = json!({ "url": "https://app.example/hooks", "description": "Renamed", "events": ["user.created"] });
    vec![
        (Method::PATCH, base.clone(), Some(same)),
        (Method::POST, of("plans"), Some(json!({ "name": "New" }))),
        (Method::PATCH, of(&format!("users/{}", shop.user)), Some(json!({ "status": "suspended" }))),
        (Method::POST, of("users"), Some(json!({ "userId": shop.user }))),
        (
            Method::POST,
            format!("/api/admin/organizations/{}/invitations", extra.organization),
            Some(json!({ "email": "new@example.com" })),
        ),
        (Method::PATCH, of(&format!("webhooks/{}", extra.webhook)), Some(same_hook)),
        (Method::DELETE, of(&format!("clients/{}", extra.client)), None),
        (Method::DELETE, of(&format!("webhooks/{}", extra.webhook)), None),
        (Method::DELETE, of(&format!("sign-in-methods/{}", extra.method)), None),
        (Method::DELETE, of(&format!("registration-tokens/{}", extra.token)), None),
        (Method::DELETE, of("payment-settings/stripe"), None),
    ]
}

async fn ask(browser: &TestApp, (method, path, body): &Call) -> Answer {
    with(browser.request(method.clone(), path), body.as_ref()).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_redirects_tokens_or_money_wants_a_recent_sign_in() {
    let rest = Rest::start().await;
    let extra = Extra::make(&rest, &rest.acme).await;
    let root = rest.person("root@example.com", "superadmin").await;
    let stale = rest.browser_of(&root).await;
    rest.app.clock.advance(RECENT);
    let before = rest.dump().await;
    for call in delicate(&rest.acme, &extra) {
        refused(&ask(&stale, &call).await, 401, "AUTH_001");
    }
    assert_eq!(rest.dump().await, before, "something changed");
    let fresh = rest.browser_of(&root).await;
    rest.app.clock.advance(RECENT - TimeDelta::seconds(1));
    for call in delicate(&rest.acme, &extra) {
        let answer = ask(&fresh, &call).await;
        assert!(answer.status.is_success(), "{call:?}: {} {}", answer.status, answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_of_the_application_is_asked_likewise() {
    let rest = Rest::start().await;
    let extra = Extra::make(&rest, &rest.acme).await;
    let admin = rest.administrator(&rest.acme).await;
    let stale = rest.browser_of(&admin).await;
    rest.app.clock.advance(RECENT);
    let fresh = rest.browser_of(&admin).await;
    let calls = delicate(&rest.acme, &extra).into_iter();
    for call in calls.filter(|(_, path, _)| path.starts_with(&rest.acme.base())) {
        refused(&ask(&stale, &call).await, 401, "AUTH_001");
        let answer = ask(&fresh, &call).await;
        assert!(answer.status.is_success(), "{call:?}: {} {}", answer.status, answer.text());
    }
    // Another's application is not there, however long ago the sign-in was.
    refused(&ask(&stale, &(Method::POST, format!("{}/rotate-secret", rest.other.base()), None)).await, 404, "APP_002");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lets_more_in_or_ends_an_application_wants_it_too() {
    let rest = Rest::start().await;
    let base = rest.acme.base();
    let root = rest.person("root@example.com", "superadmin").await;
    let stale = rest.browser_of(&root).await;
    rest.app.clock.advance(RECENT);
    let fresh = rest.browser_of(&root).await;
    let strict = json!({ "isMfaRequired": true, "allowRegister": false, "allowedScopes": ["openid"], "resources": [] });
    let patch = |change: Value| (Method::PATCH, base.clone(), Some(change));
    for change in [
        json!({ "isMfaRequired": false }),
        json!({ "allowRegister": true }),
        json!({ "allowedScopes": ["openid", "email"] }),
        json!({ "resources": ["https://api.acme.example/"] }),
    ] {
        // What asks for more asks for nothing here.
        assert_eq!(ask(&stale, &patch(strict.clone())).await.status, 200, "{change}");
        refused(&ask(&stale, &patch(change.clone())).await, 401, "AUTH_001");
        assert_eq!(ask(&fresh, &patch(change.clone())).await.status, 200, "{change}");
    }
    let end = (Method::DELETE, base, None);
    refused(&ask(&stale, &end).await, 401, "AUTH_001");
    assert_eq!(ask(&fresh, &end).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn to_let_an_admin_in_again_wants_it_too() {
    let rest = Rest::start().await;
    let (root, base) = (rest.person("root@example.com", "superadmin").await, rest.acme.base());
    let admin = rest.administrator(&rest.acme).await;
    let stale = rest.browser_of(&root).await;
    rest.app.clock.advance(RECENT);
    let fresh = rest.browser_of(&root).await;
    let revived = json!({ "status": "active" });
    for again in [
        (Method::POST, format!("{base}/users"), Some(json!({ "userId": admin }))),
        (Method::PATCH, format!("{base}/users/{admin}"), Some(revived.clone())),
    ] {
        let revoke = (Method::DELETE, format!("{base}/users/{admin}"), None);
        assert_eq!(ask(&stale, &revoke).await.status, 204);
        refused(&ask(&stale, &again).await, 401, "AUTH_001");
        assert!(ask(&fresh, &again).await.status.is_success(), "{again:?}");
    }
    // Who has no power is let in as before.
    let own = format!("{base}/users/{}", rest.acme.user);
    assert_eq!(ask(&stale, &(Method::DELETE, own.clone(), None)).await.status, 204);
    assert_eq!(ask(&stale, &(Method::PATCH, own, Some(revived))).await.status, 200);
}

/// A session from before the factor is not recent enough, however young it is.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_second_factor_shows_it() {
    let rest = Rest::start().await;
    let extra = Extra::make(&rest, &rest.acme).await;
    let root = rest.person("root@example.com", "superadmin").await;
    with_app(&rest.app, &rest.app.user("root@example.com").await).await;
    let bare = rest.browser_of(&root).await;
    for call in delicate(&rest.acme, &extra) {
        refused(&ask(&bare, &call).await, 401, "AUTH_004");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rest_asks_for_nothing() {
    let rest = Rest::start().await;
    let extra = Extra::make(&rest, &rest.acme).await;
    let stale = rest.browser_of(&rest.person("root@example.com", "superadmin").await).await;
    rest.app.clock.advance(RECENT);
    for call in others(&rest.acme, &extra) {
        let answer = ask(&stale, &call).await;
        assert!(answer.status.is_success(), "{call:?}: {} {}", answer.status, answer.text());
    }
}
