//! What the dashboard says.

mod billing;
mod clients;
mod coupons;
mod fields;
mod flaws;
mod frame;
mod mailbox;
mod organizations;
mod payments;
mod plans;
mod registration;
mod roles;
mod settings;
mod sign_in_methods;
mod subscriptions;
mod users;
mod webhooks;
