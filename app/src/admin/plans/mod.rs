//! The Plans tab.

pub mod api;
pub mod card;
pub mod editor;
#[cfg(feature = "ssr")]
pub mod list;
#[cfg(feature = "ssr")]
pub mod page;
pub mod price_fields;
pub mod reorder;
