//! Organizations of the server, for superadmins.

pub mod list;
pub mod new;
pub mod page;
