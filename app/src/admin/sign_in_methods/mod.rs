//! The ways to sign in that an application offers besides its own.

pub mod list;
pub mod page;
