//! Applications and their OAuth clients.

pub mod applications;
pub mod clients;
pub mod roles;
