//! Being killed at any step.

use std::{cell::Cell, panic::AssertUnwindSafe};

use domain::Timestamp;
use futures::FutureExt;
use service::clock::{Clock, ManualClock};

tokio::task_local! {
    /// How often this step may still ask for the time.
    static LEFT: Cell<u32>;
}

/// What a step that is cut off ends with.
struct Cut;

/// A clock that stands still, and that cuts off what has asked it often enough: before a transaction, between two of
/// them, or (on PostgreSQL) inside one.
pub struct CuttingClock(pub ManualClock);

impl Clock for CuttingClock {
    fn now(&self) -> Timestamp {
        let cut = LEFT.try_with(|left| {
            let n = left.get();
            left.set(n.wrapping_sub(1));
            n == 0
        });
        if cut == Ok(true) {
            std::panic::resume_unwind(Box::new(Cut));
        }
        self.0.now()
    }
}

/// Runs `work` until it has asked for the time `cut` times; `None` when it was cut off.
pub async fn cut_off<T>(cut: Option<u32>, work: impl Future<Output = T>) -> Option<T> {
    let left = Cell::new(cut.unwrap_or(u32::MAX));
    match AssertUnwindSafe(LEFT.scope(left, work)).catch_unwind().await {
        Ok(value) => Some(value),
        Err(panic) if panic.is::<Cut>() => None,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}
