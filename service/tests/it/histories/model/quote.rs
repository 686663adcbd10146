//! What something costs, for the model.

use chrono::TimeDelta;
use domain::Timestamp;

use super::{
    Bill, Model, Refused, Span, State, Sub,
    calendar::{after_charge, covers, first_period},
};
use crate::histories::catalogue::{COUPONS, Every, Lasts, Off, PRICES, purse};

/// A coupon that was redeemed, with what is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discount {
    pub coupon: usize,
    pub left: Lasts,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    New,
    Trial,
    Once,
    Free,
    Upgrade,
    Downgrade,
    Renewal,
}

#[derive(Clone, Debug)]
pub struct Quote {
    pub kind: Kind,
    pub price: Option<usize>,
    /// The price, or its part for the rest of the period.
    pub base: i64,
    /// Taken off that by a coupon.
    pub off: i64,
    /// Back for what was paid and not used.
    back: i64,
    /// Of the credit.
    pub used: i64,
    pub due: i64,
    /// To the credit.
    pub added: i64,
    /// Back in the currency that was paid before, where this is another one: always to the credit.
    pub foreign: i64,
    pub period: Option<Span>,
    pub anchor: Option<Timestamp>,
    /// The period begins when this is paid.
    pub begins: bool,
    pub trial_ends: Option<Timestamp>,
    pub takes_method: bool,
    pub then: Option<Option<usize>>,
    pub redeems: Option<usize>,
    /// What is left of the discount once this is paid.
    pub discount: Option<Discount>,
    next: Option<(Timestamp, i64)>,
}

impl Quote {
    /// `base` less what is taken off and what comes back; the credit pays what it can.
    fn of(kind: Kind, price: Option<usize>, (base, off, back): (i64, i64, i64), credit: i64) -> Self {
        let total = base - off - back;
        let used = total.clamp(0, credit);
        Self {
            kind,
            price,
            base,
            off,
            back,
            used,
            due: (total - used).max(0),
            added: (-total).max(0),
            foreign: 0,
            period: None,
            anchor: None,
            begins: false,
            trial_ends: None,
            takes_method: false,
            then: None,
            redeems: None,
            discount: None,
            next: None,
        }
    }

    /// The price in full.
    pub fn whole(kind: Kind, price: usize, back: i64, discount: Option<Discount>, credit: i64) -> Self {
        let coins = PRICES[price].coins;
        let off = discount.map_or(0, |discount| taken_off(discount, price));
        let discount = discount
            .and_then(|own| if covers(own, price) { after_charge(own, PRICES[price].every) } else { Some(own) });
        Self { discount, ..Self::of(kind, Some(price), (coins, off, back), credit) }
    }

    /// Where its money is counted.
    pub fn purse(&self) -> usize {
        purse(self.price)
    }

    /// Whether both say the same money for the same days.
    pub fn reads_like(&self, other: &Self) -> bool {
        let sums = |own: &Self| (own.base, own.off, own.back, own.used, own.due, own.added, own.foreign);
        let money = |own: &Self| (own.kind, own.price, sums(own));
        let day = |at: Timestamp| at.date_naive();
        money(self) == money(other)
            && self.trial_ends.map(day) == other.trial_ends.map(day)
            && self.next.map(|(at, coins)| (day(at), coins)) == other.next.map(|(at, coins)| (day(at), coins))
    }

    /// Notes what is charged next, at `at`.
    fn then_charged(mut self, at: Timestamp, price: usize, discount: Option<Discount>, model: &Model) -> Self {
        let credit = model.credit[purse(Some(price))] - self.used + self.added;
        self.next = Some((at, Self::whole(Kind::Renewal, price, 0, discount, credit).due));
        self
    }
}

/// What a discount takes off a price; nothing for a plan that it is not for.
fn taken_off(discount: Discount, price: usize) -> i64 {
    let coins = PRICES[price].coins;
    match COUPONS[discount.coupon].off {
        _ if !covers(discount, price) => 0,
        Off::Percent(points) => share(coins, points, 10_000),
        Off::Coins(_) if PRICES[price].abroad => 0,
        Off::Coins(off) => off.min(coins),
    }
}

/// `coins * part / of`, a half rounded to the even cent.
fn share(coins: i64, part: i64, of: i64) -> i64 {
    let (product, of) = (i128::from(coins) * i128::from(part), i128::from(of));
    let (whole, rest) = (product / of, product % of * 2);
    (whole + i128::from(rest > of || (rest == of && whole % 2 == 1))) as i64
}

/// What of `coins` belongs to the rest of a period.
fn unused(coins: i64, period: Span, now: Timestamp) -> i64 {
    coins - share(coins, (now - period.0).num_seconds(), (period.1 - period.0).num_seconds())
}

/// What a choice costs a member now.
pub fn quote(model: &Model, price: Option<usize>, coupon: Option<usize>) -> Result<Quote, Refused> {
    let held = model.sub.as_ref();
    if held.is_some_and(|sub| sub.price == price) || model.is_paused() {
        return Err(Refused);
    }
    let discount = match coupon {
        Some(coupon) => {
            let discount = Discount { coupon, left: COUPONS[coupon].lasts };
            let wanted = price.ok_or(Refused)?;
            let elsewhere = PRICES[wanted].abroad && matches!(COUPONS[coupon].off, Off::Coins(_));
            if model.used_coupons.contains(&coupon) || elsewhere || !covers(discount, wanted) {
                return Err(Refused);
            }
            Some(discount)
        }
        None => held.and_then(|sub| sub.discount),
    };
    let quote = match (held.map(|sub| (sub.state, sub.period, sub)), price) {
        // Stripe has begun the next period and not charged it yet.
        (Some((State::Active, Some((_, end)), sub)), _) if sub.agreement.is_some() && end <= model.now => {
            return Err(Refused);
        }
        (_, None) => match held.and_then(|sub| Some((sub, sub.period?))) {
            Some((sub, _)) if sub.state == State::Active => downgrade(model, None, discount),
            _ => Quote::of(Kind::Free, None, (0, 0, 0), 0),
        },
        (Some((State::Trial, Some((_, ends)), _)), Some(price)) if PRICES[price].every != Every::Once => {
            trial(model, price, ends, discount)
        }
        (Some((State::Trial, ..)), Some(price)) => new(model, price, false, discount),
        (Some((State::Active, Some(period), sub)), Some(price)) => {
            if is_higher(sub.price, price) {
                upgrade(model, sub, price, period, discount)
            } else {
                downgrade(model, Some(price), discount)
            }
        }
        (_, Some(price)) => new(model, price, true, discount),
    };
    Ok(Quote { redeems: coupon, ..quote })
}

fn new(model: &Model, price: usize, trial_offered: bool, discount: Option<Discount>) -> Quote {
    let wanted = PRICES[price];
    let Some(first) = first_period(model.now, wanted.every) else {
        return Quote::whole(Kind::Once, price, 0, discount, model.usable_credit(price));
    };
    match wanted.trial_days.filter(|_| trial_offered && !model.had_trial) {
        Some(days) => trial(model, price, model.now + TimeDelta::days(days.into()), discount),
        None => {
            let quote = Quote::whole(Kind::New, price, 0, discount, model.usable_credit(price));
            let left = quote.discount;
            let quote = Quote { period: Some(first), begins: true, ..quote };
            quote.then_charged(first.1, price, left, model)
        }
    }
}

fn trial(model: &Model, price: usize, ends: Timestamp, discount: Option<Discount>) -> Quote {
    let quote = Quote {
        period: Some((model.now, ends)),
        anchor: Some(ends),
        trial_ends: Some(ends),
        takes_method: model.keeps_without_payment(),
        // Charged where a method is kept, asked for by an invoice where none can be kept before.
        then: Some(Some(price)),
        discount,
        ..Quote::of(Kind::Trial, Some(price), (0, 0, 0), model.usable_credit(price))
    };
    quote.then_charged(ends, price, discount, model)
}

fn upgrade(model: &Model, sub: &Sub, price: usize, period: Span, discount: Option<Discount>) -> Quote {
    let unused_now = unused(worth(model, sub, period), period, model.now);
    let home = purse(sub.price) == purse(Some(price));
    let (back, foreign) = if home { (unused_now, 0) } else { (0, unused_now) };
    Quote { foreign, ..upgraded(model, sub, price, (period, home), back, discount) }
}

fn upgraded(
    model: &Model,
    sub: &Sub,
    price: usize,
    (period, home): (Span, bool),
    back: i64,
    discount: Option<Discount>,
) -> Quote {
    let wanted = PRICES[price];
    let same_interval = home && sub.price.is_some_and(|held| PRICES[held].every == wanted.every);
    let Some(first) = first_period(model.now, wanted.every) else {
        return Quote::whole(Kind::Upgrade, price, back, discount, model.usable_credit(price));
    };
    if !same_interval {
        let quote = Quote::whole(Kind::Upgrade, price, back, discount, model.usable_credit(price));
        let left = quote.discount;
        let quote = Quote { period: Some(first), begins: true, ..quote };
        return quote.then_charged(first.1, price, left, model);
    }
    let rest = |coins| unused(coins, period, model.now);
    let net = wanted.coins - discount.map_or(0, |discount| taken_off(discount, price));
    let parts = (rest(wanted.coins), rest(wanted.coins) - rest(net), back);
    let left = discount.filter(|own| !(covers(*own, price) && own.left == Lasts::Once));
    let quote = Quote {
        period: Some(period),
        anchor: Some(sub.anchor),
        discount: left,
        ..Quote::of(Kind::Upgrade, Some(price), parts, model.usable_credit(price))
    };
    quote.then_charged(period.1, price, left, model)
}

fn downgrade(model: &Model, price: Option<usize>, discount: Option<Discount>) -> Quote {
    Quote { then: Some(price), discount, ..Quote::of(Kind::Downgrade, price, (0, 0, 0), model.usable_credit(price)) }
}

/// What the whole of the running period is worth: the price, less what the last charge for it took off, in proportion.
fn worth(model: &Model, sub: &Sub, period: Span) -> i64 {
    let coins = sub.price.map_or(0, |price| PRICES[price].coins);
    let paid = |state| matches!(state, Bill::Paid { .. });
    let charge = model.invoices.iter().rev().find(|own| own.sub == sub.id && own.span == period && paid(own.state));
    charge.filter(|own| own.quote.base > 0).map_or(coins, |own| coins - share(coins, own.quote.off, own.quote.base))
}

/// A higher price per month, paid once above all; between equals, and between currencies, the higher plan.
fn is_higher(held: Option<usize>, wanted: usize) -> bool {
    let rank = |price: usize| {
        let own = PRICES[price];
        (own.every == Every::Once, own.coins * if own.every == Every::Month { 12 } else { 1 }, own.plan)
    };
    let by_plan = |held: usize| PRICES[wanted].plan > PRICES[held].plan;
    let abroad = |held: usize| purse(Some(held)) != purse(Some(wanted));
    held.is_none_or(|held| if abroad(held) { by_plan(held) } else { rank(wanted) > rank(held) })
}
