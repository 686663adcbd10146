//! What an application wants to find again with an order.

use domain::Problem;
use serde_json::{Map, Value};

/// The most bytes of `metadata`, serialised.
const MAX: usize = 4096;

/// # Errors
/// `APP_001` on the field `metadata` when it is too large.
pub fn check(metadata: Option<&Map<String, Value>>) -> Result<(), Problem> {
    let size = metadata.map_or(0, |metadata| serde_json::to_string(metadata).map_or(0, |text| text.len()));
    if size > MAX { Err(Problem::field("metadata", format!("must have at most {MAX} bytes"))) } else { Ok(()) }
}
