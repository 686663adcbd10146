//! Plans, prices, subscriptions, what they entitle a user to, and the money that is paid for them.

pub mod amount;
pub mod cancel;
pub mod claims;
pub mod clock;
pub mod coupon;
pub mod credit;
pub mod cycle;
pub mod dunning;
pub mod entitlement;
pub mod feature;
pub mod invoice;
pub mod ledger;
pub mod order;
pub mod pausing;
pub mod payment;
pub mod plan;
pub mod price;
pub mod proration;
pub mod quote;
pub mod quoting;
pub mod rank;
pub mod renewal;
pub mod subscription;
pub mod trial;
pub mod worth;
