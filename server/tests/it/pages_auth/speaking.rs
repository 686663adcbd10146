//! Languages and colours.

use axum::http::{Method, StatusCode};
use domain::{Locale, application::SettingsPatch, route};
use service::Ctx;

use super::mail_link;
use crate::{
    pages_shop::{self, PASSWORD, arrive, authorize, check},
    support::{Answer, TestApp},
};

/// Sends a form from a browser that wants English.
async fn english(browser: &TestApp, page: &str, fields: &[(&str, &str)]) -> Answer {
    browser.request(Method::POST, page).header("accept-language", "en").form(fields).send().await
}

/// The subject of the newest mail. What is sent next is newer.
async fn subject(app: &TestApp) -> String {
    let mails = app.services.mails().latest(&Ctx::operator()).await.unwrap();
    app.clock.advance(chrono::TimeDelta::seconds(1));
    mails.first().expect("a mail").mail.subject.clone()
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
    let acme = app.application("acme");
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
async fn a_mail_speaks_the_language_of_the_page_that_it_was_asked_on() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-web", "&ui_locales=id").await;
    let of = |path: &str| page.replace(route::SIGN_IN, path);
    for (form, email, says) in [
        (of(route::REGISTER), "ann@example.com", "Acme: konfirmasi alamat email Anda"),
        (of(route::REGISTER), "user@example.com", "Acme: Anda sudah memiliki akun"),
        (of(route::EMAIL_SIGN_IN), "user@example.com", "Acme: tautan masuk Anda"),
        (of(route::FORGOT_PASSWORD), "user@example.com", "Acme: buat kata sandi baru"),
    ] {
        let sent = english(&app, &form, &[("name", "Ann"), ("email", email)]).await;
        assert_eq!(sent.status, StatusCode::OK, "{form}");
        assert!(sent.text().contains("<html lang=\"id\""), "{form}");
        assert_eq!(subject(&app).await, says, "{form}");
    }
    // A visitor's own choice goes before.
    let chosen = format!("{}&lang=en", of(route::FORGOT_PASSWORD));
    english(&app, &chosen, &[("email", "user@example.com")]).await;
    assert_eq!(subject(&app).await, "Acme: choose a new password");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_written_to_in_its_own_language() {
    let app = pages_shop::open().await;
    let (page, _) = arrive(&app, "acme-web", "&ui_locales=id").await;
    let form = [("name", "Ann"), ("email", "ann@example.com")];
    english(&app, &page.replace(route::SIGN_IN, route::REGISTER), &form).await;
    let link = mail_link(&app, "ann@example.com").await;
    // A browser that wants English goes on in the language of the mail, until its owner chooses another one.
    for (path, lang) in [(link.clone(), "id"), (format!("{link}?lang=en"), "en")] {
        let shown = app.browser().request(Method::GET, &path).header("accept-language", "en").send().await;
        assert!(shown.text().contains(&format!("<html lang=\"{lang}\"")), "{path}: {}", shown.text());
    }
    let made = english(&app, &link, &[("password", "four unrelated plain words")]).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text());
    assert_eq!(app.user("ann@example.com").await.locale, Some(Locale::Id));
    app.clock.advance(chrono::TimeDelta::hours(2));
    let other = app.browser();
    let asked = english(&other, route::FORGOT_PASSWORD, &[("email", "ann@example.com")]).await;
    assert!(asked.text().contains("<html lang=\"en\""), "{}", asked.text());
    assert_eq!(subject(&app).await, "Turnpike: buat kata sandi baru");
    let form = [("email", "ann@example.com"), ("password", "four unrelated plain words")];
    let entered = english(&other, route::SIGN_IN, &form).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.text());
    assert_eq!(subject(&app).await, "Turnpike: akun Anda digunakan untuk masuk");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_browser_is_told_in_the_colours_of_what_waits_behind() {
    let app = pages_shop::open().await;
    app.clock.advance(chrono::TimeDelta::hours(2));
    let acme = app.application("acme");
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
