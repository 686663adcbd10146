//! How hard a password is to guess: by zxcvbn, which brings 30,000 leaked passwords, English words and names along, and
//! by what it has besides words that whoever guesses begins with.

use std::cmp::Reverse;

use domain::identity::password::Strength;

use super::known::COMMON;

/// Fewest characters that a password has besides known words: a year, a sign or both behind a word are soon tried.
const BESIDES: usize = 6;
/// zxcvbn gets so many characters. The time that it takes grows with their square and with the ways in which digits and
/// signs may stand for letters (half a second for 100 of them), and who asks is not known.
const WEIGHED: usize = 32;

/// `hints` are what is known of whoever chooses the password.
pub(super) fn of(text: &str, hints: &[String]) -> Strength {
    let common = COMMON.split_whitespace().map(str::to_owned);
    let mut known: Vec<String> = hints.iter().map(|hint| hint.to_lowercase()).chain(common).collect();
    known.sort_by_key(|word| Reverse(word.len()));
    let besides = known.iter().fold(text.to_lowercase(), |text, word| text.replace(word.as_str(), ""));
    if besides.chars().count() < BESIDES {
        return Strength::Weak;
    }
    let known: Vec<&str> = known.iter().map(|word| start(word)).collect();
    match u8::from(zxcvbn::zxcvbn(start(text), &known).score()) {
        0 | 1 => Strength::Weak,
        2 => Strength::Fair,
        3 => Strength::Good,
        _ => Strength::Strong,
    }
}

/// The characters of a text that zxcvbn gets.
fn start(text: &str) -> &str {
    text.char_indices().nth(WEIGHED).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use domain::{identity::email::Email, text::Name};

    use super::*;
    use crate::identity::passwords::hints;

    /// From the top of public lists of leaked passwords.
    const LEAKED: &str = "12345678 123456789 1234567890 11111111 00000000 123123123 987654321 11223344 147258369 \
        password password1 password123 passw0rd p@ssw0rd qwerty123 qwertyuiop 1q2w3e4r 1q2w3e4r5t 1qaz2wsx zaq12wsx \
        qazwsxedc asdfghjkl asdf1234 abcd1234 aa123456 a1b2c3d4 iloveyou sunshine princess football baseball superman \
        trustno1 starwars computer whatever michelle jennifer internet liverpool letmein1 monkey123 dragon123 \
        master123 admin123 welcome1 changeme test1234 minecraft administrator pass@123 admin@123 india@123 \
        welcome@123 summer2024 winter2025 turnpike qwer1234 123qweasd pokemon1 samsung1 charlie1 killer123 hello123 \
        google123 facebook linkedin photoshop indonesia bismillah katasandi rahasia123 sayang123 akucintakamu \
        jakarta123 merdeka45 alhamdulillah lupapassword";

    fn capital(text: &str) -> String {
        text.char_indices().map(|(i, c)| if i == 0 { c.to_ascii_uppercase() } else { c }).collect()
    }

    #[test]
    fn leaked_passwords_are_weak_however_they_are_dressed() {
        for leaked in LEAKED.split_whitespace() {
            let capital = capital(leaked);
            for typed in [
                leaked.to_owned(),
                leaked.to_uppercase(),
                format!("{leaked}1"),
                format!("{capital}1"),
                format!("{capital}!"),
                capital,
            ] {
                assert_eq!(of(&typed, &[]), Strength::Weak, "{typed}");
            }
        }
    }

    #[test]
    fn what_is_made_of_the_own_name_or_address_is_weak() {
        let (email, name) =
            (Email::parse("budi.santoso@kopikita.example").unwrap(), Name::parse("Budi Santoso").unwrap());
        let known = hints(Some(&email), Some(&name));
        for typed in [
            "BudiSantoso",
            "budi.santoso",
            "Budi_Santoso_1",
            "SantosoBudi88",
            "BudiSantoso1990!",
            "Budi1990Santoso",
            "Budi@2024",
            "Santoso1990",
            "KopiKita2026",
            "osotnasidub",
            "bud1s4nt0s0",
            "budi.santoso@kopikita.example",
        ] {
            assert_eq!(of(typed, &known), Strength::Weak, "{typed}");
        }
        assert_ne!(of("Budi_Santoso_1", &[]), Strength::Weak, "to whoever does not know the name");
    }

    #[test]
    fn what_nobody_would_try_is_taken() {
        for (typed, strength) in [
            ("kqzvwxtr", Strength::Fair),
            ("gX7!pLw2", Strength::Fair),
            ("horse staple", Strength::Good),
            ("correct horse battery staple", Strength::Strong),
            ("merpati-lampu-sendok", Strength::Strong),
            ("🦀 ünï côdé 密码", Strength::Strong),
        ] {
            assert_eq!(of(typed, &[]), strength, "{typed}");
        }
    }

    #[test]
    fn zxcvbn_gets_the_start_alone() {
        assert_eq!(start("short"), "short");
        assert_eq!(start(&"é".repeat(256)), "é".repeat(WEIGHED));
        assert_eq!(of(&format!("{}kqzv wxtr 83#!", "a".repeat(WEIGHED)), &[]), Strength::Weak);
        let long = format!("{}@example.com", "long.address".repeat(5));
        assert_eq!(of(&long, std::slice::from_ref(&long)), Strength::Weak);
    }
}
