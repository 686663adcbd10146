//! Checkout: what somebody is about to pay, and what became of it.

mod confirm;
mod coupon;
mod order;
mod pending;
mod summary;

pub use confirm::ConfirmPage;
pub use coupon::Coupon;
pub use order::{OrderPage, Setback};
pub use pending::{Pending, PendingPage};
pub use summary::{Line, Summary, SummaryCard};
