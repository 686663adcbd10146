//! What all front doors share: who asks, cookies, errors, headers.

pub mod cookie;
pub mod ctx;
pub mod envelope;
pub mod error;
pub mod headers;
pub mod origin;
pub mod panic;
pub mod request_id;
pub mod timeout;
