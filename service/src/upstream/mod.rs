//! Signing in with another provider's account.
//!
//! A browser leaves for a provider ([`depart`]) and comes back with a code ([`arrive`]); what the provider then says
//! about the person is verified before anything follows from it. A provider's account signs in to the account here that
//! it is linked to. It is never linked to one because their addresses are the same: the owner proves the account first
//! ([`link`]).

mod arrive;
mod client;
mod depart;
mod discovery;
mod github;
mod id_token;
pub mod identities;
mod link;
pub mod methods;
mod recency;

pub use arrive::{Arrival, Back, Failure, Outcome, Returned};
pub use depart::{Departed, Departure, Intent};
pub(crate) use discovery::Documents;
pub use link::Pending;
pub(crate) use recency::Recency;

use domain::{
    Timestamp,
    identity::{email::Email, upstream::Subject},
    text::Name,
};

use crate::Services;

/// See the module.
pub struct Upstreams<'a>(&'a Services);

impl Services {
    pub const fn upstreams(&self) -> Upstreams<'_> {
        Upstreams(self)
    }
}

/// What a provider said about somebody, verified.
#[derive(Debug)]
struct Person {
    subject: Subject,
    email: Option<Email>,
    /// Whether the provider says that the address is theirs.
    email_verified: bool,
    name: Option<Name>,
    /// When they last proved who they are, where the provider says so.
    authenticated_at: Option<Timestamp>,
}
