//! The authorization request (RFC 6749, section 4.1.1; OpenID Connect Core, 3.1.2.1): from raw parameters to a
//! validated request, by one ordered table of checks.

mod address;
mod checks;
mod parameters;
mod request;

pub use address::{AuthorizationResponse, ResponseMode, ReturnAddress, Unanswerable, with_query};
pub use checks::{RULES, Rule, beside_pushed, several_resources, validate};
pub use parameters::RawParameters;
pub use request::{AuthorizationRequest, Door};
