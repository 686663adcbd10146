//! What pages say, in English and Indonesian. Each message stands in both languages side by side, so that a missing
//! translation does not compile.

mod account;
mod checkout;
mod common;
mod factor;
mod hosted;
mod money;
mod plans;
mod portal;
mod problem;
mod upstream;

use domain::{Locale, Money, Timestamp};
use serde::{Deserialize, Serialize};

/// Everything that pages can say, in one language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text(pub Locale);

impl Text {
    pub const fn locale(self) -> Locale {
        self.0
    }

    /// `Rp 99.000` with a no-break space, `$9.99`.
    pub fn money(self, money: Money) -> String {
        money.format(self.0)
    }

    /// `20 December 2026`, `20 Desember 2026`.
    pub fn date(self, at: Timestamp) -> String {
        self.0.date(at)
    }

    /// `20 December 2026, 14:05 UTC`.
    pub fn date_time(self, at: Timestamp) -> String {
        self.0.date_time(at)
    }

    /// A whole number with the language's separators.
    pub fn number(self, number: i64) -> String {
        let separator = match self.0 {
            Locale::En => ',',
            Locale::Id => '.',
        };
        let digits = number.unsigned_abs().to_string();
        let mut text = if number < 0 { String::from('-') } else { String::new() };
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                text.push(separator);
            }
            text.push(digit);
        }
        text
    }
}

/// `name(arguments) "English" | "Indonesian";` becomes a method of [`Text`] that gives the sentence.
macro_rules! messages {
    ($($(#[$doc:meta])* $name:ident($($arg:ident),*) $en:literal | $id:literal;)*) => {
        impl $crate::i18n::Text {$(
            $(#[$doc])*
            pub fn $name(self $(, $arg: impl std::fmt::Display)*) -> String {
                match self.locale() {
                    domain::Locale::En => format!($en),
                    domain::Locale::Id => format!($id),
                }
            }
        )*}
    };
}
pub(crate) use messages;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_language() {
        assert_eq!(Text(Locale::En).number(1_234_567), "1,234,567");
        assert_eq!(Text(Locale::Id).number(-1_000), "-1.000");
        assert_eq!(Text(Locale::Id).number(0), "0");
    }

    #[test]
    fn sentences_take_names() {
        assert_eq!(Text(Locale::En).sign_in_to("Acme"), "Sign in to Acme");
        assert_eq!(Text(Locale::Id).sign_in_to("Acme"), "Masuk ke Acme");
    }
}
