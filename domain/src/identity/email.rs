//! E-mail addresses, compared without case.

use url::Host;

use crate::{Flaw, text::text};

text!(
    /// An address `local@domain` of at most 254 bytes, in lower case. The local part is a dot-atom (RFC 5322, section
    /// 3.2.3) of letters and digits that stand alone (RFC 6531), the domain in Unicode (RFC 5890): one mailbox has one
    /// spelling, and none has signs that nobody sees.
    Email,
    |text| {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@').ok_or(Flaw::Email)?;
        let Ok(Host::Domain(ascii)) = Host::parse(domain) else { return Err(Flaw::Email) };
        let label_ok = |label: &str| {
            let ends = label.starts_with('-') || label.ends_with('-');
            !label.is_empty() && !ends && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        let atext = |c: char| c.is_alphanumeric() || ATEXT.contains(c);
        let atom_ok = |atom: &str| {
            !atom.is_empty() && atom.chars().all(atext) && atom.split(|c| ATEXT.contains(c)).all(are_plain)
        };
        let local_ok = local.len() <= 64 && local.split('.').all(atom_ok);
        let address = format!("{local}@{}", url::quirks::domain_to_unicode(&ascii));
        if address.len() > 254 || !local_ok || domain.contains('%') || !ascii.split('.').all(label_ok) {
            return Err(Flaw::Email);
        }
        Ok(address)
    }
);

/// Whether letters are what the name of a host could have (UTS 46): composed, none that stands for another, none that
/// nobody sees.
fn are_plain(letters: &str) -> bool {
    let name = format!("{letters}.example");
    let ascii = || Host::parse(&name).ok().map(|host| host.to_string());
    letters.is_ascii() || ascii().is_some_and(|ascii| url::quirks::domain_to_unicode(&ascii) == name)
}

/// What an atom may have besides letters and digits.
const ATEXT: &str = "!#$%&'*+-/=?^_`{|}~";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_folded_and_checked() {
        assert_eq!(Email::parse(" User@Example.COM ").unwrap().as_str(), "user@example.com");
        for bad in ["", "a", "@b.c", "a@", "a@b..c", "a b@c.d", "a@b@c.d", "a@-b.c", "a@b.c.", "a@1.2.3.4", "a@[::1]"] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
        for bad in ["a..b@c.d", ".a@c.d", "a.@c.d", "a(b)@c.d", "a:b@c.d", "a\"@c.d", "a,b@c.d", "<a>@c.d", "a\\@c.d"] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
        let long = |local: usize| format!("{}@c.d", "x".repeat(local));
        assert!(Email::parse(&long(64)).is_ok() && Email::parse(&long(65)).is_err());
    }

    #[test]
    fn one_mailbox_has_one_spelling() {
        let good = [
            ("o'neil+news_x@c.d", "o'neil+news_x@c.d"),
            ("JÜRGEN@Bücher.example", "jürgen@bücher.example"),
            ("jürgen@xn--bcher-kva.example", "jürgen@bücher.example"),
            ("用户@例子.example", "用户@例子.example"),
            ("가@c.d", "가@c.d"),
        ];
        for (text, stored) in good {
            assert_eq!(Email::parse(text).unwrap().as_str(), stored);
            assert_eq!(Email::parse(stored).unwrap().as_str(), stored);
        }
        // A sign without width, one that turns the direction, an accent of its own.
        for bad in ["zz\u{200b}@c.d", "a\u{202e}b@c.d", "cafe\u{301}@c.d", "a@c\u{202e}.d", "a@ex%61mple.d"] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
        // A filler, and the parts of a syllable that has a letter of its own.
        for bad in ["zz\u{3164}@c.d", "zz\u{1160}@c.d", "\u{1100}\u{1161}@c.d"] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
        // The same to the eye as one letter, and one that stands for another.
        for bad in ["\u{9c7}\u{9be}@c.d", "\u{627}\u{654}@c.d", "\u{ff41}nn@c.d", "\u{212b}\u{308}@c.d"] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
        // What came in by another rule is read.
        assert_eq!(Email::stored("a..b@c.d".into()).as_str(), "a..b@c.d");
    }
}
