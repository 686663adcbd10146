//! What happens to one member: steps, and how they are made up.

use super::{
    catalogue::{COUPONS, PRICES},
    model::Model,
};

/// A card of the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Card {
    Good,
    Declined,
    /// Asks for 3-D Secure, which is then passed or not.
    Secure(bool),
    /// Pays once and fails at every renewal.
    FailsLater,
    /// Pays, and its owner's bank asks for the money back.
    Disputed,
}

/// One thing that is done. What refers to something counts from the newest; it may refer to nothing, or be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Chooses a price, or the free plan.
    Order {
        price: Option<usize>,
        coupon: Option<usize>,
    },
    /// Presses the button: the provider's page opens.
    Press {
        order: usize,
    },
    Enter {
        order: usize,
        card: Card,
    },
    /// Chooses a bank transfer.
    Transfer {
        order: usize,
    },
    /// The transfer arrives, perhaps late.
    Arrive {
        order: usize,
    },
    /// A notification arrives, or the customer returns: we ask the provider.
    Tell {
        order: usize,
    },
    /// Opens the page of what is owed.
    PayInvoice,
    Cancel,
    CancelNow,
    Undo,
    Pause,
    Resume,
    ExtendTrial {
        days: i64,
    },
    /// Gives back `percent` of what is left of a payment.
    Refund {
        payment: usize,
        percent: i64,
    },
    Credit {
        cents: i64,
    },
    RemoveMethod,
}

/// A step, and whether it is cut off before the `n`-th moment at which it asks for the time, and tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub act: Act,
    pub cut: Option<u32>,
}

/// By how much the clock moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Minutes(i64),
    Hours(i64),
    Days(i64),
    Months(u32),
}

/// Numbers that follow from a seed: SplitMix64.
#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 to `below` - 1.
    pub fn up_to(&mut self, below: usize) -> usize {
        (self.roll() % below.max(1) as u64) as usize
    }

    /// True in one of `n` cases.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.up_to(n) == 0
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.up_to(from.len())]
    }

    pub fn clock(&mut self) -> Move {
        let n = self.up_to(27) as i64 + 1;
        match self.up_to(8) {
            0 => Move::Minutes(n * 7),
            1 | 2 => Move::Hours(n),
            3 | 4 => Move::Days(n % 8 + 1),
            5 => Move::Days(n + 3),
            6 => Move::Months(1),
            _ => Move::Months(n as u32 % 6 + 1),
        }
    }

    /// What a member who stands where `model` says may do next; nonsense too.
    pub fn steps(&mut self, model: &Model) -> Vec<Step> {
        let acts = self.acts(model);
        let cut = |dice: &mut Self| dice.one_in(6).then(|| dice.up_to(8) as u32);
        acts.into_iter().map(|act| Step { act, cut: cut(self) }).collect()
    }

    fn acts(&mut self, model: &Model) -> Vec<Act> {
        if self.one_in(10) {
            return vec![self.any(model)];
        }
        if model.owed().is_some() && self.one_in(3) {
            let mut acts = vec![Act::PayInvoice];
            acts.extend(self.payment());
            return acts;
        }
        let held = model.held_price();
        match self.up_to(if held.is_some() { 13 } else { 3 }) {
            0..=2 => self.purchase(),
            3 => vec![Act::Cancel],
            4 => vec![Act::Undo],
            5 => vec![if model.is_paused() { Act::Resume } else { Act::Pause }],
            6 => vec![Act::Refund { payment: self.up_to(3), percent: self.pick(&[100, 100, 30, 50]) }],
            7 => vec![if model.has_method() { Act::RemoveMethod } else { Act::Cancel }],
            8 => vec![self.any(model)],
            9 => vec![Act::Order { price: None, coupon: None }],
            10 => vec![Act::Order { price: Some(self.up_to(PRICES.len())), coupon: None }],
            _ => vec![],
        }
    }

    fn purchase(&mut self) -> Vec<Act> {
        let price = Some(self.pick(&[0, 0, 1, 2, 2, 3, 4, 4, 5, 6]));
        let coupon = self.one_in(4).then(|| self.up_to(COUPONS.len()));
        let mut acts = vec![Act::Order { price, coupon }];
        if self.one_in(8) {
            acts.push(acts[0]);
        }
        if !self.one_in(12) {
            acts.extend(self.payment());
        }
        acts
    }

    /// Pays the newest order, well or badly; what is told of it is sometimes lost, sometimes said twice.
    fn payment(&mut self) -> Vec<Act> {
        let order = 0;
        let cards = [Card::Good, Card::Good, Card::Good, Card::FailsLater, Card::FailsLater, Card::Declined];
        let rare = [Card::Secure(true), Card::Secure(false), Card::Disputed];
        let mut acts = vec![Act::Press { order }];
        match self.up_to(8) {
            0 => acts.extend([Act::Transfer { order }, Act::Arrive { order }]),
            1 => acts.extend([Act::Transfer { order }, Act::Tell { order }]),
            2 => acts.push(Act::Enter { order, card: self.pick(&rare) }),
            _ => acts.push(Act::Enter { order, card: self.pick(&cards) }),
        }
        let told = self.pick(&[0, 1, 1, 1, 1, 2]);
        acts.extend(std::iter::repeat_n(Act::Tell { order }, told));
        acts
    }

    fn any(&mut self, model: &Model) -> Act {
        let order = self.up_to(model.orders.len().min(4) + 1);
        match self.up_to(14) {
            0 => Act::Press { order },
            1 => Act::Enter { order, card: self.pick(&[Card::Good, Card::Declined, Card::FailsLater]) },
            2 => Act::Transfer { order },
            3 | 4 => Act::Arrive { order },
            5 | 6 => Act::Tell { order },
            7 => Act::Cancel,
            8 => Act::CancelNow,
            9 => Act::Pause,
            10 => Act::Resume,
            11 => Act::ExtendTrial { days: self.pick(&[-3, 1, 5, 40]) },
            12 => Act::Credit { cents: self.pick(&[1, 250, 999, 20_000]) },
            _ => Act::Refund { payment: self.up_to(4), percent: self.pick(&[1, 50, 100]) },
        }
    }
}
