//! Passwords that are known to have leaked, of those that nothing else here finds easy to guess: 290,000 of the most
//! frequent. `scripts/leaked.mjs` makes the list.

use crate::crypto;

/// The first bytes of the SHA-256 of each, in lower case, sorted.
const LIST: &[u8] = include_bytes!("leaked.bin");
/// How many bytes: one of four million passwords that are not on the list seems to be.
const BYTES: usize = 5;

/// Whether the list has `text`, which is in lower case.
pub(super) fn has(text: &str) -> bool {
    let (list, _) = LIST.as_chunks::<BYTES>();
    crypto::hash(text).first_chunk().is_some_and(|start| list.binary_search(start).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole_and_sorted() {
        let (list, rest) = LIST.as_chunks::<BYTES>();
        assert!(list.len() > 250_000 && list.is_sorted() && rest.is_empty());
    }

    #[test]
    fn it_has_what_has_leaked() {
        for leaked in ["woaini1314", "18atcskd2w", "fqrg7cs493", "pe#5gz29ptzmse", "zaq1@wsx"] {
            assert!(has(leaked), "{leaked}");
        }
        for own in ["", "kqzvwxtr", "horse staple", "merpati-lampu-sendok"] {
            assert!(!has(own), "{own}");
        }
    }
}
