//! The vocabulary of OAuth 2 and OpenID Connect.

pub mod client;
pub mod redirect_uri;
pub mod scope;
