//! Webhooks: what providers tell us.

pub mod inbox;
mod midtrans;
