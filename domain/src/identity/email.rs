//! E-mail addresses, compared without case.

use url::Host;

use crate::{Flaw, text::text};

text!(
    /// An address `local@domain` of at most 254 bytes, in lower case. The local part is a dot-atom (RFC 5322, section
    /// 3.2.3; letters and digits of every script, RFC 6531), the domain in ASCII (RFC 5890): one mailbox has one spelling,
    /// and none has signs that nobody sees.
    Email,
    |text| {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@').ok_or(Flaw::Email)?;
        let Ok(Host::Domain(domain)) = Host::parse(domain) else { return Err(Flaw::Email) };
        let label_ok = |label: &str| {
            let ends = label.starts_with('-') || label.ends_with('-');
            !label.is_empty() && !ends && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        let atom_ok = |atom: &str| !atom.is_empty() && atom.chars().all(|c| c.is_alphanumeric() || ATEXT.contains(c));
        let local_ok = local.len() <= 64 && local.split('.').all(atom_ok);
        let address = format!("{local}@{domain}");
        if address.len() > 254 || !local_ok || !domain.split('.').all(label_ok) {
            return Err(Flaw::Email);
        }
        Ok(address)
    }
);

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
            ("JÜRGEN@Bücher.example", "jürgen@xn--bcher-kva.example"),
            ("用户@例子.example", "用户@xn--fsqu00a.example"),
        ];
        for (text, stored) in good {
            assert_eq!(Email::parse(text).unwrap().as_str(), stored);
            assert_eq!(Email::parse(stored).unwrap().as_str(), stored);
        }
        // A sign without width, one that turns the direction, an accent of its own.
        for bad in ["zz\u{200b}@c.d", "a\u{202e}b@c.d", "cafe\u{301}@c.d", "a@c\u{202e}.d"] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }
}
