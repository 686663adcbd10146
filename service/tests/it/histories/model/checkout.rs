//! Stripe's page of an order.

use chrono::TimeDelta;
use domain::Timestamp;

use super::{
    DAY, Refused,
    page::News,
    quote::{Kind, Quote},
};
use crate::histories::{
    catalogue::{Every, PRICES},
    history::Card,
};

/// How long it stays open.
const OPEN: TimeDelta = TimeDelta::hours(24);
/// A trial with less than this left is counted in days.
const SHORTEST_TRIAL: TimeDelta = TimeDelta::seconds(48 * 3600 + 300);

/// When the trial that begins here ends.
#[derive(Clone, Copy, Debug)]
enum Trial {
    At(Timestamp),
    Days(i32),
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Checkout {
    closes: Timestamp,
    /// A subscription comes of it, whose bills Stripe collects.
    subscribes: bool,
    trial: Option<Trial>,
    /// Whether any money is asked for.
    free: bool,
    failed: bool,
    paid: Option<(Card, Timestamp)>,
}

impl Checkout {
    /// # Errors
    /// For less than Stripe takes.
    pub fn open(now: Timestamp, quote: &Quote, least: i64) -> Result<Self, Refused> {
        let subscribes = subscribes(quote);
        if !subscribes && quote.due < least {
            return Err(Refused);
        }
        let trial = quote.trial_ends.map(|ends| match ends - now {
            left if left >= SHORTEST_TRIAL => Trial::At(ends),
            left => Trial::Days(((left.num_seconds() + 86_399) / 86_400).max(1) as i32),
        });
        Ok(Self { closes: now + OPEN, subscribes, trial, free: quote.due == 0, failed: false, paid: None })
    }

    pub fn close(&mut self, at: Timestamp) {
        self.closes = self.closes.min(at);
    }

    pub fn enter(&mut self, card: Card, now: Timestamp) -> Result<(), Refused> {
        if self.paid.is_some() || self.closes <= now {
            return Err(Refused);
        }
        match card {
            // Such a card can be kept, and not charged.
            Card::FailsLater if !self.free => self.failed |= !self.subscribes,
            Card::Declined | Card::Secure(false) => self.failed |= !self.subscribes,
            Card::Left => {}
            card => self.paid = Some((card, now)),
        }
        Ok(())
    }

    pub fn news(&self, now: Timestamp) -> Option<News> {
        match self.paid {
            Some((card, at)) => {
                let trial_ends = self.trial.map(|trial| match trial {
                    Trial::At(ends) => ends,
                    Trial::Days(days) => at + DAY * days,
                });
                Some(News::Paid { by: Some(card), at, disputed: card == Card::Disputed, trial_ends })
            }
            None if self.closes <= now => Some(News::Expired),
            None => self.failed.then_some(News::Failed),
        }
    }
}

/// Whether a subscription at Stripe comes of what was ordered.
pub(super) fn subscribes(quote: &Quote) -> bool {
    let renews = quote.price.is_some_and(|price| PRICES[price].every != Every::Once);
    renews && matches!(quote.kind, Kind::New | Kind::Trial)
}
