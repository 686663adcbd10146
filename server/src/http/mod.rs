//! What all front doors share: who asks, cookies, errors, headers.

pub mod cookie;
pub mod ctx;
pub mod error;
