//! Finding rows by a part of their text.

use sea_orm::sea_query::LikeExpr;

/// A pattern for a column in lower case that has `text` anywhere in it. Wildcards in the text mean themselves.
pub(crate) fn containing(text: &str) -> LikeExpr {
    let escaped = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    LikeExpr::new(format!("%{escaped}%")).escape('\\')
}
