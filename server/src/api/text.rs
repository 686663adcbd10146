//! Short texts of requests that have no type of their own.

use domain::Problem;

/// The identifier of something at a provider: 1 to 255 printable characters. Empty counts as none.
///
/// # Errors
/// `APP_001` on `field`.
pub fn provider_id(field: &str, text: Option<String>) -> Result<Option<String>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.len() > 255 || !text.chars().all(|c| c.is_ascii_graphic()) {
        return Err(Problem::field(field, "must have at most 255 characters without spaces"));
    }
    Ok(Some(text))
}

/// A description as the admin API takes it: at most 500 characters.
///
/// # Errors
/// `APP_001` on `description`.
pub fn description(text: domain::text::Description) -> Result<domain::text::Description, Problem> {
    if text.as_str().chars().count() > 500 {
        return Err(Problem::field("description", "must have at most 500 characters"));
    }
    Ok(text)
}

/// Refuses another value for what never changes; the same value is no change.
///
/// # Errors
/// `APP_001` on `field`.
pub fn unchanged(field: &str, asked: Option<&str>, is: &str) -> Result<(), Problem> {
    match asked {
        Some(asked) if asked != is => Err(Problem::field(field, "never changes")),
        _ => Ok(()),
    }
}
