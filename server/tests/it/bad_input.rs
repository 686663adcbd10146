//! Bad input on every endpoint: always 4xx with a code, and nothing changes.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    rest::{Rest, refused},
    route_table::{Extra, Route, body, routes},
    support::{Answer, TestRequest},
};

fn check(route: &Route, what: &str, answer: &Answer, allowed: &[u16]) {
    let place = format!("{} {} with {what}", route.method, route.path);
    assert!(allowed.contains(&answer.status.as_u16()), "{place}: {} {}", answer.status, answer.text());
    let error = &answer.json()["error"];
    assert!(error["code"].as_str().is_some_and(|code| code.len() >= 7), "{place}: {error}");
    assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()), "{place}: {error}");
}

/// Values of another type than `value`.
fn wrong(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(_) => vec![json!("text"), json!([1]), json!(5)],
        Value::Array(_) => vec![json!("text"), json!([{}]), json!([5]), json!({})],
        Value::String(_) => {
            vec![json!(5), json!({}), json!(["a"]), json!(true), json!("a\u{0}b"), json!("x".repeat(5000))]
        }
        Value::Number(_) => vec![json!("text"), json!({}), json!(-1.5), json!(1e300), json!([1]), json!(true)],
        Value::Bool(_) => vec![json!("true"), json!(1), json!({}), json!([])],
        Value::Null => vec![],
    }
}

/// A request of somebody who may send it: `key` is an admin's, `token` a user's.
fn asked<'a>(rest: &'a Rest, route: &Route, path: &str, key: &str, token: &str) -> TestRequest<'a> {
    let request = rest.app.request(route.method.clone(), path);
    if route.is_platform() {
        request.basic(&rest.acme.client_id, &rest.acme.client_secret)
    } else if route.is_user() {
        request.bearer(token)
    } else {
        request.bearer(key)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_bodies_change_nothing() {
    let rest = Rest::start().await;
    let extra = Extra::make(&rest, &rest.acme).await;
    let name = domain::text::Name::parse("another").unwrap();
    let key = rest.app.services.api_keys().create(&service::Ctx::operator(), name).await.unwrap();
    let key = key.expose();
    let token = rest.access_token(&rest.acme, &rest.acme.user).await;
    let before = rest.dump().await;
    for route in routes(&rest.app).await {
        let Some(good) = body(&route.id, &rest.acme, &extra) else { continue };
        let path = route.of(&rest.acme, &extra);
        let ask = || asked(&rest, &route, &path, key, &token);
        let raw = |bytes: Vec<u8>| ask().raw_body(bytes, "application/json");

        check(&route, "no body", &ask().send().await, &[415]);
        check(&route, "a form", &ask().form(&[("a", "b")]).send().await, &[415]);
        check(&route, "text", &ask().text_body(good.to_string(), "text/plain").send().await, &[415]);
        check(&route, "2 MiB", &raw(vec![b' '; 2 << 20]).send().await, &[413]);
        let mut large = good.clone();
        large["filler"] = json!("x".repeat(2 << 20));
        check(&route, "2 MiB of JSON", &ask().json(&large).send().await, &[413]);
        let deep = format!("{{\"a\": {}{}", "[".repeat(50_000), "]".repeat(50_000));
        for (what, bytes) in [
            ("nothing", Vec::new()),
            ("a list", b"[]".to_vec()),
            ("a number", b"5".to_vec()),
            ("null", b"null".to_vec()),
            ("half a body", b"{\"name\": ".to_vec()),
            ("two bodies", format!("{good} {good}").into_bytes()),
            ("bad UTF-8", b"{\"name\": \"\xff\xfe\"}".to_vec()),
            ("deep JSON", deep.into_bytes()),
        ] {
            check(&route, what, &raw(bytes).send().await, &[400]);
        }
        for (field, value) in good.as_object().unwrap() {
            // Any JSON is a feature's value.
            if route.id == "platformSetFeature" && field == "value" {
                continue;
            }
            for value in wrong(value) {
                let mut bad = good.clone();
                bad[field] = value;
                let what = format!("{field} = {}", bad[field].to_string().chars().take(40).collect::<String>());
                check(&route, &what, &ask().json(&bad).send().await, &[400, 404]);
            }
        }
    }
    assert_eq!(rest.dump().await, before, "something changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_values_change_nothing() {
    let rest = Rest::start().await;
    let base = rest.acme.base();
    let nested = (0..9).fold(json!(1), |inner, _| json!({ "a": inner }));
    let long = "x".repeat(65);
    let plans = format!("{base}/plans");
    let pro = format!("{plans}/{}", rest.acme.pro);
    let prices = format!("{pro}/prices");
    let claims = format!("{}/claims", rest.acme.user());
    let before = rest.dump().await;
    let mut cases = vec![
        (Method::POST, "/api/admin/applications".to_owned(), json!({ "name": "" })),
        (Method::POST, "/api/admin/applications".to_owned(), json!({ "name": "A", "slug": "Not A Slug" })),
        (Method::POST, "/api/admin/applications".to_owned(), json!({ "name": "日本" })),
        (Method::PATCH, base.clone(), json!({ "slug": "changed" })),
        (Method::PATCH, base.clone(), json!({ "description": "x".repeat(501) })),
        (Method::PATCH, base.clone(), json!({ "redirectUris": ["http://app.example/cb"] })),
        (Method::PATCH, base.clone(), json!({ "redirectUris": ["https://app.example/#f"] })),
        (Method::PATCH, base.clone(), json!({ "returnUrls": ["https://u:p@app.example/"] })),
        (Method::PATCH, base.clone(), json!({ "themeConfig": { "brand": "red;}" } })),
        (Method::PATCH, base.clone(), json!({ "themeConfig": { "logo_url": "javascript:alert(1)" } })),
        (Method::PATCH, base.clone(), json!({ "planSelection": "sometimes" })),
        (Method::PATCH, base.clone(), json!({ "defaultLocale": "de" })),
        (Method::PATCH, base.clone(), json!({ "graceDays": 91 })),
        (Method::PATCH, base.clone(), json!({ "allowedScopes": ["everything"] })),
        (Method::PATCH, base.clone(), json!({ "resources": ["api"] })),
        (Method::PATCH, base.clone(), json!({ "resources": ["https://api.example/#x"] })),
        (Method::PATCH, base.clone(), json!({ "name": null })),
        (Method::POST, plans.clone(), json!({ "name": long })),
        (Method::POST, plans.clone(), json!({ "name": "A", "description": "x".repeat(501) })),
        (Method::POST, plans.clone(), json!({ "name": "A", "key": "Not A Key" })),
        (Method::POST, plans.clone(), json!({ "name": "A", "features": nested })),
        (Method::POST, plans.clone(), json!({ "name": "A", "features": { "a": "x".repeat(3100) } })),
        (Method::POST, plans.clone(), json!({ "name": "A", "features": [] })),
        // Lists are no objects, whatever their order.
        (Method::POST, plans.clone(), json!({ "name": "A", "prices": [["A", 1, "usd"]] })),
        (Method::POST, plans.clone(), json!({ "name": "A", "prices": [["A", 1, "usd", "month", null, null]] })),
        (Method::PATCH, base.clone(), json!({ "themeConfig": ["https://app.example/logo.svg"] })),
        (Method::POST, plans.clone(), json!({ "name": "A", "stripeProductId": "with space" })),
        (Method::PATCH, pro.clone(), json!({ "key": "changed" })),
        (Method::PATCH, pro.clone(), json!({ "features": "all" })),
        (Method::POST, prices.clone(), json!({ "name": "A", "amount": -1, "currency": "usd" })),
        (Method::POST, prices.clone(), json!({ "name": "A", "amount": 9.99, "currency": "usd" })),
        (Method::POST, prices.clone(), json!({ "name": "A", "amount": 1, "currency": "nope" })),
        (Method::POST, prices.clone(), json!({ "name": "A", "amount": 9_900_050, "currency": "idr" })),
        (Method::POST, prices.clone(), json!({ "name": "A", "amount": 1, "currency": "usd", "interval": "week" })),
        (Method::POST, prices.clone(), json!({ "name": "A", "amount": 1, "currency": "usd", "trialDays": 731 })),
        (Method::POST, rest.acme.subscription(), json!({ "planId": rest.acme.pro, "expiresAt": "yesterday" })),
        (
            Method::PUT,
            rest.acme.subscription(),
            json!({ "planId": rest.acme.pro, "expiresAt": "2020-01-01T00:00:00Z" }),
        ),
        (Method::PUT, claims.clone(), json!({ "claims": { "plan": "nope" } })),
        (Method::PUT, claims.clone(), json!({ "claims": { "a": { "b": 1 } } })),
        (Method::PUT, claims.clone(), json!({ "claims": { "a": "x".repeat(1100) } })),
        (Method::POST, "/api/admin/users".to_owned(), json!({ "email": "no address" })),
        (Method::POST, "/api/admin/users".to_owned(), json!({ "email": "a@b.c", "role": "emperor" })),
        (Method::POST, "/api/admin/users".to_owned(), json!({ "email": rest.acme.email })),
        (
            Method::POST,
            format!("{base}/clients"),
            json!({ "name": "A", "clientId": "0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f" }),
        ),
        (Method::POST, format!("{base}/roles"), json!({ "name": "Not A Role" })),
        (Method::POST, format!("{base}/permissions"), json!({ "name": "a.b.write" })),
    ];
    for reserved in domain::billing::claims::RESERVED {
        cases.push((Method::PUT, claims.clone(), json!({ "claims": { *reserved: "x" } })));
    }
    for (method, path, body) in cases {
        let answer = rest.admin(method.clone(), &path, Some(&body)).await;
        assert_eq!(answer.status, 400, "{method} {path} {body}: {}", answer.text());
        assert!(answer.json()["error"]["code"].is_string());
    }
    let plan = |more: Value| {
        let mut plan = json!({ "plan_key": "x", "display_name": "X" });
        plan.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ("/api/platform/plans", plan)
    };
    let set = |claims: Value| ("/api/platform/claims", json!({ "email": rest.acme.email, "claims": claims }));
    let mut cases = vec![
        plan(json!({ "price": 9.999, "currency": "USD", "period": "monthly" })),
        plan(json!({ "price": 99000.5, "currency": "IDR", "period": "monthly" })),
        plan(json!({ "price": "9.99", "currency": "USD", "period": "monthly" })),
        plan(json!({ "price": -1, "currency": "USD", "period": "monthly" })),
        plan(json!({ "price": 9.99, "currency": "USD", "period": "weekly" })),
        plan(json!({ "price": 9.99 })),
        plan(json!({ "currency": "USD", "period": "monthly" })),
        plan(json!({ "display_name": "" })),
        plan(json!({ "plan_key": "Not A Key" })),
        plan(json!({ "description": "x".repeat(513) })),
        plan(json!({ "features": 5 })),
        set(json!({ "plan": "nope" })),
        set(json!({ "plan": 5 })),
        set(json!({ "1a": 1 })),
        set(json!({ "a": [1] })),
        set(json!({ "a": "x".repeat(1100) })),
        set(json!("text")),
        ("/api/platform/claims", json!({ "claims": {} })),
        ("/api/platform/claims", json!({ "email": rest.acme.email, "end_user_id": rest.acme.user, "claims": {} })),
        ("/api/platform/claims", json!({ "email": rest.acme.email })),
        ("/api/platform/revoke", json!({})),
        ("/api/platform/revoke", json!({ "email": rest.acme.email, "end_user_id": rest.acme.user })),
    ];
    cases.extend(domain::billing::claims::RESERVED.iter().map(|reserved| set(json!({ *reserved: "x" }))));
    for (path, body) in cases {
        let answer = rest.platform(&rest.acme, Method::POST, path, Some(&body)).await;
        assert_eq!(answer.status, 400, "{path} {body}: {}", answer.text());
        assert_eq!(answer.json()["error"]["code"], "APP_001");
    }
    assert_eq!(rest.dump().await, before, "something changed");
}

/// Everybody's requests pay for reading them again.
#[tokio::test(flavor = "multi_thread")]
async fn there_are_so_many_addresses_of_one_kind() {
    let rest = Rest::start().await;
    let of = |count: usize| (0..count).map(|n| format!("https://app.example/{n}")).collect::<Vec<_>>();
    let (base, clients) = (rest.acme.base(), format!("{}/clients", rest.acme.base()));
    let client = rest.made(&clients, &json!({ "name": "Web" })).await["client"]["id"].clone();
    let client = format!("{clients}/{}", client.as_str().unwrap());
    for (path, field) in [
        (&base, "redirectUris"),
        (&base, "returnUrls"),
        (&base, "resources"),
        (&client, "redirectUris"),
        (&client, "postLogoutRedirectUris"),
    ] {
        let refused = rest.admin(Method::PATCH, path, Some(&json!({ field: of(101) }))).await;
        assert_eq!(refused.status, 400, "{field}: {}", refused.text());
        let fields = json!([{ "field": field, "message": "must be at most 100 addresses" }]);
        assert_eq!(refused.json()["error"]["details"]["fields"], fields);
        let most = rest.admin(Method::PATCH, path, Some(&json!({ field: of(100) }))).await;
        assert_eq!(most.status, 200, "{field}: {}", most.text());
    }
    for (path, body) in [
        (&clients, json!({ "name": "Web", "redirectUris": of(101) })),
        (&"/api/admin/applications".to_owned(), json!({ "name": "Shop", "redirectUris": of(101) })),
        (&"/api/admin/applications".to_owned(), json!({ "name": "Shop", "returnUrls": of(101) })),
    ] {
        let refused = rest.admin(Method::POST, path, Some(&body)).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["error"]["code"]), (400, &json!("APP_001")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_queries_and_methods() {
    let rest = Rest::start().await;
    let extra = Extra::make(&rest, &rest.acme).await;
    let document = rest.app.get("/api/openapi.json").await.json();
    let token = rest.access_token(&rest.acme, &rest.acme.user).await;
    for route in routes(&rest.app).await {
        let path = route.of(&rest.acme, &extra);
        let operation = &document["paths"][&route.path][route.method.as_str().to_lowercase()];
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        // A typo in a filter's name does not widen a list.
        if parameters.iter().any(|one| one["in"] == "query") {
            let (bare, _) = path.split_once('?').unwrap_or((&path, ""));
            for name in ["serach", "Limit", "page"] {
                let answer = asked(&rest, &route, &format!("{bare}?{name}=1"), rest.key.expose(), &token).send().await;
                check(&route, name, &answer, &[400]);
                assert_eq!(answer.json()["error"]["details"]["fields"][0]["field"], name, "{}", answer.text());
            }
        }
        if parameters.iter().any(|one| one["name"] == "limit") {
            for query in ["limit=0", "limit=101", "limit=-1", "limit=abc", "limit=", "cursor=abc", "limit=1&limit=2"] {
                let path = format!("{path}?{query}");
                let answer = asked(&rest, &route, &path, rest.key.expose(), &token).send().await;
                check(&route, query, &answer, &[400]);
            }
        }
        let answer = if route.is_platform() {
            rest.platform(&rest.acme, Method::TRACE, &path, None).await
        } else {
            rest.admin(Method::TRACE, &path, None).await
        };
        check(&route, "TRACE", &answer, &[405]);
    }
    let search = async |text: &str| rest.admin(Method::GET, &format!("/api/admin/users?search={text}"), None).await;
    refused(&search("%00").await, 400, "APP_001");
    let nobody = search("%ff%fe").await;
    assert_eq!((nobody.status.as_u16(), &nobody.json()["users"]), (200, &json!([])), "{}", nobody.text());
    for query in ["action=nope", "applicationId=1", "userId=x", "format=xml"] {
        let answer = rest.admin(Method::GET, &format!("/api/admin/audit?{query}"), None).await;
        assert_eq!(answer.status, 400, "{query}");
    }
}
