//! The pages about one's own account, without JavaScript.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::identity::{email::Email, profile::Profile, user::GlobalRole};
use service::{
    Ctx,
    identity::admin_users::{AdminNewUser, UserPatch},
    testing::people::mailed_token,
};

use crate::{
    acme, admin_pages,
    pages_shop::{self, check},
    support::TestApp,
};

const PASSWORD: &str = "correct horse battery staple";
const NEW: &str = "four unrelated plain words";
const PAGES: [(&str, &str); 6] = [
    ("/account", "profile"),
    ("/account/email", "email"),
    ("/account/password", "password"),
    ("/account/sessions", "sessions"),
    ("/account/connected", "connected"),
    ("/account/data", "data"),
];

/// The shop, with its user signed in.
async fn open() -> TestApp {
    let app = pages_shop::open().await;
    sign_in(&app).await;
    app
}

async fn sign_in(app: &TestApp) {
    app.sign_in(&app.user("user@example.com").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_for_whoever_is_signed_in_and_lead_back() {
    let app = pages_shop::open().await;
    for (page, name) in PAGES {
        let sign_in = format!("/sign-in?to={name}");
        assert_eq!(app.get(page).await.location(), Some(sign_in.as_str()), "{page}");
        // What was typed into a form is gone with the session.
        let lost = app.post_form(page, &[]).await;
        assert_eq!(lost.location(), Some(format!("{sign_in}&ended").as_str()), "{page}");
        for (address, told) in [(sign_in.as_str(), false), (lost.location().unwrap(), true)] {
            let asks = app.get(address).await;
            check(&asks);
            assert_eq!(asks.text().contains("What you changed was not saved."), told, "{address}");
        }
        let form = [("email", "user@example.com"), ("password", PASSWORD)];
        let browser = app.browser();
        assert_eq!(browser.post_form(&sign_in, &form).await.location(), Some(page));
        let shown = browser.get(page).await;
        assert_eq!(shown.status, StatusCode::OK);
        check(&shown);
        assert!(shown.text().contains("aria-current=\"page\"") && shown.text().contains("user@example.com"));
        assert!(shown.text().contains("href=\"#content\"") && shown.text().contains("id=\"content\""), "{page}");
    }
    assert_eq!(app.get("/account/export").await.location(), Some("/sign-in?to=data"));
}

#[tokio::test(flavor = "multi_thread")]
async fn they_wear_the_look_of_the_only_application_that_one_uses() {
    let app = open().await;
    let (operator, user) = (Ctx::operator(), app.user("user@example.com").await.id);
    let (acme, billed) = (app.application("acme"), app.application("billed"));
    let wear = async |name: &str| {
        for page in ["/account", "/account/email", "/account/security", "/link/used"] {
            let shown = app.get(page).await;
            check(&shown);
            assert!(shown.text().contains(&format!(" · {name}</title>")), "{page}: {}", shown.text());
            assert_eq!(shown.text().contains("#0f766e"), name == "Acme", "{page}");
        }
        let email = Email::parse(&format!("{name}@example.com")).unwrap();
        let patch = UserPatch { email: Some(email), email_verified: Some(true), ..UserPatch::default() };
        app.services.admin_users().update(&operator, user, patch).await.unwrap();
        let mails = app.services.mails().latest(&operator).await.unwrap();
        assert_eq!(mails[0].mail.from, name, "mails do, too");
        app.clock.advance(chrono::TimeDelta::seconds(1));
    };
    app.test.execute("UPDATE users SET email_verified = TRUE").await;
    let memberships = app.services.memberships();
    wear("Turnpike").await;
    memberships.grant(&operator, acme, user, None).await.unwrap();
    wear("Acme").await;
    memberships.grant(&operator, billed, user, None).await.unwrap();
    wear("Turnpike").await;
    assert!(!app.get("/account").await.text().contains("Billed"));
    memberships.revoke(&operator, billed, user).await.unwrap();
    wear("Acme").await;
    memberships.revoke(&operator, acme, user).await.unwrap();
    wear("Turnpike").await;
    memberships.grant(&operator, acme, user, None).await.unwrap();
    wear("Acme").await;
    // Nobody dresses the pages of those who look after the server, by making them a member.
    let admin = UserPatch { role: Some(GlobalRole::Superadmin), ..UserPatch::default() };
    let admin = app.services.admin_users().update(&operator, user, admin).await.unwrap();
    app.sign_in(&admin).await;
    wear("Turnpike").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_and_the_browser_goes_on() {
    let app = open().await;
    let before = app.cookie("turnpike_session").unwrap();
    for (fields, why) in [
        ([("password", ""), ("new_password", NEW)], "Fill this in."),
        ([("password", "wrong"), ("new_password", NEW)], "Current password: This is not your current password."),
        ([("password", PASSWORD), ("new_password", "short")], "Use 8 to 256 characters."),
        ([("password", PASSWORD), ("new_password", "password123")], "easy to guess"),
    ] {
        let refused = app.post_form("/account/password", &fields).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        check(&refused);
        assert!(refused.text().contains(why) && !refused.text().contains(NEW), "{why}");
    }
    let done = app.post_form("/account/password", &[("password", PASSWORD), ("new_password", NEW)]).await;
    assert_eq!(done.location(), Some("/account/password?done=1"));
    assert!(app.get("/account/password?done=1").await.text().contains("Your password was changed"));
    assert_ne!(app.cookie("turnpike_session").unwrap(), before, "a session of its own");
    let other = app.browser();
    let form = [("email", "user@example.com"), ("password", PASSWORD)];
    assert_eq!(other.post_form("/sign-in", &form).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_new_password_is_set_is_no_new_browser() {
    let app = pages_shop::open().await;
    let other = app.browser();
    let sign_in = async |browser: &TestApp, password: &str| {
        let form = [("email", "user@example.com"), ("password", password)];
        let sent = browser.post_form("/sign-in?to=password", &form).await;
        assert_eq!(sent.location(), Some("/account/password"));
    };
    sign_in(&app, PASSWORD).await;
    sign_in(&other, PASSWORD).await;
    app.clock.advance(TimeDelta::hours(2));
    let told = async || {
        let mails = app.services.mails().latest(&Ctx::operator()).await.unwrap();
        let kinds = mails.into_iter().map(|own| own.kind).filter(|kind| kind != "password_reset");
        kinds.rev().collect::<Vec<_>>()
    };
    let before = told().await.len();

    let form = [("password", PASSWORD), ("new_password", NEW)];
    assert_eq!(app.post_form("/account/password", &form).await.location(), Some("/account/password?done=1"));
    assert_eq!(told().await[before..], ["password_changed"]);
    app.post_form("/sign-out", &[]).await;
    sign_in(&app, NEW).await;
    assert_eq!(told().await[before..], ["password_changed"], "it knows the account by the new password");
    app.clock.advance(TimeDelta::seconds(1));
    sign_in(&other, NEW).await;
    assert_eq!(told().await[before..], ["password_changed", "new_sign_in"], "the mark of the old one is nobody's");

    app.clock.advance(TimeDelta::seconds(1));
    app.post_form("/forgot-password", &[("email", "user@example.com")]).await;
    let email = app.user("user@example.com").await.email;
    let link = format!("/link/{}", mailed_token(&app.services, &email).await.unwrap());
    app.clock.advance(TimeDelta::seconds(1));
    let done = app.post_form(&link, &[("password", "another unrelated phrase")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert_eq!(told().await[before..], ["password_changed", "new_sign_in", "password_changed"]);
}

/// Asks for another address, and gives the way to the link that was mailed there.
async fn ask_for(app: &TestApp, address: &str) -> String {
    let sent = app.post_form("/account/email", &[("email", address)]).await;
    assert_eq!(sent.status, StatusCode::OK);
    check(&sent);
    assert!(sent.text().contains("Check your mail") && sent.text().contains(address));
    let token = mailed_token(&app.services, &Email::parse(address).unwrap()).await;
    format!("/link/{}", token.expect("a link"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_changed_by_a_link_to_the_new_one() {
    let app = open().await;
    let other = app.browser();
    sign_in(&other).await;
    assert!(app.get("/account").await.text().contains("Change email address"));
    for (typed, why) in [
        ("", "Fill this in."),
        ("nobody", "Enter an email address"),
        ("User@example.com", "This is your address already."),
    ] {
        let refused = app.post_form("/account/email", &[("email", typed)]).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{typed}");
        check(&refused);
        assert!(refused.text().contains(why) && refused.text().contains(typed), "{typed}");
    }
    let link = ask_for(&app, "new@example.com").await;
    let asking = app.get(&link).await;
    assert_eq!(asking.status, StatusCode::OK);
    check(&asking);
    assert!(asking.text().contains("new@example.com") && asking.text().contains("Use this address"));
    assert!(app.get("/account").await.text().contains("value=\"user@example.com\""), "looking changes nothing");

    let done = app.post_form(&link, &[]).await;
    assert_eq!(done.location(), Some("/account?done=email"));
    let shown = app.get("/account?done=email").await;
    check(&shown);
    for text in ["You sign in with new@example.com from now on.", "value=\"new@example.com\""] {
        assert!(shown.text().contains(text), "{text}");
    }
    assert_eq!(other.get("/account").await.location(), Some("/sign-in?to=profile"), "every other session ended");
    let again = app.post_form(&link, &[]).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    check(&again);
    assert!(again.text().contains("This link cannot be used"));
    assert!(again.text().contains("href=\"/account\"") && again.text().contains("Your account"), "{}", again.text());
    let signs_in = async |address| {
        let form = [("email", address), ("password", PASSWORD)];
        app.browser().post_form("/sign-in", &form).await.status
    };
    assert_eq!(signs_in("user@example.com").await, StatusCode::UNAUTHORIZED);
    assert_eq!(signs_in("new@example.com").await, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_to_another_address_is_for_its_owner_alone() {
    let app = open().await;
    let link = ask_for(&app, "new@example.com").await;
    // Whoever is signed in nowhere signs in to the account, and comes back to the link.
    let elsewhere = app.browser();
    let sign_in = format!("/sign-in?to=mail&token={}", link.trim_start_matches("/link/"));
    for answer in [elsewhere.get(&link).await, elsewhere.post_form(&link, &[]).await] {
        assert_eq!(answer.location(), Some(sign_in.as_str()));
    }
    let stranger = app.browser();
    stranger.sign_in(&admin_pages::user(&app, "eve@example.com").await).await;
    for answer in [stranger.get(&link).await, stranger.post_form(&link, &[]).await] {
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        check(&answer);
        assert!(answer.text().contains("You are signed in as eve@example.com") && !answer.text().contains("user@"));
        assert!(answer.text().contains(&format!("href=\"{}\"", sign_in.replace('&', "&amp;"))), "the way on");
    }
    let asks = stranger.get(&sign_in).await;
    assert!(asks.text().contains("name=\"password\""), "it asks who else, and does not lead back: {asks:?}");
    let form = [("email", "user@example.com"), ("password", PASSWORD)];
    assert_eq!(elsewhere.post_form(&sign_in, &form).await.location(), Some(link.as_str()));
    // Somebody else got the address meanwhile.
    let quicker = ask_for(&app, "wanted@example.com").await;
    let rival = AdminNewUser {
        email: Email::parse("wanted@example.com").unwrap(),
        name: None,
        role: GlobalRole::User,
        email_verified: true,
        locale: None,
        profile: Profile::default(),
    };
    app.services.admin_users().create(&Ctx::operator(), rival).await.unwrap();
    let late = app.post_form(&quicker, &[]).await;
    assert_eq!(late.status, StatusCode::FORBIDDEN);
    check(&late);
    assert!(late.text().contains("This address is taken"));
    assert_eq!(elsewhere.post_form(&link, &[]).await.location(), Some("/account?done=email"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_asked_for_after_a_recent_sign_in_and_not_too_often() {
    let app = open().await;
    admin_pages::user(&app, "taken@example.com").await;
    // The same answer, whoever has the address.
    let mut pages = Vec::new();
    for address in ["taken@example.com", "free@example.com"] {
        let form = [("email", address)];
        let ask = || app.post_form("/account/email", &form);
        for _ in 0..4 {
            assert_eq!(ask().await.status, StatusCode::OK);
        }
        pages.push(ask().await.plain(address));
        let limited = ask().await;
        assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(limited.header("retry-after"), Some("3600"));
        check(&limited);
    }
    assert_eq!(pages[0], pages[1]);
    app.clock.advance(TimeDelta::minutes(15));
    for answer in [app.get("/account/email").await, app.post_form("/account/email", &[("email", "a@b.example")]).await]
    {
        assert_eq!(answer.location(), Some("/sign-in?to=email"));
    }
    assert_eq!(app.get("/sign-in?to=email").await.status, StatusCode::OK, "it asks, and does not lead back");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_name_the_new_address() {
    let app = acme::signed_in().await;
    let tokens = acme::tokens(&app, &[]).await;
    let link = ask_for(&app, "new@example.com").await;
    assert_eq!(app.post_form(&link, &[]).await.location(), Some("/account?done=email"));
    let said = acme::userinfo(&app, tokens["access_token"].as_str().unwrap()).await.json();
    assert_eq!(said["email"], "new@example.com");
    assert_eq!(said["email_verified"], true);
    let next = acme::refresh(&app, "web", tokens["refresh_token"].as_str().unwrap()).await.json();
    for token in ["access_token", "id_token"] {
        assert_eq!(acme::claims(&next[token])["email"], "new@example.com", "{token}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sessions_are_ended() {
    let app = open().await;
    let other = app.browser();
    sign_in(&other).await;
    let page = app.get("/account/sessions").await;
    assert!(page.text().contains("This browser") && page.text().contains("Sign out everywhere else"));
    let (_, rest) = page.text().split_once("name=\"session\" value=\"").unwrap();
    let id = rest.split('"').next().unwrap().to_owned();
    assert_eq!(other.get("/account").await.status, StatusCode::OK);
    assert_eq!(app.post_form("/account/sessions", &[("session", &id)]).await.location(), Some("/account/sessions"));
    assert_eq!(other.get("/account").await.status, StatusCode::SEE_OTHER);
    assert!(!app.get("/account/sessions").await.text().contains("Sign out everywhere else"));
    for odd in ["", "x", id.as_str(), "others"] {
        assert_eq!(app.post_form("/account/sessions", &[("session", odd)]).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(app.get("/account").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sessions_are_ended_by_who_has_just_signed_in() {
    let app = open().await;
    let (page, way) = ("/account/sessions", "/sign-in?to=sessions");
    let other = app.browser();
    sign_in(&other).await;
    let own = async |browser: &TestApp| {
        let list = browser.get("/api/user/sessions").await.json()["sessions"].clone();
        let current = list.as_array().unwrap().iter().find(|one| one["isCurrent"] == true).expect("the own").clone();
        current["id"].as_str().unwrap().to_owned()
    };
    let (mine, theirs) = (own(&app).await, own(&other).await);
    app.clock.advance(TimeDelta::minutes(15));
    for which in [theirs.as_str(), "others"] {
        assert_eq!(app.post_form(page, &[("session", which)]).await.location(), Some(way), "{which}");
    }
    let none = app.post_form(page, &[("session", "nothing")]).await;
    assert_eq!(none.location(), Some(page), "what names none is not asked about");
    assert_eq!(other.get(page).await.status, StatusCode::OK);
    let asked = app.get(way).await;
    check(&asked);
    assert!(asked.text().contains("asks for a recent sign-in"), "{}", asked.text());
    let form = [("email", "user@example.com"), ("password", PASSWORD)];
    assert_eq!(app.post_form(way, &form).await.location(), Some(page));
    assert_eq!(app.post_form(page, &[("session", theirs.as_str())]).await.location(), Some(page));
    assert_eq!(other.get(page).await.location(), Some(way), "it is over");
    // Signing oneself out asks for nothing.
    app.clock.advance(TimeDelta::minutes(15));
    assert_eq!(own(&app).await, mine, "the session went on");
    assert_eq!(app.post_form(page, &[("session", mine.as_str())]).await.location(), Some(page));
    assert_eq!(app.get(page).await.location(), Some(way));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_are_given_to_who_has_just_signed_in() {
    let app = open().await;
    app.clock.advance(TimeDelta::minutes(15));
    let stale = app.get("/account/export").await;
    assert_eq!((stale.status.as_u16(), stale.location()), (303, Some("/sign-in?to=data")));
    let asked = app.get("/sign-in?to=data").await;
    assert!(asked.text().contains("asks for a recent sign-in"), "{}", asked.text());
    let form = [("email", "user@example.com"), ("password", PASSWORD)];
    assert_eq!(app.post_form("/sign-in?to=data", &form).await.location(), Some("/account/data"));
    assert_eq!(app.get("/account/export").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_taken_along_and_deleted() {
    let app = open().await;
    let file = app.get("/account/export").await;
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"account.json\""));
    assert_eq!(file.json()["user"]["email"], "user@example.com");
    let wrong = app.post_form("/account/data", &[("password", "wrong")]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    check(&wrong);
    assert!(wrong.text().contains("Current password: This is not your current password."), "{}", wrong.text());
    let gone = app.post_form("/account/data", &[("password", PASSWORD)]).await;
    assert_eq!(gone.status, StatusCode::OK);
    check(&gone);
    assert!(gone.text().contains("Your account is deleted") && app.cookie("turnpike_session").is_none());
    let form = [("email", "user@example.com"), ("password", PASSWORD)];
    assert_eq!(app.post_form("/sign-in", &form).await.status, StatusCode::UNAUTHORIZED);
}
