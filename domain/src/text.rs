//! Short texts with a length: names, descriptions, slugs and keys. A value of these types is always valid.

mod link;

use std::fmt;

use crate::flaw::{Alphabet, Flaw};

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
        #[serde(into = "String")]
        pub struct $name(String);

        impl $name {
            /// # Errors
            /// When the text breaks the rule of this type.
            pub fn parse(text: &str) -> Result<Self, $crate::Flaw> {
                let check: fn(&str) -> Result<String, $crate::Flaw> = $check;
                check(text).map(Self)
            }

            /// One that was taken at its time, by whatever rule held then.
            pub const fn stored(text: String) -> Self {
                Self(text)
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::Flaw;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                if $crate::stored::is_being_read() {
                    return Ok(Self::stored(text));
                }
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
pub(crate) use text;

/// Trims `text` and checks that `min..=max` characters remain and none is a control character.
pub(crate) fn bounded(text: &str, min: usize, max: usize) -> Result<String, Flaw> {
    let text = text.trim();
    let count = text.chars().count();
    if count < min || count > max {
        return Err(if min == 0 { Flaw::TooLong { max } } else { Flaw::Length { min, max } });
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Flaw::Control);
    }
    Ok(text.to_owned())
}

fn in_one_line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain = text.chars().filter(|c| !turns(*c));
    plain.map(|c| if matches!(c, '\n' | '\t' | '\r' | '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect()
}

/// Checks that `text` has 1 to `max` characters of an alphabet.
pub(crate) fn keyed(text: &str, max: usize, of: Alphabet) -> Result<String, Flaw> {
    if text.is_empty() || text.chars().count() > max || !text.chars().all(|c| of.has(c)) {
        return Err(Flaw::Letters { max, of });
    }
    Ok(text.to_owned())
}

text!(
    /// A display name of 1 to 100 characters in one line: a break or a tab in it is a space, and signs that turn the
    /// direction of writing, by which a name could look like another, are left out.
    Name,
    |text| bounded(&in_one_line(text), 1, 100)
);
text!(
    /// A description of at most 512 characters. The admin API refuses more than 500.
    #[derive(Default)]
    Description,
    |text| bounded(text, 0, 512)
);
text!(
    /// The permanent short name of an application: `^[a-z0-9-]{1,64}$`.
    Slug,
    |text| keyed(text, 64, Alphabet::Slug)
);

/// The longest reason for what somebody does that is kept, in characters.
pub const MAX_REASON: u16 = 500;

/// Why somebody does something, without the space around it; `None` where nothing is left.
///
/// # Errors
/// When it is longer than [`MAX_REASON`].
pub fn reason(text: &str) -> Result<Option<String>, Flaw> {
    let (text, max) = (text.trim(), usize::from(MAX_REASON));
    if text.chars().count() > max {
        return Err(Flaw::TooLong { max });
    }
    Ok(Some(text).filter(|text| !text.is_empty()).map(str::to_owned))
}

/// Makes a key out of a name: lower case letters and digits, Latin letters without their marks, everything else one
/// `-`, at most 64 characters. Empty when the name has no such character.
pub fn slugify(name: &str) -> String {
    let mut key = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            key.push(c);
        } else if let Some(letters) = unmarked(c) {
            key.push_str(letters);
        } else if !key.is_empty() && !key.ends_with('-') {
            key.push('-');
        }
    }
    key.truncate(64);
    key.trim_end_matches('-').to_owned()
}

/// The letters of ASCII for one of Latin, in lower case; none for a mark that combines with the letter before it.
const fn unmarked(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{300}'..='\u{36f}' => "",
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

/// Wraps a list of displayable things with commas.
pub fn list<T: fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|i| i.to_string()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(Name::parse("  Acme ").unwrap().as_str(), "Acme");
        assert!(Name::parse("   ").is_err());
        assert!(Name::parse(&"x".repeat(101)).is_err());
        assert!(Name::parse("a\0b").is_err());
    }

    #[test]
    fn names_are_one_line() {
        for (text, name) in [
            ("Security\n\nOpen\thttps://a.example\r", "Security  Open https://a.example"),
            ("a\u{2028}b\u{2029}c", "a b c"),
            ("gpj\u{202e}exe.\u{2066}x\u{2069}", "gpjexe.x"),
        ] {
            assert_eq!(Name::parse(text).unwrap().as_str(), name);
        }
        assert!(Name::parse("\u{202e}\n").is_err());
        assert_eq!(Description::parse("two\nlines").unwrap().as_str(), "two\nlines");
    }

    #[test]
    fn slugs_follow_their_pattern() {
        assert!(Slug::parse("acme-2").is_ok());
        assert!(Slug::parse("Acme").is_err());
        assert!(Slug::parse("").is_err());
    }

    #[test]
    fn reasons_are_trimmed_and_bounded() {
        assert_eq!(reason("  moved away\n").unwrap().as_deref(), Some("moved away"));
        assert_eq!(reason(" ").unwrap(), None);
        assert!(reason(&format!(" {} ", "ä".repeat(500))).is_ok());
        assert_eq!(reason(&"x".repeat(501)), Err(Flaw::TooLong { max: 500 }));
    }

    #[test]
    fn a_key_is_made_from_a_name() {
        assert_eq!(slugify("Pro Plan (2026)"), "pro-plan-2026");
        assert_eq!(slugify("日本"), "");
        assert_eq!(slugify("Größer & Better 2"), "grosser-better-2");
        assert_eq!(slugify("Cafe\u{301} Ærø, Łódź İzmir"), "cafe-aero-lodz-izmir");
        let long = slugify(&"ß".repeat(100));
        assert_eq!((long.len(), Slug::parse(&long).is_ok()), (64, true));
    }
}
