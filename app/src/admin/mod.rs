//! The dashboard.

#[cfg(feature = "ssr")]
pub mod routes;
