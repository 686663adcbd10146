//! Entity tags (RFC 9110, section 8.8.3).

use axum::http::{HeaderMap, header::IF_NONE_MATCH};

/// Whether `If-None-Match` names the tag, which comes with its quotes and without a comma: 304 then. Tags are compared
/// weakly, since a proxy that changes the coding marks ours with `W/` (RFC 9110, section 13.1.2).
pub fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(lines: &[&str]) -> bool {
        is_known(&lines.iter().map(|line| (IF_NONE_MATCH, line.parse().unwrap())).collect(), "\"ab\"")
    }

    #[test]
    fn a_tag_is_known_wherever_it_stands() {
        assert!(known(&["\"ab\""]));
        assert!(known(&["W/\"ab\""]));
        assert!(known(&["*"]));
        assert!(known(&["\"x\", \"ab\"", "\"y\""]));
        assert!(known(&["\"x\",W/\"ab\" ,\"y\""]));
        assert!(known(&["\"x\"", "\"ab\""]));
    }

    #[test]
    fn a_part_of_a_tag_is_another() {
        assert!(!known(&[]));
        assert!(!known(&[""]));
        assert!(!known(&["ab"]));
        assert!(!known(&["\"abc\"", "\"a\""]));
        assert!(!known(&["\"x\"ab\""]));
        assert!(!known(&["w/\"ab\""]));
    }
}
