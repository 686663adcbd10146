//! Ids that stand in bodies and queries: another application's is answered like nobody's, and changes nothing. The fields
//! come from the OpenAPI document; one that this table does not know makes the test fail. Ids in paths: route_table.rs.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    rest::{Rest, with},
    route_table::{Extra, NOBODYS, Route, body, routes},
    support::{Answer, TestApp},
};

/// Whose id a field takes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Of {
    User,
    Plan,
    /// Several plans.
    Plans,
    Price,
    Role,
    /// Several roles.
    Roles,
    Permission,
    Application,
    /// A name that the sender chooses, or a provider's.
    Name,
    /// Of the whole server: for superadmins, or for whoever is signed in, as user_api.rs has it.
    Server,
    /// Of what a member has bought: foreign_money.rs.
    Bought,
}

const FIELDS: &[(&str, &str, Of)] = &[
    ("createClient", "clientId", Of::Name),
    ("createCoupon", "planIds", Of::Plans),
    ("createPlan", "stripePriceId", Of::Name),
    ("createPlan", "stripeProductId", Of::Name),
    ("updatePlan", "stripeProductId", Of::Name),
    ("createPrice", "stripePriceId", Of::Name),
    ("addRolePermission", "permissionId", Of::Permission),
    ("createSignInMethod", "clientId", Of::Name),
    ("updateSignInMethod", "clientId", Of::Name),
    ("changeSubscription", "planId", Of::Bought),
    ("changeSubscription", "priceId", Of::Bought),
    ("previewSubscriptionChange", "planId", Of::Bought),
    ("previewSubscriptionChange", "priceId", Of::Bought),
    ("grantApplicationUser", "roleId", Of::Role),
    ("grantApplicationUser", "userId", Of::Server),
    ("updateApplicationUser", "roles", Of::Roles),
    ("assignSubscription", "planId", Of::Plan),
    ("replaceSubscription", "planId", Of::Plan),
    ("listAudit", "applicationId", Of::Application),
    ("listAudit", "userId", Of::Server),
    ("createOrganization", "ownerId", Of::Server),
    ("addOrganizationMember", "userId", Of::Server),
    ("platformCreateCheckoutSession", "end_user_id", Of::User),
    ("platformCreateCheckoutSession", "price_id", Of::Price),
    ("platformGetClaims", "end_user_id", Of::User),
    ("platformSetClaims", "end_user_id", Of::User),
    ("platformCheckFeature", "end_user_id", Of::User),
    ("platformCreatePayment", "end_user_id", Of::User),
    ("platformCreatePayment", "plan_id", Of::Plan),
    ("platformCreatePortalSession", "end_user_id", Of::User),
    ("platformRevoke", "end_user_id", Of::User),
    ("getOwnSubscription", "applicationId", Of::Server),
];

/// The names of a schema's properties, and of those within them.
fn properties(document: &Value, schema: &Value, found: &mut BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|to| to.rsplit('/').next()) {
        return properties(document, &document["components"]["schemas"][name], found);
    }
    for part in ["oneOf", "anyOf", "allOf"].iter().filter_map(|of| schema[of].as_array()).flatten() {
        properties(document, part, found);
    }
    let own = schema["properties"].as_object();
    found.extend(own.into_iter().flat_map(|own| own.keys().cloned()));
    let inner = own.into_iter().flat_map(|own| own.values());
    let within = [&schema["items"], &schema["additionalProperties"]];
    for inner in inner.chain(within).filter(|inner| inner.is_object()) {
        properties(document, inner, found);
    }
}

/// Every operation of the document.
pub fn operations(document: &Value) -> impl Iterator<Item = &Value> {
    document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values())
}

/// The names of what an operation takes in its body, and of what is within that.
pub fn taken(document: &Value, operation: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for content in operation["requestBody"]["content"].as_object().into_iter().flat_map(|own| own.values()) {
        properties(document, &content["schema"], &mut found);
    }
    found
}

/// What names something by its id.
fn is_id(field: &str) -> bool {
    ["Id", "Ids", "_id", "_ids"].iter().any(|end| field.ends_with(end)) || field == "roles"
}

fn fields(document: &Value) -> BTreeSet<(String, String)> {
    let mut all = BTreeSet::new();
    for operation in operations(document).filter(|operation| operation["operationId"] != "platformToken") {
        let mut found = taken(document, operation);
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let queries = parameters.filter(|parameter| parameter["in"] == "query");
        found.extend(queries.map(|parameter| parameter["name"].as_str().unwrap().to_owned()));
        let id = operation["operationId"].as_str().unwrap();
        all.extend(found.into_iter().filter(|field| is_id(field)).map(|field| (id.to_owned(), field)));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn another_applications_ids_are_nobodys() {
    let rest = Rest::start().await;
    let (acme, other) = (&rest.acme, &rest.other);
    let document = rest.app.get("/api/openapi.json").await.json();
    let known: BTreeSet<_> = FIELDS.iter().map(|(id, field, _)| ((*id).to_owned(), (*field).to_owned())).collect();
    let differ: Vec<_> = fields(&document).symmetric_difference(&known).cloned().collect();
    assert!(differ.is_empty(), "missing from this table, or gone: {differ:?}");

    // Both collect, so that nothing is refused for that alone.
    let collects = json!({ "paymentProvider": "sandbox", "returnUrls": ["https://app.example/"] });
    for shop in [acme, other] {
        assert_eq!(rest.admin(Method::PATCH, &shop.base(), Some(&collects)).await.status, 200);
    }
    let (extra, foreign) = (Extra::make(&rest, acme).await, Extra::make(&rest, other).await);
    let admin = rest.browser_of(&rest.administrator(acme).await).await;
    let routes = routes(&rest.app).await;
    let before = rest.dump().await;
    for (id, field, of) in FIELDS {
        let theirs = match of {
            Of::User => &other.user,
            Of::Plan | Of::Plans => &other.pro,
            Of::Price => &other.price,
            Of::Role | Of::Roles => &foreign.role,
            Of::Permission => &foreign.permission,
            Of::Application => &other.id,
            Of::Name | Of::Server | Of::Bought => continue,
        };
        let several = matches!(of, Of::Plans | Of::Roles);
        let route = routes.iter().find(|route| route.id == *id).unwrap();
        let ask = async |named: &str| ask(&rest, route, &admin, &extra, (field, named, several)).await;
        let (refused, none) = (ask(theirs).await, ask(NOBODYS).await);
        assert!([400, 404].contains(&refused.status.as_u16()), "{id} {field}: {}", refused.text());
        let said = |answer: &Answer, named: &str| (answer.status, answer.text().replace(named, "IT"));
        assert_eq!(said(&refused, theirs), said(&none, NOBODYS), "{id} {field}");
    }
    assert_eq!(rest.dump().await, before, "something changed");
}

/// Asks in acme's name, with one field of the request naming something else.
async fn ask(
    rest: &Rest,
    route: &Route,
    admin: &TestApp,
    extra: &Extra,
    (field, named, several): (&str, &str, bool),
) -> Answer {
    let mut path = route.of(&rest.acme, extra);
    let mut body = body(&route.id, &rest.acme, extra);
    match &mut body {
        Some(body) => {
            let body = body.as_object_mut().unwrap();
            // A user is named in one way.
            if field == "end_user_id" {
                body.remove("email");
            }
            body.insert(field.to_owned(), if several { json!([named]) } else { json!(named) });
        }
        None => {
            let (bare, _) = path.split_once('?').unwrap_or((&path, ""));
            path = format!("{bare}?{field}={named}");
        }
    }
    let request = with(admin.request(route.method.clone(), &path), body.as_ref());
    let request =
        if route.is_platform() { request.basic(&rest.acme.client_id, &rest.acme.client_secret) } else { request };
    request.send().await
}
