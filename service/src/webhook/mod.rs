//! Webhooks: what providers tell us, and what we tell applications.

pub mod deliver;
pub mod deliveries;
pub mod endpoints;
pub mod inbox;
mod midtrans;
pub(crate) mod outbox;
mod signature;
