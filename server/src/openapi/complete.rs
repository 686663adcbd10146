//! What the handlers' descriptions have in common: errors, authentication, tags.

use domain::ErrorCode;
use serde_json::{Map, Value, json};

use crate::api;

const ABOUT: &str = "Three families: `/api/admin` is what an admin does in the dashboard, in camelCase; `/api/platform` is \
what a product's own server asks and tells, in snake_case; `/api/user` is what people ask and change about themselves, in \
camelCase. All speak JSON.";

/// Tags in the order of the page.
const TAGS: &[(&str, &str)] = &[
    ("Platform: tokens", "The token endpoint, for products that speak JSON."),
    ("Platform: claims", "What a user's next token says: plan, features and claims."),
    ("Platform: users", "The users of the application that the client belongs to."),
    ("Platform: checkout", "Hosted checkout for a user, begun by the product's own server."),
    ("Platform: portal", "The page on which a user changes, cancels and pays what they have."),
    ("Platform: plans", "Plans by their key, with prices as decimal numbers."),
    ("Your account", "What people ask and change about themselves, by their session or an access token."),
    ("Applications", "A product: its clients, users, plans and theme."),
    ("Clients", "OAuth clients of an application: web, SPA, mobile, machine."),
    ("Plans", "Tiers of an application and their prices, in the currency's smallest unit."),
    ("Users of an application", "Who has access, and with which roles."),
    ("Subscription of a user", "The plan that a user holds; one at most is live."),
    ("Subscriptions", "Every subscription of an application, and what an admin does with one that is billed."),
    ("Payments", "What was paid and given back."),
    ("Invoices", "What was asked for, and marking it as paid."),
    ("Coupons", "What takes something off a charge."),
    ("Payment settings", "An application's keys at its payment providers; a key is never shown."),
    ("Test clock", "Billing time of an application that collects in the sandbox."),
    ("Alerts", "What a person has to look at, and notifications that could not be handled."),
    ("Sign-in methods", "The providers by which people sign in to an application; a secret is never shown."),
    ("Webhooks", "Addresses of a product that are told what happens, and what was sent to them."),
    ("Claims of a user", "Custom key/values that go into tokens."),
    ("Roles and permissions", "Roles of an application; a user's permissions are the union over the roles."),
    ("Users", "People, who sign in once for all applications. For superadmins."),
    ("Organizations", "Companies and teams of users; the scope `org` puts `org_id` into tokens. For superadmins."),
    ("Services", "Which payment and sign-in providers are configured."),
    ("Audit log", "Who changed what, when, from what to what."),
];

/// The whole description, for a server at `issuer`.
pub fn document(issuer: &str) -> Value {
    let mut document = serde_json::to_value(api::document()).unwrap_or_default();
    document["openapi"] = json!("3.1.0");
    document["info"] = json!({
        "title": "Turnpike API",
        "version": env!("CARGO_PKG_VERSION"),
        "description": ABOUT,
    });
    document["servers"] = json!([{ "url": issuer }]);
    document["tags"] = TAGS.iter().map(|(name, text)| json!({ "name": name, "description": text })).collect();
    document["components"]["securitySchemes"] = schemes();
    document["components"]["schemas"]["Error"] = error_schema();
    document["paths"]["/api/platform/token"] = token();
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, item) in paths {
            let operations = item.as_object_mut().into_iter().flat_map(Map::values_mut);
            for operation in operations.filter(|operation| operation["responses"].is_object()) {
                complete(path, operation);
            }
        }
    }
    document
}

fn schemes() -> Value {
    json!({
        "session": {
            "type": "apiKey", "in": "cookie", "name": "__Host-turnpike_session",
            "description": "The browser's session; `turnpike_session` on http.",
        },
        "adminKey": {
            "type": "http", "scheme": "bearer",
            "description": "An admin API key, made by `turnpike admin key create --name N`.",
        },
        "userToken": {
            "type": "http", "scheme": "bearer",
            "description": "An access token of a user, with the scope `openid`; to change the profile `profile`.",
        },
        "clientBasic": {
            "type": "http", "scheme": "basic",
            "description": "`client_id` and `client_secret` of a confidential client; or both in the JSON body.",
        },
        "clientToken": {
            "type": "http", "scheme": "bearer",
            "description": "An access token of the grant `client_credentials`.",
        },
    })
}

fn error_schema() -> Value {
    let codes: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    json!({
        "type": "object",
        "required": ["error"],
        "properties": { "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": { "type": "string", "enum": codes, "description": "For programs." },
                "message": { "type": "string", "description": "For the developer who reads it." },
                "details": {
                    "type": "object",
                    "description": "Facts, such as `activeSubscribers`; the fields at fault; `requestId` of a 500.",
                    "properties": { "fields": { "type": "array", "items": {
                        "type": "object",
                        "required": ["field", "message"],
                        "properties": { "field": { "type": "string" }, "message": { "type": "string" } },
                    } } },
                },
            },
        } },
        "example": { "error": {
            "code": "APP_001",
            "message": "name: must have 1 to 64 characters",
            "details": { "fields": [{ "field": "name", "message": "must have 1 to 64 characters" }] },
        } },
    })
}

/// The token endpoint belongs to the protocol; its answers are those of RFC 6749, section 5.
fn token() -> Value {
    json!({ "post": {
        "tags": ["Platform: tokens"],
        "operationId": "platformToken",
        "summary": "Get tokens",
        "description": "As `/oauth2/token`, errors too (RFC 6749), in JSON as well as form encoding.",
        "requestBody": { "required": true, "content": { "application/json": { "schema": {
            "type": "object",
            "required": ["grant_type"],
            "properties": {
                "grant_type": {
                    "type": "string",
                    "enum": ["authorization_code", "refresh_token", "client_credentials"],
                    "example": "refresh_token",
                },
                "client_id": { "type": "string" },
                "client_secret": { "type": "string" },
                "code": { "type": "string" },
                "redirect_uri": { "type": "string" },
                "code_verifier": { "type": "string" },
                "refresh_token": { "type": "string", "example": "rt_…" },
                "scope": { "type": "string" },
            },
        } } } },
        "responses": {
            "400": refusal("Refused: the code says why"),
            "401": refusal("`invalid_client`"),
            "413": { "description": "The body is longer than 64 KiB" },
            "429": refusal("`temporarily_unavailable`: too many requests"),
            "200": { "description": "Tokens", "content": { "application/json": { "schema": {
            "type": "object",
            "required": ["access_token", "token_type", "expires_in"],
            "properties": {
                "access_token": { "type": "string", "example": "eyJ…" },
                "token_type": { "type": "string", "example": "Bearer" },
                "expires_in": { "type": "integer", "example": 3600 },
                "refresh_token": { "type": "string", "example": "rt_…" },
                "id_token": { "type": "string", "example": "eyJ…" },
                "scope": { "type": "string" },
            },
        } } } } },
        "security": [{ "clientBasic": [] }],
    } })
}

/// An error as RFC 6749, section 5.2, has it.
fn refusal(description: &str) -> Value {
    json!({ "description": description, "content": { "application/json": { "schema": {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": { "type": "string", "example": "invalid_grant" },
            "error_description": { "type": "string", "description": "For the developer who reads it." },
        },
    } } } })
}

/// Adds what every operation of a family answers.
fn complete(path: &str, operation: &mut Value) {
    if path == "/api/platform/token" {
        return;
    }
    let (security, unauthenticated, forbidden) = if path.starts_with("/api/platform/") {
        (
            json!([{ "clientBasic": [] }, { "clientToken": [] }]),
            "`AUTH_001` no credentials, `AUTH_003` wrong ones: for a token the challenge says `invalid_token`",
            "`AUTH_011` a user's token (the challenge says `insufficient_scope`), or a client that registered itself",
        )
    } else if path.starts_with("/api/user/") {
        (
            json!([{ "userToken": [] }, { "session": [] }]),
            "`AUTH_001` neither session nor token, or a session whose sign-in is not recent enough for this, \
             `AUTH_003` a token that does not count (the challenge says `invalid_token`), `AUTH_004` a session that \
             has not shown its second factor lately",
            "`AUTH_011` a token that speaks for no user or lacks the scope (the challenge says `insufficient_scope` \
             and which), `APP_005` no access to the application, `AUTH_006` the account is disabled",
        )
    } else {
        (
            json!([{ "adminKey": [] }, { "session": [] }]),
            "`AUTH_001` no session, or one whose sign-in is not recent enough for this, `AUTH_003` a wrong key, \
             `AUTH_004` a session that has not shown its second factor, or not lately",
            "`AUTH_011` insufficient rights",
        )
    };
    operation["security"] = security;
    // A body that may be left out is not null where there is one.
    if let Some(schema) = operation.pointer_mut("/requestBody/content/application~1json/schema") {
        let alternatives = schema["oneOf"].as_array();
        let nullable = alternatives.filter(|all| all.iter().any(|one| one["type"] == "null"));
        let real = nullable.and_then(|all| all.iter().find(|one| one["type"] != "null"));
        if let Some(real) = real.cloned() {
            *schema = real;
        }
    }
    let takes_input = operation["requestBody"].is_object()
        || operation["parameters"].as_array().is_some_and(|all| all.iter().any(|one| one["in"] == "query"));
    let takes_body = operation["requestBody"].is_object();
    let responses = &mut operation["responses"];
    if takes_body {
        add(responses, "413", "`APP_001` the body is longer than 1 MiB");
        add(responses, "415", "`APP_001` the body is not JSON");
    }
    if takes_input {
        add(responses, "400", "`APP_001` invalid input, with the fields at fault");
    }
    add(responses, "401", unauthenticated);
    add(responses, "403", forbidden);
    add(
        responses,
        "429",
        "`RATE_001` too many requests; `Retry-After` says after how many seconds the next one counts",
    );
    if path.contains("{appId}") {
        add(responses, "404", "`APP_002` no such application, or another admin's");
    }
    for (status, response) in responses.as_object_mut().into_iter().flatten() {
        if status.starts_with(['4', '5']) {
            let schema = json!({ "$ref": "#/components/schemas/Error" });
            response["content"] = json!({ "application/json": { "schema": schema } });
        }
        if response["description"].as_str().unwrap_or_default().is_empty() {
            response["description"] = match status.as_str() {
                "201" => "Created",
                "204" => "Done",
                _ => "Success",
            }
            .into();
        }
    }
}

fn add(responses: &mut Value, status: &str, text: &str) {
    let known = responses[status]["description"].as_str();
    let text = known.map_or_else(|| text.to_owned(), |known| format!("{known}; {text}"));
    responses[status] = json!({ "description": text });
}
