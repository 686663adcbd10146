//! Signing in with another provider's account: Google, GitHub, or whoever speaks OpenID Connect.

pub mod linking;
pub mod method;

pub use linking::{Address, Facts, Verdict};
pub use method::{Issuer, MethodPatch, NewMethod, SignInMethod, Subject, UpstreamClientId, UpstreamKind};
