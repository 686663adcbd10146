//! Pages, components and server functions. Rendered on the server; in the browser only islands come alive.

// Without erase_components, as in a release, a page's type is as deep as its markup.
#![recursion_limit = "512"]

pub mod admin;
pub mod checkout;
pub mod error;
pub mod i18n;
pub mod look;
pub mod plans;
pub mod portal;
pub mod ui;

#[cfg(feature = "ssr")]
pub mod account;
#[cfg(feature = "ssr")]
pub mod auth;
#[cfg(feature = "ssr")]
pub mod form;
#[cfg(feature = "ssr")]
pub mod hosted;
#[cfg(feature = "ssr")]
pub mod notice;
#[cfg(feature = "ssr")]
pub mod sandbox;
#[cfg(feature = "ssr")]
pub mod security;
#[cfg(feature = "ssr")]
pub mod shell;
#[cfg(feature = "ssr")]
pub mod ssr;
