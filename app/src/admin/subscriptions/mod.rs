//! Subscriptions of an application.

mod actions;
mod invoices;
pub mod list;
pub mod page;
