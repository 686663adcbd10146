//! Every route that is not in the API's table: pages, the protocol's endpoints, notifications, files. The paths are
//! read off the router itself; one that this table does not know makes the test fail, and so does one of the API that
//! its document, which the API's table is made from, does not name. The fields of pages: foreign_fields.rs.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::json;

use crate::{
    rest::{Rest, Shop},
    route_table::{Extra, NOBODYS},
    support::TestApp,
};

/// What nobody, what has expired, the wrong role, and another application's admin are answered.
type Row = [u16; 4];

/// There is no such method.
const NO: Row = [405; 4];
/// For everybody.
const ALL: Row = [200; 4];
/// A file of the site, which is there once the site has been built.
const FILE: Row = [0; 4];
/// Goes on to a page that asks.
const ON: Row = [303; 4];
/// What counts is in the address or in the form, whoever sends it; this has nothing.
const BAD: Row = [400; 4];
const BAD_LINK: Row = [403; 4];
const NONE: Row = [404; 4];
/// A client or a token of its own; a session is nothing here. The portal takes a visit alone.
const OWN: Row = [401; 4];
/// Admins of the application in the path.
const ADMIN: Row = [303, 303, 403, 404];
/// Superadmins.
const SUPER: Row = [303, 303, 403, 403];
/// Whoever is signed in, about themselves.
const SELF: Row = [303, 303, 200, 200];
/// As [`SELF`], with a form that is refused.
const FORM: Row = [303, 303, 400, 400];

/// Path, GET, POST.
const TABLE: &[(&str, Row, Row)] = &[
    ("/", ON, NO),
    ("/.well-known/jwks.json", ALL, NO),
    ("/.well-known/keys/{kid}", NONE, NO),
    ("/.well-known/oauth-authorization-server", ALL, NO),
    ("/.well-known/openid-configuration", ALL, NO),
    ("/account", SELF, FORM),
    ("/account/connected", SELF, ON),
    ("/account/data", SELF, FORM),
    ("/account/email", SELF, FORM),
    ("/account/export", SELF, NO),
    // Neither unlinks nor names a provider that could be linked.
    ("/account/identities", SELF, [303, 303, 404, 404]),
    ("/account/organizations", SELF, ON),
    ("/account/organizations/{id}", [303, 303, 404, 404], [303, 303, 404, 404]),
    ("/account/password", SELF, FORM),
    ("/account/security", SELF, ON),
    ("/account/security/authenticator", SELF, ON),
    ("/account/sessions", SELF, ON),
    ("/api/docs", ALL, NO),
    ("/api/openapi.json", ALL, NO),
    ("/api/platform/token", NO, OWN),
    ("/api/webhooks/midtrans", NO, BAD),
    ("/api/webhooks/stripe", NO, NONE),
    ("/api/webhooks/stripe/{project_id}", NO, NONE),
    ("/auth/login", BAD, NO),
    ("/checkout", BAD, BAD),
    ("/checkout/return", BAD, NO),
    ("/checkout/{token}", BAD, BAD),
    ("/consent", BAD, BAD),
    // Shows an admin what they administer.
    ("/dashboard", [303, 303, 403, 200], NO),
    ("/dashboard/applications/new", SUPER, SUPER),
    ("/dashboard/{slug}", ADMIN, NO),
    ("/dashboard/{slug}/alerts", ADMIN, ADMIN),
    ("/dashboard/{slug}/clients", ADMIN, NO),
    ("/dashboard/{slug}/clients/new", ADMIN, ADMIN),
    ("/dashboard/{slug}/clients/registration", ADMIN, ADMIN),
    ("/dashboard/{slug}/clients/{id}", ADMIN, ADMIN),
    ("/dashboard/{slug}/clock", ADMIN, ADMIN),
    ("/dashboard/{slug}/coupons", ADMIN, ADMIN),
    ("/dashboard/{slug}/payments", ADMIN, NO),
    ("/dashboard/{slug}/payments/{id}", ADMIN, ADMIN),
    ("/dashboard/{slug}/plans", ADMIN, ADMIN),
    ("/dashboard/{slug}/plans/new", ADMIN, ADMIN),
    ("/dashboard/{slug}/plans/{key}", ADMIN, ADMIN),
    ("/dashboard/{slug}/roles", ADMIN, ADMIN),
    ("/dashboard/{slug}/roles/{id}", ADMIN, ADMIN),
    ("/dashboard/{slug}/settings", ADMIN, ADMIN),
    ("/dashboard/{slug}/settings/payments", ADMIN, ADMIN),
    ("/dashboard/{slug}/sign-in-methods", ADMIN, NO),
    ("/dashboard/{slug}/sign-in-methods/new", ADMIN, ADMIN),
    ("/dashboard/{slug}/sign-in-methods/{id}", ADMIN, ADMIN),
    ("/dashboard/{slug}/subscriptions", ADMIN, NO),
    ("/dashboard/{slug}/subscriptions/cancel", ADMIN, ADMIN),
    ("/dashboard/{slug}/subscriptions/{id}", ADMIN, ADMIN),
    ("/dashboard/{slug}/users", ADMIN, ADMIN),
    ("/dashboard/{slug}/users/{id}", ADMIN, ADMIN),
    ("/dashboard/{slug}/webhooks", ADMIN, NO),
    ("/dashboard/{slug}/webhooks/new", ADMIN, ADMIN),
    ("/dashboard/{slug}/webhooks/{id}", ADMIN, ADMIN),
    ("/dashboard/{slug}/webhooks/{id}/deliveries", ADMIN, NO),
    ("/dashboard/{slug}/webhooks/{id}/deliveries/{delivery}", ADMIN, ADMIN),
    ("/device", SELF, ON),
    ("/favicon.ico", FILE, NO),
    ("/forgot-password", ALL, BAD),
    ("/healthz", ALL, NO),
    ("/invitation/{token}", BAD_LINK, BAD_LINK),
    ("/link/{token}", BAD_LINK, BAD_LINK),
    ("/logo/{application}/{version}", NONE, NO),
    ("/mailbox", SUPER, NO),
    ("/oauth2/authorize", BAD, BAD),
    ("/oauth2/device_authorization", NO, OWN),
    ("/oauth2/introspect", NO, OWN),
    ("/oauth2/logout", ON, ON),
    ("/oauth2/par", NO, OWN),
    ("/oauth2/register", NO, BAD),
    ("/oauth2/resume", BAD, NO),
    ("/oauth2/revoke", NO, OWN),
    ("/oauth2/token", NO, OWN),
    ("/oauth2/userinfo", OWN, OWN),
    ("/organizations", SUPER, NO),
    ("/organizations/new", SUPER, SUPER),
    ("/organizations/{id}", SUPER, SUPER),
    // Says of any text whether it is easily guessed.
    ("/password-strength", NO, ALL),
    ("/pay/{token}", BAD, BAD),
    ("/plans", BAD, BAD),
    ("/portal", OWN, OWN),
    ("/portal/change", OWN, OWN),
    ("/portal/invoices/{number}", OWN, OWN),
    ("/readyz", ALL, NO),
    ("/register", BAD_LINK, BAD_LINK),
    ("/robots.txt", FILE, NO),
    ("/sandbox/pay/{key}", BAD, BAD),
    ("/setup", BAD_LINK, BAD_LINK),
    // Who is signed in goes on.
    ("/sign-in", [200, 200, 303, 303], BAD),
    // Who has nothing to prove goes on.
    ("/sign-in/factor", ON, ON),
    ("/sign-in/link", ALL, BAD),
    // No passkey at all.
    ("/sign-in/passkey", ON, OWN),
    ("/sign-in/upstream/{slug}", NO, NONE),
    // Ends the session of whoever sends it, and is the last therefore.
    ("/sign-out", ALL, ON),
    ("/site/{version}/{*path}", NONE, NO),
    ("/upstream/callback/{application}/{method}", BAD, NO),
    ("/upstream/link", BAD, BAD),
];

/// What `turnpike demo` adds, for everybody: path, and what nobody is answered to GET and to POST.
const DEMO: &[(&str, u16, u16)] = &[
    ("/demo", 200, 405),
    ("/demo/callback", 303, 405),
    ("/demo/mailbox", 200, 405),
    ("/demo/plan", 405, 303),
    ("/demo/refresh", 405, 303),
    ("/demo/sign-in", 303, 405),
    ("/demo/sign-out", 405, 303),
    ("/demo/style.css", 200, 405),
];

/// Every path of the router with its methods, as the answer to another method names them.
fn routed(app: &TestApp) -> BTreeMap<String, BTreeSet<String>> {
    let router = format!("{:?}", app.router());
    // A route's number stands before its methods, and in another list before its path.
    let parts: Vec<_> = router.split("RouteId(").filter_map(|part| part.split_once("): ")).collect();
    let allowed = |(id, what): &(&str, &str)| {
        let names = what.split_once("allow_header: Bytes(b\"")?.1.split('"').next()?;
        let names: BTreeSet<_> = names.split(',').map(str::to_owned).collect();
        Some(((*id).to_owned(), names))
    };
    let methods: BTreeMap<String, _> = parts.iter().filter_map(allowed).collect();
    let route = |(id, what): &(&str, &str)| {
        let path = what.strip_prefix('"')?.split('"').next()?;
        let own = path.starts_with('/') && !path.contains("__private__axum");
        own.then(|| (path.to_owned(), methods.get(*id).cloned().unwrap_or_default()))
    };
    parts.iter().filter_map(route).collect()
}

/// Whether a path is of the API, which its document describes.
fn is_of_api(path: &str) -> bool {
    ["/api/admin/", "/api/platform/", "/api/user/"].iter().any(|family| path.starts_with(family))
}

/// Every path of the router but those of the API's table and the server functions.
fn paths(app: &TestApp) -> BTreeSet<String> {
    let functions: BTreeSet<_> = app::ssr::functions().map(|(path, _)| path.to_owned()).collect();
    let others = routed(app).into_keys().filter(|path| !functions.contains(path));
    others.filter(|path| !is_of_api(path) || path == "/api/platform/token").collect()
}

/// Where every form of the pages is sent, with the ids of `shop`.
pub fn forms(shop: &Shop) -> Vec<String> {
    TABLE.iter().filter(|(_, _, post)| *post != NO).map(|(path, ..)| of(path, shop)).collect()
}

/// Every page, and what else is asked for by GET, but for files.
pub fn pages() -> impl Iterator<Item = &'static str> {
    TABLE.iter().filter(|(_, get, _)| ![NO, FILE].contains(get)).map(|(path, ..)| *path)
}

/// A path with the ids of `shop`.
fn of(path: &str, shop: &Shop) -> String {
    let path = path.replace("{slug}", "acme").replace("{key}", "pro").replace("{*path}", "none");
    let path = path.replace("{project_id}", "0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f");
    let users = path.replace("/users/{id}", &format!("/users/{}", shop.user));
    let names = ["{id}", "{token}", "{number}", "{kid}", "{version}", "{application}", "{method}", "{delivery}"];
    names.iter().fold(users, |path, name| path.replace(name, "none"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_names_every_route_of_the_api() {
    let app = TestApp::start().await;
    let document = app.get("/api/openapi.json").await.json();
    let named = document["paths"].as_object().unwrap().iter().map(|(path, item)| {
        let methods = item.as_object().unwrap().keys().map(|method| method.to_uppercase());
        (path.clone(), methods.collect::<BTreeSet<_>>())
    });
    let named: BTreeMap<_, _> = named.collect();
    let mut routed: BTreeMap<_, _> = routed(&app).into_iter().filter(|(path, _)| is_of_api(path)).collect();
    // Comes with GET, and no document names it.
    for methods in routed.values_mut() {
        methods.remove("HEAD");
    }
    let (paths, known): (BTreeSet<_>, BTreeSet<_>) = (routed.keys().collect(), named.keys().collect());
    let differ: Vec<_> = paths.symmetric_difference(&known).collect();
    assert!(differ.is_empty(), "missing from the document, or gone: {differ:?}");
    for (path, methods) in &routed {
        assert_eq!(methods, &named[path], "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_answers_the_wrong_person() {
    let rest = Rest::start().await;
    let known: BTreeSet<_> = TABLE.iter().map(|(path, ..)| (*path).to_owned()).collect();
    let differ: Vec<_> = paths(&rest.app).symmetric_difference(&known).cloned().collect();
    assert!(differ.is_empty(), "missing from this table, or gone: {differ:?}");
    let routed = routed(&rest.app);
    for &(path, get, post) in TABLE {
        let rows = [("GET", get), ("HEAD", get), ("POST", post)];
        let known: BTreeSet<_> =
            rows.iter().filter(|(_, row)| *row != NO).map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(routed[path], known, "{path}");
    }

    let expired = rest.browser_of(&rest.administrator(&rest.acme).await).await;
    rest.app.clock.advance(TimeDelta::days(31));
    let nobody = rest.app.browser();
    let user = rest.browser_of(&rest.acme.user).await;
    let foreign = rest.browser_of(&rest.administrator(&rest.other).await).await;
    let columns = [("nobody", nobody), ("expired", expired), ("wrong role", user), ("another's admin", foreign)];
    // What no form takes.
    let too_long = "x".repeat(200);
    let before = rest.dump().await;
    let (last, rows): (Vec<_>, Vec<_>) = TABLE.iter().partition(|(path, ..)| *path == "/sign-out");
    for (path, get, post) in rows.into_iter().chain(last) {
        let address = of(path, &rest.acme);
        assert!(!address.contains('{'), "a parameter that this table does not know: {path}");
        for (method, row) in [(Method::GET, get), (Method::POST, post)] {
            for ((who, browser), expected) in columns.iter().zip(row) {
                let request = browser.request(method.clone(), &address);
                let request =
                    if method == Method::POST { request.form(&[("name", too_long.as_str())]) } else { request };
                let answer = request.send().await;
                let status = answer.status.as_u16();
                let fits = if row == FILE { [200, 404].contains(&status) } else { status == expected };
                assert!(fits, "{method} {path}, {who}: {status}, not {expected}: {}", answer.text());
                // These would send a form, with its password, once more.
                assert!(![301, 302, 307, 308].contains(&status), "{method} {path}, {who}: {status}");
                assert_eq!(answer.header("cross-origin-opener-policy"), Some("same-origin"), "{method} {path}");
                assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{method} {path}");
                assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{method} {path}");
                assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{method} {path}");
                if answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
                    let policy = answer.header("content-security-policy").unwrap_or_default();
                    for part in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
                        assert!(policy.contains(part), "{method} {path}, {who}: {policy}");
                    }
                    // What is not named falls back to the default.
                    let objects = policy.split("object-src ").nth(1).unwrap_or("'none'");
                    assert!(objects.starts_with("'none'"), "{method} {path}, {who}: {policy}");
                }
                // Two applications, one of which must not be seen.
                let shown = [&rest.acme.pro, &rest.acme.client_id, &rest.acme.email];
                let leaks = shown.iter().find(|id| answer.text().contains(id.as_str()));
                assert!(leaks.is_none() || *who == "wrong role", "{method} {path}, {who}: {leaks:?}");
                if [ADMIN, SUPER, SELF, FORM].contains(&row) && expected == 303 && *who != "wrong role" {
                    assert!(answer.location().is_some_and(|to| to.starts_with("/sign-in")), "{method} {path}, {who}");
                }
            }
        }
    }
    assert_eq!(rest.dump().await, before, "something changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_demo_has_its_pages() {
    let (demo, other) = (TestApp::demo().await, TestApp::start().await);
    let (with, without) = (paths(&demo), paths(&other));
    let added: Vec<_> = with.difference(&without).collect();
    let known: Vec<_> = DEMO.iter().map(|(path, ..)| path).collect();
    assert_eq!(added, known, "missing from this table, or gone");
    for &(path, get, post) in DEMO {
        for (method, expected) in [(Method::GET, get), (Method::POST, post)] {
            let answer = demo.request(method.clone(), path).send().await;
            assert_eq!(answer.status, expected, "{method} {path}");
            assert_eq!(answer.header("cross-origin-opener-policy"), Some("same-origin"), "{method} {path}");
            assert_eq!(other.request(method.clone(), path).send().await.status, 404, "{method} {path}");
        }
        if post != 405 {
            let forged = demo.request(Method::POST, path).header("sec-fetch-site", "cross-site").send().await;
            assert_eq!(forged.status, 403, "{path}");
        }
    }
}

/// A page, the rest of its form, the field that names what is another's, and the status of the answer.
type Form<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str, &'a str, u16);

/// Pages of what only a purchase makes, below an application's: admin_money/kept_out.rs asks for another's.
const IN_ADMIN_MONEY: [&str; 2] = ["payments/{id}", "subscriptions/{id}"];

/// The page of which the second parameter is asked about.
const DELIVERY: &str = "webhooks/{id}/deliveries/{delivery}";

#[tokio::test(flavor = "multi_thread")]
async fn the_own_dashboard_shows_nothing_of_another_application() {
    let rest = Rest::start().await;
    let (own, foreign) = (Extra::make(&rest, &rest.acme).await, Extra::make(&rest, &rest.other).await);
    let plan = json!({ "key": "only-there", "name": "Only there" });
    rest.made(&format!("{}/plans", rest.other.base()), &plan).await;
    let admin = rest.browser_of(&rest.administrator(&rest.acme).await).await;
    let root = rest.browser_of(&rest.person("root@example.com", "superadmin").await).await;
    let pages = [
        ("clients/{id}", own.client.as_str(), foreign.client.as_str()),
        ("plans/{key}", "pro", "only-there"),
        ("roles/{id}", own.role.as_str(), foreign.role.as_str()),
        ("sign-in-methods/{id}", own.method.as_str(), foreign.method.as_str()),
        ("users/{id}", rest.acme.user.as_str(), rest.other.user.as_str()),
        ("webhooks/{id}", own.webhook.as_str(), foreign.webhook.as_str()),
        ("webhooks/{id}/deliveries", own.webhook.as_str(), foreign.webhook.as_str()),
        (DELIVERY, own.delivery.as_str(), foreign.delivery.as_str()),
    ];
    let below = TABLE.iter().filter_map(|(path, ..)| path.strip_prefix("/dashboard/{slug}/"));
    let below: BTreeSet<_> = below.filter(|path| path.contains('{')).collect();
    let known: BTreeSet<_> = pages.iter().map(|(path, ..)| *path).chain(IN_ADMIN_MONEY).collect();
    assert_eq!(below, known, "a page that is asked for nothing of another's, or that is gone");
    let actions = [
        "save",
        "delete",
        "archive",
        "rotate",
        "on",
        "off",
        "test",
        "resend",
        "claims",
        "roles",
        "suspend",
        "reactivate",
        "revoke",
        "reset_factors",
        "reset_password",
        "sign_out",
        "nonsense",
    ];
    let before = rest.dump().await;
    for (browser, (path, mine, theirs)) in [&admin, &root].into_iter().flat_map(|who| pages.map(|page| (who, page))) {
        let page = |id: &str| {
            let path = path.replace(DELIVERY, &format!("webhooks/{}/deliveries/{{id}}", own.webhook));
            format!("/dashboard/acme/{}", path.replace("{id}", id).replace("{key}", id))
        };
        let has_form = path != "webhooks/{id}/deliveries";
        assert_eq!(browser.get(&page(mine)).await.status, 200, "{path}");
        let shown = browser.get(&page(theirs)).await;
        assert_eq!(shown.status, 404, "{path}");
        assert_eq!(shown.plain(theirs), browser.get(&page(NOBODYS)).await.plain(NOBODYS), "{path}");
        for action in actions {
            let form = [("action", action), ("name", "Changed"), ("role", rest.acme.admin_role.as_str())];
            let answer = browser.post_form(&page(theirs), &form).await;
            // What is not there is deleted, as after a second click. Users and deliveries are not deleted here.
            let deleted = action == "delete" && !["users/{id}", DELIVERY].contains(&path);
            let expected = match (has_form, deleted) {
                (false, _) => 405,
                (true, true) => 303,
                (true, false) => 404,
            };
            assert_eq!(answer.status, expected, "{path}: {action}");
            let none = browser.post_form(&page(NOBODYS), &form).await;
            assert_eq!((answer.status, answer.location()), (none.status, none.location()), "{path}: {action}");
            assert_eq!(answer.plain(theirs), none.plain(NOBODYS), "{path}: {action}");
        }
    }
    // Named in a form of a page that is there.
    let (role, user) = (format!("roles/{}", own.role), format!("users/{}", rest.acme.user));
    let coupon = [("action", "create"), ("code", "WINTER"), ("off", "percent"), ("percent", "10"), ("lasts", "once")];
    let (pro, email) = (rest.other.pro.as_str(), rest.acme.email.as_str());
    // What is not there is taken away already, and changes no place; what would be given is refused.
    let forms: [Form; 14] = [
        ("roles", &[("action", "delete_permission")], "id", foreign.permission.as_str(), 303),
        ("clients/registration", &[("action", "revoke")], "token", foreign.token.as_str(), 303),
        (role.as_str(), &[("action", "save"), ("name", "editor")], "permission", foreign.permission.as_str(), 404),
        ("coupons", &coupon, "plan", pro, 400),
        ("coupons", &[("action", "archive")], "coupon", foreign.coupon.as_str(), 404),
        ("users", &[("action", "grant"), ("email", email)], "role", rest.other.admin_role.as_str(), 404),
        (user.as_str(), &[("action", "assign")], "plan", pro, 404),
        (user.as_str(), &[("action", "roles")], "role", rest.other.admin_role.as_str(), 404),
        ("plans", &[("action", "up")], "plan", pro, 303),
        ("plans", &[("action", "down")], "plan", pro, 303),
        ("plans", &[("action", "archive")], "plan", pro, 404),
        ("plans", &[("action", "unarchive")], "plan", pro, 404),
        ("plans", &[("action", "reorder")], "order", pro, 404),
        ("plans/pro", &[("action", "remove_price")], "price", rest.other.price.as_str(), 303),
    ];
    for (browser, (page, form, field, theirs, expected)) in
        [&admin, &root].into_iter().flat_map(|who| forms.map(|form| (who, form)))
    {
        let send = async |id: &str| {
            browser.post_form(&format!("/dashboard/acme/{page}"), &[form, &[(field, id)]].concat()).await
        };
        let (answer, none) = (send(theirs).await, send(NOBODYS).await);
        assert_eq!(answer.status, expected, "{page}: {form:?}");
        assert_eq!((answer.status, answer.location()), (none.status, none.location()), "{page}: {form:?}");
        assert_eq!(answer.plain(theirs), none.plain(NOBODYS), "{page}: {form:?}");
    }
    let tokens = rest.read(&format!("{}/registration-tokens", rest.other.base())).await;
    assert_eq!(tokens["registrationTokens"].as_array().map(Vec::len), Some(1), "{tokens}");
    assert_eq!(rest.dump().await, before, "something changed");
}
