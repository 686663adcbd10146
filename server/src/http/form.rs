//! Names and values as `application/x-www-form-urlencoded` has them, so many and no more.

/// Most pairs of a protocol request, a query or a form.
pub const MOST: usize = 200;
/// Most of an admin's form, which may have a field for every permission and every plan.
pub const MOST_OF_ADMINS: usize = 5_000;

/// What is decoded; `None` where there are more than `most`.
pub fn pairs(bytes: &[u8], most: usize) -> Option<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    for (name, value) in url::form_urlencoded::parse(bytes) {
        if pairs.len() == most {
            return None;
        }
        pairs.push((name.into_owned(), value.into_owned()));
    }
    Some(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_so_many_and_no_more() {
        let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(pairs(b"a=1+2&b&&a=%26", 3), Some(vec![own("a", "1 2"), own("b", ""), own("a", "&")]));
        assert_eq!(pairs(b"a=1+2&b&&a=%26", 2), None);
        assert_eq!(pairs(b"", 0), Some(Vec::new()));
        let many = "a&".repeat(MOST);
        assert_eq!(pairs(many.as_bytes(), MOST).map(|pairs| pairs.len()), Some(MOST));
        assert_eq!(pairs(format!("{many}a").as_bytes(), MOST), None);
    }
}
