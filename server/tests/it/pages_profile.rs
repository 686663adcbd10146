//! `/account`: what somebody says about themselves, without JavaScript.

use axum::http::StatusCode;
use domain::{identity::profile::Profile, text::Name};
use serde_json::{Value, json};

use crate::{
    acme::{signed_in, tokens, userinfo},
    pages_shop::check,
    support::{Answer, TestApp},
};

/// Everything that the form takes. Whoever sends several lines ends them as browsers do.
const FIELDS: [(&str, &str); 20] = [
    ("name", "Ann Example"),
    ("given_name", "Ann"),
    ("family_name", "Example"),
    ("middle_name", "Maria"),
    ("nickname", "Annie"),
    ("preferred_username", "ann"),
    ("profile", "https://people.example/ann"),
    ("picture", "https://people.example/ann.png"),
    ("website", "https://ann.example/"),
    ("gender", "female"),
    ("birthdate", "1990-12-31"),
    ("zoneinfo", "Asia/Jakarta"),
    ("phone_number", "+6281234567890"),
    ("locale", "en"),
    ("street_address", "Jl. Braga 1\r\nLantai 2"),
    ("locality", "Bandung"),
    ("region", "Jawa Barat"),
    ("postal_code", "40111"),
    ("country", "Indonesia"),
    ("formatted", "Ann Example\r\nJl. Braga 1\r\n40111 Bandung"),
];
/// How many of them are of the scopes `profile` and `phone`; the others are parts of the address.
const OWN: usize = 14;
const FOLDED: [&str; 2] = ["More about you", "Postal address"];

async fn save(app: &TestApp, fields: &[(&str, &str)]) {
    let saved = app.post_form("/account", fields).await;
    assert_eq!(saved.location(), Some("/account?done=1"), "{}", saved.text());
}

/// What userinfo tells a client that may read all of it.
async fn told(app: &TestApp) -> Value {
    let tokens = tokens(app, &[("scope", "openid profile phone address")]).await;
    userinfo(app, tokens["access_token"].as_str().unwrap()).await.json()
}

/// Whether each of [`FOLDED`] is open.
fn open(page: &Answer) -> [bool; 2] {
    FOLDED.map(|title| {
        let mut all = page.text().split("<details").skip(1);
        let own = all.find(|part| part.split("</summary>").next().unwrap().contains(title)).expect(title);
        let tag = own.split('>').next().unwrap();
        // What stands in quotes is a value.
        tag.split('"').step_by(2).flat_map(str::split_whitespace).any(|word| word.trim_end_matches('=') == "open")
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_changed_and_what_is_wrong_stands_beside_its_field() {
    let app = signed_in().await;
    let bad = [("name", "Ann"), ("phone_number", "no number"), ("birthdate", "yesterday"), ("zoneinfo", "a b")];
    let refused = app.post_form("/account", &bad).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    check(&refused);
    for text in ["value=\"Ann\"", "value=\"no number\"", "+6281234567890", "1990-12-31", "Asia/Jakarta"] {
        assert!(refused.text().contains(text), "{text}");
    }
    let good = [("name", "Ann"), ("phone_number", "+62 812-3456"), ("birthdate", "1990-12-31"), ("locale", "id")];
    save(&app, &good).await;
    let shown = app.get("/account?done=1").await;
    check(&shown);
    for text in ["Tersimpan.", "value=\"+628123456\"", "value=\"1990-12-31\"", "<html lang=\"id\""] {
        assert!(shown.text().contains(text), "{text}");
    }
    assert!(!app.get("/account").await.text().contains("Tersimpan."));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_claim_is_shown_changed_told_and_taken_away() {
    let app = signed_in().await;
    save(&app, &FIELDS).await;
    let shown = app.get("/account").await;
    check(&shown);
    for (name, value) in FIELDS {
        let written = match name {
            "locale" => continue,
            "street_address" | "formatted" => format!(">{}</textarea>", value.replace("\r\n", "\n")),
            _ => format!("value=\"{value}\""),
        };
        assert!(shown.text().contains(&written), "{name}: {}", shown.text());
    }
    assert_eq!(open(&shown), [false; 2]);

    let said = told(&app).await;
    for (claim, value) in &FIELDS[..OWN] {
        assert_eq!(said[claim], json!(value), "{claim}");
    }
    assert!(said["updated_at"].is_i64(), "{said}");
    let lines = |(name, value): &(&str, &str)| ((*name).to_owned(), json!(value.replace("\r\n", "\n")));
    let address: Value = FIELDS[OWN..].iter().map(lines).collect();
    assert_eq!(said["address"], address);

    // What the page shows is what it takes.
    let before = app.user("user@example.com").await;
    save(&app, &FIELDS).await;
    assert_eq!(app.user("user@example.com").await, before);

    save(&app, &FIELDS.map(|(name, _)| (name, " "))).await;
    let after = app.user("user@example.com").await;
    assert_eq!((after.name, after.locale, after.profile), (None, None, Profile::default()));
    let said = told(&app).await;
    for (claim, _) in &FIELDS[..OWN] {
        assert_eq!(said.get(claim), None, "{claim}");
    }
    assert_eq!(said.get("address"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_opens_its_part_and_loses_nothing() {
    let app = signed_in().await;
    save(&app, &FIELDS).await;
    let before = app.user("user@example.com").await;
    let (long, longer) = ("x".repeat(101), "x".repeat(201));
    let (long, longer) = (long.as_str(), longer.as_str());
    let link = format!("https://ann.example/{}", "x".repeat(2000));
    let escaped = format!("https://ann.example/{}", "ä".repeat(1000));
    for (field, wrong, why, opened) in [
        ("given_name", long, "Given name: Use 1 to 100 characters.", [false, false]),
        ("middle_name", long, "Middle name: Use 1 to 100 characters.", [true, false]),
        ("nickname", long, "Nickname: Use 1 to 100 characters.", [true, false]),
        ("gender", long, "Gender: Use 1 to 100 characters.", [true, false]),
        ("profile", "https://u:p@people.example/", "Page about you: Write it like this: https://", [true, false]),
        ("picture", "javascript:alert(1)", "Link to a picture: Write it like this: https://", [true, false]),
        ("website", "ann.example", "Website: Write it like this: https://", [true, false]),
        ("website", escaped.as_str(), "Website: Use 1 to 2048 characters.", [true, false]),
        ("street_address", longer, "Street: Use 1 to 200 characters.", [false, true]),
        ("locality", longer, "City: Use 1 to 200 characters.", [false, true]),
        ("region", longer, "State or province: Use 1 to 200 characters.", [false, true]),
        ("postal_code", longer, "Postal code: Use 1 to 200 characters.", [false, true]),
        ("country", longer, "Country: Use 1 to 200 characters.", [false, true]),
        ("formatted", longer, "Whole address, as on an envelope: Use 1 to 200 characters.", [false, true]),
    ] {
        // Another long one, which is right.
        let right = if field == "website" { "picture" } else { "website" };
        let typed = FIELDS.map(|(name, value)| {
            let instead = [(field, wrong), (right, link.as_str())].into_iter().find(|(other, _)| *other == name);
            instead.unwrap_or((name, value))
        });
        let refused = app.post_form("/account", &typed).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{field}");
        check(&refused);
        let at = format!("href=\"#{field}\"");
        for text in [why, wrong, link.as_str(), at.as_str()] {
            assert!(refused.text().contains(text), "{field}: {text}");
        }
        assert_eq!(open(&refused), opened, "{field}");
        assert_eq!(app.user("user@example.com").await, before, "{field}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_sent_stays() {
    let app = signed_in().await;
    save(&app, &FIELDS).await;
    let before = app.user("user@example.com").await;
    // As a page of an earlier version sends it.
    save(&app, &[("name", "Ann"), ("locality", "Jakarta")]).await;
    let mut expected = before.clone();
    expected.name = Some(Name::parse("Ann").unwrap());
    let address = expected.profile.address.as_mut().unwrap();
    address.locality = Some("Jakarta".to_owned().try_into().unwrap());
    assert_eq!(app.user("user@example.com").await, expected);
    let refused = app.post_form("/account", &[("website", "ann.example")]).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    for text in ["value=\"ann.example\"", "value=\"Annie\"", "value=\"Jakarta\""] {
        assert!(refused.text().contains(text), "{text}");
    }
}

/// A browser's calendar shows whole days alone, and sends nothing for anything else.
#[tokio::test(flavor = "multi_thread")]
async fn a_birthday_that_is_no_day_of_the_calendar_is_text() {
    let app = signed_in().await;
    for (birthdate, kind) in [("1990-12-31", "date"), ("1990", "text"), ("0000-12-31", "text"), ("", "date")] {
        save(&app, &[("birthdate", birthdate)]).await;
        let field = format!("name=\"birthdate\" type=\"{kind}\" value=\"{birthdate}\"");
        let shown = app.get("/account").await;
        assert!(shown.text().contains(&field), "{birthdate}: {}", shown.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_too_many_changes_the_form_comes_back_as_it_was_typed() {
    let app = signed_in().await;
    for n in 0..60 {
        save(&app, &[("nickname", &format!("Annie {n}"))]).await;
    }
    let held_up = app.post_form("/account", &FIELDS).await;
    assert_eq!(held_up.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(held_up.header("retry-after").is_some());
    check(&held_up);
    for text in ["value=\"Annie\"", "value=\"https://ann.example/\"", ">Jl. Braga 1\nLantai 2</textarea>"] {
        assert!(held_up.text().contains(text), "{text}");
    }
}
