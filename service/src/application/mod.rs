//! Applications and their OAuth clients.

pub mod applications;
pub mod clients;
pub mod registration_tokens;
pub mod roles;
