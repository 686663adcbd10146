//! Names that a mail program would make a link of. Whoever chooses a name could lead strangers by it, in a mail of this
//! server: such a name is in no mail to somebody else.

use std::net::Ipv4Addr;

use super::Name;

impl Name {
    /// Whether a mail program could make a link of a part of it: where it holds `://`, `www.` or what looks like a host
    /// (`label.tld`, or an IPv4 address).
    pub fn is_linkable(&self) -> bool {
        let seen = self.as_str().chars().filter(|c| !is_unseen(*c)).map(|c| if is_dot(c) { '.' } else { c });
        let seen = seen.collect::<String>().to_lowercase();
        let mut words = seen.split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '.'));
        seen.contains("://") || seen.contains("www.") || words.any(is_host)
    }
}

/// Whether one label of a word could be a top-level domain: two letters or more, right behind another label and a dot.
fn is_host(word: &str) -> bool {
    let labels: Vec<_> = word.split('.').collect();
    let is_below = |pair: &[&str]| {
        let [name, top] = pair else { return false };
        !name.is_empty() && top.starts_with(char::is_alphabetic) && top.chars().count() > 1
    };
    labels.windows(2).any(is_below) || word.trim_matches('.').parse::<Ipv4Addr>().is_ok()
}

/// What separates the labels of a host besides the full stop: what names of hosts turn into one.
const fn is_dot(c: char) -> bool {
    matches!(c, '\u{2024}' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}')
}

/// What nobody sees in a word, and programs leave out.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_linkable(name: &str) -> bool {
        Name::parse(name).unwrap().is_linkable()
    }

    #[test]
    fn what_leads_somewhere_is_found() {
        for name in [
            "Security Team (https://evil.example/login)",
            "see ftp://evil",
            "WWW.evil",
            "evil.example",
            "Your bank: Evil.Example!",
            "a.co",
            "ann@evil.example",
            "evil.example:8080/login",
            "log-in.evil.co.id",
            "b\u{fc}cher.example",
            "evil\u{3002}example",
            "evil\u{200b}.\u{ad}example",
            "call 192.0.2.1 now",
        ] {
            assert!(is_linkable(name), "{name}");
        }
    }

    #[test]
    fn what_people_and_companies_are_called_leads_nowhere() {
        for name in [
            "Ann",
            "Dr. Ann O'Neill-Smith, M.D.",
            "J.R.R. Tolkien",
            "Acme, Inc.",
            "PT. Maju Jaya Tbk.",
            "e.V. Kopi & Kue",
            "Turnpike 2.0",
            "Wait... what?",
            "http",
            "\u{682a}\u{5f0f}\u{4f1a}\u{793e}",
        ] {
            assert!(!is_linkable(name), "{name}");
        }
    }
}
