//! What has to come out, written down a second time and as simply as possible: no transaction, no row, no code of
//! `domain::billing`. Money is a number of coins, and time goes from one event to the next.

pub mod agreement;
mod back;
mod bills;
mod buying;
mod calendar;
mod changes;
mod checkout;
mod page;
pub mod quote;
mod time;

use chrono::TimeDelta;
use domain::{Timestamp, application::Provider};

use super::{
    catalogue::{AT_HOME, FREE, PRICES, purse},
    history::{Act, Card},
};
use page::Page;
use quote::{Discount, Quote};

pub type Span = (Timestamp, Timestamp);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its period is the trial.
    Trial,
    Active,
    Behind {
        until: Timestamp,
    },
    Paused {
        since: Timestamp,
    },
}

impl State {
    /// When the grace is over.
    pub const fn grace(self) -> Option<Timestamp> {
        match self {
            Self::Behind { until } => Some(until),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Sub {
    pub id: usize,
    /// `None` on the free plan, which nobody bills.
    pub price: Option<usize>,
    pub state: State,
    pub period: Option<Span>,
    pub anchor: Timestamp,
    pub cancel_at: Option<Timestamp>,
    /// What it changes to when its period ends.
    pub then: Option<Option<usize>>,
    pub discount: Option<Discount>,
    /// The order that it came of, where its provider renews it.
    pub agreement: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bill {
    Open,
    Paid { at: Timestamp },
    Void,
    GivenUp,
}

#[derive(Clone, Debug)]
pub struct Invoice {
    pub sub: usize,
    pub span: Span,
    pub anchor: Timestamp,
    pub quote: Quote,
    pub state: Bill,
    /// It is for the period after one that runs.
    pub renewal: bool,
    /// How many charges of it failed.
    pub failed: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderState {
    Open,
    Pending { until: Timestamp },
    Failed,
    Paid,
    Expired,
    Canceled,
}

#[derive(Clone, Debug)]
pub struct Order {
    pub quote: Quote,
    state: OrderState,
    closes: Timestamp,
    pub invoice: Option<usize>,
    page: Option<Page>,
    /// When we first heard of a payment of it.
    heard: Option<Timestamp>,
    /// We heard that an attempt had failed, or that nobody had paid in time.
    failed: bool,
    expired: bool,
    /// Its provider was told to close its page, and we have heard of nothing since that waits there.
    closed: bool,
}

impl Order {
    /// How often it was tried at the provider on pages that came to nothing.
    pub fn attempt(&self) -> usize {
        self.page.as_ref().map_or(0, Page::attempt)
    }
}

/// What its owner's bank says of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bank {
    Content,
    Asks,
    /// It was right.
    Won,
    /// The money is gone.
    Lost,
}

/// How the provider gives money back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refundable {
    Always,
    /// Only whole before this moment.
    InPartFrom(Timestamp),
    Never,
}

/// Money that came.
#[derive(Clone, Debug)]
pub struct Payment {
    pub amount: i64,
    pub refunded: i64,
    pub order: Option<usize>,
    /// The invoice for which a card was charged.
    pub charged: Option<usize>,
    /// What it pays.
    invoice: Option<usize>,
    /// What of it became credit, and has not been taken back.
    credited: i64,
    /// Where it is counted.
    pub purse: usize,
    refundable: Refundable,
    heard: Timestamp,
    /// What the bank says, and what we have heard of it.
    bank: Bank,
    known: Bank,
}

/// Why nothing happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// What we hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Order(usize),
    /// The charges of an invoice.
    Charge(usize),
}

/// One member.
#[derive(Clone, Debug)]
pub struct Model {
    pub provider: Provider,
    pub now: Timestamp,
    /// The time on the clock, while `now` goes through what it has passed.
    clock: Timestamp,
    pub sub: Option<Sub>,
    /// By [`purse`].
    pub credit: [i64; 2],
    pub orders: Vec<Order>,
    pub invoices: Vec<Invoice>,
    pub payments: Vec<Payment>,
    /// What is charged.
    card: Option<Card>,
    /// Whether there is money in the member's wallet.
    wallet: bool,
    /// Access was taken away.
    pub is_kept_out: bool,
    pub had_trial: bool,
    pub used_coupons: Vec<usize>,
    subs: usize,
    grace: TimeDelta,
    default_at_end: bool,
    /// How many of the prices its shop has.
    pub prices: usize,
    /// The least that its provider takes.
    least: i64,
    /// What its provider has billed by itself, by the provider's name, with our invoice.
    billed: Vec<(String, usize)>,
}

const DAY: TimeDelta = TimeDelta::days(1);
/// A charge that failed is tried again so many days after the period has begun.
const RETRIES: [i64; 3] = [1, 3, 5];
/// Who pays by a link gets the invoice so many days before.
const AHEAD: TimeDelta = TimeDelta::days(3);

impl Model {
    /// Somebody who has just got the free plan.
    pub fn new(
        provider: Provider,
        now: Timestamp,
        (grace_days, default_at_end, has_abroad): (i64, bool, bool),
        least: i64,
    ) -> Self {
        let mut model = Self {
            provider,
            now,
            clock: now,
            sub: None,
            credit: [0, 0],
            orders: vec![],
            invoices: vec![],
            payments: vec![],
            card: None,
            wallet: true,
            is_kept_out: false,
            had_trial: false,
            used_coupons: vec![],
            subs: 0,
            grace: TimeDelta::days(grace_days),
            default_at_end,
            prices: if has_abroad { PRICES.len() } else { AT_HOME },
            least,
            billed: vec![],
        };
        model.put_on_free();
        model
    }

    // What can be seen.

    pub fn plan(&self) -> Option<usize> {
        let giving = self.sub.as_ref().filter(|sub| !matches!(sub.state, State::Paused { .. }))?;
        Some(giving.price.map_or(FREE, |price| PRICES[price].plan))
    }

    pub fn cycle(&self) -> Option<&'static str> {
        self.plan()?;
        self.held_price().map(|price| PRICES[price].every.cycle())
    }

    pub fn status(&self) -> Option<&'static str> {
        Some(match self.sub.as_ref()?.state {
            State::Trial => "trialing",
            State::Active => "active",
            State::Behind { .. } => "past_due",
            State::Paused { .. } => "paused",
        })
    }

    pub fn held_price(&self) -> Option<usize> {
        self.sub.as_ref()?.price
    }

    pub fn is_paused(&self) -> bool {
        self.sub.as_ref().is_some_and(|sub| matches!(sub.state, State::Paused { .. }))
    }

    pub const fn has_method(&self) -> bool {
        self.card.is_some()
    }

    /// The credit that can pay what is bought: none where the provider renews.
    pub fn usable_credit(&self, price: impl Into<Option<usize>>) -> i64 {
        if self.provider == Provider::Stripe { 0 } else { self.credit[purse(price.into())] }
    }

    /// Whether the provider keeps a card before anything is paid.
    pub fn keeps_without_payment(&self) -> bool {
        self.provider != Provider::Midtrans
    }

    /// The invoice that can be paid now.
    pub fn owed(&self) -> Option<usize> {
        self.invoices.iter().rposition(|invoice| invoice.state == Bill::Open)
    }

    pub fn order_state(&self, order: &Order) -> OrderState {
        let until = match order.state {
            OrderState::Open | OrderState::Failed => order.closes,
            OrderState::Pending { until } => until,
            other => return other,
        };
        if until <= self.now { OrderState::Expired } else { order.state }
    }

    fn is_open(&self, order: &Order) -> bool {
        matches!(self.order_state(order), OrderState::Open | OrderState::Pending { .. } | OrderState::Failed)
    }

    /// The order that counts `back` from the newest.
    pub fn order_index(&self, back: usize) -> Option<usize> {
        self.orders.len().checked_sub(back + 1)
    }

    fn billed(&self) -> Option<&Sub> {
        self.sub.as_ref().filter(|sub| sub.price.is_some())
    }

    // What members, admins and providers do.

    pub fn act(&mut self, act: Act) -> Result<(), Refused> {
        match act {
            Act::Order { price, coupon } => self.order(price, coupon),
            Act::Press { order } => self.press(order),
            Act::Enter { order, card } => self.enter(order, card),
            Act::Transfer { order } => {
                let now = self.now;
                self.page(order)?.transfer(now)
            }
            Act::Arrive { order } => {
                let now = self.now;
                self.page(order)?.arrive(now)
            }
            Act::Tell { order } => {
                if let Some(order) = self.order_index(order) {
                    self.told(order);
                }
                Ok(())
            }
            // What is told is known when it has arrived.
            Act::Deliver(_) => Ok(()),
            Act::PayInvoice => {
                if let Some(invoice) = self.owed() {
                    let of = self.invoices[invoice].sub;
                    if self.sub.as_ref().is_some_and(|sub| sub.id == of && sub.agreement.is_some()) {
                        return Err(Refused);
                    }
                    let quote = self.invoices[invoice].quote.clone();
                    self.put_order(quote, Some(invoice), TimeDelta::days(30));
                }
                Ok(())
            }
            Act::Cancel => self.change(Self::cancel),
            Act::CancelNow => self.change(|model| {
                model.end();
                Ok(())
            }),
            Act::Undo => self.change(Self::undo),
            Act::Pause => self.change(Self::pause),
            Act::Resume => self.change(Self::resume),
            Act::ExtendTrial { days } => self.change(|model| model.extend_trial(days)),
            Act::Refund { payment, percent } => self.refund(payment, percent),
            Act::Dispute { payment } => self.dispute(payment),
            Act::Decide { payment, won } => self.decide(payment, won),
            Act::Credit { coins } => {
                self.credit[0] += coins;
                Ok(())
            }
            Act::Revoke => {
                self.revoke();
                Ok(())
            }
            Act::Admit => {
                self.is_kept_out = false;
                Ok(())
            }
            Act::RemoveMethod => {
                self.card = None;
                Ok(())
            }
            Act::CardsWork(works) => {
                self.card = self.card.map(|_| if works { Card::Good } else { Card::FailsLater });
                Ok(())
            }
        }
    }

    /// Everything was told to us.
    pub fn hear_all(&mut self) {
        for order in 0..self.orders.len() {
            self.hear(Subject::Order(order));
        }
        for invoice in 0..self.invoices.len() {
            self.hear(Subject::Charge(invoice));
        }
    }

    /// Something was told to us, and we have asked.
    pub fn hear(&mut self, subject: Subject) {
        match subject {
            Subject::Order(order) => self.told(order),
            Subject::Charge(invoice) => {
                if let Some(payment) = self.payments.iter().position(|own| own.charged == Some(invoice)) {
                    self.learn(payment);
                }
            }
        }
    }
}
