//! Roles and permissions of an application.

pub mod list;
pub mod page;
