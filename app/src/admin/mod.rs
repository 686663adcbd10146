//! The dashboard. Its pages are rendered on the server from what `server::pages::admin` loads; forms post to their
//! own page. What both halves need (rows, drafts, islands) compiles for the browser, too.

pub mod claims;
pub mod contrast;
pub mod draft;
pub mod form;
pub mod name_and_key;
pub mod object_editor;
pub mod plans;
pub mod rows;
mod text;
mod touched;
pub mod users;

#[cfg(feature = "ssr")]
pub mod billing;
#[cfg(feature = "ssr")]
pub mod clients;
#[cfg(feature = "ssr")]
pub mod coupons;
#[cfg(feature = "ssr")]
pub mod delete;
#[cfg(feature = "ssr")]
pub mod frame;
#[cfg(feature = "ssr")]
pub mod history;
#[cfg(feature = "ssr")]
pub mod list;
#[cfg(feature = "ssr")]
pub mod mailbox;
#[cfg(feature = "ssr")]
pub mod moment;
#[cfg(feature = "ssr")]
pub mod new_application;
#[cfg(feature = "ssr")]
pub mod organizations;
#[cfg(feature = "ssr")]
pub mod overview;
#[cfg(feature = "ssr")]
pub mod payments;
#[cfg(feature = "ssr")]
pub mod plan_filter;
#[cfg(feature = "ssr")]
pub mod reason;
#[cfg(feature = "ssr")]
pub mod roles;
#[cfg(feature = "ssr")]
pub mod rotate;
#[cfg(feature = "ssr")]
pub mod settings;
#[cfg(feature = "ssr")]
pub mod sign_in_methods;
#[cfg(feature = "ssr")]
pub mod snippet;
#[cfg(feature = "ssr")]
pub mod subscriptions;
#[cfg(feature = "ssr")]
pub mod webhooks;

/// Where applications are made.
pub const NEW_APPLICATION: &str = "/dashboard/applications/new";
