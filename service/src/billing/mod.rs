//! Plans, prices, subscriptions, claims, and what they entitle a user to.

pub mod claims;
mod clock;
pub mod coupons;
pub mod entitlements;
pub mod hold;
mod joined;
pub mod lists;
pub mod orders;
pub mod plans;
pub mod prices;
pub mod subscriptions;
