//! Coupons of an application.

mod form;
pub mod list;
