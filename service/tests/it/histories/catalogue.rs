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
    /// In the shop's currency, in the smallest coin that is paid.
    pub coins: i64,
    pub every: Every,
    pub trial_days: Option<u16>,
}

/// The plan that everybody has from the start, and that costs nothing.
pub const FREE: usize = 0;
/// Plans from low to high.
pub const PLANS: [&str; 5] = ["free", "basic", "pro", "team", "life"];

pub const PRICES: [Price; 7] = [
    Price { plan: 1, coins: 999, every: Every::Month, trial_days: Some(14) },
    Price { plan: 1, coins: 9_999, every: Every::Year, trial_days: None },
    Price { plan: 2, coins: 2_999, every: Every::Month, trial_days: None },
    Price { plan: 2, coins: 29_990, every: Every::Year, trial_days: Some(30) },
    Price { plan: 3, coins: 9_901, every: Every::Month, trial_days: None },
    Price { plan: 3, coins: 99_000, every: Every::Year, trial_days: None },
    Price { plan: 4, coins: 50_001, every: Every::Once, trial_days: None },
];

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
