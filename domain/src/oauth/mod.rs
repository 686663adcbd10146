//! The vocabulary of OAuth 2 and OpenID Connect.

pub mod acr;
pub mod addresses;
pub mod authorize;
pub mod claim;
pub mod claims;
pub mod claims_request;
pub mod client;
pub mod client_keys;
pub mod device;
pub mod error;
pub mod jwk;
pub mod metadata;
pub mod pkce;
pub mod prompt;
pub mod redirect_uri;
pub mod registration;
pub mod resource;
pub mod scope;
