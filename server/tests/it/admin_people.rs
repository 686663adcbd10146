use axum::http::Method;
use domain::identity::email::Email;
use serde_json::json;
use service::testing::people::mailed_token;

use crate::{
    admin_pages::user,
    foreign_bodies::{operations, taken},
    rest::{Rest, refused, text},
};

#[tokio::test(flavor = "multi_thread")]
async fn members_are_granted_suspended_and_revoked() {
    let rest = Rest::start().await;
    let users = format!("{}/users", rest.acme.base());
    let id = rest.person("ann@example.com", "user").await;
    let made = rest.made(&users, &json!({ "userId": id })).await;
    let member = &made["user"];
    assert_eq!((&member["userId"], &member["email"]), (&json!(id), &json!("ann@example.com")));
    assert_eq!((&member["status"], &member["roles"][0]["name"]), (&json!("active"), &json!("user")));
    assert_eq!(member["subscription"]["planId"], rest.acme.free.as_str(), "the default plan");

    let path = format!("{users}/{id}");
    let admin = json!({ "roles": [rest.acme.admin_role], "status": "suspended" });
    let changed = rest.admin(Method::PATCH, &path, Some(&admin)).await.json();
    assert_eq!(
        (&changed["user"]["status"], &changed["user"]["roles"][0]["name"]),
        (&json!("suspended"), &json!("admin"))
    );
    let back = rest.admin(Method::PATCH, &path, Some(&json!({ "status": "active" }))).await.json();
    assert_eq!(back["user"]["status"], "active");

    assert_eq!(rest.admin(Method::DELETE, &path, None).await.status, 204);
    let get = format!("/api/platform/claims?end_user_id={id}");
    refused(&rest.platform(&rest.acme, Method::GET, &get, None).await, 404, "USR_001");
    assert_eq!(rest.made(&users, &json!({ "userId": id })).await["user"]["status"], "active");

    let nobody = json!({ "userId": "0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f" });
    refused(&rest.admin(Method::POST, &users, Some(&nobody)).await, 404, "USR_001");
    let role = json!({ "userId": id, "roleId": rest.other.admin_role });
    refused(&rest.admin(Method::POST, &users, Some(&role)).await, 404, "PERM_002");
}

/// Whoever is told 201 for a role has it, whatever the membership was before.
#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_granted_to_a_member_of_before() {
    let rest = Rest::start().await;
    let users = format!("{}/users", rest.acme.base());
    let role = rest.made(&format!("{}/roles", rest.acme.base()), &json!({ "name": "editor" })).await;
    let role = text(&role["role"]["id"]);
    let names = |body: &serde_json::Value| {
        let mut names: Vec<_> =
            body["user"]["roles"].as_array().unwrap().iter().map(|role| text(&role["name"])).collect();
        names.sort();
        names
    };
    for before in ["active", "suspended", "revoked"] {
        let id = rest.member(&rest.acme, &format!("{before}@example.com")).await;
        let path = format!("{users}/{id}");
        if before != "active" {
            let changed = rest.admin(Method::PATCH, &path, Some(&json!({ "status": before }))).await;
            assert_eq!(changed.status, 200, "{}", changed.text());
        }
        let granted = rest.made(&users, &json!({ "userId": id, "roleId": role })).await;
        assert_eq!(granted["user"]["status"], "active", "{before}");
        assert_eq!(names(&granted), ["editor", "user"], "{before}");
        let log = format!("/api/admin/audit?userId={id}&action=membership.updated");
        let entries = rest.read(&log).await["entries"].as_array().unwrap().len();
        // Once more, with the role and without one, changes nothing.
        for again in [json!({ "userId": id, "roleId": role }), json!({ "userId": id })] {
            assert_eq!(names(&rest.made(&users, &again).await), ["editor", "user"], "{before}");
        }
        assert_eq!(rest.read(&log).await["entries"].as_array().unwrap().len(), entries, "{before}");
        assert_eq!(names(&rest.read(&path).await), ["editor", "user"], "{before}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_administers_is_an_active_member_with_the_role() {
    let rest = Rest::start().await;
    let id = rest.person("boss@example.com", "admin").await;
    let (users, plans) = (format!("{}/users", rest.acme.base()), format!("{}/plans", rest.acme.base()));
    let (path, browser) = (format!("{users}/{id}"), rest.browser_of(&id).await);
    let seen = async || browser.get(&plans).await.status.as_u16();
    let set = async |patch: serde_json::Value| {
        assert_eq!(rest.admin(Method::PATCH, &path, Some(&patch)).await.status, 200, "{patch}");
    };
    assert_eq!(seen().await, 404);
    rest.made(&users, &json!({ "userId": id })).await;
    assert_eq!(seen().await, 404, "a plain member");
    let grant = json!({ "userId": id, "roleId": rest.acme.admin_role });
    for status in ["suspended", "revoked"] {
        rest.made(&users, &grant).await;
        assert_eq!(seen().await, 200);
        set(json!({ "status": status })).await;
        assert_eq!(seen().await, 404, "{status}");
    }
    rest.made(&users, &grant).await;
    assert_eq!(browser.get(&format!("{}/plans", rest.other.base())).await.status, 404);
    set(json!({ "roles": [] })).await;
    assert_eq!(seen().await, 404, "the role was taken away");
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_searched_and_paged() {
    let rest = Rest::start().await;
    for name in ["ann", "bob", "cid", "dan"] {
        rest.member(&rest.acme, &format!("{name}@search.example")).await;
    }
    let users = format!("{}/users", rest.acme.base());
    let mut seen = Vec::new();
    let mut path = format!("{users}?limit=2&search=SEARCH.example");
    loop {
        let page = rest.read(&path).await;
        seen.extend(page["users"].as_array().unwrap().iter().map(|user| text(&user["email"])));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        path = format!("{users}?limit=2&search=SEARCH.example&cursor={cursor}");
    }
    assert_eq!(seen, ["ann@search.example", "bob@search.example", "cid@search.example", "dan@search.example"]);
    assert_eq!(rest.read(&format!("{users}?search=%25")).await["users"], json!([]), "no wildcard");
    let one = rest.read("/api/admin/users?search=bob%40").await;
    assert_eq!(one["users"][0]["email"], "bob@search.example");
    let by_id = rest.read(&format!("/api/admin/users?search={}", rest.acme.user)).await;
    assert_eq!(by_id["users"][0]["id"], rest.acme.user.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_claims_editor_replaces() {
    let rest = Rest::start().await;
    let path = format!("{}/claims", rest.acme.user());
    let put = async |claims| rest.admin(Method::PUT, &path, Some(&json!({ "claims": claims }))).await;
    let first = put(json!({ "seats": 5, "flags": ["a", "b"], "plan": "pro" })).await.json();
    assert_eq!(first["claims"], json!({ "plan": "pro", "flags": ["a", "b"], "seats": 5 }));
    assert_eq!(first["customClaims"], json!({ "flags": ["a", "b"], "seats": 5 }));
    let second = put(json!({ "beta": true })).await.json();
    assert_eq!(second["claims"], json!({ "plan": "pro", "beta": true }), "the subscription stays");
    assert!(second["entVer"].as_i64() > first["entVer"].as_i64());
    assert_eq!(put(json!({ "beta": true })).await.json()["entVer"], second["entVer"], "no change, no new number");
    let third = put(json!({ "plan": null })).await.json();
    assert_eq!((&third["claims"], &third["features"]), (&json!({}), &json!({})));
    assert_eq!(rest.read(&path).await, third);
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_and_permissions() {
    let rest = Rest::start().await;
    let (roles, permissions) = (format!("{}/roles", rest.acme.base()), format!("{}/permissions", rest.acme.base()));
    let names = |list: &serde_json::Value| -> Vec<_> {
        list.as_array().unwrap().iter().map(|one| text(&one["name"])).collect()
    };
    assert_eq!(names(&rest.read(&roles).await["roles"]), ["admin", "user"]);
    let role = rest.made(&roles, &json!({ "name": "editor" })).await;
    let role = text(&role["role"]["id"]);
    let permission = rest.made(&permissions, &json!({ "name": "invoices.write" })).await;
    let permission = text(&permission["permission"]["id"]);
    refused(&rest.admin(Method::POST, &roles, Some(&json!({ "name": "editor" }))).await, 409, "PERM_004");
    refused(&rest.admin(Method::POST, &permissions, Some(&json!({ "name": "invoices.write" }))).await, 409, "PERM_005");
    refused(&rest.admin(Method::POST, &roles, Some(&json!({ "name": "E" }))).await, 400, "PERM_001");

    let own = format!("{roles}/{role}/permissions");
    for _ in 0..2 {
        let given = rest.made(&own, &json!({ "permissionId": permission })).await;
        assert_eq!(names(&given["role"]["permissions"]), ["invoices.write"]);
    }
    let renamed =
        rest.admin(Method::PATCH, &format!("{roles}/{role}"), Some(&json!({ "name": "writer" }))).await.json();
    assert_eq!((&renamed["role"]["name"], names(&renamed["role"]["permissions"]).len()), (&json!("writer"), 1));
    let taken = format!("{own}/{permission}");
    assert_eq!(rest.admin(Method::DELETE, &taken, None).await.status, 204);
    refused(&rest.admin(Method::DELETE, &taken, None).await, 404, "PERM_003");

    rest.admin(Method::PATCH, &rest.acme.user(), Some(&json!({ "roles": [role] }))).await;
    let answer = rest.admin(Method::DELETE, &format!("{roles}/{role}"), None).await;
    refused(&answer, 400, "PERM_006");
    assert_eq!(answer.json()["error"]["details"]["members"], 1);
    rest.admin(Method::PATCH, &rest.acme.user(), Some(&json!({ "roles": [] }))).await;
    assert_eq!(rest.admin(Method::DELETE, &format!("{roles}/{role}"), None).await.status, 204);
    refused(&rest.admin(Method::DELETE, &format!("{roles}/{}", rest.acme.admin_role), None).await, 400, "PERM_001");
    assert_eq!(rest.admin(Method::DELETE, &format!("{permissions}/{permission}"), None).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_superadmin_stays() {
    let rest = Rest::start().await;
    let (first, second) =
        (rest.person("one@root.example", "superadmin").await, rest.person("two@root.example", "superadmin").await);
    let path = format!("/api/admin/users/{first}");
    // Both at once: one of the two stays.
    let demote = json!({ "role": "user" });
    let other = format!("/api/admin/users/{second}");
    let (a, b) = futures::join!(
        rest.admin(Method::PATCH, &path, Some(&demote)),
        rest.admin(Method::PATCH, &other, Some(&demote)),
    );
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    let (last, gone) = if a.status == 400 { (&path, &other) } else { (&other, &path) };
    refused(&rest.admin(Method::DELETE, last, None).await, 400, "USR_002");
    refused(&rest.admin(Method::POST, &format!("{last}/disable"), None).await, 400, "USR_002");

    rest.admin(Method::PATCH, gone, Some(&json!({ "role": "superadmin" }))).await;
    let browser = rest.browser_of(&first).await;
    assert_eq!(browser.get("/api/admin/users").await.status, 200);
    let disabled = rest.admin(Method::POST, &format!("{path}/disable"), None).await.json();
    assert_eq!(disabled["user"]["disabled"], true);
    refused(&browser.get("/api/admin/users").await, 401, "AUTH_001");
    let enabled = rest.admin(Method::POST, &format!("{path}/enable"), None).await.json();
    assert_eq!(enabled["user"]["disabled"], false);
    refused(&browser.get("/api/admin/users").await, 401, "AUTH_001");
    assert_eq!(rest.admin(Method::DELETE, &path, None).await.status, 204);
    refused(&rest.admin(Method::GET, &path, None).await, 404, "USR_001");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_address_is_unverified_unless_the_call_says_so() {
    let rest = Rest::start().await;
    let path = format!("/api/admin/users/{}", rest.person("ann@example.com", "user").await);
    let steps = [
        (json!({ "emailVerified": true }), "ann@example.com", true),
        (json!({ "email": "Ann@EXAMPLE.com", "name": "Ann" }), "ann@example.com", true),
        (json!({ "email": "annette@example.com" }), "annette@example.com", false),
        (json!({ "email": "anna@example.com", "emailVerified": true }), "anna@example.com", true),
        (json!({ "email": "ann@example.com", "emailVerified": false }), "ann@example.com", false),
    ];
    for (patch, email, verified) in steps {
        let after = rest.admin(Method::PATCH, &path, Some(&patch)).await.json();
        let user = (&after["user"]["email"], &after["user"]["emailVerified"]);
        assert_eq!(user, (&json!(email), &json!(verified)), "{patch}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_sends_the_link_to_choose_a_password() {
    let rest = Rest::start().await;
    // Nobody here has one yet.
    let (user, email) = (rest.acme.user.as_str(), Email::parse(&rest.acme.email).unwrap());
    let path = |user: &str| format!("/api/admin/users/{user}/reset-password");
    let own = rest.browser_of(&rest.administrator(&rest.acme).await).await;
    refused(&own.request(Method::POST, &path(user)).send().await, 403, "AUTH_011");
    assert_eq!(mailed_token(&rest.app.services, &email).await, None);
    let sent = rest.admin(Method::POST, &path(user), None).await;
    assert_eq!((sent.status.as_u16(), sent.body.len()), (204, 0), "{}", sent.text());
    let link = format!("/link/{}", mailed_token(&rest.app.services, &email).await.expect("a link"));
    let reader = rest.app.browser();
    assert_eq!(reader.get(&link).await.status, 200);
    let chosen = reader.post_form(&link, &[("password", "another unrelated phrase")]).await;
    assert_eq!(chosen.location(), Some("/account"), "{}", chosen.text());
    assert_eq!(reader.get("/account").await.status, 200, "signed in");
    let log = rest.read(&format!("/api/admin/audit?userId={user}&action=user.password_reset_sent")).await;
    assert_eq!(log["entries"][0]["actor"]["kind"], "api_key");

    refused(&rest.admin(Method::POST, &path("0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f"), None).await, 404, "USR_001");
    rest.admin(Method::POST, &format!("/api/admin/users/{user}/disable"), None).await;
    refused(&rest.admin(Method::POST, &path(user), None).await, 403, "AUTH_006");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_signs_a_user_out_everywhere() {
    let rest = Rest::start().await;
    let user = rest.acme.user.as_str();
    let path = |user: &str| format!("/api/admin/users/{user}/sign-out");
    let (first, second) = (rest.browser_of(user).await, rest.browser_of(user).await);
    let token = rest.access_token(&rest.acme, user).await;
    let account = async || rest.app.request(Method::GET, "/api/user/sessions").bearer(&token).send().await;
    assert_eq!(account().await.status, 200);
    let own = rest.browser_of(&rest.administrator(&rest.acme).await).await;
    refused(&own.request(Method::POST, &path(user)).send().await, 403, "AUTH_011");
    assert_eq!(first.get("/api/user/sessions").await.status, 200);
    for _ in 0..2 {
        let ended = rest.admin(Method::POST, &path(user), None).await;
        assert_eq!((ended.status.as_u16(), ended.body.len()), (204, 0), "{}", ended.text());
    }
    for browser in [first, second] {
        refused(&browser.get("/api/user/sessions").await, 401, "AUTH_001");
    }
    refused(&account().await, 401, "AUTH_003");
    assert_eq!(own.get("/api/user/sessions").await.status, 200, "somebody else's");
    let log = rest.read(&format!("/api/admin/audit?userId={user}&action=user.signed_out")).await;
    let entries = log["entries"].as_array().unwrap();
    assert_eq!((entries.len(), &entries[0]["actor"]["kind"]), (1, &json!("api_key")), "{log}");
    // They come back at once.
    assert_eq!(rest.browser_of(user).await.get("/api/user/sessions").await.status, 200);
    refused(&rest.admin(Method::POST, &path("0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f"), None).await, 404, "USR_001");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_call_sets_a_password() {
    let rest = Rest::start().await;
    const TYPED: &str = "four unrelated plain words";
    let sign_in = async |email: &str, password: &str| {
        let form = [("email", email), ("password", password)];
        rest.app.browser().post_form("/sign-in", &form).await.status
    };
    // The field is of no call: it is passed over, as every unknown one is.
    let typed = json!({ "email": "ann@example.com", "password": TYPED, "newPassword": TYPED, "passwordHash": TYPED });
    let made = rest.made("/api/admin/users", &typed).await;
    assert!(!made.to_string().contains(TYPED), "{made}");
    let ann = format!("/api/admin/users/{}", text(&made["user"]["id"]));
    assert_eq!(sign_in("ann@example.com", TYPED).await, 401);

    let bob = user(&rest.app, "bob@example.com").await;
    rest.made(&format!("{}/users", rest.acme.base()), &json!({ "userId": bob.id })).await;
    let bob = bob.id.to_string();
    let member = format!("{}/users/{bob}", rest.acme.base());
    for path in [ann, format!("/api/admin/users/{bob}"), member] {
        let patch = json!({ "password": TYPED, "newPassword": TYPED, "passwordHash": TYPED });
        let answer = rest.admin(Method::PATCH, &path, Some(&patch)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert!(!answer.text().contains(TYPED), "{}", answer.text());
    }
    for email in ["ann@example.com", "bob@example.com"] {
        assert_eq!(sign_in(email, TYPED).await, 401, "{email}");
    }
    assert_eq!(sign_in("bob@example.com", "correct horse battery staple").await, 303, "as it was");

    // Nor has any other call a field for one, where it says what it takes: one's own is changed on a page.
    let document = rest.app.get("/api/openapi.json").await.json();
    let bodies: Vec<_> = operations(&document).map(|one| (&one["operationId"], taken(&document, one))).collect();
    assert!(bodies.iter().any(|(id, taken)| *id == "updateUser" && taken.contains("email")), "{bodies:?}");
    for (id, taken) in bodies {
        let field = taken.iter().find(|name| name.to_lowercase().contains("password"));
        assert_eq!(field, None, "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_of_the_dashboard_sets_a_password() {
    let rest = Rest::start().await;
    const TYPED: &str = "four unrelated plain words";
    let typed = [("password", TYPED), ("new_password", TYPED), ("password_hash", TYPED)];
    let bob = user(&rest.app, "bob@example.com").await.id.to_string();
    let root = rest.browser_of(&rest.person("root@example.com", "superadmin").await).await;
    let send = async |path: &str, action: &str, form: &[(&str, &str)]| {
        let answer = root.post_form(path, &[form, &[("action", action)], &typed].concat()).await;
        assert!([200, 303].contains(&answer.status.as_u16()), "{path}, {action}: {}", answer.text());
        assert!(!answer.text().contains(TYPED), "{path}, {action}: {}", answer.text());
        answer
    };
    let users = "/dashboard/acme/users";
    send(users, "grant", &[("email", "bob@example.com")]).await;
    let actions = [
        "roles",
        "assign",
        "end",
        "claims",
        "claims_as_table",
        "claims_as_json",
        "claims_add_row",
        "suspend",
        "reactivate",
        "revoke",
        "reactivate",
        "reset_factors",
        "reset_password",
        "sign_out",
    ];
    let (role, plan) = (rest.acme.admin_role.as_str(), rest.acme.pro.as_str());
    let fields = [("role", role), ("plan", plan), ("claims_as", "json"), ("claims_json", "{}")];
    for action in actions {
        send(&format!("{users}/{bob}"), action, &fields).await;
    }

    let kopi = [("name", "Kopi"), ("slug", "kopi"), ("owner", "root@example.com")];
    let made = send("/organizations/new", "save", &kopi).await;
    let page = made.location().and_then(|to| to.split('?').next()).expect("its page").to_owned();
    let kopi = format!("/api/admin{page}");
    rest.made(&format!("{kopi}/members"), &json!({ "userId": bob, "role": "member" })).await;
    let invitation = async || text(&rest.read(&format!("{kopi}/invitations")).await["invitations"][0]["id"]);
    send(&page, "save", &[("name", "Kopi Kita")]).await;
    send(&page, "role", &[("user", bob.as_str()), ("role", "admin")]).await;
    send(&page, "invite", &[("email", "asked@example.com"), ("role", "member")]).await;
    send(&page, "again", &[("invitation", invitation().await.as_str())]).await;
    send(&page, "uninvite", &[("invitation", invitation().await.as_str())]).await;
    send(&page, "remove", &[("user", bob.as_str())]).await;
    send(&page, "delete", &[("confirm", "kopi")]).await;

    let sign_in = async |email: &str, password: &str| {
        rest.app.browser().post_form("/sign-in", &[("email", email), ("password", password)]).await.status
    };
    for email in ["bob@example.com", "asked@example.com", "root@example.com"] {
        assert_eq!(sign_in(email, TYPED).await, 401, "{email}");
    }
    assert_eq!(sign_in("bob@example.com", "correct horse battery staple").await, 303, "as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_tells_who_did_what() {
    let rest = Rest::start().await;
    let admin = rest.administrator(&rest.acme).await;
    let browser = rest.browser_of(&admin).await;
    let plan = format!("{}/plans/{}", rest.acme.base(), rest.acme.pro);
    let patch = browser.request(Method::PATCH, &plan).json(&json!({ "name": "Professional" })).send().await;
    assert_eq!(patch.status, 200);
    let path = format!("/api/admin/audit?applicationId={}&action=plan.updated", rest.acme.id);
    let log = rest.read(&path).await;
    let entry = &log["entries"][0];
    assert_eq!(entry["actor"], json!({ "kind": "user", "id": admin }));
    assert_eq!(entry["requestId"].as_str(), patch.header("x-request-id"));
    assert!(entry["to"].to_string().contains("Professional"));
    assert_eq!(log["entries"].as_array().unwrap().len(), 2, "it got its price before");
    let csv = rest.admin(Method::GET, &format!("{path}&format=csv"), None).await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(csv.text().lines().count(), 3);
    refused(&browser.get(&format!("/api/admin/audit?applicationId={}", rest.other.id)).await, 404, "APP_002");
}
