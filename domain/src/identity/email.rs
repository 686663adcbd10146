//! E-mail addresses, compared without case.

use crate::{Flaw, text::text};

text!(
    /// An address `local@domain` of at most 254 characters, in lower case.
    Email,
    |text| {
        let address = text.trim().to_lowercase();
        let bad = || Err(Flaw::Email);
        let Some((local, domain)) = address.rsplit_once('@') else { return bad() };
        let labels = domain.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        });
        let local_ok = !local.is_empty()
            && local.len() <= 64
            && !local.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '@' | '<' | '>' | '"' | ',' | ';'));
        if address.len() > 254 || !labels || !local_ok {
            return bad();
        }
        Ok(address)
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_folded_and_checked() {
        assert_eq!(Email::parse(" User@Example.COM ").unwrap().as_str(), "user@example.com");
        for bad in ["", "a", "@b.c", "a@", "a@b..c", "a b@c.d", "a@b@c.d", "a@-b.c"] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }
}
