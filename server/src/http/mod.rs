//! What all front doors share: who asks, bodies, parameters, cookies, errors, headers.

pub mod authorization;
pub mod body;
pub mod challenge;
pub mod compress;
pub mod cookie;
pub mod csv;
pub mod ctx;
pub mod envelope;
pub mod error;
pub mod etag;
pub mod form;
pub mod headers;
pub mod html;
pub mod idempotency;
pub mod intake;
pub mod leftover;
pub mod origin;
pub mod panic;
pub mod params;
pub mod peer;
pub mod redirect;
pub mod request_id;
pub mod sole;
pub mod timeout;
