//! What else is known about a person: the standard claims of OpenID Connect Core, 5.1, that have no field of their own.

use serde::{Deserialize, Serialize};

use crate::{
    Flaw,
    text::{Name, bounded, text},
    theme::WebUrl,
};

text!(
    /// A birthday as `YYYY-MM-DD`, with the year `0000` where only the day is known, or a year alone.
    Birthdate,
    |text| {
        let digits = |part: &str, len: usize| part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
        let day = |rest: &str| {
            let (month, day) = rest.split_once('-')?;
            let fits = digits(month, 2) && digits(day, 2);
            // A leap year, so that 29 February passes where the year is not known.
            let (month, day) = (month.parse().ok()?, day.parse().ok()?);
            (fits && chrono::NaiveDate::from_ymd_opt(2000, month, day).is_some()).then_some(())
        };
        let right = match text.split_once('-') {
            None => digits(text, 4),
            Some((year, rest)) => digits(year, 4) && day(rest).is_some(),
        };
        if right { Ok(text.to_owned()) } else { Err(Flaw::Form { like: "1990-12-31".into() }) }
    }
);
text!(
    /// A telephone number as `+` and 4 to 15 digits (E.164).
    PhoneNumber,
    |text| {
        let digits = text.strip_prefix('+').unwrap_or_default();
        let right = (4..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if right { Ok(text.to_owned()) } else { Err(Flaw::Form { like: "+6281234567890".into() }) }
    }
);
text!(
    /// A name of the time zone database, such as `Asia/Jakarta`.
    ZoneInfo,
    |text| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
        let right = (1..=64).contains(&text.len()) && text.chars().all(plain);
        if right { Ok(text.to_owned()) } else { Err(Flaw::Form { like: "Asia/Jakarta".into() }) }
    }
);
text!(
    /// A part of an address: 1 to [`MAX_ADDRESS_PART`] characters; several lines in the whole one.
    AddressPart,
    |text| bounded(text, 1, usize::from(MAX_ADDRESS_PART))
);

/// The longest part of an address, in characters.
pub const MAX_ADDRESS_PART: u16 = 200;

/// A postal address (5.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Address {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<AddressPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<AddressPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<AddressPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<AddressPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<AddressPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<AddressPart>,
}

/// See the module. Everything may be unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Profile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<Name>,
    /// The page about the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<WebUrl>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<WebUrl>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<WebUrl>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<Birthdate>,
    #[serde(rename = "zoneinfo", skip_serializing_if = "Option::is_none")]
    pub zone_info: Option<ZoneInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<PhoneNumber>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub phone_number_verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_will_read_has_its_form() {
        for good in ["1990-12-31", "0000-02-29", "1990"] {
            assert!(Birthdate::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "90", "1990-13-01", "1990-2-1", "31.12.1990", "1990-12-31T00:00:00Z"] {
            assert!(Birthdate::parse(bad).is_err(), "{bad}");
        }
        assert!(PhoneNumber::parse("+6281234567890").is_ok());
        for bad in ["081234567890", "+62 812", "+", "+1234567890123456"] {
            assert!(PhoneNumber::parse(bad).is_err(), "{bad}");
        }
        assert!(ZoneInfo::parse("America/Argentina/Buenos_Aires").is_ok() && ZoneInfo::parse("a b").is_err());
    }

    #[test]
    fn nothing_known_is_an_empty_object() {
        assert_eq!(serde_json::to_string(&Profile::default()).unwrap(), "{}");
        let text = r#"{"givenName":"Dana","address":{"locality":"Bandung"}}"#;
        assert_eq!(serde_json::to_string(&serde_json::from_str::<Profile>(text).unwrap()).unwrap(), text);
        assert!(serde_json::from_str::<Profile>(r#"{"shoeSize":42}"#).is_err());
    }
}
