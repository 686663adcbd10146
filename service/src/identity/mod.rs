//! People: users, their passwords, sessions and memberships.

pub mod sessions;
