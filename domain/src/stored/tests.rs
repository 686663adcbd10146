use std::fmt::Debug;

use proptest::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use super::*;
use crate::{
    application::{PermissionName, ReturnUrl, RoleName, Settings},
    billing::{
        claims::{ClaimKey, ClaimsPatch, CustomClaims},
        coupon::CouponCode,
        dunning::Dunning,
        feature::{FeatureKey, Features},
        invoice::InvoiceNumber,
        plan::{PlanKey, PlanName},
        price::PriceName,
    },
    identity::{
        email::Email,
        profile::{AddressPart, Birthdate, PhoneNumber, Profile, ZoneInfo},
        upstream::{Issuer, Subject, UpstreamClientId},
    },
    oauth::{
        client::ClientId, client_keys::ClientUri, device::UserCode, jwk::Jwks, redirect_uri::RedirectUri,
        resource::Resource,
    },
    text::{Description, Name, Slug},
    theme::{Color, Radius, Theme, WebUrl},
};

/// What was taken is the same when it is read, and when it comes in again.
fn holds<T: Serialize + DeserializeOwned + PartialEq + Debug, E>(taken: Result<T, E>) {
    let Ok(taken) = taken else { return };
    let text = serde_json::to_string(&taken).unwrap();
    assert_eq!(read::<T>(&text).unwrap(), taken, "read: {text}");
    assert_eq!(serde_json::from_str::<T>(&text).unwrap(), taken, "taken again: {text}");
}

/// Beginnings of what the types want, and what parsers leave out, write otherwise or stumble over.
const STARTS: &str = "| |https://|HTTPS://a.example/|http://127.0.0.1/|https:|com.example.app:/|#|+";
const PIECES: &str = "a|B|7|é|ß|İ|日本|-|_|.|..|/|%2f|%\t2f|%5C|\\|:|@|?|#| |\t|\n|\r|\0|\u{202e}|\u{2028}|px|example|\
                      xn--bcher-kva.|a@b.example|1990-12-31|.write|[::1]|*|~";

fn text() -> impl Strategy<Value = String> {
    let one_of = |texts: &'static str| prop::sample::select(texts.split('|').collect::<Vec<_>>());
    let rest = prop::collection::vec(one_of(PIECES), 0..12);
    (one_of(STARTS), rest).prop_map(|(start, rest)| format!("{start}{}", rest.concat()))
}

/// A number as somebody might write it.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        (-9999_i64..9999, -290_i32..290).prop_map(|(digits, exponent)| format!("{digits}e{exponent}")),
        any::<i64>().prop_map(|number| number.to_string()),
        prop::num::f64::NORMAL.prop_map(|number| format!("{number:e}")),
    ]
}

proptest! {
    #[test]
    fn texts_that_are_taken_are_read(text in text()) {
        holds(Name::parse(&text));
        holds(Description::parse(&text));
        holds(Slug::parse(&text));
        holds(RoleName::parse(&text));
        holds(PermissionName::parse(&text));
        holds(PlanKey::parse(&text));
        holds(PlanName::parse(&text));
        holds(PriceName::parse(&text));
        holds(CouponCode::parse(&text));
        holds(InvoiceNumber::parse(&text));
        holds(FeatureKey::parse(&text));
        holds(ClaimKey::parse(&text));
        holds(Email::parse(&text));
        holds(Birthdate::parse(&text));
        holds(PhoneNumber::parse(&text));
        holds(ZoneInfo::parse(&text));
        holds(AddressPart::parse(&text));
        holds(Subject::parse(&text));
        holds(UpstreamClientId::parse(&text));
        holds(ClientId::parse(&text));
        holds(UserCode::parse(&text));
        holds(Color::parse(&text));
        holds(Radius::try_from(text));
    }

    #[test]
    fn addresses_that_are_taken_are_read(text in text()) {
        holds(WebUrl::parse(&text));
        holds(ReturnUrl::parse(&text));
        holds(RedirectUri::parse(&text));
        holds(ClientUri::parse(&text));
        holds(Resource::parse(&text));
        holds(Issuer::parse(&text));
    }

    #[test]
    fn numbers_that_are_taken_are_read(numbers in prop::collection::vec(number(), 1..400)) {
        let list: Value = serde_json::from_str(&format!("[{}]", numbers.join(","))).unwrap();
        holds(Features::parse(json!({ "x": list })));
        let claims = json!({ "x": list[0] });
        holds(ClaimsPatch::parse(claims, true).and_then(|patch| CustomClaims::replaced(&patch)));
    }
}

#[test]
fn what_is_kept_is_measured() {
    let url = format!("https://a.example/{}", "é".repeat(1000));
    assert!(WebUrl::parse(&url).is_err(), "2,018 bytes, and 6,018 as they are kept");
    holds(WebUrl::parse(&format!("https://a.example/{}", "x".repeat(2030))));
    assert!(WebUrl::parse(&format!("https://a.example/{}", "x".repeat(2031))).is_err());
    let written = format!(r#"{{"x":[{}]}}"#, vec!["470e-272"; 300].join(","));
    let features = Features::parse(serde_json::from_str(&written).unwrap());
    assert!(features.is_ok());
    holds(features);
}

#[test]
fn what_was_taken_by_another_rule_is_read() {
    let mut settings = serde_json::to_value(Settings::new(Name::parse("Acme").unwrap())).unwrap();
    let long = format!("https://a.example/{}", "x".repeat(3000));
    settings["name"] = json!("x".repeat(200));
    settings["url"] = json!(long);
    settings["return_urls"] = json!(["https://a.example/%2f", long]);
    settings["theme"] = json!({ "logo_url": long, "radius": "40px" });
    settings["dunning"] = json!({ "retries": [90, 1], "remind_before": [], "remind_after": [1] });
    let text = settings.to_string();
    let old = read::<Settings>(&text).unwrap();
    assert_eq!(serde_json::to_value(&old).unwrap(), settings);
    assert!(serde_json::from_str::<Settings>(&text).is_err(), "nobody brings it in");
    assert!(read::<Profile>(&json!({ "website": long, "zoneinfo": "a b" }).to_string()).is_ok());
    assert!(read::<Features>(&json!({ "a": "x".repeat(4000) }).to_string()).is_ok());
    assert!(read::<CustomClaims>(r#"{"iss":"x"}"#).is_ok());
    let keys = json!({ "keys": vec![json!({ "kty": "RSA", "n": "A".repeat(5000), "e": "AQAB" }); 2] });
    assert_eq!(read::<Jwks>(&keys.to_string()).unwrap().keys.len(), 2);
}

#[test]
fn only_reading_is_lenient() {
    assert!(read::<Slug>(r#""Not A Slug""#).is_ok());
    assert!(serde_json::from_str::<Slug>(r#""Not A Slug""#).is_err());
    // Nor after what could not be read.
    assert!(read::<Slug>("7").is_err());
    assert!(serde_json::from_str::<Slug>(r#""Not A Slug""#).is_err());
    assert!(read::<ReturnUrl>(r#""no address""#).is_err(), "it has no form");
    holds(Theme::parse(json!({ "radius": "32px" })));
    holds(Dunning::parse(json!({ "retries": [1] })));
}
