//! Plans, prices, subscriptions, claims, what they entitle a user to, and the money that is paid for them.

pub mod agreements;
pub mod alerts;
pub mod changes;
pub mod claims;
pub mod clocks;
pub mod coupons;
pub mod credits;
pub mod engine;
pub mod entitlements;
pub mod hold;
pub mod invoices;
mod joined;
pub mod lists;
pub mod methods;
pub mod offers;
pub mod orders;
pub mod overrides;
pub mod payments;
pub mod plans;
pub mod prices;
pub mod reconcile;
pub mod subscriptions;
pub mod trials;
pub mod which;
mod within;
