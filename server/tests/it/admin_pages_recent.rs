//! Forms of the dashboard that want a recent sign-in lead to one, and come back as they were filled in.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::{identity::user::User, route};

use crate::{
    admin_pages::{Office, admin, land, user},
    pages_factor::{shown, with_app},
    support::Answer,
};

/// For so long a sign-in is recent.
const RECENT: TimeDelta = TimeDelta::minutes(15);
const SAID: &str = "You have signed in again.";
/// Typed into the fields for secrets.
const SECRET: &str = "sk_test_51abcdefghijklmnop9876";

type Fields<'a> = &'a [(&'a str, &'a str)];

/// An office whose superadmin leaves the browser open.
struct Left {
    office: Office,
    boss: User,
}

impl Left {
    async fn open() -> Self {
        let office = Office::open().await;
        let boss = office.app.user("boss@example.com").await;
        Self { office, boss }
    }

    fn version(&self) -> i64 {
        self.office.app.services.directory().version
    }

    /// Sends a form too late: nothing happens, but for the way to a sign-in.
    async fn too_late(&self, page: &str, fields: Fields<'_>) {
        let (app, before) = (&self.office.app, self.version());
        app.clock.advance(RECENT);
        let asked = app.post_form(page, fields).await;
        assert_eq!(asked.location(), Some("/sign-in?again"), "{page}: {}", asked.text());
        assert_eq!(self.version(), before, "{page}");
    }

    /// Signs in again, and comes to the form.
    async fn come_back(&self, page: &str) -> Answer {
        let app = &self.office.app;
        app.sign_in(&self.boss).await;
        let back = app.get(route::DASHBOARD).await;
        assert_eq!(back.location(), Some(&*with_done(page)), "{}", back.text());
        let form = app.get(&with_done(page)).await;
        assert_eq!(form.status, StatusCode::OK, "{page}");
        assert!(form.text().contains(SAID), "{page}: {}", form.text());
        form
    }

    /// Sends a form too late, signs in again, reads `typed` in it, and sends it once more.
    async fn goes_round(&self, page: &str, fields: Fields<'_>, typed: &[&str]) -> Answer {
        self.too_late(page, fields).await;
        let form = self.come_back(page).await;
        for part in typed {
            assert!(form.text().contains(part), "{page}, {part}: {}", form.text());
        }
        assert!(!form.text().contains(SECRET), "{page}: {}", form.text());
        let sent = self.office.app.post_form(&with_done(page), fields).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{page}: {}", sent.text());
        assert!(!sent.location().unwrap().starts_with(route::SIGN_IN), "{page}: {:?}", sent.location());
        sent
    }
}

fn with_done(page: &str) -> String {
    format!("{page}{}done=signed_in", if page.contains('?') { '&' } else { '?' })
}

/// The page that a form leads to, without what is said there.
fn page_of(sent: &Answer) -> String {
    sent.location().unwrap().split('?').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_are_made_and_changed_by_who_has_just_signed_in() {
    let left = Left::open().await;
    let new = [("name", "Kopi"), ("slug", "kopi"), ("redirect_uris", "https://kopi.example/cb")];
    left.goes_round("/dashboard/applications/new", &new, &["value=\"Kopi\"", "https://kopi.example/cb"]).await;

    let uri = "https://worker.example/cb";
    let new = [("action", "save"), ("kind", "public"), ("name", "Phone"), ("alg", "ES256"), ("redirect_uris", uri)];
    left.goes_round("/dashboard/acme/clients/new", &new, &["value=\"Phone\"", uri]).await;

    let client = format!("/dashboard/acme/clients/{}", left.office.created.client.id);
    let moved = "https://moved.example/cb";
    let save = [("action", "save"), ("name", "Renamed"), ("alg", "RS256"), ("redirect_uris", moved)];
    left.goes_round(&client, &save, &["value=\"Renamed\"", moved]).await;
    let at_once = [("action", "rotate"), ("at_once", "on")];
    let rotated = left.goes_round(&client, &at_once, &["Rotate the secret", "End the old secrets now"]).await;
    assert!(land(&left.office.app, &rotated).await.text().contains("Keep this secret now"));

    let token = [("action", "create"), ("name", "Partner"), ("days", "77"), ("require_pkce", "on")];
    left.goes_round("/dashboard/acme/clients/registration", &token, &["value=\"Partner\"", "value=\"77\""]).await;
}

/// A cookie holds so much.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_to_keep_is_typed_once_more() {
    let left = Left::open().await;
    let (page, app) = ("/dashboard/applications/new", &left.office.app);
    let uris: Vec<_> = (0..80).map(|i| format!("https://kopi.example/callback/{i}")).collect();
    left.too_late(page, &[("name", "Kopi"), ("slug", "kopi"), ("redirect_uris", &uris.join("\n"))]).await;
    assert!(app.cookie("kept_form").unwrap().len() < 1024);
    app.sign_in(&left.boss).await;
    let again = app.get(route::DASHBOARD).await.location().unwrap().to_owned();
    assert_eq!(again, format!("{page}?done=type_again"));
    let form = app.get(&again).await;
    assert!(form.text().contains("too long to keep") && !form.text().contains("callback/1"), "{}", form.text());
    // It says so to whoever comes from there.
    app.clock.advance(RECENT);
    assert!(!app.get(&again).await.text().contains("too long to keep"));
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_redirect_are_saved_by_who_has_just_signed_in() {
    let left = Left::open().await;
    let settings = "/dashboard/acme/settings";
    let base = [("action", "save"), ("name", "Acme 2"), ("plan_selection", "always"), ("description", "As typed")];
    let delicate = [&base[..], &[("skip_consent", "on")]].concat();
    left.goes_round(settings, &delicate, &["value=\"Acme 2\"", "As typed"]).await;

    let payments = "/dashboard/acme/settings/payments";
    let save = |provider: &'static str, uri: &'static str, grace_days: &'static str| {
        [
            ("action", "save"),
            ("provider", provider),
            ("on_end", "none"),
            ("grace_days", grace_days),
            ("retries", "2, 4"),
            ("remind_before", ""),
            ("remind_after", "1"),
            ("return_urls", uri),
        ]
    };
    let moved = "https://moved.example/billing";
    left.goes_round(payments, &save("none", moved, "14"), &[moved, "value=\"14\""]).await;
    left.goes_round(payments, &save("stripe", moved, "14"), &["value=\"stripe\" selected"]).await;
    let keys = [("action", "keys"), ("of", "stripe"), ("stripe_secret_key", SECRET)];
    left.goes_round(payments, &keys, &["No keys yet."]).await;

    // What redirects nothing asks for nothing.
    left.office.app.clock.advance(RECENT);
    for (page, fields) in [
        (settings, [&base[..1], &[("name", "Acme 3"), ("plan_selection", "never"), ("skip_consent", "on")]].concat()),
        (payments, save("stripe", moved, "21").to_vec()),
    ] {
        let saved = left.office.app.post_form(page, &fields).await;
        assert_eq!(saved.location(), Some(&*format!("{page}?done=saved")), "{}", saved.text());
    }
    let lower = [&base[..1], &[("name", "Acme 4"), ("plan_selection", "never"), ("skip_consent", "on")]].concat();
    let strict = [&lower[..], &[("is_mfa_required", "on")]].concat();
    let saved = left.office.app.post_form(settings, &strict).await;
    assert_eq!(saved.location(), Some(&*format!("{settings}?done=saved")), "{}", saved.text());
    left.goes_round(settings, &lower, &["value=\"Acme 4\""]).await;
    left.goes_round(settings, &[("action", "delete"), ("confirm", "acme")], &["value=\"acme\""]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn providers_and_webhooks_are_set_up_by_who_has_just_signed_in() {
    let left = Left::open().await;
    let method = [
        ("action", "save"),
        ("kind", "github"),
        ("name", "Code"),
        ("client_id", "as-typed"),
        ("client_secret", SECRET),
    ];
    let new = "/dashboard/acme/sign-in-methods/new?kind=github";
    let page = page_of(&left.goes_round(new, &method, &["value=\"Code\"", "value=\"as-typed\""]).await);
    let save = [("action", "save"), ("name", "Renamed"), ("client_id", "another"), ("client_secret", SECRET)];
    left.goes_round(&page, &save, &["value=\"Renamed\"", "value=\"another\""]).await;
    left.goes_round(&page, &[("action", "off")], &[]).await;

    let url = "https://hooks.example/as-typed";
    let hook = [("action", "save"), ("endpoint", url), ("description", "Seats"), ("events", "user.created")];
    let page = page_of(&left.goes_round("/dashboard/acme/webhooks/new", &hook, &[url, "value=\"Seats\""]).await);
    let other = "https://moved.example/hooks";
    let save = [("action", "save"), ("endpoint", other), ("description", "Seats"), ("enabled", "on")];
    left.goes_round(&page, &save, &[other]).await;
    let rotated = left.goes_round(&page, &[("action", "rotate")], &["Rotate the secret"]).await;
    assert!(land(&left.office.app, &rotated).await.text().contains("Keep this secret now"));
    left.office.app.clock.advance(RECENT);
    let same = [("action", "save"), ("endpoint", other), ("description", "Of the seats"), ("enabled", "on")];
    let saved = left.office.app.post_form(&page, &same).await;
    assert_eq!(saved.location(), Some(&*format!("{page}?done=saved")), "{}", saved.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn power_is_given_by_who_has_just_signed_in() {
    let left = Left::open().await;
    let app = &left.office.app;
    let new = [("action", "save"), ("name", "Toko"), ("slug", "toko-kue"), ("owner", "")];
    let page = page_of(&left.goes_round("/organizations/new", &new, &["value=\"Toko\"", "value=\"toko-kue\""]).await);
    let invite = [("action", "invite"), ("email", "new@example.com"), ("role", "owner")];
    left.goes_round(&page, &invite, &["value=\"new@example.com\"", "value=\"owner\" selected"]).await;

    let ann = user(app, "ann@example.com").await;
    let directory = app.services.directory();
    let entry = directory.by_slug("acme").expect("an application");
    let role = |name: &str| entry.role_named(name).expect("a role").id.to_string();
    let (higher, usual) = (role("admin"), role("user"));
    let grant = [("action", "grant"), ("email", "ann@example.com"), ("role", &*higher)];
    let chosen = format!("value=\"{higher}\" selected");
    let page =
        page_of(&left.goes_round("/dashboard/acme/users", &grant, &["value=\"ann@example.com\"", &chosen]).await);
    assert!(page.ends_with(&ann.id.to_string()), "{page}");
    left.goes_round(&page, &[("action", "roles"), ("role", &*usual)], &[]).await;
    // What gives nobody power asks for nothing.
    app.clock.advance(RECENT);
    for fields in [vec![("action", "roles"), ("role", &*usual)], vec![("action", "suspend")]] {
        let sent = app.post_form(&page, &fields).await;
        assert!(sent.location().unwrap().starts_with(&page), "{:?}", sent.location());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_comes_back_to_nobody_else_and_not_for_ever() {
    let left = Left::open().await;
    let app = &left.office.app;
    let page = "/dashboard/acme/clients/new";
    let new = [("action", "save"), ("kind", "public"), ("name", "As typed"), ("alg", "ES256")];
    left.too_late(page, &new).await;
    // Who thinks better of it is not led back, and reads nothing of a sign-in that was none.
    let quiet = async || {
        assert_eq!(app.get(route::DASHBOARD).await.status, StatusCode::OK);
        let form = app.get(&with_done(page)).await;
        assert_eq!(form.status, StatusCode::OK);
        assert!(!form.text().contains(SAID) && !form.text().contains("As typed"), "{}", form.text());
    };
    quiet().await;
    app.sign_in(&admin(app, &left.office.created).await).await;
    quiet().await;
    assert!(left.come_back(page).await.text().contains("value=\"As typed\""));
    // By its own address the page is empty.
    assert!(!app.get(page).await.text().contains("As typed"));
    app.clock.advance(TimeDelta::minutes(10));
    quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_factor_leads_back_likewise() {
    let left = Left::open().await;
    let app = &left.office.app;
    let (key, _) = with_app(app, &left.boss).await;
    app.sign_in(&left.boss).await;
    let page = "/dashboard/acme/clients/new";
    let new = [("action", "save"), ("kind", "public"), ("name", "As typed"), ("alg", "ES256")];
    assert_eq!(app.post_form(page, &new).await.location(), Some(route::FACTOR));
    let raised = app.post_form(route::FACTOR, &[("code", &shown(app, &key))]).await;
    assert_eq!(raised.location(), Some(route::DASHBOARD));
    assert_eq!(app.get(route::DASHBOARD).await.location(), Some(&*with_done(page)));
    let form = app.get(&with_done(page)).await;
    assert!(form.text().contains(SAID) && form.text().contains("value=\"As typed\""), "{}", form.text());
    assert_eq!(app.post_form(page, &new).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_signs_in_comes_to_the_very_page() {
    let left = Left::open().await;
    let browser = left.office.app.browser();
    let page = "/dashboard/acme/sign-in-methods/new?kind=github";
    let told = format!("{page}&done=saved&q=%3Cscript%3E");
    assert_eq!(browser.get(&told).await.location(), Some(route::SIGN_IN));
    browser.sign_in(&left.boss).await;
    assert_eq!(browser.get(route::DASHBOARD).await.location(), Some(page), "and nothing was saved there");
}
