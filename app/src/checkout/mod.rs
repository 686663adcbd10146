//! Checkout: what somebody is about to pay, and what became of it.

mod countdown;

pub use countdown::Countdown;

#[cfg(feature = "ssr")]
mod confirm;
#[cfg(feature = "ssr")]
mod coupon;
#[cfg(feature = "ssr")]
mod order;
#[cfg(feature = "ssr")]
mod pending;
#[cfg(feature = "ssr")]
mod summary;

#[cfg(feature = "ssr")]
pub use self::{
    confirm::ConfirmPage,
    coupon::Coupon,
    order::{OrderPage, Setback},
    pending::{Elsewhere, Pending, PendingPage},
    summary::{Summary, SummaryCard},
};
