//! The vocabulary and the rules of Turnpike: no I/O, no async, no clock. Compiles to WebAssembly, so that
//! the server and the browser share the same types and the same answers.

pub mod application;
pub mod billing;
pub mod error;
pub mod flaw;
pub mod id;
pub mod identity;
pub mod json;
pub mod locale;
pub mod money;
pub mod oauth;
pub mod page;
pub mod raster;
pub mod route;
pub mod secret;
pub mod stored;
pub mod text;
pub mod theme;
pub mod webhook;

pub use error::{ErrorCode, FieldError, Problem};
pub use flaw::Flaw;
pub use locale::Locale;
pub use money::{Currency, Money};
pub use secret::Secret;

/// A moment, to the millisecond, in UTC.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
