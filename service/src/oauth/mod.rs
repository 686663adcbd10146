//! OAuth 2 and OpenID Connect: from the authorization request to the tokens, and back.

mod assertion;
pub mod authorize;
pub mod backchannel;
pub mod client_auth;
mod client_keys;
mod codes;
mod consent;
pub mod consents;
pub mod device;
mod dpop;
pub mod failure;
mod flow;
pub mod grants;
pub mod introspect;
pub mod logout;
mod presented;
mod pushed;
mod refresh_tokens;
mod register;
pub mod revoke;
pub mod tokens;
pub(crate) mod used_ids;
pub mod userinfo;

pub use authorize::{AuthorizeError, Step};
pub use client_auth::PresentedCredentials;
pub(crate) use client_keys::FetchedKeys;
pub use dpop::PresentedProof;
pub use failure::Failure;
pub use flow::{FlowView, WaitingFlow};
pub use grants::TokenRequest;
pub use pushed::Pushed;
pub use tokens::TokenAnswer;
