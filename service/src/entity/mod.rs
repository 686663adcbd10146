//! One file per table. Rows never leave the service: they become domain types beside their query.

pub mod api_keys;
pub mod applications;
pub mod client_secrets;
pub mod clients;
pub mod consents;
pub mod grants;
pub mod idempotency_keys;
pub mod ledger;
pub mod membership_roles;
pub mod memberships;
pub mod meta;
pub mod password_credentials;
pub mod permissions;
pub mod plans;
pub mod prices;
pub mod revoked_tokens;
pub mod role_permissions;
pub mod roles;
pub mod sessions;
pub mod signing_keys;
pub mod subscriptions;
pub mod users;
