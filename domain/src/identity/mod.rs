//! People: users, their memberships and sessions.

pub mod device;
pub mod email;
pub mod factor;
pub mod membership;
pub mod organization;
pub mod password;
pub mod profile;
pub mod proof;
pub mod session;
pub mod upstream;
pub mod user;
