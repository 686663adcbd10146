//! Plans, prices, subscriptions, and what they entitle a user to.

pub mod claims;
pub mod entitlement;
pub mod feature;
pub mod ledger;
pub mod plan;
pub mod price;
pub mod subscription;
