//! The providers.

pub mod midtrans;
pub mod sandbox;
pub mod stripe;
