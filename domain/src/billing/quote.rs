//! What a purchase or a change costs, exactly, before anybody agrees to it. An order keeps the quote that was shown,
//! and what is paid is compared with it. [`super::quoting`] makes them.

use std::fmt;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{
    amount::{Amount, AmountError},
    coupon::Discount,
    subscription::{Period, Scheduled},
};
use crate::{
    Currency, ErrorCode, Money, Problem, Timestamp,
    id::{CouponId, PlanId, PriceId},
};

/// For how long somebody who agreed to sums that run by the second is not asked again because these moved on.
const FRESH: TimeDelta = TimeDelta::minutes(15);
/// How many parts of a digest say which deal it is, whatever the sums: version, kind, plan, price, currency.
const DEAL: usize = 5;
/// Where a digest says what is due, and after that what the credit balance pays and gets.
const DUE: usize = DEAL;

/// What is being bought or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuoteKind {
    /// The first period of a subscription.
    New,
    /// Nothing today; the first period begins when the trial ends.
    Trial,
    /// One charge for good.
    OneTime,
    /// A plan that costs nothing.
    Free,
    /// A higher plan, now.
    Upgrade,
    /// Another plan, when the period ends.
    Downgrade,
    /// The next period.
    Renewal,
}

impl QuoteKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Trial => "trial",
            Self::OneTime => "one_time",
            Self::Free => "free",
            Self::Upgrade => "upgrade",
            Self::Downgrade => "downgrade",
            Self::Renewal => "renewal",
        }
    }
}

/// What a line of a quote or an invoice is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// The price of the plan, for a whole period or for good.
    Plan,
    /// The new price for the rest of the current period.
    RemainingTime,
    /// Back for the time that was paid and not used; negative.
    UnusedTime,
    /// What a coupon takes off; negative.
    Discount,
    /// What the credit balance pays; negative.
    Credit,
}

impl LineKind {
    /// The key of its description, for the pages to translate.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::RemainingTime => "remaining_time",
            Self::UnusedTime => "unused_time",
            Self::Discount => "discount",
            Self::Credit => "credit",
        }
    }
}

/// One line of a quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub kind: LineKind,
    pub amount: Amount,
    /// The plan that it is about: for [`LineKind::UnusedTime`] the one that is left.
    pub plan_id: PlanId,
    /// The time that it is about, where it is about time.
    pub period: Option<Period>,
}

/// What a purchase or a change costs today, and what follows. The lines add up to `due - credit_added`, and
/// `credit_left` is the balance before it, less `credit_used`, plus `credit_added`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    pub kind: QuoteKind,
    pub plan_id: PlanId,
    pub price_id: Option<PriceId>,
    pub lines: Vec<Line>,
    /// What is paid today.
    pub due: Money,
    /// What the credit balance pays of it.
    pub credit_used: Money,
    /// What goes to the credit balance, when more comes back than is charged.
    pub credit_added: Money,
    /// The credit balance afterwards.
    pub credit_left: Money,
    /// Unused time that was paid in another currency: it goes to the balance of that one.
    pub foreign_credit: Option<Money>,
    /// The current period of the subscription once this is paid: the trial, for a trial. For a renewal, the next one.
    pub period: Option<Period>,
    /// What that period and its successors are counted from.
    pub anchor: Option<Timestamp>,
    pub trial_ends: Option<Timestamp>,
    /// A payment method is asked for although nothing is due.
    pub takes_method: bool,
    /// What the subscription is to have scheduled afterwards.
    pub scheduled: Option<Scheduled>,
    /// The next charge, if nothing changes until then, with credit and discounts taken off.
    pub next: Option<(Timestamp, Money)>,
    /// The coupon that took something off today, or will.
    pub coupon: Option<CouponId>,
    /// What is left of the discount once this is paid.
    pub discount: Option<Discount>,
}

/// What somebody saw and agreed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Of the quote.
    pub digest: String,
    /// When it was shown.
    pub at: Timestamp,
}

impl Seen {
    /// Reads what [`fmt::Display`] wrote. Without a moment that can be read it was long ago.
    pub fn parse(text: &str) -> Self {
        let (digest, at) = text.rsplit_once('@').unwrap_or((text, ""));
        let at = at.parse().ok().and_then(Timestamp::from_timestamp_millis).unwrap_or_default();
        Self { digest: digest.to_owned(), at }
    }
}

/// As one text, to be sent back.
impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.digest, self.at.timestamp_millis())
    }
}

/// Why there is no quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuoteError {
    #[error("this is the current plan and price")]
    Unchanged,
    /// Renew or end the subscription, then ask again.
    #[error("the current period is over")]
    PeriodOver,
    #[error(transparent)]
    Amount(#[from] AmountError),
    #[error("the date is out of range")]
    Calendar,
}

impl From<QuoteError> for Problem {
    fn from(error: QuoteError) -> Self {
        match error {
            QuoteError::Unchanged => Self::new(ErrorCode::AlreadySubscribed, error.to_string()),
            QuoteError::PeriodOver => Self::new(ErrorCode::SubscriptionExpired, error.to_string()),
            QuoteError::Amount(error) => error.into(),
            QuoteError::Calendar => Self::field("price", error.to_string()),
        }
    }
}

impl Quote {
    pub const fn currency(&self) -> Currency {
        self.due.currency()
    }

    /// Neither money nor a payment method is asked for: it can be granted at once.
    pub const fn needs_no_checkout(&self) -> bool {
        self.due.is_zero() && !self.takes_method
    }

    /// What somebody agreed to, as text to compare: what, for how much, now and next. Two quotes of different moments
    /// have the same digest while they say the same money for the same days.
    pub fn digest(&self) -> String {
        let price = self.price_id.map(|id| id.to_string()).unwrap_or_default();
        let mut digest = format!(
            "1/{}/{}/{price}/{}/{}/{}/{}",
            self.kind.as_str(),
            self.plan_id,
            self.currency().code(),
            self.due.amount(),
            self.credit_used.amount(),
            self.credit_added.amount()
        );
        for line in &self.lines {
            digest.push_str(&format!("/{}={}", line.kind.as_str(), line.amount.amount()));
        }
        if let Some(back) = self.foreign_credit {
            digest.push_str(&format!("/back={}{}", back.amount(), back.currency().code()));
        }
        if let Some(ends) = self.trial_ends {
            digest.push_str(&format!("/trial={}", ends.date_naive()));
        }
        if let Some((at, money)) = self.next {
            digest.push_str(&format!("/next={}={}", at.date_naive(), money.amount()));
        }
        digest
    }

    /// What somebody sees to whom it is shown now.
    pub fn seen(&self, now: Timestamp) -> Seen {
        Seen { digest: self.digest(), at: now }
    }

    /// Whether this is what somebody agreed to: the same digest, or shown within 15 minutes and the same but for sums
    /// that run by the second. Those may move on where a checkout shows them once more before they are paid; where
    /// nothing is due, only the unused time of an upgrade and the credit that comes of it.
    pub fn is_still(&self, seen: &Seen, now: Timestamp) -> bool {
        let (own, agreed) = (self.digest(), seen.digest.as_str());
        if own == agreed {
            return true;
        }
        if seen.at > now || now >= seen.at + FRESH {
            return false;
        }
        if self.due.is_zero() {
            return self.kind == QuoteKind::Upgrade && at_rest(&own).eq(at_rest(agreed));
        }
        own.split('/').take(DEAL).eq(agreed.split('/').take(DEAL))
    }
}

/// What of a digest stands still while the unused time runs out: the deal, what is due, which lines there are, and the
/// day of the next charge.
fn at_rest(digest: &str) -> impl Iterator<Item = &str> {
    let parts = digest.split('/').enumerate().filter(|(i, _)| *i <= DUE || *i > DUE + 2);
    parts.map(|(_, part)| part.rsplit_once('=').map_or(part, |(name, _)| name))
}
