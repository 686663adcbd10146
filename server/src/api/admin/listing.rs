//! What the lists of money share, and the reasons for what is done with it.

use std::borrow::Cow;

use domain::{Flaw, Problem, page::PageRequest, text};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::params::sought;

/// `?cursor=&limit=&status=&search=&format=` of a list that can be exported.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MoneyQuery {
    /// Where the page starts: `nextCursor` of the page before.
    cursor: Option<String>,
    /// How many entries at most, 1 to 100. Default 50.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// One status.
    pub status: Option<String>,
    /// Part of the user's e-mail address or name, the provider's reference, or a whole id.
    #[param(max_length = 254)]
    search: Option<String>,
    /// `json` (default) or `csv`.
    format: Option<String>,
}

impl MoneyQuery {
    /// # Errors
    /// `APP_001` when `limit` lies outside 1 to 100, or the cursor is of no list.
    pub fn page(&self) -> Result<PageRequest, Problem> {
        PageRequest::parse(self.cursor.as_deref(), self.limit.as_deref())
    }

    /// # Errors
    /// `APP_001` when the text to search for is too long.
    pub fn search(&self) -> Result<Option<String>, Problem> {
        Ok(sought(self.search.as_deref())?.map(str::to_owned))
    }

    /// # Errors
    /// `APP_001` for another format.
    pub fn is_csv(&self) -> Result<bool, Problem> {
        match self.format.as_deref() {
            None | Some("json") => Ok(false),
            Some("csv") => Ok(true),
            Some(_) => Err(Problem::field("format", Flaw::OneOf("json, csv".into()))),
        }
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
