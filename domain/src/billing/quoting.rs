//! How quotes are made: for a new subscription, for a change, for a renewal.

use chrono::TimeDelta;

use super::{
    amount::{Amount, AmountError},
    coupon::Discount,
    cycle::Anchored,
    price::Price,
    proration::split,
    quote::{Line, LineKind, Quote, QuoteError, QuoteKind},
    rank::{Direction, Tier},
    subscription::{Period, Scheduled},
};
use crate::{Money, Timestamp};

/// Whether a trial asks for a payment method, which is charged when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrialKind {
    WithMethod,
    /// Its first period is asked for by an invoice, and not paid it ends after the grace.
    WithoutMethod,
}

/// What somebody wants, with everything that bears on its price.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    pub now: Timestamp,
    pub wanted: Tier<'a>,
    /// Offered to this user: `None` once they had a trial in this application. The price says how long.
    pub trial: Option<TrialKind>,
    /// The discount that the next charge takes: one that is held, or one that is redeemed with this.
    pub discount: Option<&'a Discount>,
    /// The credit balance in the price's currency; its currency is the quote's where the plan has no price.
    pub balance: Money,
    /// Whether it pays this already. What comes next it pays in any case.
    pub pays_now: bool,
}

/// How the subscription that is to be changed is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No billed period: free, granted, one-time, or not paid yet.
    Unbilled,
    Trial {
        ends_at: Timestamp,
        kind: TrialKind,
    },
    Paid {
        period: Period,
        anchor: Timestamp,
        /// What the whole period cost at the current price, discounts taken off; credit that paid for it is in it.
        worth: Money,
    },
}

/// The subscription that is to be changed.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    pub tier: Tier<'a>,
    pub standing: Standing,
}

/// The lines of one charge, added up.
struct Sums {
    lines: Vec<Line>,
    due: Money,
    used: Money,
    added: Money,
    left: Money,
}

impl Quote {
    /// The quote for a subscription that begins now.
    ///
    /// # Errors
    /// [`QuoteError::Amount`] when the balance is in another currency than the price, or a sum is out of range.
    pub fn for_new(ask: &Ask) -> Result<Self, QuoteError> {
        let Some(price) = ask.wanted.charged() else { return ask.quote(QuoteKind::Free, vec![]) };
        let Some(first) = Anchored::starting(ask.now, price.interval) else { return ask.one_time(price, vec![]) };
        if let (Some(days), Some(kind)) = (price.trial_days, ask.trial) {
            let ends_at = ask.now.checked_add_signed(TimeDelta::days(days.into())).ok_or(QuoteError::Calendar)?;
            return ask.trial(price, ends_at, kind);
        }
        ask.whole_period(QuoteKind::New, price, first, vec![])
    }

    /// The quote for a change of `held`. An upgrade takes effect now: within one interval for the difference until the
    /// period ends, else with the unused time back and a new period that starts now. Everything else waits for the end
    /// of the period. A trial goes on with another plan; what has no billed period changes at once.
    ///
    /// # Errors
    /// [`QuoteError::Unchanged`] for the plan and price that are held, [`QuoteError::PeriodOver`] when the trial or the
    /// period has ended and nobody settled it, else as [`Self::for_new`].
    pub fn for_change(ask: &Ask, held: &Held) -> Result<Self, QuoteError> {
        let same = |a: Tier, b: Tier| a.plan_id == b.plan_id && a.price_id() == b.price_id();
        if same(held.tier, ask.wanted) {
            return Err(QuoteError::Unchanged);
        }
        match held.standing {
            Standing::Unbilled => Self::for_new(ask),
            Standing::Trial { ends_at, .. } if ends_at <= ask.now => Err(QuoteError::PeriodOver),
            Standing::Trial { ends_at, kind } => match ask.wanted.charged() {
                Some(price) if price.interval.months().is_some() => ask.trial(price, ends_at, kind),
                _ => Self::for_new(&Ask { trial: None, ..*ask }),
            },
            Standing::Paid { period, .. } if period.end <= ask.now => Err(QuoteError::PeriodOver),
            Standing::Paid { period, anchor, worth } => match held.tier.direction(ask.wanted) {
                Direction::Upgrade => ask.upgrade(held.tier, Anchored { anchor, period }, worth),
                Direction::Downgrade | Direction::Same => ask.downgrade(Anchored { anchor, period }),
            },
        }
    }

    /// The quote for the period that follows: `ask.wanted` is what is held then, scheduled changes made.
    ///
    /// # Errors
    /// As [`Self::for_new`].
    pub fn for_renewal(ask: &Ask, next: Anchored) -> Result<Self, QuoteError> {
        match ask.wanted.charged() {
            None => ask.quote(QuoteKind::Free, vec![]),
            Some(price) if price.interval.months().is_none() => ask.one_time(price, vec![]),
            Some(price) => ask.whole_period(QuoteKind::Renewal, price, next, vec![]),
        }
    }
}

impl<'a> Ask<'a> {
    /// The discount, as far as it is for the wanted plan.
    fn discount(&self) -> Option<&'a Discount> {
        self.discount.filter(|discount| discount.covers(self.wanted.plan_id))
    }

    fn line(&self, kind: LineKind, amount: Amount, period: Option<Period>) -> Line {
        Line { kind, amount, plan_id: self.wanted.plan_id, period }
    }

    /// A quote of `lines` that leaves the subscription without a period, and the discount as it is.
    fn quote(&self, kind: QuoteKind, lines: Vec<Line>) -> Result<Quote, QuoteError> {
        let sums = self.add_up(lines)?;
        Ok(Quote {
            kind,
            plan_id: self.wanted.plan_id,
            price_id: self.wanted.price_id(),
            lines: sums.lines,
            due: sums.due,
            credit_used: sums.used,
            credit_added: sums.added,
            credit_left: sums.left,
            foreign_credit: None,
            period: None,
            anchor: None,
            trial_ends: None,
            takes_method: false,
            scheduled: None,
            next: None,
            coupon: self.discount().map(|discount| discount.coupon_id),
            discount: self.discount.cloned(),
        })
    }

    /// Adds up `lines`, and lets the balance pay what it can.
    fn add_up(&self, mut lines: Vec<Line>) -> Result<Sums, AmountError> {
        let balance = Amount::from(self.balance);
        let total = Amount::sum(balance.currency(), lines.iter().map(|line| line.amount))?;
        let there = if self.pays_now { self.balance } else { Money::zero(balance.currency()) };
        let used = Amount::from(if there.amount() < total.amount() { there } else { total.above_zero() });
        if !used.is_zero() {
            lines.push(self.line(LineKind::Credit, used.negated(), None));
        }
        let rest = total.minus(used)?;
        let left = balance.minus(used)?.plus(rest.below_zero().into())?;
        Ok(Sums {
            lines,
            due: rest.above_zero(),
            used: used.above_zero(),
            added: rest.below_zero(),
            left: left.above_zero(),
        })
    }

    /// The price in full, with its discount, behind `lines`.
    fn whole_price(&self, price: &Price, period: Option<Period>, mut lines: Vec<Line>) -> Vec<Line> {
        lines.push(self.line(LineKind::Plan, price.money.into(), period));
        self.take_off(lines, self.discount().map(|discount| discount.discount_of(price.money)))
    }

    fn take_off(&self, mut lines: Vec<Line>, off: Option<Amount>) -> Vec<Line> {
        if let Some(off) = off.filter(|off| !off.is_zero()) {
            lines.push(self.line(LineKind::Discount, off.negated(), None));
        }
        lines
    }

    /// What is left of the discount after a whole charge; on a plan that it is not for, all of it.
    fn used_discount(&self, price: &Price) -> Option<Discount> {
        match self.discount() {
            Some(discount) => discount.clone().next(price.interval),
            None => self.discount.cloned(),
        }
    }

    fn whole_period(
        &self,
        kind: QuoteKind,
        price: &Price,
        first: Anchored,
        before: Vec<Line>,
    ) -> Result<Quote, QuoteError> {
        let quote = self.quote(kind, self.whole_price(price, Some(first.period), before))?;
        let discount = self.used_discount(price);
        let next = self.upcoming(first.period.end, discount.as_ref(), quote.credit_left)?;
        Ok(Quote { period: Some(first.period), anchor: Some(first.anchor), next, discount, ..quote })
    }

    fn one_time(&self, price: &Price, before: Vec<Line>) -> Result<Quote, QuoteError> {
        let quote = self.quote(QuoteKind::OneTime, self.whole_price(price, None, before))?;
        Ok(Quote { discount: self.used_discount(price), ..quote })
    }

    fn trial(&self, price: &Price, ends_at: Timestamp, kind: TrialKind) -> Result<Quote, QuoteError> {
        let quote = self.quote(QuoteKind::Trial, vec![])?;
        let goes_on = Scheduled { plan_id: self.wanted.plan_id, price_id: Some(price.id), at: ends_at };
        Ok(Quote {
            period: Some(Period { start: self.now, end: ends_at }),
            anchor: Some(ends_at),
            trial_ends: Some(ends_at),
            takes_method: kind == TrialKind::WithMethod,
            scheduled: Some(goes_on),
            next: self.upcoming(ends_at, self.discount, quote.credit_left)?,
            ..quote
        })
    }

    fn upgrade(&self, from: Tier, current: Anchored, worth: Money) -> Result<Quote, QuoteError> {
        let Some(price) = self.wanted.charged() else { return self.downgrade(current) };
        let rest = Period { start: self.now, end: current.period.end };
        let back = split(worth.into(), current.period, self.now).unused;
        let home = worth.currency() == price.money.currency();
        let mut lines = Vec::new();
        if home && !back.is_zero() {
            let amount = back.negated();
            lines.push(Line { kind: LineKind::UnusedTime, amount, plan_id: from.plan_id, period: Some(rest) });
        }
        let same_interval = from.charged().is_some_and(|from| from.interval == price.interval);
        let quote = match Anchored::starting(self.now, price.interval) {
            Some(_) if home && same_interval => self.rest_of_period(price, current, rest, lines)?,
            Some(first) => self.whole_period(QuoteKind::Upgrade, price, first, lines)?,
            None => self.one_time(price, lines)?,
        };
        let foreign_credit = Some(back.above_zero()).filter(|money| !home && !money.is_zero());
        Ok(Quote { kind: QuoteKind::Upgrade, foreign_credit, ..quote })
    }

    /// The new price for what is left of the period; what was discounted stays discounted.
    fn rest_of_period(
        &self,
        price: &Price,
        current: Anchored,
        rest: Period,
        mut lines: Vec<Line>,
    ) -> Result<Quote, QuoteError> {
        let unused = |money: Amount| split(money, current.period, self.now).unused;
        let whole = unused(price.money.into());
        lines.push(self.line(LineKind::RemainingTime, whole, Some(rest)));
        let off = match self.discount() {
            Some(discount) => {
                let net = Amount::from(price.money).minus(discount.discount_of(price.money))?;
                Some(whole.minus(unused(net))?)
            }
            None => None,
        };
        let quote = self.quote(QuoteKind::Upgrade, self.take_off(lines, off))?;
        let discount = match self.discount() {
            Some(discount) => discount.clone().next_in_period(),
            None => self.discount.cloned(),
        };
        let next = self.upcoming(current.period.end, discount.as_ref(), quote.credit_left)?;
        Ok(Quote { period: Some(current.period), anchor: Some(current.anchor), next, discount, ..quote })
    }

    fn downgrade(&self, current: Anchored) -> Result<Quote, QuoteError> {
        let at = current.period.end;
        let quote = self.quote(QuoteKind::Downgrade, vec![])?;
        let price_id = self.wanted.charged().map(|price| price.id);
        Ok(Quote {
            period: Some(current.period),
            anchor: Some(current.anchor),
            scheduled: Some(Scheduled { plan_id: self.wanted.plan_id, price_id, at }),
            next: self.upcoming(at, self.discount, quote.credit_left)?,
            ..quote
        })
    }

    /// The charge that comes at `at`; none for a plan that is free.
    fn upcoming(
        &self,
        at: Timestamp,
        discount: Option<&Discount>,
        balance: Money,
    ) -> Result<Option<(Timestamp, Money)>, QuoteError> {
        let Some(price) = self.wanted.charged() else { return Ok(None) };
        let then = Ask { discount, balance, pays_now: true, ..*self };
        Ok(Some((at, then.add_up(then.whole_price(price, None, vec![]))?.due)))
    }
}

#[cfg(test)]
mod tests;
