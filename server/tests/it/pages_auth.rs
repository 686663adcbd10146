use axum::http::{Method, StatusCode};
use domain::{
    Locale,
    application::SettingsPatch,
    identity::{email::Email, user::GlobalRole},
    route,
};
use service::{Ctx, testing::people::mailed_token};

use crate::{
    pages_shop::{self, PASSWORD, arrive, authorize, check},
    support::{Answer, TestApp},
};

#[tokio::test(flavor = "multi_thread")]
async fn signs_in_and_goes_on_without_javascript() {
    let app = pages_shop::open().await;
    let (page, answer) = arrive(&app, "acme-web", "&login_hint=user%40example.com").await;
    assert_eq!(answer.status, StatusCode::OK);
    check(&answer);
    let html = answer.text();
    for part in [
        "Sign in to Acme",
        "value=\"user@example.com\"",
        "autocomplete=\"username webauthn\"",
        "autocomplete=\"current-password\"",
        "--brand:#0f766e;",
        "--radius:12px;",
        "https://acme.example/terms",
        "method=\"post\"",
        route::REGISTER,
    ] {
        assert!(html.contains(part), "{part}");
    }
    for part in ["wasm\"", "turnpike.js", "leptos-island"] {
        assert!(!html.contains(part), "{part}");
    }
    assert!(html.len() < 16 * 1024, "{} bytes", html.len());
    let sent = app.post_form(&page, &[("email", "User@Example.com"), ("password", PASSWORD)]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert!(sent.location().unwrap().starts_with("/oauth2/resume?flow="), "{:?}", sent.location());
    assert!(app.cookie("turnpike_session").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_and_unknown_are_told_alike_and_the_address_is_kept() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    let mut told = Vec::new();
    for email in ["user@example.com", "nobody@example.com"] {
        let sent = app.post_form(&page, &[("email", email), ("password", "not the password")]).await;
        assert_eq!(sent.status, StatusCode::UNAUTHORIZED);
        check(&sent);
        let html = sent.text().replace(email, "EMAIL");
        assert!(html.contains("value=\"EMAIL\"") && !html.contains("not the password"));
        assert!(html.contains("role=\"alert\"") && html.contains("The email or the password is not right"));
        let nonce = html.split("nonce=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        told.push(html.replace(&nonce, "NONCE"));
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(app.cookie("turnpike_session"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_stand_beside_their_fields() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    let sent = app.post_form(&page, &[("email", "\"><script>alert(1)</script>"), ("password", "")]).await;
    assert_eq!(sent.status, StatusCode::BAD_REQUEST);
    check(&sent);
    let html = sent.text();
    assert!(html.contains("id=\"email-error\"") && html.contains("id=\"password-error\""));
    assert!(html.contains("aria-describedby=\"email-error\"") && html.contains("aria-invalid=\"true\""));
    assert!(html.contains("href=\"#email\""));
    assert!(!html.contains("<script>alert"));
    let sent = app.request(Method::POST, &page).text_body("a=%ff".into(), "application/x-www-form-urlencoded");
    assert_eq!(sent.send().await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn says_how_long_to_wait() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    let mut limited = None;
    for _ in 0..40 {
        let sent = app.post_form(&page, &[("email", "user@example.com"), ("password", "not the password")]).await;
        if sent.status == StatusCode::TOO_MANY_REQUESTS {
            limited = Some(sent);
            break;
        }
        assert_eq!(sent.status, StatusCode::UNAUTHORIZED);
    }
    let limited = limited.expect("a limit");
    check(&limited);
    let seconds: u64 = limited.header("retry-after").expect("Retry-After").parse().expect("seconds");
    assert!(seconds > 0);
    assert!(limited.text().contains("Too many attempts"));
}

#[tokio::test(flavor = "multi_thread")]
async fn speaks_indonesian_when_the_application_asks_and_keeps_a_choice() {
    let app = pages_shop::open().await;
    let (page, answer) = arrive(&app, "acme-web", "&ui_locales=id-ID%20en").await;
    check(&answer);
    assert!(answer.text().contains("<html lang=\"id\"") && answer.text().contains("Masuk ke Acme"));
    let wrong = app.post_form(&page, &[("email", "user@example.com"), ("password", "salah sekali")]).await;
    assert!(wrong.text().contains("Email atau kata sandi tidak tepat"));
    let chosen = app.get(&format!("{page}&lang=en&theme=dark")).await;
    assert!(chosen.text().contains("Sign in to Acme") && chosen.text().contains("data-theme=\"dark\""));
    assert_eq!(app.cookie("theme").as_deref(), Some("dark"));
    assert_eq!(app.cookie("locale").as_deref(), Some("en"));
    assert!(app.get(route::SIGN_IN).await.text().contains("data-theme=\"dark\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_applications_own_language_comes_last() {
    let app = pages_shop::open().await;
    let acme = app.services.directory().by_slug("acme").unwrap().application.id;
    let own = SettingsPatch { default_locale: Some(Locale::Id), ..SettingsPatch::default() };
    app.services.applications().update(&Ctx::operator(), acme, own.into()).await.unwrap();
    let speaks = async |path: &str, browser: &str, lang: &str| {
        let visitor = app.browser();
        let page = visitor.request(Method::GET, path).header("accept-language", browser).send().await;
        assert!(page.text().contains(&format!("<html lang=\"{lang}\"")), "{path}, {browser}: {}", page.text());
    };
    let (page, shown) = arrive(&app.browser(), "acme-web", "").await;
    check(&shown);
    assert!(shown.text().contains("Masuk ke Acme"));
    speaks(&page, "de", "id").await;
    speaks(&page, "en", "en").await;
    speaks(&format!("{page}&lang=en"), "", "en").await;
    let (asked, _) = arrive(&app.browser(), "acme-web", "&ui_locales=en").await;
    speaks(&asked, "", "en").await;
    speaks("/sign-in", "", "en").await;
    speaks(&format!("/sign-in?checkout=project_id%3D{acme}"), "", "id").await;
    speaks(&page.replace(route::SIGN_IN, route::REGISTER), "", "id").await;
    app.clock.advance(chrono::TimeDelta::days(2));
    speaks(&page, "", "id").await;

    let (page, _) = arrive(&app.browser(), "acme-web", "").await;
    let page = page.replace(route::SIGN_IN, route::FORGOT_PASSWORD);
    for (browser, subject) in [("", "Acme: buat kata sandi baru"), ("en", "Acme: choose a new password")] {
        let visitor = app.browser();
        let request = visitor.request(Method::POST, &page).header("accept-language", browser);
        request.form(&[("email", "user@example.com")]).send().await;
        let mails = app.services.mails().latest(&Ctx::operator()).await.unwrap();
        assert_eq!(mails[0].mail.subject, subject);
        app.clock.advance(chrono::TimeDelta::seconds(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_browser_is_told_in_the_colours_of_what_waits_behind() {
    let app = pages_shop::open().await;
    app.clock.advance(chrono::TimeDelta::hours(2));
    let acme = app.services.directory().by_slug("acme").unwrap().application.id;
    let (flow, _) = arrive(&app.browser(), "acme-web", "").await;
    let link = format!("/sign-in?checkout=project_id%3D{acme}%26plan%3Dpro");
    for (page, product, color) in [
        (flow.as_str(), "Acme", "#0f766e"),
        (link.as_str(), "Acme", "#0f766e"),
        ("/sign-in", "Turnpike", "#4f46e5"),
        ("/sign-in?to=password", "Turnpike", "#4f46e5"),
    ] {
        let sent = app.browser().post_form(page, &[("email", "user@example.com"), ("password", PASSWORD)]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{page}: {}", sent.text());
        let mails = app.services.mails().latest(&Ctx::operator()).await.unwrap();
        let notice = mails.first().filter(|own| own.kind == "new_sign_in").expect("a notice");
        assert_eq!(notice.mail.subject, format!("{product}: new sign-in to your account"), "{page}");
        assert!(notice.mail.html.contains(color), "{page}: {}", notice.mail.html);
        // The newest goes first by its moment.
        app.clock.advance(chrono::TimeDelta::seconds(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn registers_and_signs_in() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    let page = page.replace(route::SIGN_IN, route::REGISTER);
    check(&app.get(&page).await);
    let bad = app.post_form(&page, &[("name", "Ann"), ("email", "ann")]).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    check(&bad);
    assert!(bad.text().contains("value=\"Ann\"") && bad.text().contains("Enter an email address"));
    let form = |email| [("name", "Ann"), ("email", email)];
    let known = app.post_form(&page, &form("user@example.com")).await;
    let asked = app.post_form(&page, &form("ann@example.com")).await;
    for answer in [&known, &asked] {
        assert_eq!(answer.status, StatusCode::OK);
        check(answer);
        assert!(answer.text().contains("Check your mail"));
    }
    let told = |answer: &Answer, email: &str| answer.text().replace(email, "").replace(&nonce(answer), "");
    assert_eq!(told(&known, "user@example.com"), told(&asked, "ann@example.com"), "nobody learns who has an account");
    assert!(app.cookie("turnpike_session").is_none());
    let link = mail_link(&app, "ann@example.com").await;
    let shown = app.get(&link).await;
    check(&shown);
    assert!(shown.text().contains("Choose a password") && shown.text().contains("value=\"ann@example.com\""));
    assert!(app.cookie("turnpike_session").is_none(), "looking does nothing");
    for (bad, why) in [("", "Fill this in."), ("short", "Use 8 to 256 characters."), ("password123", "easy to guess")] {
        let refused = app.post_form(&link, &[("password", bad)]).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        check(&refused);
        assert!(refused.text().contains(why), "{why}");
    }
    let password = [("password", "four unrelated plain words")];
    let made = app.post_form(&link, &password).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    assert!(made.location().unwrap().starts_with("/oauth2/resume?flow="));
    assert!(app.cookie("turnpike_session").is_some());
    let again = app.post_form(&link, &password).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    check(&again);
    assert!(again.text().contains("This link cannot be used"));
}

/// The path of the link in the newest mail to an address.
pub async fn mail_link(app: &TestApp, email: &str) -> String {
    let token = mailed_token(&app.services, &Email::parse(email).unwrap()).await.expect("a link");
    format!("{}/{token}", route::MAIL_LINK)
}

/// What differs between two answers of one page.
fn nonce(answer: &Answer) -> String {
    let policy = answer.header("content-security-policy").unwrap_or_default().to_owned();
    let (_, rest) = policy.split_once("'nonce-").expect("a nonce");
    rest.split_once('\'').expect("its end").0.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_replaced_by_mail() {
    let app = pages_shop::open().await;
    let (page, answer) = arrive(&app, "acme-web", "").await;
    assert!(answer.text().contains("Forgot your password?"));
    let page = page.replace(route::SIGN_IN, route::FORGOT_PASSWORD);
    check(&app.get(&page).await);
    let bad = app.post_form(&page, &[("email", "nobody")]).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    assert!(bad.text().contains("value=\"nobody\"") && bad.text().contains("Enter an email address"));
    for email in ["user@example.com", "nobody@example.com"] {
        let asked = app.post_form(&page, &[("email", email)]).await;
        assert_eq!(asked.status, StatusCode::OK);
        check(&asked);
        assert!(asked.text().contains("Check your mail") && asked.text().contains(email));
    }
    let link = mail_link(&app, "user@example.com").await;
    let form = app.get(&link).await;
    check(&form);
    assert!(form.text().contains("value=\"user@example.com\"") && form.text().contains("Acme"));
    let short = app.post_form(&link, &[("password", "short")]).await;
    assert_eq!(short.status, StatusCode::BAD_REQUEST);
    assert!(short.text().contains("Use 8 to 256 characters."));
    let done = app.post_form(&link, &[("password", "four unrelated plain words")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert!(done.location().unwrap().starts_with("/oauth2/resume?flow="));
    assert!(app.cookie("turnpike_session").is_some());
    assert_eq!(app.get(&link).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_a_mail_learns_nothing_of_the_address() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    for ask in [route::FORGOT_PASSWORD, route::EMAIL_SIGN_IN] {
        let page = page.replace(route::SIGN_IN, ask);
        let mut told = Vec::new();
        for email in ["user@example.com", "nobody@example.com"] {
            let asked = app.post_form(&page, &[("email", email)]).await;
            assert!(asked.text().contains(email), "{ask}");
            let headers: Vec<_> = asked.headers.keys().map(ToString::to_string).collect();
            told.push((asked.status, headers, asked.plain(email)));
        }
        assert_eq!(told[0], told[1], "{ask}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signs_in_by_a_link_in_a_mail() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-web", "&ui_locales=id").await;
    let page = page.replace(route::SIGN_IN, route::EMAIL_SIGN_IN);
    assert!(app.get(&page).await.text().contains("Masuk lewat email"));
    app.post_form(&page, &[("email", "user@example.com")]).await;
    let link = mail_link(&app, "user@example.com").await;
    let shown = app.get(&link).await;
    check(&shown);
    assert!(shown.text().contains("user@example.com"));
    let done = app.post_form(&link, &[]).await;
    assert!(done.location().unwrap().starts_with("/oauth2/resume?flow="));
    assert!(app.cookie("turnpike_session").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_registration_there_is_none() {
    let app = pages_shop::open().await;
    let (page, answer) = arrive(&app, "closed-web", "").await;
    assert!(!answer.text().contains(route::REGISTER));
    let page = page.replace(route::SIGN_IN, route::REGISTER);
    let form = [("email", "ann@example.com"), ("password", "four unrelated plain words")];
    for answer in [app.get(&page).await, app.post_form(&page, &form).await, app.get(route::REGISTER).await] {
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        check(&answer);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_access_a_page_says_so() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "closed-web", "").await;
    let sent = app.post_form(&page, &[("email", "user@example.com"), ("password", PASSWORD)]).await;
    let refused = app.get(sent.location().unwrap()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    check(&refused);
    assert!(refused.text().contains("No access to Closed") && refused.text().contains("user@example.com"));
}

#[tokio::test(flavor = "multi_thread")]
async fn asks_for_consent() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-other", "").await;
    let sent = app.post_form(&page, &[("email", "user@example.com"), ("password", PASSWORD)]).await;
    let consent = app.get(sent.location().unwrap()).await.location().expect("consent").to_owned();
    assert!(consent.starts_with(route::CONSENT), "{consent}");
    let answer = app.get(&consent).await;
    check(&answer);
    assert!(answer.text().contains("Other &lt;b&gt;&amp; Co&lt;/b&gt;") && !answer.text().contains("<b>&"));
    assert_eq!(app.post_form(&consent, &[]).await.status, StatusCode::BAD_REQUEST);
    let refused = app.post_form(&consent, &[("decision", "deny")]).await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER);
    assert_eq!(refused.location_param("error").as_deref(), Some("access_denied"));
    let allowed = app.post_form(&consent, &[("decision", "allow")]).await;
    assert_eq!(allowed.status, StatusCode::SEE_OTHER);
    assert!(allowed.location().unwrap().starts_with(route::PLANS), "{:?}", allowed.location());
}

#[tokio::test(flavor = "multi_thread")]
async fn signs_out_after_asking() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    app.post_form(&page, &[("email", "user@example.com"), ("password", PASSWORD)]).await;
    let question = app.get(route::SIGN_OUT).await;
    check(&question);
    assert!(question.text().contains("Sign out?") && question.text().contains("user@example.com"));
    assert!(app.cookie("turnpike_session").is_some());
    let done = app.post_form(route::SIGN_OUT, &[]).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, Some(route::SIGN_OUT)));
    assert_eq!(app.cookie("turnpike_session"), None);
    let said = app.get(route::SIGN_OUT).await;
    check(&said);
    assert!(said.text().contains("You are signed out"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_setup_link_makes_one_superadmin() {
    let app = TestApp::start().await;
    let link = app.services.setup().link().await.unwrap().expect("a link");
    let path = link.strip_prefix(&app.services.settings.issuer).unwrap().to_owned();
    let token = path.split("token=").nth(1).unwrap().to_owned();
    check(&app.get(&path).await);
    let form = [("token", token.as_str()), ("email", "root@example.com"), ("password", "four unrelated plain words")];
    let short = app.post_form(route::SETUP, &[form[0], form[1], ("password", "short")]).await;
    assert_eq!(short.status, StatusCode::BAD_REQUEST);
    check(&short);
    assert!(short.text().contains("value=\"root@example.com\""));
    let wrong = app.post_form(route::SETUP, &[("token", "x"), form[1], form[2]]).await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    let made = app.post_form(route::SETUP, &form).await;
    assert_eq!((made.status, made.location()), (StatusCode::SEE_OTHER, Some(route::DASHBOARD)));
    let email = domain::identity::email::Email::parse("root@example.com").unwrap();
    let user = app.services.users().find_by_email(&email).await.unwrap().expect("the superadmin");
    assert_eq!(user.role, GlobalRole::Superadmin);
    for again in [app.get(&path).await, app.post_form(route::SETUP, &form).await] {
        assert_eq!(again.status, StatusCode::FORBIDDEN);
        check(&again);
        assert!(again.text().contains("This setup link cannot be used"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn old_and_bent_flows_say_start_again() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-web", "").await;
    let bent = format!("{page}A");
    app.clock.advance(chrono::TimeDelta::minutes(31));
    for path in [page.clone(), bent, page.replace(route::SIGN_IN, route::PLANS), "/plans".into(), "/consent".into()] {
        let answer = app.get(&path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        check(&answer);
        assert!(answer.text().contains("This sign-in has expired"));
    }
    let sent = app.post_form(&page, &[("email", "user@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(sent.status, StatusCode::BAD_REQUEST);
    let again = sent.text();
    assert!(again.contains("href=\"https://acme.example/\"") && again.contains("Start again"), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mishaps_have_pages_in_both_languages() {
    let app = pages_shop::open().await;
    let wrong = authorize("nobody", "");
    let elsewhere = authorize("acme-web", "").replace("9300%2Fcallback", "9300%2Felsewhere");
    for (path, status, english, indonesian) in [
        (wrong.as_str(), StatusCode::BAD_REQUEST, "known application", "aplikasi yang dikenal"),
        (elsewhere.as_str(), StatusCode::BAD_REQUEST, "unknown address", "alamat yang tidak dikenal"),
        ("/nothing-here", StatusCode::NOT_FOUND, "Page not found", "Halaman tidak ditemukan"),
    ] {
        for (language, sentence) in [("en", english), ("id-ID,id;q=0.9", indonesian)] {
            let request = app.request(Method::GET, path).header("accept", "text/html");
            let answer = request.header("accept-language", language).send().await;
            assert_eq!(answer.status, status, "{path}");
            check(&answer);
            assert!(answer.text().contains(sentence), "{path}: {sentence}");
        }
    }
    // Programs get the bare status.
    let bare = app.get("/nothing-here").await;
    assert_eq!((bare.status, bare.text()), (StatusCode::NOT_FOUND, ""));
}
