//! `/api/user`: by the browser's session, and by an access token.

use axum::http::Method;
use chrono::TimeDelta;
use domain::{id::UserId, identity::membership::MembershipStatus, text::Name};
use serde_json::{Value, json};
use service::{Ctx, identity::memberships::MembershipPatch, organization::NewOrganization};

use crate::{
    acme::{self, signed_in, tokens},
    rest::refused,
    support::{Answer, TestApp},
};

/// The challenge to whoever has shown no token.
const BARE: &str = "Bearer realm=\"turnpike\"";
const NOBODYS: &str = "0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f";

/// A browser that nobody is signed in to, with an access token of the client `web` for `user@example.com`.
struct Program {
    app: TestApp,
    token: String,
}

impl Program {
    /// With a token of these scopes, made in the browser of `app`.
    async fn of(app: &TestApp, scope: &str) -> Self {
        let tokens = tokens(app, &[("scope", scope)]).await;
        Self { app: app.browser(), token: tokens["access_token"].as_str().expect("a token").to_owned() }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let request = self.app.request(method, path).bearer(&self.token);
        crate::rest::with(request, body).send().await
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }
}

async fn patch(app: &TestApp, body: &Value) -> Answer {
    app.request(Method::PATCH, "/api/user/profile").json(body).send().await
}

async fn id(app: &TestApp) -> UserId {
    app.user("user@example.com").await.id
}

#[tokio::test(flavor = "multi_thread")]
async fn the_door_knows_users_by_session_or_token() {
    let app = signed_in().await;
    let nobody = app.browser();
    let program = Program::of(&app, "openid profile").await;
    let path = "/api/user/sessions";
    refused(&nobody.get(path).await, 401, "AUTH_001");
    assert_eq!(app.get(path).await.status, 200);
    assert_eq!(program.get(path).await.status, 200);
    let with = |header: String| app.request(Method::GET, path).header("authorization", &header).send();
    // Where a header is, the cookie does not count.
    for wrong in ["Bearer wrong", "Bearer ", "Bearer", "Basic d2ViOndyb25n", "DPoP x"] {
        refused(&with(wrong.to_owned()).await, 401, "AUTH_003");
    }
    let machine = acme::token(&app, "machine", &[("grant_type", "client_credentials")]).await.json();
    refused(&with(format!("Bearer {}", machine["access_token"].as_str().unwrap())).await, 403, "AUTH_011");
    let key = app.services.api_keys().create(&Ctx::operator(), Name::parse("tests").unwrap()).await.unwrap();
    refused(&with(format!("Bearer {}", key.expose())).await, 403, "AUTH_011");

    // Reading needs openid, for organizations org, changing the profile needs profile.
    let name = json!({ "name": "Ann" });
    let reader = Program::of(&app, "openid").await;
    assert_eq!(reader.get("/api/user/subscription").await.status, 200);
    refused(&reader.get("/api/user/organizations").await, 403, "AUTH_011");
    let member = Program::of(&app, "openid org").await;
    assert_eq!(member.get("/api/user/organizations").await.status, 200);
    refused(&reader.ask(Method::PATCH, "/api/user/profile", Some(&name)).await, 403, "AUTH_011");
    let editor = Program::of(&app, "profile").await;
    for path in ["/api/user/organizations", "/api/user/sessions", "/api/user/subscription"] {
        refused(&editor.get(path).await, 403, "AUTH_011");
    }
    assert_eq!(editor.ask(Method::PATCH, "/api/user/profile", Some(&name)).await.status, 200);

    let (acme, own) = (app.application("acme"), id(&app).await);
    let status = async |status| {
        let patch = MembershipPatch { status: Some(status), roles: None };
        app.services.memberships().update(&Ctx::operator(), acme, own, patch).await.unwrap();
    };
    status(MembershipStatus::Suspended).await;
    refused(&program.get(path).await, 403, "APP_005");
    assert_eq!(app.get(path).await.status, 200, "the account is not the application's");
    status(MembershipStatus::Active).await;
    assert_eq!(program.get(path).await.status, 200);
    status(MembershipStatus::Revoked).await;
    refused(&program.get(path).await, 401, "AUTH_003");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_over_opens_nothing() {
    let app = signed_in().await;
    let program = Program::of(&app, "openid").await;
    app.clock.advance(TimeDelta::hours(1));
    refused(&program.get("/api/user/sessions").await, 401, "AUTH_003");
}

/// RFC 6750, section 3.1.
#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_says_what_is_wrong_with_a_token() {
    let app = signed_in().await;
    let nobody = app.browser();
    let (user, platform) = ("/api/user/sessions", "/api/platform/plans");
    for path in [user, platform] {
        let with = |header: &str| nobody.request(Method::GET, path).header("authorization", header).send();
        for wrong in ["Bearer wrong", "DPoP x"] {
            let challenge = with(wrong).await.header("www-authenticate").expect("a challenge").to_owned();
            assert!(
                challenge.starts_with("Bearer realm=\"turnpike\", error=\"invalid_token\""),
                "{wrong}: {challenge}"
            );
        }
        for answer in [nobody.get(path).await, with("Basic d2ViOndyb25n").await] {
            assert_eq!((answer.status.as_u16(), answer.header("www-authenticate")), (401, Some(BARE)), "{path}");
        }
    }

    let lacks = |answer: &Answer, scope: Option<&str>| {
        let challenge = answer.header("www-authenticate").expect("a challenge");
        assert_eq!(answer.status, 403, "{}", answer.text());
        assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
        let named = challenge.split_once(", scope=").map(|(_, named)| named.trim_matches('"'));
        assert_eq!(named, scope, "{challenge}");
    };
    let reader = Program::of(&app, "openid").await;
    lacks(&reader.get("/api/user/organizations").await, Some("org"));
    lacks(&reader.ask(Method::PATCH, "/api/user/profile", Some(&json!({ "name": "Ann" }))).await, Some("profile"));
    let editor = Program::of(&app, "profile").await;
    let number = json!({ "phoneNumber": "+6281234567890" });
    lacks(&editor.ask(Method::PATCH, "/api/user/profile", Some(&number)).await, Some("phone"));
    lacks(&acme::userinfo(&app, &editor.token).await, Some("openid"));
    lacks(&reader.get(platform).await, None);
    let machine = acme::token(&app, "machine", &[("grant_type", "client_credentials")]).await.json();
    let machine = machine["access_token"].as_str().expect("a token");
    lacks(&nobody.request(Method::GET, user).bearer(machine).send().await, None);

    // A form of another site's page shows no token.
    let foreign = app.request(Method::PATCH, "/api/user/profile").header("sec-fetch-site", "cross-site");
    let foreign = foreign.json(&json!({ "name": "Ann" })).send().await;
    assert_eq!((foreign.status.as_u16(), foreign.header("www-authenticate")), (403, None));

    let patch = MembershipPatch { status: Some(MembershipStatus::Suspended), roles: None };
    let (acme, own) = (app.application("acme"), id(&app).await);
    app.services.memberships().update(&Ctx::operator(), acme, own, patch).await.unwrap();
    let suspended = reader.get(user).await;
    refused(&suspended, 403, "APP_005");
    assert!(suspended.header("www-authenticate").expect("a challenge").contains("error=\"invalid_token\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sites_page_changes_nothing_and_a_registered_one_reads() {
    let app = signed_in().await;
    let program = Program::of(&app, "openid profile").await;
    let name = json!({ "name": "Ann" });
    for (header, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://app.example")] {
        let request = app.request(Method::PATCH, "/api/user/profile").header(header, value).json(&name);
        refused(&request.send().await, 403, "AUTH_011");
        let request = app.request(Method::DELETE, &format!("/api/user/sessions/{NOBODYS}")).header(header, value);
        refused(&request.send().await, 403, "AUTH_011");
    }
    assert_eq!(app.user("user@example.com").await.name.unwrap().as_str(), "Example user");

    let preflight = |origin: &'static str| {
        let request = app.request(Method::OPTIONS, "/api/user/profile").header("origin", origin);
        request.header("access-control-request-method", "PATCH").send()
    };
    let ours = preflight("https://app.example").await;
    assert_eq!(ours.status, 204);
    assert_eq!(ours.header("access-control-allow-origin"), Some("https://app.example"));
    assert!(ours.header("access-control-allow-methods").unwrap().contains("PATCH"));
    assert_eq!(ours.header("access-control-allow-credentials"), None, "cookies stay at home");
    assert_eq!(preflight("https://evil.example").await.header("access-control-allow-origin"), None);
    let request = program.app.request(Method::PATCH, "/api/user/profile").bearer(&program.token);
    let request = request.header("origin", "https://app.example").header("sec-fetch-site", "cross-site");
    let answer = request.json(&name).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://app.example"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_subscription_of_one_application() {
    let app = signed_in().await;
    let program = Program::of(&app, "openid").await;
    let (acme, club) = (app.application("acme"), app.application("club"));
    let path = "/api/user/subscription";
    let of = |application: &dyn std::fmt::Display| format!("{path}?applicationId={application}");

    let own = program.get(path).await;
    assert_eq!(own.status, 200, "{}", own.text());
    let free = app.services.directory().by_slug("acme").unwrap().plan_by_key("free").unwrap().id;
    let held = &own.json()["subscription"];
    assert_eq!((&held["planId"], &held["status"]), (&json!(free), &json!("active")));
    assert_eq!((&held["isActive"], &held["expiresAt"]), (&json!(true), &json!(null)));
    assert_eq!(program.get(&of(&acme)).await.json(), own.json());
    for other in [club.to_string(), NOBODYS.to_owned()] {
        refused(&program.get(&of(&other)).await, 404, "APP_002");
    }

    assert_eq!(app.get(&of(&acme)).await.json(), own.json(), "a session has it too");
    refused(&app.get(path).await, 400, "APP_001");
    refused(&app.get(&of(&"x")).await, 400, "APP_001");
    refused(&app.get(&of(&NOBODYS)).await, 404, "APP_002");
    refused(&app.get(&of(&club)).await, 403, "APP_005");

    app.services.subscriptions().end(&Ctx::operator(), acme, id(&app).await).await.unwrap();
    refused(&program.get(path).await, 404, "SUB_001");
    refused(&app.get(&of(&acme)).await, 404, "SUB_001");
}

/// The ids of a list of sessions, and which one is the current.
fn ids(answer: &Answer) -> (Vec<String>, Option<String>) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let all = answer.json()["sessions"].as_array().unwrap().clone();
    let text = |own: &Value| own["id"].as_str().unwrap().to_owned();
    (all.iter().map(text).collect(), all.iter().find(|own| own["isCurrent"] == true).map(text))
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_and_ended_by_their_owner() {
    let app = signed_in().await;
    let (here, path) = (app.browser(), "/api/user/sessions");
    let owner = app.user("user@example.com").await;
    here.sign_in(&owner).await;
    let program = Program::of(&app, "openid").await;
    let foreign = app.browser();
    foreign.sign_in(&app.user("other@example.com").await).await;

    let (all, current) = ids(&app.get(path).await);
    let there = ids(&here.get(path).await).1.unwrap();
    let current = current.unwrap();
    assert_eq!((all.len(), &all[0]), (2, &current), "the current one first");
    let own = (vec![current.clone()], Some(current.clone()));
    assert_eq!(ids(&program.get(path).await), own, "a token sees the session that it belongs to, and no other");
    let first = app.get(path).await.json()["sessions"][0].clone();
    for field in ["id", "device", "address", "signedInAt", "lastSeenAt", "isCurrent"] {
        assert!(first.get(field).is_some(), "{field}: {first}");
    }
    let page = app.get(&format!("{path}?limit=1")).await;
    let next = page.json()["nextCursor"].as_str().unwrap().to_owned();
    assert_eq!(ids(&page).0, all[..1]);
    assert_eq!(ids(&app.get(&format!("{path}?limit=1&cursor={next}")).await).0, all[1..]);

    let theirs = ids(&foreign.get(path).await).1.unwrap();
    // Somebody else's, nobody's and no id at all are answered alike, and end nothing.
    for one in [format!("{path}/{theirs}"), format!("{path}/{NOBODYS}"), format!("{path}/nothing")] {
        assert_eq!(app.request(Method::DELETE, &one).send().await.status, 204);
        assert_eq!(program.ask(Method::DELETE, &one, None).await.status, 204);
    }
    assert_eq!(foreign.get(path).await.status, 200);
    // A token ends no session but its own.
    assert_eq!(program.ask(Method::DELETE, &format!("{path}/{there}"), None).await.status, 204);
    assert_eq!(here.get(path).await.status, 200);
    // A cookie ends another one within 15 minutes of a sign-in, whichever it names.
    app.clock.advance(TimeDelta::minutes(15));
    for one in [there.as_str(), theirs.as_str(), NOBODYS] {
        refused(&app.request(Method::DELETE, &format!("{path}/{one}")).send().await, 401, "AUTH_001");
    }
    assert_eq!(app.request(Method::DELETE, &format!("{path}/nothing")).send().await.status, 204);
    assert_eq!(here.get(path).await.status, 200);
    let fresh = app.browser();
    fresh.sign_in(&owner).await;
    assert_eq!(fresh.request(Method::DELETE, &format!("{path}/{there}")).send().await.status, 204);
    refused(&here.get(path).await, 401, "AUTH_001");
    assert_eq!(program.ask(Method::DELETE, &format!("{path}/{current}"), None).await.status, 204);
    refused(&app.get(path).await, 401, "AUTH_001");
}

#[tokio::test(flavor = "multi_thread")]
async fn organizations_are_ones_own() {
    let app = signed_in().await;
    let (own, other) = (id(&app).await, app.user("other@example.com").await.id);
    let mut made = Vec::new();
    for (slug, owner) in [("one", own), ("two", own), ("three", other)] {
        let new = NewOrganization {
            slug: slug.to_owned().try_into().unwrap(),
            name: format!("The {slug}").try_into().unwrap(),
            owner: Some(owner),
        };
        made.push(app.services.organizations().create(&Ctx::operator(), new).await.unwrap().id);
    }
    let program = Program::of(&app, "openid org").await;
    let path = "/api/user/organizations";
    let expected = json!({
        "organizations": [
            { "id": made[0], "slug": "one", "name": "The one", "role": "owner", "isCurrent": true },
            { "id": made[1], "slug": "two", "name": "The two", "role": "owner", "isCurrent": false },
        ],
        "nextCursor": null,
    });
    assert_eq!(program.get(path).await.json(), expected);
    assert_eq!(app.get(path).await.json(), expected);
    let page = program.get(&format!("{path}?limit=1")).await.json();
    let next = page["nextCursor"].as_str().unwrap();
    let rest = program.get(&format!("{path}?cursor={next}")).await.json();
    assert_eq!((&rest["organizations"][0]["slug"], &rest["nextCursor"]), (&json!("two"), &json!(null)));
    refused(&program.get(&format!("{path}?cursor={}", made[2])).await, 400, "APP_001");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_changed_in_part() {
    let app = signed_in().await;
    let program = Program::of(&app, "openid profile").await;
    let before = app.user("user@example.com").await;
    let change = json!({ "name": "  Ann ", "givenName": null, "locale": "id", "unknown": 5 });
    let answer = program.ask(Method::PATCH, "/api/user/profile", Some(&change)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let own = answer.json()["user"].clone();
    assert_eq!(own["id"], json!(before.id));
    assert_eq!((&own["name"], &own["locale"]), (&json!("Ann"), &json!("id")));
    for hidden in ["role", "disabled", "disabledAt"] {
        assert!(own.get(hidden).is_none(), "{hidden}");
    }
    let after = app.user("user@example.com").await;
    assert_eq!(after.profile.given_name, None, "null empties");
    assert_eq!(after.profile.family_name, before.profile.family_name, "what is absent stays");
    assert_eq!(after.profile.phone_number, before.profile.phone_number);
    assert_eq!(after.profile.address, before.profile.address, "also what the token does not see");
    let mut shown = after.profile.clone();
    (shown.phone_number, shown.address) = (None, None);
    assert_eq!(own["profile"], serde_json::to_value(&shown).unwrap());

    let by_session =
        patch(&app, &json!({ "phoneNumber": "+6281111111111", "birthdate": "1991", "zoneinfo": null })).await;
    assert_eq!(by_session.status, 200, "{}", by_session.text());
    let profile = &by_session.json()["user"]["profile"];
    assert_eq!((&profile["phoneNumber"], &profile["birthdate"]), (&json!("+6281111111111"), &json!("1991")));
    assert!(profile.get("zoneinfo").is_none());
    let known = app.user("user@example.com").await;
    for bad in [
        json!({ "email": "another@example.com" }),
        json!({ "email": null, "name": "Bob" }),
        json!({ "name": "" }),
        json!({ "name": "x".repeat(101) }),
        json!({ "phoneNumber": "0812" }),
        json!({ "birthdate": "31.12.1990" }),
        json!({ "zoneinfo": "a b" }),
        json!({ "locale": "de" }),
        json!({ "givenName": 5 }),
        json!({ "middleName": "" }),
        json!({ "nickname": "x".repeat(101) }),
        json!({ "gender": 5 }),
        json!({ "profile": "javascript:alert(1)" }),
        json!({ "picture": "people.example/ann.png" }),
        json!({ "website": "https://u:p@ann.example/" }),
        json!({ "website": format!("https://ann.example/{}", "ä".repeat(1000)) }),
        json!({ "address": "Jl. Braga 1" }),
        json!({ "address": ["Jl. Braga 1"] }),
    ] {
        let answer = patch(&app, &bad).await;
        refused(&answer, 400, "APP_001");
        let field = bad.as_object().unwrap().keys().next().unwrap();
        assert_eq!(answer.json()["error"]["details"]["fields"][0]["field"], field.as_str(), "{}", answer.text());
    }
    for (address, field) in [
        (json!({ "locality": "" }), "address.locality"),
        (json!({ "streetAddress": "x".repeat(201) }), "address.streetAddress"),
        (json!({ "country": 5 }), "address.country"),
    ] {
        let answer = patch(&app, &json!({ "name": "Bob", "address": address })).await;
        refused(&answer, 400, "APP_001");
        assert_eq!(answer.json()["error"]["details"]["fields"][0]["field"], field, "{}", answer.text());
    }
    assert_eq!(app.user("user@example.com").await, known, "nothing of it happened");
    assert_eq!(patch(&app, &json!({})).await.status, 200);
    assert_eq!(app.user("user@example.com").await, known, "nothing said, nothing changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_a_profile_is_said_and_emptied() {
    let app = signed_in().await;
    let own = json!({
        "givenName": "Ann", "familyName": "Example", "middleName": "Maria", "nickname": "Annie",
        "preferredUsername": "ann", "profile": "https://people.example/ann",
        "picture": "https://people.example/ann.png", "website": "https://ann.example/", "gender": "female",
        "birthdate": "1990-12-31", "zoneinfo": "Asia/Jakarta", "phoneNumber": "+6281234567890",
        "address": {
            "formatted": "Ann Example\nJl. Braga 1\n40111 Bandung", "streetAddress": "Jl. Braga 1",
            "locality": "Bandung", "region": "Jawa Barat", "postalCode": "40111", "country": "Indonesia",
        },
    });
    let said = async |change: &Value| {
        let answer = patch(&app, change).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["user"]["profile"].clone()
    };
    assert_eq!(said(&own).await, own);
    let moved = said(&json!({ "address": { "locality": "Jakarta" } })).await;
    assert_eq!(moved["address"], json!({ "locality": "Jakarta" }), "one takes the place of the other");
    assert_eq!(moved["nickname"], "Annie");
    let nothing: Value = own.as_object().unwrap().keys().map(|key| (key.clone(), Value::Null)).collect();
    assert_eq!(said(&nothing).await, json!({}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_sees_and_changes_what_its_scopes_say() {
    const SHOWN: [&str; 5] =
        ["/email", "/emailVerified", "/profile/phoneNumber", "/profile/address", "/profile/familyName"];
    let app = signed_in().await;
    let shown = |answer: Answer| {
        assert_eq!(answer.status, 200, "{}", answer.text());
        let user = answer.json()["user"].clone();
        SHOWN.map(|at| user.pointer(at).is_some())
    };
    for (scope, expected) in [
        ("openid profile", [false, false, false, false, true]),
        ("openid profile email", [true, true, false, false, true]),
        ("openid profile phone", [false, false, true, false, true]),
        ("openid profile address", [false, false, false, true, true]),
        ("openid profile email phone address", [true; 5]),
    ] {
        let program = Program::of(&app, scope).await;
        let answer = program.ask(Method::PATCH, "/api/user/profile", Some(&json!({}))).await;
        assert_eq!(shown(answer), expected, "{scope}");
    }
    assert_eq!(shown(patch(&app, &json!({})).await), [true; 5], "a browser sees all of it");

    let before = app.user("user@example.com").await;
    let number = json!({ "phoneNumber": "+6281111111111" });
    let program = Program::of(&app, "openid profile email address").await;
    for change in [&number, &json!({ "phoneNumber": null, "name": "Ann" })] {
        refused(&program.ask(Method::PATCH, "/api/user/profile", Some(change)).await, 403, "AUTH_011");
    }
    let address = json!({ "address": { "locality": "Jakarta" } });
    let program = Program::of(&app, "openid profile email phone").await;
    for change in [&address, &json!({ "address": null, "name": "Ann" })] {
        refused(&program.ask(Method::PATCH, "/api/user/profile", Some(change)).await, 403, "AUTH_011");
    }
    assert_eq!(app.user("user@example.com").await, before, "nothing of it happened");
    let program = Program::of(&app, "openid profile address").await;
    let answer = program.ask(Method::PATCH, "/api/user/profile", Some(&address)).await;
    assert_eq!(answer.json()["user"]["profile"]["address"], address["address"], "{}", answer.text());
    let program = Program::of(&app, "openid profile phone").await;
    let answer = program.ask(Method::PATCH, "/api/user/profile", Some(&number)).await;
    assert_eq!(answer.json()["user"]["profile"]["phoneNumber"], "+6281111111111", "{}", answer.text());
}
