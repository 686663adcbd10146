//! Second factors on the pages, without JavaScript, and what clients hear of them.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use domain::{
    application::SettingsPatch,
    identity::user::{GlobalRole, User},
    route,
};
use service::{
    Ctx, Settings,
    identity::admin_users::UserPatch,
    testing::{TestServices, authenticator, people::mailed_token},
};

use crate::{
    acme,
    admin_pages::superadmin,
    oidc_device,
    pages_shop::{self, PASSWORD, arrive, check},
    rest::{Rest, refused},
    support::{Answer, TestApp},
};

const MULTI: &str = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";
const SINGLE: &str = "urn:turnpike:acr:single-factor";

/// What stands between `before` and the next `after`.
pub fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after).expect("an end").0
}

fn key_of(page: &Answer) -> String {
    between(page.text(), "id=\"totp-key\"", "</code>").split_once('>').unwrap().1.to_owned()
}

fn sealed_of(page: &Answer) -> String {
    between(page.text(), "name=\"enrolment\" value=\"", "\"").to_owned()
}

pub fn recovery_of(page: &Answer) -> Vec<String> {
    let list = between(page.text(), "id=\"recovery-codes\"", "</ul>");
    list.split("<code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

/// Sets an app up at `page` for who is signed in: its key, and the page with the recovery codes.
pub async fn set_up(app: &TestApp, page: &str) -> (String, Answer) {
    let shown = app.get(page).await;
    assert_eq!(shown.status, StatusCode::OK, "{:?}", shown.location());
    check(&shown);
    let (key, sealed) = (key_of(&shown), sealed_of(&shown));
    let code = authenticator::code(&key, app.services.now());
    let done = app.post_form(page, &[("enrolment", &sealed), ("code", &code)]).await;
    app.clock.advance(TimeDelta::minutes(1));
    (key, done)
}

pub async fn with_app(app: &TestApp, user: &User) -> (String, Vec<String>) {
    let browser = app.browser();
    browser.sign_in(user).await;
    let (key, codes) = set_up(&browser, route::AUTHENTICATOR).await;
    (key, recovery_of(&codes))
}

pub fn shown(app: &TestApp, key: &str) -> String {
    authenticator::code(key, app.services.now())
}

async fn shop() -> (TestApp, String, Vec<String>) {
    let app = pages_shop::open().await;
    let user = app.user("user@example.com").await;
    let (key, recovery) = with_app(&app, &user).await;
    (app, key, recovery)
}

/// The address of the page that asks for the factor after the password.
async fn after_password(app: &TestApp, page: &str) -> String {
    let sent = app.post_form(page, &[("email", "user@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert_eq!(app.cookie("turnpike_session"), None, "no session before the factor");
    let factor = sent.location().unwrap().to_owned();
    assert!(factor.starts_with(route::FACTOR), "{factor}");
    factor
}

async fn require(app: &TestApp, slug: &str) {
    let patch = SettingsPatch { is_mfa_required: Some(true), ..SettingsPatch::default() };
    let application = app.application(slug);
    app.services.applications().update(&Ctx::operator(), application, patch.into()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_set_up_without_javascript() {
    let app = pages_shop::open().await;
    for page in [route::SECURITY, route::AUTHENTICATOR] {
        assert_eq!(app.get(page).await.location(), Some("/sign-in?to=security"));
    }
    let form = [("email", "user@example.com"), ("password", PASSWORD)];
    let entered = app.post_form("/sign-in?to=security", &form).await;
    assert_eq!(entered.location(), Some(route::SECURITY));
    let before = app.cookie("turnpike_session").unwrap();
    let none = app.get(route::SECURITY).await;
    check(&none);
    assert!(none.text().contains(route::AUTHENTICATOR) && !none.text().contains("new_codes"));

    let page = app.get(route::AUTHENTICATOR).await;
    check(&page);
    assert!(page.text().contains("<svg") && page.text().contains("autocomplete=\"one-time-code\""));
    let wrong = app.post_form(route::AUTHENTICATOR, &[("enrolment", &sealed_of(&page)), ("code", "12")]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    check(&wrong);
    assert_eq!(key_of(&wrong), key_of(&page), "the key that was scanned still holds");
    assert!(wrong.text().contains("id=\"code-error\""));
    let code = shown(&app, &key_of(&page));
    let done = app.post_form(route::AUTHENTICATOR, &[("enrolment", &sealed_of(&wrong)), ("code", &code)]).await;
    check(&done);
    assert_eq!(recovery_of(&done).len(), 10);
    assert!(done.text().contains("download=\"recovery-codes.txt\""));
    assert_ne!(app.cookie("turnpike_session").unwrap(), before, "a new token with the new rights");
    let again = app.post_form(route::AUTHENTICATOR, &[("enrolment", &sealed_of(&wrong)), ("code", &code)]).await;
    assert_eq!(again.location(), Some(route::SECURITY), "the codes are shown once");
    assert_eq!(app.get(route::AUTHENTICATOR).await.location(), Some(route::SECURITY));

    let have = app.get(route::SECURITY).await;
    check(&have);
    assert!(have.text().contains("10 left"));
    let fresh = app.post_form(route::SECURITY, &[("act", "new_codes")]).await;
    check(&fresh);
    assert!(recovery_of(&fresh).iter().all(|code| !recovery_of(&done).contains(code)));
    let removed = app.post_form(route::SECURITY, &[("act", "remove_totp")]).await;
    assert_eq!(removed.location(), Some(route::SECURITY));
    assert!(!app.get(route::SECURITY).await.text().contains("remove_totp"));
    for nothing in ["new_codes", "remove_totp", "", "x"] {
        assert_eq!(app.post_form(route::SECURITY, &[("act", nothing)]).await.location(), Some(route::SECURITY));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_alone_signs_in_no_more() {
    let (app, key, _) = shop().await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    let factor = after_password(&app, &page).await;
    let asked = app.get(&factor).await;
    check(&asked);
    assert!(asked.text().contains("user@example.com") && asked.text().contains("name=\"code\""));
    assert!(asked.text().contains("--brand:#0f766e;"), "in the look of the application");
    for (typed, status) in [("", StatusCode::BAD_REQUEST), ("000000", StatusCode::UNAUTHORIZED)] {
        let wrong = app.post_form(&factor, &[("code", typed)]).await;
        assert_eq!(wrong.status, status);
        check(&wrong);
        assert!(wrong.text().contains("id=\"code-error\"") && !wrong.text().contains("value=\"000000\""));
    }
    assert_eq!(app.cookie("turnpike_session"), None);
    // Another way on takes another sign-in.
    let elsewhere = app.post_form(route::FACTOR, &[("code", &shown(&app, &key))]).await;
    assert_eq!((elsewhere.location(), app.cookie("turnpike_session")), (Some(route::SIGN_IN), None));

    let done = app.post_form(&factor, &[("code", &shown(&app, &key))]).await;
    assert!(done.location().unwrap().starts_with("/oauth2/resume?flow="), "{:?}", done.location());
    assert!(app.cookie("turnpike_session").is_some());
    assert_eq!(app.cookie("turnpike_pending"), None);
    let other = app.browser();
    let (page, _) = arrive(&other, "acme-web", "").await;
    let factor = after_password(&other, &page).await;
    let replayed = other.post_form(&factor, &[("code", &shown(&app, &key))]).await;
    assert_eq!(replayed.status, StatusCode::UNAUTHORIZED, "a code works once");
}

#[tokio::test(flavor = "multi_thread")]
async fn links_in_mails_pass_no_factor_by() {
    let (app, key, recovery) = shop().await;
    let user = app.user("user@example.com").await;
    app.post_form(route::EMAIL_SIGN_IN, &[("email", "user@example.com")]).await;
    let link = format!("/link/{}", mailed_token(&app.services, &user.email).await.unwrap());
    let followed = app.post_form(&link, &[]).await;
    assert_eq!((followed.location(), app.cookie("turnpike_session")), (Some(route::FACTOR), None));
    let entered = app.post_form(route::FACTOR, &[("code", &shown(&app, &key))]).await;
    assert_eq!(entered.location(), Some(route::DASHBOARD));

    let other = app.browser();
    other.post_form(route::FORGOT_PASSWORD, &[("email", "user@example.com")]).await;
    let link = format!("/link/{}", mailed_token(&app.services, &user.email).await.unwrap());
    let reset = other.post_form(&link, &[("password", "another unrelated phrase")]).await;
    assert_eq!((reset.location(), other.cookie("turnpike_session")), (Some(route::FACTOR), None));
    let page = other.get("/sign-in/factor?with=recovery").await;
    check(&page);
    assert!(page.text().contains("Recovery code"));
    let entered = other.post_form("/sign-in/factor?with=recovery", &[("code", &recovery[0])]).await;
    assert_eq!(entered.location(), Some(route::DASHBOARD));
    assert!(other.cookie("turnpike_session").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_may_require_a_factor() {
    let app = acme::signed_in().await;
    require(&app, "acme").await;
    let silent = acme::authorize(&app, &[("prompt", "none")]).await;
    assert_eq!(silent.location_param("error").as_deref(), Some("login_required"));
    let security = acme::authorize(&app, &[]).await.location().unwrap().to_owned();
    assert!(security.starts_with("/account/security?flow="), "{security}");
    let page = app.get(&security).await;
    check(&page);
    assert!(page.text().contains("Acme asks for a second factor"));
    // Nor do the pages behind it help.
    let plans = security.replace(route::SECURITY, route::PLANS);
    assert!(app.post_form(&plans, &[("keep", "1")]).await.location().unwrap().starts_with("/oauth2/resume"));
    let consent = security.replace(route::SECURITY, route::CONSENT);
    assert!(app.post_form(&consent, &[("decision", "allow")]).await.location().unwrap().starts_with("/oauth2/resume"));

    let (key, codes) = set_up(&app, &security.replace(route::SECURITY, route::AUTHENTICATOR)).await;
    let onward = between(codes.text(), "href=\"/oauth2/resume", "\"");
    let done = app.get(&format!("/oauth2/resume{onward}")).await;
    let code = done.location_param("code").expect("a code");
    let tokens = acme::redeem(&app, "web", &code).await.json();
    let claims = acme::claims(&tokens["id_token"]);
    assert_eq!((claims["acr"].as_str(), claims["amr"].to_string()), (Some(MULTI), r#"["pwd","otp","mfa"]"#.into()));
    let refreshed = acme::refresh(&app, "web", tokens["refresh_token"].as_str().unwrap()).await.json();
    assert_eq!(acme::claims(&refreshed["id_token"])["acr"], MULTI, "a refreshed one says the same");

    // A session of before is raised.
    let other = app.browser();
    other.sign_in(&app.user("user@example.com").await).await;
    let before = other.cookie("turnpike_session");
    let factor = acme::authorize(&other, &[]).await.location().unwrap().to_owned();
    assert!(factor.starts_with("/sign-in/factor?flow="), "{factor}");
    check(&other.get(&factor).await);
    let raised = other.post_form(&factor, &[("code", &shown(&app, &key))]).await;
    assert_ne!(other.cookie("turnpike_session"), before, "the token is a new one");
    assert!(other.get(raised.location().unwrap()).await.location_param("code").is_some());
}

/// The subject of the newest mail about what guards an account.
async fn told(app: &TestApp) -> String {
    let mails = app.services.mails().latest(&Ctx::operator()).await.unwrap();
    mails.iter().find(|own| own.kind == "security_changed").expect("a notice").mail.subject.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_way_to_an_application_its_mails_tell_of_factors() {
    let app = pages_shop::open().await;
    require(&app, "acme").await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    let form = [("name", "Ann"), ("email", "ann@example.com")];
    app.post_form(&page.replace(route::SIGN_IN, route::REGISTER), &form).await;
    let email = domain::identity::email::Email::parse("ann@example.com").unwrap();
    let token = mailed_token(&app.services, &email).await.expect("a link");
    let password = "four unrelated plain words";
    let made = app.post_form(&format!("{}/{token}", route::MAIL_LINK), &[("password", password)]).await;
    let security = app.get(made.location().unwrap()).await.location().unwrap().to_owned();
    assert!(security.starts_with("/account/security?flow="), "{security}");
    // Ann is no member yet: nothing but the flow says where she is.
    let (_, codes) = set_up(&app, &security.replace(route::SECURITY, route::AUTHENTICATOR)).await;
    assert_eq!(told(&app).await, "Acme: An authenticator app was added to your account");

    let other = app.browser();
    let (page, _) = arrive(&other, "acme-web", "").await;
    let asked = other.post_form(&page, &[("email", "ann@example.com"), ("password", password)]).await;
    let recovery = recovery_of(&codes);
    let entered = other.post_form(asked.location().unwrap(), &[("code", &recovery[0])]).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.text());
    assert_eq!(told(&app).await, "Acme: A recovery code signed in to your account");
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_wish_for_a_factor_and_never_fail() {
    let app = acme::signed_in().await;
    let acr = async |changes: &[(&str, &str)]| {
        let tokens = acme::tokens(&app, changes).await;
        acme::claims(&tokens["id_token"])["acr"].as_str().map(str::to_owned)
    };
    // Who has none goes on.
    assert_eq!(acr(&[]).await.as_deref(), Some(SINGLE));
    assert_eq!(acr(&[("acr_values", MULTI)]).await.as_deref(), Some(SINGLE));
    let user = app.user("user@example.com").await;
    let (key, _) = with_app(&app, &user).await;
    // As one that a single step was enough for.
    app.sign_in(&user).await;
    assert_eq!(acr(&[("acr_values", "1 2")]).await.as_deref(), Some(SINGLE));
    assert_eq!(acr(&[("acr_values", &format!("{SINGLE} {MULTI}"))]).await.as_deref(), Some(SINGLE));
    // Where nobody may be asked, a wish is dropped; what is essential is not.
    assert_eq!(acr(&[("acr_values", MULTI), ("prompt", "none")]).await.as_deref(), Some(SINGLE));
    let essential = format!(r#"{{"id_token":{{"acr":{{"essential":true,"value":"{MULTI}"}}}}}}"#);
    let silent = acme::authorize(&app, &[("claims", &essential), ("prompt", "none")]).await;
    assert_eq!(silent.location_param("error").as_deref(), Some("login_required"));
    for wish in [("acr_values", MULTI), ("claims", &essential)] {
        let asked = acme::authorize(&app, &[wish]).await;
        assert!(asked.location().unwrap().starts_with("/sign-in/factor?flow="), "{wish:?} {:?}", asked.location());
    }
    let factor = acme::authorize(&app, &[("acr_values", MULTI)]).await.location().unwrap().to_owned();
    app.post_form(&factor, &[("code", &shown(&app, &key))]).await;
    assert_eq!(acr(&[("claims", &essential), ("prompt", "none")]).await.as_deref(), Some(MULTI));
    // Of what is essential the answer names a level that was asked for, also where more was proved.
    for (levels, level) in [(format!(r#""{SINGLE}""#), SINGLE), (format!(r#""{SINGLE}","{MULTI}""#), MULTI)] {
        let wish = format!(r#"{{"id_token":{{"acr":{{"essential":true,"values":[{levels}]}}}}}}"#);
        let first = acme::tokens(&app, &[("claims", &wish), ("scope", "openid offline_access")]).await;
        let refreshed = acme::refresh(&app, "web", first["refresh_token"].as_str().unwrap()).await.json();
        for tokens in [&first, &refreshed] {
            assert_eq!(acme::claims(&tokens["id_token"])["acr"], level, "{levels}");
        }
    }
    let other = app.browser();
    other.sign_in(&app.user("other@example.com").await).await;
    let led = acme::authorize(&other, &[("claims", &essential)]).await;
    assert!(led.location().unwrap().starts_with("/account/security?flow="), "{:?}", led.location());
    let document = app.get(route::DISCOVERY).await.json();
    assert_eq!(document["acr_values_supported"], serde_json::json!([SINGLE, MULTI]));
}

/// A superadmin's browser that was left open changes nobody's account: the dashboard leads to another sign-in.
#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_asks_again_before_it_changes_accounts() {
    let app = acme::signed_in().await;
    let root = app.user("user@example.com").await;
    let patch = UserPatch { role: Some(GlobalRole::Superadmin), ..UserPatch::default() };
    let root = app.services.admin_users().update(&Ctx::operator(), root.id, patch).await.unwrap();
    let (key, _) = with_app(&app, &app.user("other@example.com").await).await;
    assert!(!key.is_empty());
    app.sign_in(&root).await;
    app.clock.advance(TimeDelta::minutes(15));
    let page = format!("/dashboard/acme/users/{}", app.user("other@example.com").await.id);
    let asked = app.post_form(&page, &[("action", "reset_factors")]).await;
    assert_eq!(asked.location(), Some("/sign-in?again"), "{}", asked.text());
    let shown = app.get("/sign-in?again").await.text().to_owned();
    assert!(shown.contains("asks for a recent sign-in"), "{shown}");
    let wrong = [("email", "user@example.com"), ("password", "wrong")];
    let refused = app.post_form("/sign-in?again", &wrong).await.text().to_owned();
    assert!(
        refused.contains("asks for a recent sign-in") && refused.contains("action=\"/sign-in?again\""),
        "{refused}"
    );
    app.sign_in(&root).await;
    assert_eq!(app.post_form(&page, &[("action", "reset_factors")]).await.status, StatusCode::SEE_OTHER);
    assert!(!app.services.factors().of(app.user("other@example.com").await.id).await.unwrap().any());
}

/// Who is signed in, but not lately, reads why they are asked again, and for which account.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_asked_again_reads_why() {
    let app = acme::signed_in().await;
    let again = app.get("/sign-in?to=security").await.text().to_owned();
    assert!(again.contains("asks for a recent sign-in") && again.contains("value=\"user@example.com\""), "{again}");
    let first = app.browser().get("/sign-in?to=security").await.text().to_owned();
    assert!(!first.contains("asks for a recent sign-in") && !first.contains("user@example.com"), "{first}");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_ask_for_a_recent_proof() {
    let (app, key, _) = shop().await;
    let user = app.user("user@example.com").await;
    app.sign_in(&user).await;
    // With the password alone, however recent.
    assert_eq!(app.get(route::SECURITY).await.location(), Some("/sign-in/factor?to=security"));
    let page = "/sign-in/factor?to=security";
    check(&app.get(page).await);
    assert_eq!(app.post_form(page, &[("code", &shown(&app, &key))]).await.location(), Some(route::SECURITY));
    assert_eq!(app.get(route::SECURITY).await.status, StatusCode::OK);
    assert_eq!(app.get(page).await.location(), Some(route::SECURITY), "nothing to prove");
    app.clock.advance(TimeDelta::minutes(15));
    for answer in [app.get(route::SECURITY).await, app.post_form(route::SECURITY, &[("act", "remove_totp")]).await] {
        assert_eq!(answer.location(), Some(page));
    }
    // Without a factor the password comes again.
    let (app, user) = (pages_shop::open().await, "user@example.com");
    app.sign_in(&app.user(user).await).await;
    app.clock.advance(TimeDelta::minutes(15));
    assert_eq!(app.get(route::SECURITY).await.location(), Some("/sign-in?to=security"));
    check(&app.get("/sign-in?to=security").await);
    let again = app.post_form("/sign-in?to=security", &[("email", user), ("password", PASSWORD)]).await;
    assert_eq!(again.location(), Some(route::SECURITY));
    assert_eq!(app.get(route::SECURITY).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_may_require_a_factor() {
    let settings = Settings { dashboard_mfa: true, ..TestServices::settings() };
    let app = TestApp::of(TestServices::start_with(settings).await);
    let boss = superadmin(&app).await;
    app.sign_in(&boss).await;
    refused(&app.get("/api/admin/applications").await, 401, "AUTH_004");
    refused(&app.get("/api/admin/users").await, 401, "AUTH_004");
    let led = app.get(route::DASHBOARD).await;
    assert_eq!(led.location(), Some("/account/security?to=dashboard"));
    check(&app.get(led.location().unwrap()).await);
    let (key, codes) = set_up(&app, "/account/security/authenticator?to=dashboard").await;
    assert!(codes.text().contains(&format!("href=\"{}\"", route::DASHBOARD)));
    assert_eq!(app.get(route::DASHBOARD).await.status, StatusCode::OK);
    assert_eq!(app.get("/api/admin/applications").await.status, StatusCode::OK);

    let other = app.browser();
    other.sign_in(&boss).await;
    assert_eq!(other.get(route::DASHBOARD).await.location(), Some(route::FACTOR));
    let raised = other.post_form(route::FACTOR, &[("code", &shown(&app, &key))]).await;
    assert_eq!(raised.location(), Some(route::DASHBOARD));
    assert_eq!(other.get(route::DASHBOARD).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superadmin_takes_factors_away() {
    let rest = Rest::start().await;
    let app = &rest.app;
    let user = app.user(&rest.acme.email).await;
    let path = format!("/api/admin/users/{}/factors", rest.acme.user);
    let page = format!("/dashboard/acme/users/{}", rest.acme.user);
    with_app(app, &user).await;
    let browser = app.browser();
    browser.sign_in(&user).await;
    refused(&browser.request(Method::DELETE, &path).send().await, 403, "AUTH_011");
    assert_eq!(rest.admin(Method::DELETE, &path, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(browser.get(route::SECURITY).await.location(), Some("/sign-in?to=security"), "the session has ended");
    assert_eq!(rest.admin(Method::DELETE, &path, None).await.status, StatusCode::NO_CONTENT);
    let nobody = "/api/admin/users/0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f/factors";
    refused(&rest.admin(Method::DELETE, nobody, None).await, 404, "USR_001");

    with_app(app, &user).await;
    let boss = superadmin(app).await;
    let desk = app.browser();
    desk.sign_in(&boss).await;
    assert!(desk.get(&page).await.text().contains("10 recovery codes left"));
    let most = "SELECT code_hash FROM recovery_codes ORDER BY code_hash LIMIT 9";
    app.test.execute(&format!("DELETE FROM recovery_codes WHERE code_hash IN ({most})")).await;
    assert!(desk.get(&page).await.text().contains("1 recovery code left"));
    let done = desk.post_form(&page, &[("action", "reset_factors")]).await;
    assert!(done.location().unwrap().ends_with("done=factors_reset"), "{:?}", done.location());
    assert!(desk.get(&page).await.text().contains("the password alone signs in"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_of_ones_own_choice_passes_no_factor_by() {
    let (app, key, _) = shop().await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    let factor = after_password(&app, &page).await;
    app.post_form(&factor, &[("code", &shown(&app, &key))]).await;
    app.clock.advance(TimeDelta::minutes(1));
    let form = [("password", PASSWORD), ("new_password", "another unrelated phrase")];
    let changed = app.post_form("/account/password", &form).await;
    assert_eq!(changed.location(), Some("/sign-in/factor?to=password"));
    assert_eq!(app.get("/account").await.location(), Some("/sign-in?to=profile"), "every session has ended");
    let done = app.post_form("/sign-in/factor?to=password", &[("code", &shown(&app, &key))]).await;
    assert_eq!(done.location(), Some("/account/password"));
    assert_eq!(app.get("/account").await.status, StatusCode::OK);
    // The account goes with all that guards it.
    let user = app.user("user@example.com").await;
    app.services.admin_users().delete(&Ctx::operator(), user.id).await.unwrap();
    assert_eq!(app.services.factors().of(user.id).await.unwrap(), Default::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_gets_no_tokens_past_the_factor() {
    let app = acme::signed_in().await;
    require(&app, "acme").await;
    let (code, user_code) = oidc_device::codes(&app).await;
    let (device, way) = (format!("/device?user_code={user_code}"), format!("?to=device&user_code={user_code}"));
    let factor = format!("{}{way}", route::FACTOR);
    assert_eq!(app.get(&device).await.location(), Some(factor.as_str()));
    assert_eq!(oidc_device::decide(&app, &user_code, "allow").await.location(), Some(factor.as_str()));
    let waits = oidc_device::poll(&app, "tv", &code).await;
    assert_eq!(waits.json()["error"], "authorization_pending");

    assert_eq!(app.get(&factor).await.location(), Some(format!("{}{way}", route::SECURITY).as_str()));
    let (_, made) = set_up(&app, &format!("{}{way}", route::AUTHENTICATOR)).await;
    assert!(made.text().contains(&format!("href=\"{device}\"")), "and back to the device");
    let question = app.get(&device).await;
    check(&question);
    assert!(question.text().contains("Connect Television?"));
    assert_eq!(oidc_device::decide(&app, &user_code, "allow").await.status, StatusCode::OK);
    let tokens = oidc_device::poll(&app, "tv", &code).await.json();
    let claims = acme::claims(&tokens["id_token"]);
    assert_eq!((claims["acr"].as_str(), claims["amr"].to_string()), (Some(MULTI), r#"["pwd","otp","mfa"]"#.into()));

    // Who signed in long ago and has none signs in again first, and does not go in circles.
    let late = app.browser();
    late.sign_in(&app.user("other@example.com").await).await;
    app.clock.advance(TimeDelta::minutes(15));
    let (_, user_code) = oidc_device::codes(&app).await;
    let sign_in = late.follow(&format!("/device?user_code={user_code}")).await;
    assert_eq!(sign_in.status, StatusCode::OK);
    assert!(sign_in.text().contains("name=\"password\""));

    // To say no takes no factor.
    let other = app.browser();
    other.sign_in(&app.user("user@example.com").await).await;
    let (code, user_code) = oidc_device::codes(&app).await;
    assert_eq!(oidc_device::decide(&other, &user_code, "deny").await.status, StatusCode::OK);
    oidc_device::refused(&oidc_device::poll(&app, "tv", &code).await, "access_denied");
}
