//! How histories are made up.

use domain::application::Provider;
use service::testing::fault::Fault;

use super::{
    catalogue::COUPONS,
    history::{Act, Card, Move, Passing, Post, Step, Telling, Trouble},
    model::Model,
};

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

    fn clock(&mut self) -> Move {
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

    pub fn passing(&mut self, provider: Provider) -> Passing {
        let renews = provider == Provider::Stripe;
        let by = match self.clock() {
            // Nobody is told about more than the last few bills.
            Move::Months(months) if renews => Move::Months(months % 2 + 1),
            by => by,
        };
        let cut = self.one_in(3).then(|| self.up_to(40) as u32);
        let reconciles = self.one_in(6) && !renews;
        Passing { by, cut, closes: provider == Provider::Midtrans && !self.one_in(3), reconciles }
    }

    /// How a provider that renews by itself tells everything.
    pub fn telling(&mut self) -> Telling {
        use Post::{Backwards, InOrder, Lost, Newest, Oldest, Twice};
        let post = self.pick(&[Oldest, Newest, Oldest, Newest, Oldest, Newest, Twice, Lost, Backwards, InOrder]);
        let cut = self.one_in(3).then(|| self.up_to(30) as u32);
        Telling { post, cut, trouble: self.trouble(Provider::Stripe) }
    }

    /// What goes wrong at a provider that is called over a network. A call that never comes back is as one whose answer
    /// is lost, or one that never arrived; it only takes longer.
    pub fn trouble(&mut self, provider: Provider) -> Option<Trouble> {
        let faults = [Fault::AnswerLost, Fault::AnswerLost, Fault::Limited, Fault::Internal, Fault::Unavailable];
        let trouble = Trouble { fault: self.pick(&faults), times: self.up_to(2) + 1 };
        (provider != Provider::Sandbox && self.one_in(6)).then_some(trouble)
    }

    /// What a member who stands where `model` says may do next; nonsense too.
    pub fn steps(&mut self, model: &Model) -> Vec<Step> {
        let acts = self.acts(model);
        let cut = |dice: &mut Self| dice.one_in(6).then(|| dice.up_to(8) as u32);
        let step = |act| Step { act, cut: cut(self), trouble: self.trouble(model.provider) };
        acts.into_iter().map(step).collect()
    }

    fn acts(&mut self, model: &Model) -> Vec<Act> {
        if model.is_kept_out && self.one_in(2) {
            return vec![Act::Admit];
        }
        if self.one_in(10) {
            return vec![self.any(model)];
        }
        if model.owed().is_some() && self.one_in(3) {
            let mut acts = vec![Act::PayInvoice];
            acts.extend(self.payment(model.provider));
            return acts;
        }
        let held = model.held_price();
        match self.up_to(if held.is_some() { 13 } else { 3 }) {
            0..=2 => self.purchase(model),
            3 => vec![Act::Cancel],
            4 => vec![Act::Undo],
            5 => vec![if model.is_paused() { Act::Resume } else { Act::Pause }],
            6 => vec![Act::Refund { payment: self.up_to(3), percent: self.pick(&[100, 100, 30, 50]) }],
            7 if model.provider == Provider::Stripe => vec![Act::CardsWork(self.one_in(2))],
            7 => vec![if model.has_method() { Act::RemoveMethod } else { Act::Cancel }],
            8 => vec![self.any(model)],
            9 => vec![Act::Order { price: None, coupon: None }],
            10 => vec![Act::Order { price: Some(self.up_to(model.prices)), coupon: None }],
            _ => vec![],
        }
    }

    fn purchase(&mut self, model: &Model) -> Vec<Act> {
        let provider = model.provider;
        let often = [0, 0, 1, 2, 2, 3, 4, 4, 5, 6];
        let any = self.up_to(model.prices);
        let price = Some(if self.one_in(3) { any } else { self.pick(&often) });
        let coupon = self.one_in(4).then(|| self.up_to(COUPONS.len()));
        let mut acts = vec![Act::Order { price, coupon }];
        if self.one_in(8) {
            acts.push(acts[0]);
        }
        if !self.one_in(12) {
            acts.extend(self.payment(provider));
        }
        acts
    }

    fn card(&mut self, provider: Provider) -> Card {
        let cards = [Card::Good, Card::Good, Card::Good, Card::FailsLater, Card::FailsLater, Card::Declined];
        let rare = [Card::Secure(true), Card::Secure(false), Card::Disputed];
        let elsewhere = [Card::Wallet { full: true }, Card::Wallet { full: false }, Card::Left];
        match self.up_to(7) {
            0 if provider == Provider::Stripe => self.pick(&[Card::Secure(true), Card::Secure(false), Card::Left]),
            0 => self.pick(&rare),
            1 | 2 if provider == Provider::Midtrans => self.pick(&elsewhere),
            _ => self.pick(&cards),
        }
    }

    /// Pays the newest order, well or badly; what is told of it is sometimes lost, sometimes said twice.
    fn payment(&mut self, provider: Provider) -> Vec<Act> {
        let order = 0;
        let mut acts = vec![Act::Press { order }];
        match self.up_to(8) {
            _ if provider == Provider::Stripe => acts.push(Act::Enter { order, card: self.card(provider) }),
            0 => acts.extend([Act::Transfer { order }, Act::Arrive { order }]),
            1 => {
                acts.push(Act::Transfer { order });
                self.told(provider, &mut acts);
            }
            _ => acts.push(Act::Enter { order, card: self.card(provider) }),
        }
        self.told(provider, &mut acts);
        acts
    }

    fn told(&mut self, provider: Provider, acts: &mut Vec<Act>) {
        let told = self.pick(if provider == Provider::Stripe { &[0, 0, 0, 1] } else { &[0, 1, 1, 1, 1, 2] });
        for _ in 0..told {
            acts.push(if provider != Provider::Midtrans || self.one_in(3) {
                Act::Tell { order: 0 }
            } else {
                Act::Deliver(self.post())
            });
        }
    }

    fn post(&mut self) -> Post {
        use Post::{Again, Backwards, InOrder, Lost, Newest, Oldest, Resent, Twice};
        self.pick(&[InOrder, InOrder, Backwards, Twice, Oldest, Newest, Again, Lost, Resent])
    }

    fn any(&mut self, model: &Model) -> Act {
        let order = self.up_to(model.orders.len().min(4) + 1);
        match self.up_to(20) {
            0 => Act::Press { order },
            1 => Act::Enter { order, card: self.card(model.provider) },
            2 => Act::Transfer { order },
            3 | 4 => Act::Arrive { order },
            5 => Act::Tell { order },
            6 | 7 if model.provider != Provider::Midtrans => Act::Tell { order },
            6 | 7 => Act::Deliver(self.post()),
            8 => Act::Cancel,
            9 => Act::CancelNow,
            10 => Act::Pause,
            11 => Act::Resume,
            12 => Act::ExtendTrial { days: self.pick(&[-3, 1, 5, 40]) },
            13 => Act::Credit { coins: self.pick(&[1, 250, 999, 20_000]) },
            14 => Act::Dispute { payment: self.up_to(2) },
            15 => Act::Decide { payment: self.up_to(2), won: self.one_in(2) },
            16 | 17 => Act::Revoke,
            _ => Act::Refund { payment: self.up_to(4), percent: self.pick(&[1, 50, 100]) },
        }
    }
}
