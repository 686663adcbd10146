//! Finding rows by their text.

use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, ExprTrait, LikeExpr},
};

/// A pattern for a column in lower case that has `text` anywhere in it. Wildcards in the text mean themselves.
pub(crate) fn containing(text: &str) -> LikeExpr {
    let escaped = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    LikeExpr::new(format!("%{escaped}%")).escape('\\')
}

/// That a column of text is one of `texts`, in rows that are found by something else. SQLite knows of no index how many
/// rows it leaves, and would rather look by this column, which leaves many.
pub(crate) fn besides<'a>(column: impl ColumnTrait, texts: impl IntoIterator<Item = &'a str>) -> Expr {
    Expr::col(column.as_column_ref()).cast_as("text").is_in(texts)
}
