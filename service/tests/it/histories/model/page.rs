//! The provider's side of an order.

use chrono::TimeDelta;
use domain::{Timestamp, application::Provider};

use super::{Refused, checkout::Checkout, quote::Quote};
use crate::histories::history::Card;

/// How long a page of Midtrans stays open, and what was begun on it may be paid.
const OPEN: TimeDelta = TimeDelta::hours(24);
/// How long a card's owner may take to be recognised.
const SECURE: TimeDelta = TimeDelta::minutes(10);

/// What we would hear if we asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    Waits {
        until: Timestamp,
    },
    Failed,
    Expired,
    /// The money is there since `at`, from this card or account; `None` for a transfer.
    Paid {
        by: Option<Card>,
        at: Timestamp,
        disputed: bool,
        /// When the trial ends that has begun.
        trial_ends: Option<Timestamp>,
    },
}

/// What becomes of an order where it is paid.
#[derive(Clone, Debug)]
pub enum Page {
    Sandbox(SandboxPage),
    Midtrans(MidtransPage),
    Stripe(Checkout),
}

impl Page {
    pub fn open(provider: Provider, now: Timestamp, quote: &Quote, least: i64) -> Result<Self, Refused> {
        Ok(match provider {
            Provider::Midtrans => Self::Midtrans(MidtransPage { opened: now, closed: false, tries: vec![None] }),
            Provider::Stripe => Self::Stripe(Checkout::open(now, quote, least)?),
            _ => Self::Sandbox(SandboxPage::default()),
        })
    }

    /// The button is pressed again.
    pub fn press(&mut self, now: Timestamp) {
        if let Self::Midtrans(page) = self {
            page.press(now);
        }
    }

    /// Its order ends at `at`: a provider that renews by itself closes the page.
    pub fn close(&mut self, at: Timestamp) {
        if let Self::Stripe(page) = self {
            page.close(at);
        }
    }

    /// Midtrans is told that its order was given up.
    pub fn expire(&mut self, now: Timestamp) {
        if let Self::Midtrans(page) = self {
            page.expire(now);
        }
    }

    pub fn enter(&mut self, card: Card, now: Timestamp) -> Result<(), Refused> {
        match self {
            Self::Sandbox(page) => page.enter(card, now),
            Self::Midtrans(page) => page.enter(card, now)?,
            Self::Stripe(page) => page.enter(card, now)?,
        }
        Ok(())
    }

    pub fn transfer(&mut self, now: Timestamp) -> Result<(), Refused> {
        match self {
            Self::Sandbox(page) if page.paid.is_none() => {
                page.card = None;
                page.until.get_or_insert(now + super::DAY);
            }
            Self::Sandbox(_) => {}
            Self::Midtrans(page) => page.begin(now, Try { by: None, state: Tried::Waits { until: now + OPEN } })?,
            Self::Stripe(_) => return Err(Refused),
        }
        Ok(())
    }

    pub fn arrive(&mut self, now: Timestamp) -> Result<(), Refused> {
        let paid = Tried::Paid { at: now };
        match self {
            Self::Sandbox(page) => _ = page.paid.get_or_insert(now),
            Self::Midtrans(page) => match page.tries.last_mut() {
                Some(Some(own)) if own.by.is_none() && matches!(own.state, Tried::Waits { .. }) => own.state = paid,
                _ => return Err(Refused),
            },
            Self::Stripe(_) => return Err(Refused),
        }
        Ok(())
    }

    pub fn news(&self, now: Timestamp) -> Option<News> {
        match self {
            Self::Sandbox(page) => page.news(),
            Self::Midtrans(page) => page.tries.iter().flatten().next_back().map(|own| own.news(now)),
            Self::Stripe(page) => page.news(now),
        }
    }

    /// How often the order was tried before, each time on a page that came to nothing.
    pub fn attempt(&self) -> usize {
        match self {
            Self::Sandbox(_) | Self::Stripe(_) => 0,
            Self::Midtrans(page) => page.tries.len() - 1,
        }
    }
}

/// Open for ever; what was paid stays paid.
#[derive(Clone, Debug, Default)]
pub struct SandboxPage {
    paid: Option<Timestamp>,
    failed: bool,
    disputed: bool,
    card: Option<Card>,
    /// Until when the transfer that was chosen may arrive.
    until: Option<Timestamp>,
}

impl SandboxPage {
    fn enter(&mut self, card: Card, now: Timestamp) {
        if self.paid.is_some() {
            return;
        }
        self.card = Some(card);
        self.disputed = card == Card::Disputed;
        if card.pays() {
            self.paid = Some(now);
        } else {
            self.failed = true;
        }
    }

    fn news(&self) -> Option<News> {
        match (self.paid, self.until) {
            (Some(at), _) => Some(News::Paid { by: self.card, at, disputed: self.disputed, trial_ends: None }),
            (None, Some(until)) => Some(News::Waits { until }),
            (None, None) => self.failed.then_some(News::Failed),
        }
    }
}

/// Open for a day; then the button opens another one, for another try where the one before came to nothing.
#[derive(Clone, Debug)]
pub struct MidtransPage {
    opened: Timestamp,
    /// Nobody begins on it any more.
    closed: bool,
    /// The last is that of the page that is open.
    tries: Vec<Option<Try>>,
}

#[derive(Clone, Copy, Debug)]
struct Try {
    /// `None` for a transfer.
    by: Option<Card>,
    state: Tried,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tried {
    Waits { until: Timestamp },
    Denied,
    Paid { at: Timestamp },
}

impl Try {
    fn news(&self, now: Timestamp) -> News {
        match self.state {
            Tried::Waits { until } if until <= now => News::Expired,
            Tried::Waits { until } => News::Waits { until },
            Tried::Denied => News::Failed,
            Tried::Paid { at } => {
                News::Paid { by: self.by, at, disputed: self.by == Some(Card::Disputed), trial_ends: None }
            }
        }
    }
}

impl MidtransPage {
    fn press(&mut self, now: Timestamp) {
        if now < self.opened + OPEN {
            return;
        }
        match self.tries.last().copied().flatten().map(|own| own.news(now)) {
            None => self.opened = now,
            Some(News::Failed | News::Expired) => {
                self.tries.push(None);
                self.opened = now;
            }
            Some(News::Waits { .. } | News::Paid { .. }) => {}
        }
    }

    /// What waits expires; where nobody has begun, nobody can. A page on which a bank has refused a card stays open.
    fn expire(&mut self, now: Timestamp) {
        match self.tries.last_mut() {
            Some(Some(Try { state: Tried::Waits { until }, .. })) => *until = now.min(*until),
            Some(None) => self.closed = true,
            _ => {}
        }
    }

    fn enter(&mut self, card: Card, now: Timestamp) -> Result<(), Refused> {
        let state = match card {
            Card::Left => Tried::Waits { until: now + SECURE },
            card if card.pays() => Tried::Paid { at: now },
            _ => Tried::Denied,
        };
        self.begin(now, Try { by: Some(card), state })
    }

    /// What a bank has refused may be tried again on the same page; what waits, has expired or is paid not.
    fn begin(&mut self, now: Timestamp, own: Try) -> Result<(), Refused> {
        let again = |before: &Option<Try>| before.is_none_or(|before| before.state == Tried::Denied);
        let last = self.tries.last_mut().filter(|before| again(before)).ok_or(Refused)?;
        if self.closed || self.opened + OPEN <= now {
            return Err(Refused);
        }
        *last = Some(own);
        Ok(())
    }
}
