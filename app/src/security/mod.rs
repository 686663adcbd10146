//! Second factors: the page that asks for one, and those where they are set up.

mod codes;
mod factor;
mod overview;
mod passkey;
mod qr;
mod totp;

use domain::route::{self, ReturnTo};

pub use codes::CodesPage;
pub use factor::{FactorPage, Kind};
pub use overview::SecurityPage;
pub use passkey::PasskeyForm;
pub use totp::TotpPage;

/// One of these pages on the way to somewhere; by itself where it is not on a way.
pub fn address(page: &str, to: Option<&ReturnTo>) -> String {
    match to {
        None => page.to_owned(),
        Some(ReturnTo::Dashboard) => format!("{page}?{}={}", route::TO, route::TO_DASHBOARD),
        Some(to) => to.by(page),
    }
}
