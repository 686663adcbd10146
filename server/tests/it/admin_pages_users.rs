//! Users of an application in the dashboard, without JavaScript.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::identity::user::User;
use service::{Ctx, testing::people::mailed_token};

use crate::admin_pages::{Office, admin, land, user};

/// An office with the example plans and one member.
async fn staffed() -> (Office, User, String) {
    let office = Office::open().await;
    office.post("plans", &[("action", "example")]).await;
    let member = user(&office.app, "member@example.com").await;
    office.post("users", &[("action", "grant"), ("email", "Member@example.com")]).await;
    let page = format!("users/{}", member.id);
    (office, member, page)
}

fn plan_id(office: &Office, key: &str) -> String {
    office.app.services.directory().by_slug("acme").unwrap().plan_by_key(key).unwrap().id.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn access_is_granted_suspended_and_revoked() {
    let office = Office::open().await;
    assert!(office.get("users").await.text().contains("No users yet"));
    let grant = |email: &'static str| [("action", "grant"), ("email", email)];
    for (email, message) in
        [("nobody@example.com", "is nobody&#x27;s address"), ("no address", "must be an e-mail address")]
    {
        let answer = office.post("users", &grant(email)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        let text = answer.text().replace("'", "&#x27;");
        assert!(text.contains(message) && text.contains(&format!("value=\"{email}\"")), "{text}");
    }
    let member = user(&office.app, "member@example.com").await;
    let page = office.act("users", &grant("member@example.com")).await;
    assert!(page.text().contains("Access granted.") && page.text().contains("member@example.com"));
    let path = format!("users/{}", member.id);
    assert!(office.act(&path, &[("action", "suspend")]).await.text().contains("Suspended"));
    assert!(office.act(&path, &[("action", "reactivate")]).await.text().contains("Active again."));
    let page = office.act(&path, &[("action", "revoke")]).await;
    assert!(page.text().contains("Grant access again") && page.text().contains("No token: access is not active"));
    assert!(office.act(&path, &[("action", "reactivate")]).await.text().contains("Suspend"));
    assert_eq!(office.get("users/x").await.status, StatusCode::NOT_FOUND);
    assert_eq!(office.get("users/01890000-0000-7000-8000-000000000000").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_assigned_until_a_moment_and_ended() {
    let (office, _, page) = staffed().await;
    let pro = plan_id(&office, "pro");
    for (expiry, message) in [("soon", "must be a date and time"), ("2020-01-01T00:00", "must lie in the future")] {
        let answer = office.post(&page, &[("action", "assign"), ("plan", &pro), ("expires_at", expiry)]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{expiry}");
        assert!(answer.text().contains(message) && answer.text().contains(expiry), "{}", answer.text());
    }
    let until = (office.app.services.now() + TimeDelta::days(30)).format("%Y-%m-%dT%H:%M").to_string();
    let answer = office.act(&page, &[("action", "assign"), ("plan", &pro), ("expires_at", &until)]).await;
    for part in [
        "Plan assigned.",
        "Expires 2",
        "plan Pro",
        "maxProjects",
        "storageGb",
        "the subscription",
        "Changes by itself on",
    ] {
        assert!(answer.text().contains(part), "{part}: {}", answer.text());
    }
    // The plan says how many, and leads to them.
    let plans = office.get("plans").await;
    assert!(plans.text().contains("1 subscriber") && plans.text().contains("/dashboard/acme/users?plan=pro"));
    let refused = office.post("plans/pro", &[("action", "delete")]).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    for part in ["1 live subscription holds this plan", "Archive it instead", "See the subscribers", "users?plan=pro"] {
        assert!(refused.text().contains(part), "{part}");
    }
    // At its very second it is over.
    office.app.clock.advance(TimeDelta::days(31));
    let answer = office.get(&page).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "the session is idle");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_ends_and_claims_are_edited() {
    let (office, member, page) = staffed().await;
    for _ in 0..2 {
        let answer = office.act(&page, &[("action", "end")]).await;
        assert!(answer.text().contains("The subscription has ended.") && answer.text().contains("No features."));
    }
    let claims = [
        ("action", "claims"),
        ("claims_as", "table"),
        ("claims_key", "seats"),
        ("claims_type", "number"),
        ("claims_value", "5"),
        ("claims_key", "flags"),
        ("claims_type", "list"),
        ("claims_value", "a, b"),
    ];
    let answer = office.act(&page, &claims).await;
    assert!(answer.text().contains("custom claim") && answer.text().contains("[\"a\",\"b\"]"), "{}", answer.text());

    let mut reserved = claims;
    reserved[5].1 = "iss";
    let answer = office.post(&page, &reserved).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(
        answer.text().contains("“iss” is a reserved claim") && answer.text().contains("id=\"claims.1\""),
        "{}",
        answer.text()
    );

    let json = |text: &'static str| [("action", "claims"), ("claims_as", "json"), ("claims_json", text)];
    let answer = office.post(&page, &json("{\n \"a\": }")).await;
    assert!(answer.text().contains("line 2, column 7"), "{}", answer.text());
    let answer = office.post(&page, &json("{\"</textarea><script>\": {}}")).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(!answer.text().contains("</textarea><script>"), "{}", answer.text());
    office.act(&page, &json("{\"role\": \"owner\"}")).await;
    let application = office.created.application.id;
    let view = office.app.services.claims().get(&Ctx::operator(), application, member.id).await.unwrap();
    assert_eq!(serde_json::json!(view.custom), serde_json::json!({ "role": "owner" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superadmin_sends_the_link_to_a_password() {
    let (office, member, page) = staffed().await;
    assert!(office.get(&page).await.text().contains("value=\"reset_password\""));
    let sent = office.post(&page, &[("action", "reset_password")]).await;
    let landed = land(&office.app, &sent).await;
    assert!(landed.text().contains("The link is on its way to them by mail."), "{}", landed.text());
    let token = mailed_token(&office.app.services, &member.email).await.expect("a link");
    let reader = office.app.browser();
    let link = reader.get(&format!("/link/{token}")).await;
    assert_eq!(link.status, StatusCode::OK);

    // An admin of the application alone has no such button, and is refused without it.
    let own = admin(&office.app, &office.created).await;
    let desk = office.app.browser();
    desk.sign_in(&own).await;
    let path = format!("/dashboard/acme/{page}");
    let shown = desk.get(&path).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(!shown.text().contains("reset_password"));
    let refused = desk.post_form(&path, &[("action", "reset_password")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
    assert_eq!(mailed_token(&office.app.services, &member.email).await, Some(token), "no second mail");

    let id = member.id;
    office.app.services.admin_users().disable(&Ctx::operator(), id).await.unwrap();
    assert!(!office.get(&page).await.text().contains("reset_password"));
    let refused = office.post(&page, &[("action", "reset_password")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superadmin_signs_somebody_out_everywhere() {
    let (office, member, page) = staffed().await;
    let browser = office.app.browser();
    browser.sign_in(&member).await;
    let shown = office.get(&page).await;
    for part in ["Sign out everywhere", "value=\"sign_out\"", "Every browser is signed out"] {
        assert!(shown.text().contains(part), "{part}: {}", shown.text());
    }
    // An admin of the application alone has no such button, and is refused without it.
    let own = admin(&office.app, &office.created).await;
    let desk = office.app.browser();
    desk.sign_in(&own).await;
    let path = format!("/dashboard/acme/{page}");
    assert!(!desk.get(&path).await.text().contains("sign_out"));
    assert_eq!(desk.post_form(&path, &[("action", "sign_out")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    for _ in 0..2 {
        // The second is the same form, sent twice.
        let sent = office.post(&page, &[("action", "sign_out")]).await;
        let landed = land(&office.app, &sent).await;
        assert!(landed.text().contains("They are signed out everywhere."), "{}", landed.text());
    }
    assert_eq!(browser.get("/account").await.location(), Some("/sign-in?to=profile"));
    assert!(office.get(&format!("{page}?lang=id")).await.text().contains("Keluarkan dari semua perangkat"));
    // Who is kept out has no session.
    office.app.services.admin_users().disable(&Ctx::operator(), member.id).await.unwrap();
    assert!(!office.get(&page).await.text().contains("sign_out"));
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_kept() {
    let (office, member, page) = staffed().await;
    let directory = office.app.services.directory();
    let role = directory.by_slug("acme").unwrap().role_named("admin").unwrap().id;
    office.act(&page, &[("action", "roles"), ("role", &role.to_string())]).await;
    let application = office.created.application.id;
    let found = office.app.services.memberships().get(&Ctx::operator(), application, member.id).await.unwrap();
    assert_eq!(found.membership.roles, [role]);
    let answer = office.post(&page, &[("action", "roles"), ("role", "x")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_searched_filtered_and_cut_into_pages() {
    let (office, ..) = staffed().await;
    let application = office.created.application.id;
    for i in 0..27 {
        let someone = user(&office.app, &format!("someone{i}@example.com")).await;
        office.app.services.memberships().grant(&Ctx::operator(), application, someone.id, None).await.unwrap();
    }
    let first = office.get("users").await;
    assert!(first.text().contains("Next page"));
    let next = first.text().split("href=\"").find(|part| part.contains("cursor=")).unwrap();
    let next = next.split('"').next().unwrap().replace("&amp;", "&");
    let second = office.app.get(&next).await;
    assert!(second.text().contains("someone26@example.com") && second.text().contains("First page"));
    let found = office.get("users?q=member%40").await;
    assert!(found.text().contains("member@example.com") && !found.text().contains("someone1@"));
    assert!(office.get("users?q=%22%3E%3Cscript%3E").await.text().contains("Nobody matches"));
    assert!(!office.get("users?q=%22%3E%3Cscript%3E").await.text().contains("\"><script>"));
    assert!(office.get("users?plan=pro").await.text().contains("Nobody matches"));
    assert!(office.get("users?plan=free&q=member").await.text().contains("member@example.com"));
}
