//! Every route of the API and every server function: with nobody, with the wrong role, with what has expired, and with
//! another application's credentials. The table comes from the OpenAPI document and from the functions themselves; one
//! that it does not know makes the test fail. Pages and the protocol's endpoints: page_table.rs.

use std::collections::BTreeSet;

use axum::http::Method;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    foreign_money,
    rest::{Rest, Shop, refused, with},
    support::{Answer, TestApp},
};

/// One operation of the OpenAPI document.
pub struct Route {
    pub id: String,
    pub method: Method,
    /// As in the document, with `{parameters}`.
    pub path: String,
}

impl Route {
    pub fn is_platform(&self) -> bool {
        self.path.starts_with("/api/platform/")
    }

    /// About oneself, for whoever is signed in.
    pub fn is_user(&self) -> bool {
        self.path.starts_with("/api/user/")
    }

    /// Its path with the ids of `shop`.
    pub fn of(&self, shop: &Shop, extra: &Extra) -> String {
        let path = self.path.replace("{appId}", &shop.id);
        let path = path.replace("{planId}", &shop.pro).replace("{priceId}", &shop.price);
        let path = path.replace("{userId}", &shop.user).replace("{end_user_id}", &shop.user);
        let path = path.replace("{clientId}", &extra.client).replace("{roleId}", &extra.role);
        let path = path
            .replace("{permissionId}", &extra.permission)
            .replace("{tokenId}", &extra.token)
            .replace("{plan_key}", "pro")
            .replace("{feature_key}", "maxProjects");
        let path = path.replace("{couponId}", &extra.coupon).replace("{organizationId}", &extra.organization);
        let path = path.replace("{invitationId}", &extra.invitation).replace("{methodId}", &extra.method);
        let path = path.replace("{webhookId}", &extra.webhook).replace("{deliveryId}", &extra.delivery);
        let path = path.replace("{provider}", "stripe");
        // There are none of these without a purchase: they are what nobody has.
        let none = ["{sessionId}", "{subscriptionId}", "{paymentId}", "{invoiceId}", "{alertId}", "{notificationId}"];
        let path = none.iter().fold(path, |path, parameter| path.replace(parameter, NOBODYS));
        assert!(!path.contains('{'), "a parameter that this table does not know: {path}");
        if self.id == "getOwnSubscription" {
            return format!("{path}?applicationId={}", shop.id);
        }
        if self.id == "platformGetClaims" { format!("{path}?end_user_id={}", shop.user) } else { path }
    }
}

/// The id of nothing.
pub const NOBODYS: &str = "0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f";

/// What else a route may name.
pub struct Extra {
    pub client: String,
    pub coupon: String,
    pub role: String,
    pub permission: String,
    /// An initial access token.
    pub token: String,
    /// A way to sign in.
    pub method: String,
    /// An address that is told what happens, and something that it is told.
    pub webhook: String,
    pub delivery: String,
    pub organization: String,
    pub invitation: String,
}

impl Extra {
    pub async fn make(rest: &Rest, shop: &Shop) -> Self {
        let base = shop.base();
        let role = rest.made(&format!("{base}/roles"), &json!({ "name": "editor" })).await;
        let permission = rest.made(&format!("{base}/permissions"), &json!({ "name": "invoices" })).await;
        let client = rest.made(&format!("{base}/clients"), &json!({ "name": "Second" })).await;
        let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
        let coupon = json!({ "code": "SPRING", "basisPoints": 1000 });
        let coupon = rest.made(&format!("{base}/coupons"), &coupon).await;
        let method = json!({ "kind": "google", "clientId": "nobody", "clientSecret": "a-secret-of-nobody" });
        let method = rest.made(&format!("{base}/sign-in-methods"), &method).await;
        let token = json!({ "name": "Partners", "days": 1 });
        let token = rest.made(&format!("{base}/registration-tokens"), &token).await;
        let webhook = json!({ "url": "https://app.example/hooks" });
        let webhook = id(&rest.made(&format!("{base}/webhooks"), &webhook).await["webhook"]);
        let delivery = rest.made(&format!("{base}/webhooks/{webhook}/test"), &json!({})).await;
        let team = json!({ "name": "Friends", "slug": shop.id, "ownerId": shop.user });
        let team = rest.made("/api/admin/organizations", &team).await;
        let organization = id(&team["organization"]);
        let invitations = format!("/api/admin/organizations/{organization}/invitations");
        let invitation = rest.made(&invitations, &json!({ "email": "asked@example.com" })).await;
        let extra = Self {
            organization,
            invitation: id(&invitation["invitation"]),
            token: id(&token["registrationToken"]),
            method: id(&method["signInMethod"]),
            delivery: id(&delivery["delivery"]),
            webhook,
            client: id(&client["client"]),
            coupon: id(&coupon["coupon"]),
            role: id(&role["role"]),
            permission: id(&permission["permission"]),
        };
        let path = format!("{base}/roles/{}/permissions", extra.role);
        rest.made(&path, &json!({ "permissionId": extra.permission })).await;
        extra
    }
}

/// Every route but the token endpoint, which is the protocol's.
pub async fn routes(app: &TestApp) -> Vec<Route> {
    let document = app.get("/api/openapi.json").await.json();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().expect("an operationId").to_owned();
            if id != "platformToken" {
                routes.push(Route { id, method: method.to_uppercase().parse().unwrap(), path: path.clone() });
            }
        }
    }
    assert!(routes.len() > 50, "only {} routes", routes.len());
    routes
}

/// A body that the operation accepts; `None` where it takes none.
pub fn body(id: &str, shop: &Shop, extra: &Extra) -> Option<Value> {
    Some(match id {
        "createApplication" => json!({ "name": "New", "slug": "new", "redirectUris": ["https://app.example/cb"] }),
        "updateApplication" => json!({ "name": "Renamed", "graceDays": 3, "themeConfig": { "brand": "#123456" } }),
        "createRegistrationToken" => json!({ "name": "Third parties", "days": 7 }),
        "createClient" => json!({ "name": "Third", "type": "public", "redirectUris": ["https://app.example/cb"] }),
        "updateClient" => json!({ "name": "Renamed", "requirePkce": true, "grants": ["authorization_code"] }),
        "createPlan" => json!({ "name": "New", "key": "new", "features": { "a": 1 }, "isDefault": false }),
        "updatePlan" => json!({ "name": "Renamed", "features": { "a": 1 }, "position": 3, "isListed": true }),
        "createPrice" => json!({ "name": "Yearly", "amount": 9900, "currency": "usd", "interval": "year" }),
        "grantApplicationUser" => json!({ "userId": shop.user, "roleId": extra.role }),
        "updateApplicationUser" => json!({ "status": "suspended", "roles": [extra.role] }),
        "assignSubscription" | "replaceSubscription" => {
            json!({ "planId": shop.pro, "expiresAt": "2027-01-01T00:00:00Z" })
        }
        "replaceClaims" => json!({ "claims": { "seats": 5 } }),
        "createSignInMethod" => {
            json!({ "kind": "github", "clientId": "turnpike", "clientSecret": "a-secret-of-the-corp" })
        }
        "updateSignInMethod" => json!({ "name": "Renamed", "enabled": false }),
        "createWebhook" => json!({
            "url": "https://app.example/more", "description": "More", "events": ["user.created", "claims.updated"],
        }),
        "updateWebhook" => json!({
            "url": "https://app.example/changed", "description": "Changed", "events": ["payment.failed"], "enabled": false,
        }),
        "createRole" | "renameRole" => json!({ "name": "writer" }),
        "createPermission" => json!({ "name": "orders.write" }),
        "addRolePermission" => json!({ "permissionId": extra.permission }),
        "createUser" => json!({ "email": "new@example.com", "profile": { "givenName": "New" }, "role": "user" }),
        "updateUser" => json!({ "email": "changed@example.com", "name": "Changed" }),
        "updateOwnProfile" => json!({
            "name": "Ann", "givenName": "Ann", "familyName": "Example", "middleName": "Maria", "nickname": "Annie",
            "preferredUsername": "ann", "profile": "https://people.example/ann",
            "picture": "https://people.example/ann.png", "website": "https://ann.example/", "gender": "female",
            "birthdate": "1990-12-31", "zoneinfo": "Asia/Jakarta", "phoneNumber": "+6281234567890",
            "address": { "streetAddress": "Jl. Braga 1", "locality": "Bandung" }, "locale": "id",
        }),
        "createOrganization" => json!({ "name": "Team", "slug": "team", "ownerId": shop.user }),
        "updateOrganization" => json!({ "name": "Renamed" }),
        "addOrganizationMember" => json!({ "userId": shop.user, "role": "member" }),
        "updateOrganizationMember" => json!({ "role": "admin" }),
        "createInvitation" => json!({ "email": "invited@example.com", "role": "admin" }),
        "platformRevoke" => json!({ "email": shop.email }),
        "platformSetClaims" => json!({ "email": shop.email, "claims": { "seats": 5 } }),
        "platformCheckFeature" => json!({ "end_user_id": shop.user, "feature_key": "maxProjects" }),
        "platformSetFeature" => json!({ "value": 100, "expires_at": "2030-01-01T00:00:00Z" }),
        "platformCreatePlan" => json!({
            "plan_key": "new", "display_name": "New", "price": 9.99, "currency": "USD", "period": "monthly",
        }),
        "platformCreateCheckoutSession" => json!({
            "end_user_id": shop.user, "plan": "pro", "success_url": "https://app.example/ok",
            "cancel_url": "https://app.example/no",
        }),
        "platformCreatePortalSession" => json!({ "end_user_id": shop.user }),
        "platformCreatePayment" => json!({
            "end_user_id": shop.user, "plan_id": "pro", "customer_email": "payer@example.com",
        }),
        "platformUpdatePlan" => json!({ "display_name": "Renamed", "features": { "a": 1 } }),
        "setPaymentKeys" => json!({ "secretKey": "sk_test_of_nobody", "webhookSecret": "whsec_of_nobody" }),
        "refundPayment" => json!({ "amount": 100, "reason": "test" }),
        "cancelListedSubscription" => json!({ "now": false, "reason": "test" }),
        "extendTrial" => json!({ "until": "2030-01-01T00:00:00Z" }),
        "previewSubscriptionChange" | "changeSubscription" => json!({ "planId": shop.pro, "priceId": shop.price }),
        "markInvoicePaid" => json!({ "reason": "test" }),
        "createCoupon" => json!({ "code": "SUMMER", "amount": 500, "currency": "usd", "duration": "forever" }),
        "advanceClock" => json!({ "advance": "1mo" }),
        "getPaymentSettings"
        | "testPaymentKeys"
        | "removePaymentKeys"
        | "listPayments"
        | "getPayment"
        | "listSubscriptions"
        | "getListedSubscription"
        | "undoSubscriptionChange"
        | "pauseSubscription"
        | "resumeSubscription"
        | "getInvoice"
        | "listCoupons"
        | "archiveCoupon"
        | "getClock"
        | "listAlerts"
        | "resolveAlert"
        | "listFailedNotifications"
        | "retryNotification"
        | "listSignInMethods"
        | "getSignInMethod"
        | "deleteSignInMethod"
        | "testSignInMethod"
        | "listWebhooks"
        | "getWebhook"
        | "deleteWebhook"
        | "rotateWebhookSecret"
        | "testWebhook"
        | "listWebhookDeliveries"
        | "getWebhookDelivery"
        | "resendWebhookDelivery"
        | "listServices" => return None,
        "listApplications"
        | "getApplication"
        | "deleteApplication"
        | "rotateApplicationSecret"
        | "listClients"
        | "listRegistrationTokens"
        | "deleteRegistrationToken"
        | "getClient"
        | "deleteClient"
        | "rotateClientSecret"
        | "listPlans"
        | "getPlan"
        | "deletePlan"
        | "deletePrice"
        | "listApplicationUsers"
        | "getApplicationUser"
        | "revokeApplicationUser"
        | "getSubscription"
        | "endSubscription"
        | "getClaims"
        | "listRoles"
        | "deleteRole"
        | "listPermissions"
        | "deletePermission"
        | "removeRolePermission"
        | "listUsers"
        | "getUser"
        | "deleteUser"
        | "disableUser"
        | "resetUserFactors"
        | "resetUserPassword"
        | "signUserOut"
        | "enableUser"
        | "getOwnSubscription"
        | "listOwnSessions"
        | "endOwnSession"
        | "listOwnOrganizations"
        | "listOrganizations"
        | "getOrganization"
        | "deleteOrganization"
        | "listOrganizationMembers"
        | "removeOrganizationMember"
        | "listInvitations"
        | "deleteInvitation"
        | "listAudit"
        | "platformGetClaims"
        | "platformListPlans"
        | "platformGetPlan"
        | "platformDeletePlan"
        | "platformListUsers"
        | "platformGetUser"
        | "platformRemoveFeature"
        | "platformGetEntitlements" => return None,
        unknown => panic!("the route {unknown} is missing from this table"),
    })
}

fn check(route: &Route, answer: &Answer, status: u16, code: &str) {
    let got = (answer.status.as_u16(), answer.json()["error"]["code"].clone());
    assert_eq!(got, (status, json!(code)), "{} {}: {}", route.method, route.path, answer.text());
    for (name, value) in [
        ("cache-control", "no-store"),
        ("cross-origin-opener-policy", "same-origin"),
        ("referrer-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{} {}: {name}", route.method, route.path);
    }
}

/// Longer than any session, visit or token lives.
const LONG: TimeDelta = TimeDelta::days(31);

/// An access token of acme's client itself.
async fn machine_token(rest: &Rest) -> String {
    let grant = json!({
        "grant_type": "client_credentials", "client_id": rest.acme.client_id, "client_secret": rest.acme.client_secret,
    });
    let answer = rest.app.browser().post_json("/api/platform/token", &grant).await.json();
    let token = answer["access_token"].as_str().expect("a token").to_owned();
    let plans = rest.app.browser();
    let plans = plans.request(Method::GET, "/api/platform/plans").bearer(&token).send().await;
    assert_eq!(plans.status, 200, "it works until it expires: {}", plans.text());
    token
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_registered_itself_manages_nothing() {
    let rest = Rest::start().await;
    let extra = Extra::make(&rest, &rest.acme).await;
    // From before it was known for one, as no such client gets a token in its own name.
    let token = machine_token(&rest).await;
    let (id, secret) = (&rest.acme.client_id, &rest.acme.client_secret);
    let mark = format!("UPDATE clients SET is_registered = TRUE WHERE client_id = '{id}'");
    rest.app.test.execute(&mark).await;
    rest.app.services.reload_directory().await.unwrap();
    let credentials = json!({ "client_id": id, "client_secret": secret });
    let before = rest.dump().await;
    for route in routes(&rest.app).await.iter().filter(|route| route.is_platform()) {
        let path = route.of(&rest.acme, &extra);
        let body = body(&route.id, &rest.acme, &extra);
        let ask = || with(rest.app.request(route.method.clone(), &path), body.as_ref());
        check(route, &ask().basic(id, secret).send().await, 403, "AUTH_011");
        // Such a token counts no more, wherever it is shown.
        check(route, &ask().bearer(&token).send().await, 401, "AUTH_003");
        let mut named = body.clone().unwrap_or_else(|| json!({}));
        named.as_object_mut().unwrap().extend(credentials.as_object().unwrap().clone());
        let by_body = rest.app.request(route.method.clone(), &path).json(&named);
        check(route, &by_body.send().await, 403, "AUTH_011");
    }
    assert_eq!(rest.dump().await, before, "something changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_reaches_nothing_of_another_application() {
    let rest = Rest::start().await;
    let extra = Extra::make(&rest, &rest.acme).await;
    let plan = json!({ "key": "only-here", "name": "Only here" });
    rest.made(&format!("{}/plans", rest.acme.base()), &plan).await;
    let before = rest.dump().await;
    for route in routes(&rest.app).await.iter().filter(|route| route.is_platform()) {
        let path = route.of(&rest.acme, &extra).replace("/plans/pro", "/plans/only-here");
        let body = body(&route.id, &rest.acme, &extra);
        let ask = TestApp::request(&rest.app, route.method.clone(), &path);
        let ask = with(ask, body.as_ref()).basic(&rest.other.client_id, &rest.other.client_secret);
        match route.id.as_str() {
            // It names nothing.
            "platformCreatePlan" => {}
            "platformListPlans" | "platformListUsers" => {
                let answer = ask.send().await;
                assert_eq!(answer.status, 200);
                for theirs in [&rest.acme.user, &rest.acme.email, &rest.acme.pro, "only-here"] {
                    assert!(!answer.text().contains(theirs), "{path}: {}", answer.text());
                }
            }
            _ if path.contains("/plans/") => check(route, &ask.send().await, 404, "SUB_001"),
            _ => check(route, &ask.send().await, 404, "USR_001"),
        }
    }
    assert_eq!(rest.dump().await, before, "something changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_answers_the_wrong_person() {
    let rest = Rest::start().await;
    let extra = Extra::make(&rest, &rest.acme).await;
    let admin = rest.administrator(&rest.other).await;
    let public = json!({ "name": "Phone", "type": "public", "redirectUris": ["https://app.example/cb"] });
    let public = rest.made(&format!("{}/clients", rest.acme.base()), &public).await;
    let public = public["clientId"].as_str().unwrap();
    let expired = rest.browser_of(&rest.administrator(&rest.acme).await).await;
    let machine = machine_token(&rest).await;
    rest.app.clock.advance(LONG);
    let token = rest.access_token(&rest.acme, &rest.acme.user).await;
    let living = machine_token(&rest).await;
    let nobody = rest.app.browser();
    let user = rest.browser_of(&rest.acme.user).await;
    let foreign = rest.browser_of(&admin).await;
    let before = rest.dump().await;
    for route in routes(&rest.app).await {
        let path = route.of(&rest.acme, &extra);
        let body = body(&route.id, &rest.acme, &extra);
        let ask = |app| with(TestApp::request(app, route.method.clone(), &path), body.as_ref());
        check(&route, &ask(&nobody).send().await, 401, "AUTH_001");
        if route.is_platform() {
            // A session is nothing here.
            check(&route, &ask(&user).send().await, 401, "AUTH_001");
            check(&route, &ask(&nobody).basic(&rest.acme.client_id, "wrong").send().await, 401, "AUTH_003");
            check(&route, &ask(&nobody).basic(public, "").send().await, 401, "AUTH_003");
            check(&route, &ask(&nobody).bearer("ak_wrong").send().await, 401, "AUTH_003");
            check(&route, &ask(&nobody).bearer(&token).send().await, 403, "AUTH_011");
            check(&route, &ask(&nobody).bearer(&machine).send().await, 401, "AUTH_003");
        } else if route.is_user() {
            // Whoever is signed in is right here: what they see is theirs.
            check(&route, &ask(&expired).send().await, 401, "AUTH_001");
            for wrong in ["ak_wrong", "wrong", machine.as_str()] {
                check(&route, &ask(&nobody).bearer(wrong).send().await, 401, "AUTH_003");
            }
            let basic = ask(&nobody).basic(&rest.acme.client_id, &rest.acme.client_secret);
            check(&route, &basic.send().await, 401, "AUTH_003");
            // What speaks for no user.
            check(&route, &ask(&nobody).bearer(&living).send().await, 403, "AUTH_011");
            check(&route, &ask(&nobody).bearer(rest.key.expose()).send().await, 403, "AUTH_011");
            // A header wins over the cookie, also a wrong one.
            check(&route, &ask(&user).bearer("ak_wrong").send().await, 401, "AUTH_003");
        } else {
            check(&route, &ask(&expired).send().await, 401, "AUTH_001");
            check(&route, &ask(&nobody).bearer("ak_wrong").send().await, 401, "AUTH_003");
            check(&route, &ask(&nobody).bearer(&token).send().await, 401, "AUTH_003");
            check(
                &route,
                &ask(&nobody).basic(&rest.acme.client_id, &rest.acme.client_secret).send().await,
                401,
                "AUTH_003",
            );
            // A header wins over the cookie, also a wrong one.
            check(&route, &ask(&foreign).bearer("ak_wrong").send().await, 401, "AUTH_003");
            check(&route, &ask(&user).send().await, 403, "AUTH_011");
            let answer = ask(&foreign).send().await;
            match route.id.as_str() {
                "listApplications" | "listAudit" => {
                    assert_eq!(answer.status, 200);
                    assert!(!answer.text().contains(&rest.acme.id), "{}", answer.text());
                }
                _ if route.path.contains("{appId}") => check(&route, &answer, 404, "APP_002"),
                _ => check(&route, &answer, 403, "AUTH_011"),
            }
        }
    }
    assert_eq!(rest.dump().await, before, "something changed");
}

/// The parameters of a path, in their braces.
fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split_inclusive('}').filter_map(|part| Some(&part[part.find('{')?..]))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_application_reaches_nothing_of_another() {
    let rest = Rest::start().await;
    let (acme, other) = (&rest.acme, &rest.other);
    let (extra, foreign) = (Extra::make(&rest, acme).await, Extra::make(&rest, other).await);
    let admin = rest.browser_of(&rest.administrator(acme).await).await;
    let ids = [
        ("{planId}", &acme.pro, &other.pro, "SUB_001"),
        ("{priceId}", &acme.price, &other.price, "SUB_001"),
        ("{userId}", &acme.user, &other.user, "USR_001"),
        ("{clientId}", &extra.client, &foreign.client, "APP_002"),
        ("{couponId}", &extra.coupon, &foreign.coupon, "SUB_001"),
        ("{roleId}", &extra.role, &foreign.role, "PERM_002"),
        ("{permissionId}", &extra.permission, &foreign.permission, "PERM_003"),
        ("{tokenId}", &extra.token, &foreign.token, "APP_002"),
        ("{methodId}", &extra.method, &foreign.method, "APP_002"),
        ("{webhookId}", &extra.webhook, &foreign.webhook, "APP_002"),
        ("{deliveryId}", &extra.delivery, &foreign.delivery, "APP_002"),
    ];
    let routes = routes(&rest.app).await;
    let below: Vec<_> = routes.iter().filter(|route| route.path.contains("{appId}/")).collect();
    let found: BTreeSet<_> = below.iter().flat_map(|route| parameters(&route.path)).collect();
    // The application itself, and no id.
    let others = ["{appId}", "{provider}"];
    let known = ids.iter().map(|(parameter, ..)| *parameter).chain(foreign_money::PARAMETERS).chain(others);
    let known: BTreeSet<_> = known.collect();
    assert_eq!(found, known, "an id that no other application's is tried for, or that is gone");
    let before = rest.dump().await;
    for route in below {
        // Acme in the path, and each id below it of the other application in turn.
        let own = route.of(acme, &extra);
        for (parameter, mine, theirs, code) in ids {
            if route.path.contains(parameter) {
                for id in [theirs.as_str(), "not-an-id", "0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f", "%00"] {
                    let path = own.replace(mine.as_str(), id);
                    let body = body(&route.id, acme, &extra);
                    let answer = with(admin.request(route.method.clone(), &path), body.as_ref()).send().await;
                    check(route, &answer, 404, code);
                }
            }
        }
    }
    let get = |path: String| rest.platform(acme, Method::GET, Box::leak(path.into_boxed_str()), None);
    for id in [other.user.as_str(), "not-an-id", "0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f"] {
        refused(&get(format!("/api/platform/users/{id}")).await, 404, "USR_001");
        refused(&get(format!("/api/platform/entitlements/{id}")).await, 404, "USR_001");
        refused(&get(format!("/api/platform/claims?end_user_id={id}")).await, 404, "USR_001");
        for body in [json!({ "end_user_id": id }), json!({ "end_user_id": id, "claims": { "a": 1 } })] {
            for path in ["/api/platform/revoke", "/api/platform/claims"] {
                let answer = rest.platform(acme, Method::POST, path, Some(&body)).await;
                assert!([400, 404].contains(&answer.status.as_u16()), "{}", answer.text());
            }
        }
    }
    let answer =
        rest.platform(acme, Method::POST, "/api/platform/revoke", Some(&json!({ "email": other.email }))).await;
    refused(&answer, 404, "USR_001");
    assert_eq!(rest.dump().await, before, "something changed");
}

/// Opens the portal of a shop for its user.
pub async fn visit(rest: &Rest, shop: &Shop, browser: &TestApp) {
    let session = json!({ "end_user_id": shop.user });
    let answer = rest.platform(shop, Method::POST, "/api/platform/portal/sessions", Some(&session)).await;
    let url = answer.json()["portal_url"].as_str().expect("an address").to_owned();
    let path = &url[url.find("/portal").expect("a path")..];
    assert_eq!(browser.follow(path).await.status, 200);
    assert!(browser.cookie("turnpike_portal").is_some());
}

/// A call that the server function accepts.
fn call(path: &str, shop: &Shop) -> Value {
    match path {
        "/portal/rpc/preview" => json!({ "plan": "pro", "price": null, "text": "en" }),
        "/rpc/plans/reorder" => json!({ "application": shop.id, "order": [shop.pro, shop.free] }),
        unknown => panic!("the server function {unknown} is missing from this table"),
    }
}

/// Calls of the server function in `shop` that name what is not its own: a plan, a price.
fn calls_naming(path: &str, shop: &Shop, plan: &str, price: &str) -> Vec<Value> {
    match path {
        "/portal/rpc/preview" => vec![json!({ "plan": "pro", "price": price, "text": "en" })],
        "/rpc/plans/reorder" => vec![
            json!({ "application": shop.id, "order": [plan] }),
            json!({ "application": shop.id, "order": [shop.pro, plan, shop.free] }),
        ],
        unknown => panic!("the server function {unknown} is missing from this table"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_server_function_reaches_another_application() {
    let rest = Rest::start().await;
    let (acme, other) = (&rest.acme, &rest.other);
    // Where nobody collects, a preview asks for no price.
    let collects = json!({ "paymentProvider": "sandbox", "returnUrls": ["https://app.example/"] });
    let answer = rest.admin(Method::PATCH, &acme.base(), Some(&collects)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let own = rest.browser_of(&rest.administrator(acme).await).await;
    visit(&rest, acme, &own).await;
    let before = rest.dump().await;
    for (path, method) in app::ssr::functions() {
        let ask = async |call: &Value| own.request(method.clone(), path).json(call).send().await;
        let theirs = calls_naming(path, acme, &other.pro, &other.price);
        for (theirs, nobodys) in theirs.iter().zip(calls_naming(path, acme, NOBODYS, NOBODYS)) {
            let (answer, none) = (ask(theirs).await, ask(&nobodys).await);
            let got = (answer.status.as_u16(), answer.json()["code"].clone());
            assert_eq!(got, (404, json!("SUB_001")), "{path}: {}", answer.text());
            assert_eq!(answer.json(), none.json(), "{path}");
            assert_eq!(none.status, 404, "{path}");
        }
    }
    assert_eq!(rest.dump().await, before, "something changed");
    // With what is their own they are answered.
    for (path, method) in app::ssr::functions() {
        for call in calls_naming(path, acme, &acme.pro, &acme.price) {
            let answer = own.request(method.clone(), path).json(&call).send().await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        }
    }
}

/// Leptos would send whoever accepts a page back to where they came from, by 302.
#[tokio::test(flavor = "multi_thread")]
async fn no_server_function_redirects_whoever_asks_as_a_form_does() {
    let rest = Rest::start().await;
    let own = rest.browser_of(&rest.administrator(&rest.acme).await).await;
    visit(&rest, &rest.acme, &own).await;
    for (path, method) in app::ssr::functions() {
        let ask = || {
            let ask = own.request(method.clone(), path).header("accept", "text/html,application/xhtml+xml");
            ask.header("referer", "http://127.0.0.1:8080/dashboard/acme/plans")
        };
        let taken = ask().json(&call(path, &rest.acme)).send().await;
        let refused = ask().json(&json!({})).send().await;
        let form = ask().form(&[("application", rest.acme.id.as_str())]).send().await;
        for (answer, expected) in [(taken, 200), (refused, 400), (form, 400)] {
            assert_eq!((answer.status.as_u16(), answer.location()), (expected, None), "{path}: {}", answer.text());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_server_function_answers_the_wrong_person() {
    let rest = Rest::start().await;
    let expired = rest.browser_of(&rest.administrator(&rest.acme).await).await;
    visit(&rest, &rest.acme, &expired).await;
    rest.app.clock.advance(LONG);
    let token = rest.access_token(&rest.acme, &rest.acme.user).await;
    let nobody = rest.app.browser();
    let user = rest.browser_of(&rest.acme.user).await;
    let foreign = rest.browser_of(&rest.administrator(&rest.other).await).await;
    visit(&rest, &rest.other, &foreign).await;
    let own = rest.browser_of(&rest.administrator(&rest.acme).await).await;
    let functions: Vec<_> = app::ssr::functions().collect();
    assert!(!functions.is_empty());
    let before = rest.dump().await;
    let check = |path: &str, answer: &Answer, status: u16, code: &str| {
        let got = (answer.status.as_u16(), answer.json()["code"].clone());
        assert_eq!(got, (status, json!(code)), "{path}: {}", answer.text());
    };
    for (path, method) in &functions {
        let body = call(path, &rest.acme);
        let ask = |app| TestApp::request(app, method.clone(), path).json(&body);
        check(path, &ask(&nobody).send().await, 401, "AUTH_001");
        check(path, &ask(&expired).send().await, 401, "AUTH_001");
        for answer in [
            ask(&nobody).bearer(&token).send().await,
            ask(&nobody).bearer("ak_wrong").send().await,
            ask(&nobody).basic(&rest.acme.client_id, &rest.acme.client_secret).send().await,
        ] {
            check(path, &answer, 401, "AUTH_001");
        }
        if path.starts_with("/portal/") {
            // Only a visit to the portal counts there, whoever is signed in: see the tests of the portal.
            for browser in [&user, &own] {
                check(path, &ask(browser).send().await, 401, "AUTH_001");
            }
            // A visit to another application's portal sees that one's plans only.
            let answer = ask(&foreign).send().await;
            assert!(!answer.text().contains(&rest.acme.pro), "{path}: {}", answer.text());
        } else {
            check(path, &ask(&user).send().await, 403, "AUTH_011");
            check(path, &ask(&foreign).send().await, 404, "APP_002");
        }
        // From another site's page, and what no island sends.
        let answer = ask(&own).header("sec-fetch-site", "cross-site").send().await;
        assert_eq!(answer.status, 403, "{path}");
        let answer = ask(&own).header("origin", "https://evil.example").send().await;
        assert_eq!(answer.status, 403, "{path}");
        let answer = ask(&own).header("sec-fetch-site", "cross-site").bearer("abc").send().await;
        assert_eq!(answer.status, 403, "{path}");
        for text in ["{", "[]", "{}", "null", "{\"application\": 1}"] {
            let request = own.request(method.clone(), path).text_body(text.into(), "application/json");
            check(path, &request.send().await, 400, "APP_001");
        }
        let answer = own.get(path).await;
        assert_eq!(answer.status, 405, "{path}");
    }
    assert_eq!(rest.dump().await, before, "something changed");
    for (path, method) in functions.iter().filter(|(path, _)| !path.starts_with("/portal/")) {
        let answer = own.request(method.clone(), path).json(&call(path, &rest.acme)).send().await;
        assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, Some("no-store")), "{path}");
    }
    assert_ne!(rest.dump().await, before);
    assert_eq!(own.request(Method::POST, "/rpc/no/such").json(&json!({})).send().await.status, 404);
}
