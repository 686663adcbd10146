//! Payments of an application.

pub mod list;
pub mod page;
pub mod sum;
