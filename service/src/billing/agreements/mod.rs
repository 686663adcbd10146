//! Subscriptions that a provider renews by itself: ours follows what it has billed, it follows what we decide.

mod left;
mod steering;
mod sync;

pub(crate) use left::refuse_left;
pub(crate) use steering::{close_page, end_held, end_now, release, retain, want};
pub(crate) use sync::sync;
