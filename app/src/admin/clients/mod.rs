//! Clients of an application.

mod fields;
pub mod list;
pub mod page;
pub mod registration;
pub mod snippets;
