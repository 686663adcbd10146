//! Which price a card shows, and what a year saves.

use domain::{
    Locale, Money,
    billing::{
        plan::Plan,
        price::{Interval, Price},
    },
};

/// The intervals that a set of plans can be had in, in the order of the switch. Fewer than two need no switch.
pub fn cycles<'a>(plans: impl IntoIterator<Item = &'a Plan>) -> Vec<Interval> {
    let mut found: Vec<Interval> = Vec::new();
    for price in plans.into_iter().flat_map(Plan::current_prices).filter(|price| !price.money.is_zero()) {
        if !found.contains(&price.interval) {
            found.push(price.interval);
        }
    }
    found.sort_by_key(|interval| *interval as u8);
    found
}

/// The price of a plan in an interval, in the currency of the language where there is a choice; the next best
/// interval where the plan has none.
pub fn shown(plan: &Plan, cycle: Interval, locale: Locale) -> Option<&Price> {
    let ours = |price: &&Price| (price.money.currency().code() == "IDR") == (locale == Locale::Id);
    let of = |interval: Interval| {
        let prices = || plan.current_prices().filter(move |price| price.interval == interval);
        prices().find(ours).or_else(|| prices().next())
    };
    of(cycle).or_else(|| [Interval::Month, Interval::Year, Interval::OneTime].into_iter().find_map(of))
}

/// A price as a card shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// In large figures: per month, where it is a year's.
    pub figure: Money,
    pub interval: Interval,
    /// What a year costs, for a yearly price.
    pub year: Option<Money>,
    /// Whole per cent less than twelve months.
    pub saving: Option<i64>,
    /// What it begins with, for whoever can have a trial.
    pub trial_days: Option<u16>,
}

impl Shown {
    /// How a card of `plan` shows its price in a cycle.
    pub fn of(plan: &Plan, cycle: Interval, locale: Locale) -> Option<Self> {
        let price = shown(plan, cycle, locale)?;
        let yearly = price.interval == Interval::Year && !price.money.is_zero();
        let figure = if yearly { twelfth(price.money) } else { price.money };
        Some(Self {
            figure,
            interval: price.interval,
            year: yearly.then_some(price.money),
            saving: yearly.then(|| saving(plan, price)).flatten(),
            trial_days: price.trial(),
        })
    }

    /// Whether it is a month's price where another cycle was chosen: it has to say so, beside the twelfths of years.
    pub fn is_monthly_in(&self, cycle: Interval) -> bool {
        self.interval == Interval::Month && cycle != Interval::Month && !self.figure.is_zero()
    }
}

/// A twelfth, rounded to what people write of the currency.
fn twelfth(money: Money) -> Money {
    let currency = money.currency();
    let unit = 10_i64.pow(currency.exponent() - currency.shown_digits());
    let rounded = (money.amount() + 6 * unit) / (12 * unit) * unit;
    Money::new(rounded, currency).unwrap_or(money)
}

/// How many per cent a yearly price is below twelve months in the same currency.
pub fn saving(plan: &Plan, yearly: &Price) -> Option<i64> {
    let monthly = plan
        .current_prices()
        .find(|price| price.interval == Interval::Month && price.money.currency() == yearly.money.currency())?;
    let months = monthly.money.amount().checked_mul(12)?;
    let less = months - yearly.money.amount();
    (months > 0).then(|| less * 100 / months).filter(|percent| *percent > 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plan(prices: &[(i64, &str, &str)]) -> Plan {
        let id = "01890000-0000-7000-8000-000000000000";
        let prices: Vec<_> = prices
            .iter()
            .map(|(amount, currency, interval)| {
                json!({
                    "id": id, "plan_id": id, "name": "P", "money": {"amount": amount, "currency": currency},
                    "interval": interval, "trial_days": null, "stripe_price_id": null, "archived_at": null,
                    "created_at": "2026-01-01T00:00:00Z",
                })
            })
            .collect();
        serde_json::from_value(json!({
            "id": id, "application_id": id, "key": "pro", "name": "Pro", "description": "", "features": {},
            "is_default": false, "is_listed": true, "position": 0, "stripe_product_id": null, "archived_at": null,
            "version": 1, "prices": prices, "created_at": "2026-01-01T00:00:00Z",
        }))
        .unwrap()
    }

    #[test]
    fn a_year_shows_months_total_and_saving() {
        let plan = plan(&[(999, "USD", "month"), (9990, "USD", "year")]);
        let year = Shown::of(&plan, Interval::Year, Locale::En).unwrap();
        assert_eq!(year.figure.format(Locale::En), "$8.33");
        assert_eq!(year.year.unwrap().format(Locale::En), "$99.90");
        assert_eq!(year.saving, Some(16));
        assert_eq!(Shown::of(&plan, Interval::Month, Locale::En).unwrap().figure.amount(), 999);
        assert_eq!(cycles([&plan]), [Interval::Month, Interval::Year]);
    }

    #[test]
    fn a_month_says_so_where_years_are_shown() {
        let plan = plan(&[(999, "USD", "month")]);
        let in_cycle = |cycle| Shown::of(&plan, cycle, Locale::En).unwrap().is_monthly_in(cycle);
        assert_eq!([Interval::Month, Interval::Year].map(in_cycle), [false, true]);
    }

    #[test]
    fn rupiah_stay_whole() {
        let plan = plan(&[(99_000_000, "IDR", "year")]);
        let year = Shown::of(&plan, Interval::Year, Locale::Id).unwrap();
        assert_eq!(year.figure.format(Locale::Id), "Rp\u{a0}82.500");
        assert_eq!(year.saving, None);
    }

    #[test]
    fn the_language_chooses_among_currencies() {
        let plan = plan(&[(999, "USD", "month"), (9_900_000, "IDR", "month")]);
        assert_eq!(shown(&plan, Interval::Month, Locale::Id).unwrap().money.currency().code(), "IDR");
        assert_eq!(shown(&plan, Interval::Year, Locale::En).unwrap().money.currency().code(), "USD");
    }
}
