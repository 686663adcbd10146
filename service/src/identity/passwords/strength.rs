//! How hard a password is to guess: by zxcvbn, which brings 30,000 leaked passwords, English words and names along, by
//! what it has besides words that whoever guesses begins with, and by a longer list of what has leaked.

use std::cmp::Reverse;

use domain::identity::password::Strength;

use super::{known::COMMON, leaked};

/// Fewest characters that a password has besides known words: a year, a sign or both behind a word are soon tried.
const BESIDES: usize = 6;
/// zxcvbn gets so many characters. The time that it takes grows with their square and with the ways in which digits and
/// signs may stand for letters (half a second for 100 of them), and who asks is not known.
const WEIGHED: usize = 32;

/// Fewest characters of a password without its signs that is judged by itself.
const JUDGED: usize = 8;

/// `hints` are what is known of whoever chooses the password.
pub(super) fn of(text: &str, hints: &[String]) -> Strength {
    let common = COMMON.split_whitespace().map(str::to_owned);
    let mut known: Vec<String> = hints.iter().map(|hint| hint.to_lowercase()).chain(common).collect();
    known.sort_by_key(|word| Reverse(word.len()));
    let lower = text.to_lowercase();
    let besides = known.iter().fold(lower.clone(), |text, word| text.replace(word.as_str(), ""));
    if besides.chars().count() < BESIDES {
        return Strength::Weak;
    }
    let known: Vec<&str> = known.iter().map(|word| start(word)).collect();
    let score = |text: &str| match u8::from(zxcvbn::zxcvbn(start(text), &known).score()) {
        0 | 1 => Strength::Weak,
        2 => Strength::Fair,
        3 => Strength::Good,
        _ => Strength::Strong,
    };
    let is_weak = |text: &String| *text != lower && (has_leaked(text) || score(text) == Strength::Weak);
    if has_leaked(&lower) || undressed(&lower).iter().any(is_weak) { Strength::Weak } else { score(text) }
}

/// As it stands, or but for a sign or a digit behind it.
fn has_leaked(lower: &str) -> bool {
    let mut but_last = lower.chars();
    but_last.next_back();
    leaked::has(lower) || leaked::has(but_last.as_str())
}

/// What may stand behind a password with signs: the keys without Shift (`1qaz@WSX`), and the rest where signs were put
/// in (`Abcd@1234`).
fn undressed(lower: &str) -> Vec<String> {
    let unshifted = lower.chars().map(unshifted).collect();
    let bare: String = lower.chars().filter(|c| !c.is_ascii_punctuation()).collect();
    [unshifted].into_iter().chain((bare.chars().count() >= JUDGED).then_some(bare)).collect()
}

/// The digit of a sign's key on most keyboards.
const fn unshifted(sign: char) -> char {
    match sign {
        '!' => '1',
        '@' => '2',
        '#' => '3',
        '$' => '4',
        '%' => '5',
        '^' => '6',
        '&' => '7',
        '*' => '8',
        '(' => '9',
        ')' => '0',
        other => other,
    }
}

/// The characters of a text that zxcvbn gets.
fn start(text: &str) -> &str {
    text.char_indices().nth(WEIGHED).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the top of public lists of leaked passwords.
    const LEAKED: &str = "12345678 123456789 1234567890 11111111 00000000 123123123 987654321 11223344 147258369 \
        password password1 password123 passw0rd p@ssw0rd qwerty123 qwertyuiop 1q2w3e4r 1q2w3e4r5t 1qaz2wsx zaq12wsx \
        qazwsxedc asdfghjkl asdf1234 abcd1234 aa123456 a1b2c3d4 iloveyou sunshine princess football baseball superman \
        trustno1 starwars computer whatever michelle jennifer internet liverpool letmein1 monkey123 dragon123 \
        master123 admin123 welcome1 changeme test1234 minecraft administrator pass@123 admin@123 india@123 \
        welcome@123 summer2024 winter2025 turnpike qwer1234 123qweasd pokemon1 samsung1 charlie1 killer123 hello123 \
        google123 facebook linkedin photoshop indonesia bismillah katasandi rahasia123 sayang123 akucintakamu \
        jakarta123 merdeka45 alhamdulillah lupapassword abcd@1234 abc@12345 asdf@1234 pass@word1 zaq1@wsx !qaz@wsx \
        1qaz@wsx3edc qwer!234 qwe123!@# huawei@123 woaini1314 18atcskd2w fqrg7cs493 pe#5gz29ptzmse januari2024";

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
        let known = ["budi.santoso@kopikita.example", "kopikita", "Budi", "Santoso"].map(str::to_owned);
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
