//! Features of one user.

use domain::{ErrorCode, Problem, billing::feature::FeatureKey};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{http::params::PathParam, state::AppState};

mod check;
mod remove;
mod set;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(set::set, remove::remove)).routes(routes!(check::check))
}

/// A feature's key in a path, as it was written.
pub struct KeyText(String);

impl PathParam for KeyText {
    const NAME: &'static str = "feature_key";
    const MISSING: ErrorCode = ErrorCode::InvalidInput;

    fn parse(text: &str) -> Option<Self> {
        Some(Self(text.to_owned()))
    }
}

impl KeyText {
    /// # Errors
    /// `APP_001` on the field `feature_key`.
    fn parse(&self) -> Result<FeatureKey, Problem> {
        key(&self.0)
    }
}

/// # Errors
/// `APP_001` on the field `feature_key`.
fn key(text: &str) -> Result<FeatureKey, Problem> {
    FeatureKey::parse(text).map_err(|flaw| Problem::field("feature_key", flaw))
}
