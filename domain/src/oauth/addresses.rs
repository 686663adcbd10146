//! How many addresses of one kind an application or a client has. Every node keeps all of them in memory, and reads all
//! of them again when one changes. Only what is written is checked: a longer list that is stored goes on working.

use crate::{Flaw, Problem};

/// Most addresses of one kind.
pub const MOST: usize = 100;

/// # Errors
/// `APP_001` on `field` for more than [`MOST`].
pub fn check<T>(field: &str, addresses: &[T]) -> Result<(), Problem> {
    if addresses.len() > MOST { Err(Problem::field(field, Flaw::Addresses { max: MOST })) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_too_many_is_refused() {
        assert_eq!(check("redirectUris", &[0; MOST]), Ok(()));
        let problem = check("redirectUris", &[0; MOST + 1]).unwrap_err();
        assert_eq!(problem.message, "redirectUris: must be at most 100 addresses");
        assert_eq!(problem.fields[0].field, "redirectUris");
    }
}
