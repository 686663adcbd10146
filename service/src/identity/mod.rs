//! People: users, their passwords, sessions and memberships.

pub mod account;
pub mod admin_users;
pub mod api_keys;
pub mod attempts;
pub mod devices;
pub(crate) mod erase;
pub mod factors;
pub mod mail_links;
mod member_roles;
pub mod memberships;
pub(crate) mod new_password;
pub mod passwords;
pub(crate) mod proved;
pub mod sessions;
pub mod setup;
pub mod users;
pub(crate) mod ways_in;
