//! What another site's page makes a browser send, with the cookies of whoever sits before it: every form of the pages
//! and every call of the API that changes something. The server functions are in route_table.rs.

use axum::http::Method;
use serde_json::json;

use crate::{
    page_table::forms,
    rest::{Rest, refused, with},
    route_table::{Extra, body, routes, visit},
    support::{Answer, TestApp, TestRequest},
};

/// As browsers say it: today's by `Sec-Fetch-Site`, which decides, older ones by `Origin`.
const FOREIGN: &[&[(&str, &str)]] = &[
    &[("origin", "https://evil.example")],
    &[("origin", "http://127.0.0.1:8081")],
    &[("origin", "null")],
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "same-site"), ("origin", "http://127.0.0.1:8080")],
];
/// Our own page, and what is no browser of today: it sends no cookies that another site could use.
const OURS: &[&[(&str, &str)]] = &[
    &[("sec-fetch-site", "same-origin"), ("origin", "http://127.0.0.1:8080")],
    &[("origin", "http://127.0.0.1:8080")],
    &[],
];
/// Where other sites may post to: no cookie counts there, or it only starts what the person then has to confirm.
const OPEN: &[&str] = &[
    "/api/platform/token",
    "/api/webhooks/midtrans",
    "/api/webhooks/stripe",
    "/oauth2/authorize",
    "/oauth2/device_authorization",
    "/oauth2/introspect",
    "/oauth2/logout",
    "/oauth2/par",
    "/oauth2/register",
    "/oauth2/revoke",
    "/oauth2/token",
    "/oauth2/userinfo",
];

fn from<'a>(request: TestRequest<'a>, headers: &[(&str, &str)]) -> TestRequest<'a> {
    headers.iter().fold(request, |request, (name, value)| request.header(name, value))
}

/// A superadmin, who also visits the portal of an application.
async fn superadmin(rest: &Rest) -> TestApp {
    let browser = rest.browser_of(&rest.person("root@example.com", "superadmin").await).await;
    visit(rest, &rest.acme, &browser).await;
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_is_taken_from_another_site() {
    let rest = Rest::start().await;
    let browser = superadmin(&rest).await;
    // As much as one form can do.
    let fields = [
        ("name", "Changed"),
        ("email", "new@example.com"),
        ("password", "four unrelated plain words"),
        ("action", "revoke"),
        ("deed", "end-others"),
        ("act", "cancel"),
        ("decision", "allow"),
    ];
    let send = async |path: &str, headers: &[(&str, &str)]| -> Answer {
        from(browser.request(Method::POST, path), headers).form(&fields).send().await
    };
    let before = rest.dump().await;
    let token = [("authorization", "Bearer abc")];
    let mut closed = 0;
    for path in forms(&rest.acme) {
        let open = OPEN.iter().any(|open| path == *open || (path.starts_with(open) && path.contains("/webhooks/")));
        // A token counts on no page: there, the cookie does.
        for headers in FOREIGN.iter().flat_map(|headers| [headers.to_vec(), [*headers, &token[..]].concat()]) {
            let answer = send(&path, &headers).await;
            if open {
                assert!(!answer.text().contains("AUTH_011"), "{path} {headers:?}: {}", answer.text());
            } else {
                let got = (answer.status.as_u16(), answer.text().contains("\"AUTH_011\""));
                assert_eq!(got, (403, true), "{path} {headers:?}: {}", answer.text());
                closed += 1;
            }
        }
    }
    assert!(closed > 80 * FOREIGN.len(), "only {closed}");
    assert_eq!(rest.dump().await, before, "something changed");
    assert_eq!(browser.get("/account").await.status, 200, "still signed in");
    for (headers, name) in OURS.iter().zip(["one", "two", "three"]) {
        let member = rest.member(&rest.acme, &format!("{name}@example.com")).await;
        let answer = send(&format!("/dashboard/acme/users/{member}"), headers).await;
        assert_eq!(answer.status, 303, "{headers:?}: {}", answer.text());
        let after = rest.read(&format!("{}/users/{member}", rest.acme.base())).await;
        assert_eq!(after["user"]["status"], "revoked", "{headers:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_call_is_taken_from_another_site() {
    let rest = Rest::start().await;
    let extra = Extra::make(&rest, &rest.acme).await;
    let browser = superadmin(&rest).await;
    let before = rest.dump().await;
    let mut tried = 0;
    for route in routes(&rest.app).await.iter().filter(|route| !route.is_platform() && !route.method.is_safe()) {
        let (path, body) = (route.of(&rest.acme, &extra), body(&route.id, &rest.acme, &extra));
        for headers in FOREIGN {
            let request = with(browser.request(route.method.clone(), &path), body.as_ref());
            refused(&from(request, headers).send().await, 403, "AUTH_011");
            tried += 1;
        }
    }
    assert!(tried > 40 * FOREIGN.len(), "only {tried}");
    assert_eq!(rest.dump().await, before, "something changed");
    let roles = format!("{}/roles", rest.acme.base());
    for (headers, name) in OURS.iter().zip(["one", "two", "three"]) {
        let request = browser.request(Method::POST, &roles).json(&json!({ "name": name }));
        let answer = from(request, headers).send().await;
        assert_eq!(answer.status, 201, "{headers:?}: {}", answer.text());
    }
    // A program shows its key, wherever it runs, and a cookie does not count beside one.
    for (headers, name) in FOREIGN.iter().zip(["four", "five", "six", "seven", "eight"]) {
        let ask = |key| from(browser.request(Method::POST, &roles).json(&json!({ "name": name })), headers).bearer(key);
        refused(&ask("ak_wrong").send().await, 401, "AUTH_003");
        let answer = ask(rest.key.expose()).send().await;
        assert_eq!(answer.status, 201, "{headers:?}: {}", answer.text());
    }
}

/// A form of one of our own pages reaches the API no more than a foreign one: none is there for it.
#[tokio::test(flavor = "multi_thread")]
async fn no_call_is_taken_from_a_form() {
    let rest = Rest::start().await;
    let extra = Extra::make(&rest, &rest.acme).await;
    let browser = superadmin(&rest).await;
    let before = rest.dump().await;
    for route in routes(&rest.app).await.iter().filter(|route| !route.is_platform() && !route.method.is_safe()) {
        let path = route.of(&rest.acme, &extra);
        for kind in ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "Text/Plain"] {
            for headers in OURS {
                let request = browser.request(route.method.clone(), &path).text_body("a=b".into(), kind);
                refused(&from(request, headers).send().await, 403, "AUTH_011");
            }
        }
    }
    assert_eq!(rest.dump().await, before, "something changed");
}
