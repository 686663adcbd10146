//! What the histories buy: plans, prices and coupons, written down once for the shop and for the model.

/// How often a price is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    Month,
    Year,
    Once,
}

impl Every {
    /// Calendar months of one period; `None` for a price that is paid once.
    pub const fn months(self) -> Option<u32> {
        match self {
            Self::Month => Some(1),
            Self::Year => Some(12),
            Self::Once => None,
        }
    }

    pub const fn cycle(self) -> &'static str {
        match self {
            Self::Month => "monthly",
            Self::Year => "yearly",
            Self::Once => "one_time",
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Price {
    /// Index into [`PLANS`].
    pub plan: usize,
    /// In the smallest coin that is paid.
    pub coins: i64,
    /// In the shop's other currency, where it has one.
    pub abroad: bool,
    pub every: Every,
    pub trial_days: Option<u16>,
}

/// The plan that everybody has from the start, and that costs nothing.
pub const FREE: usize = 0;
/// Plans from low to high.
pub const PLANS: [&str; 5] = ["free", "basic", "pro", "team", "life"];

/// How many prices are in the shop's own currency; they come first.
pub const AT_HOME: usize = 7;

pub const PRICES: [Price; 10] = [
    Price { plan: 1, coins: 999, abroad: false, every: Every::Month, trial_days: Some(14) },
    Price { plan: 1, coins: 9_999, abroad: false, every: Every::Year, trial_days: None },
    Price { plan: 2, coins: 2_999, abroad: false, every: Every::Month, trial_days: None },
    Price { plan: 2, coins: 29_990, abroad: false, every: Every::Year, trial_days: Some(30) },
    Price { plan: 3, coins: 9_901, abroad: false, every: Every::Month, trial_days: None },
    Price { plan: 3, coins: 99_000, abroad: false, every: Every::Year, trial_days: None },
    Price { plan: 4, coins: 50_001, abroad: false, every: Every::Once, trial_days: None },
    Price { plan: 1, coins: 15_001, abroad: true, every: Every::Month, trial_days: Some(7) },
    Price { plan: 2, coins: 48_999, abroad: true, every: Every::Month, trial_days: None },
    Price { plan: 3, coins: 1_499_000, abroad: true, every: Every::Year, trial_days: None },
];

/// Where the money of a price is counted: 0 is the shop's own currency, 1 the other one.
pub fn purse(price: Option<usize>) -> usize {
    price.is_some_and(|price| PRICES[price].abroad).into()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Off {
    /// In hundredths of a percent.
    Percent(i64),
    Coins(i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    Once,
    Months(u32),
    Forever,
}

#[derive(Clone, Copy, Debug)]
pub struct Coupon {
    pub code: &'static str,
    pub off: Off,
    pub lasts: Lasts,
    /// The only plan that it is for.
    pub plan: Option<usize>,
}

pub const COUPONS: [Coupon; 5] = [
    Coupon { code: "HALF", off: Off::Percent(5_000), lasts: Lasts::Once, plan: None },
    Coupon { code: "THIRD", off: Off::Percent(3_333), lasts: Lasts::Months(3), plan: None },
    Coupon { code: "FIVE", off: Off::Coins(500), lasts: Lasts::Forever, plan: None },
    Coupon { code: "WHOLE", off: Off::Percent(10_000), lasts: Lasts::Once, plan: None },
    Coupon { code: "ONLY-PRO", off: Off::Percent(2_501), lasts: Lasts::Forever, plan: Some(2) },
];
