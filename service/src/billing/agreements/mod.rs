//! Subscriptions that a provider renews by itself: ours follows what it has billed, it follows what we decide.

mod steering;
mod sync;

pub(crate) use steering::{end_now, want};
pub(crate) use sync::sync;
