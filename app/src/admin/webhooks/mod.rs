//! Outgoing webhooks: the endpoints of an application, and what was sent to them.

pub mod deliveries;
pub mod delivery;
mod fields;
pub mod list;
pub mod new;
pub mod page;
mod state;
mod verify;
