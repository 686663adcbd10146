//! OAuth 2 and OpenID Connect: from the authorization request to the tokens, and back.

pub mod authorize;
pub mod client_auth;
mod codes;
mod consent;
pub mod failure;
mod flow;
pub mod grants;
pub mod introspect;
pub mod logout;
mod presented;
mod refresh_tokens;
pub mod revoke;
pub mod tokens;
pub mod userinfo;

pub use authorize::{AuthorizeError, Step};
pub use client_auth::PresentedCredentials;
pub use failure::Failure;
pub use flow::{FlowView, WaitingFlow};
pub use grants::TokenRequest;
pub use tokens::TokenAnswer;
