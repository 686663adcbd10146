//! What lists share, and the reasons for what is done with money.

use std::borrow::Cow;

use domain::{Flaw, Problem, text};

/// Whether a list is asked for as CSV.
///
/// # Errors
/// `APP_001` for another format than `json` and `csv`.
pub fn is_csv(format: Option<&str>) -> Result<bool, Problem> {
    match format {
        None | Some("json") => Ok(false),
        Some("csv") => Ok(true),
        Some(_) => Err(Problem::field("format", Flaw::OneOf("json, csv".into()))),
    }
}

/// The names of a closed list.
pub fn one_of<const N: usize>(names: [&str; N]) -> Cow<'static, str> {
    names.join(", ").into()
}

/// Why something was done, for the ledger.
///
/// # Errors
/// `APP_001` on the field `reason` when it is too long.
pub fn reason(reason: Option<&str>) -> Result<Option<String>, Problem> {
    text::reason(reason.unwrap_or_default()).map_err(|flaw| Problem::field("reason", flaw))
}
