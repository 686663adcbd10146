//! Subscriptions of an application.

mod actions;
pub mod cancel;
mod invoices;
pub mod list;
pub mod page;
