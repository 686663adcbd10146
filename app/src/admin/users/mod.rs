//! Users of an application.

#[cfg(feature = "ssr")]
pub mod access;
pub mod claims_form;
#[cfg(feature = "ssr")]
mod factors;
#[cfg(feature = "ssr")]
pub mod list;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
mod password;
#[cfg(feature = "ssr")]
mod sessions;
#[cfg(feature = "ssr")]
pub mod token;
