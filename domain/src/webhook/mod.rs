//! Outgoing webhooks: an application's own servers are told of what happens to its people, as
//! [Standard Webhooks](https://www.standardwebhooks.com) has it.

pub mod delivery;
pub mod endpoint;
pub mod event;
pub mod schedule;
