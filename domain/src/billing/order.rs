//! Orders: what somebody set out to pay for, with the quote that they saw.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{payment::Mode, quote::Quote};
use crate::{
    Money, Timestamp,
    id::{ApplicationId, MembershipId, OrderId, PriceId},
};

/// The name of a state, as APIs and columns show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Open,
    Pending,
    Paid,
    Failed,
    Expired,
    Canceled,
}

impl Status {
    pub const ALL: [Self; 6] = [Self::Open, Self::Pending, Self::Paid, Self::Failed, Self::Expired, Self::Canceled];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Canceled => "canceled",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum State {
    /// The pay page is open.
    Open,
    /// A transfer or a QR code was issued and can be paid until `until`.
    Pending {
        until: Timestamp,
    },
    /// `late`: the money came after the order had expired or was canceled. Whether it is granted or becomes credit is
    /// decided by what the user holds then.
    Paid {
        at: Timestamp,
        late: bool,
    },
    /// The last attempt failed; another one may follow.
    Failed {
        at: Timestamp,
    },
    Expired {
        at: Timestamp,
    },
    Canceled {
        at: Timestamp,
    },
}

/// What may happen to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A method was chosen that is paid elsewhere, until `until`.
    Await {
        until: Timestamp,
    },
    Pay {
        at: Timestamp,
    },
    /// Money for an order that was given up.
    PayLate {
        at: Timestamp,
    },
    Fail {
        at: Timestamp,
    },
    Expire {
        at: Timestamp,
    },
    Cancel {
        at: Timestamp,
    },
}

/// The event does not apply in this state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} does not apply to an order that is {}", status.as_str())]
pub struct InvalidTransition {
    pub status: Status,
    pub event: Event,
}

impl State {
    pub const fn status(&self) -> Status {
        match self {
            Self::Open => Status::Open,
            Self::Pending { .. } => Status::Pending,
            Self::Paid { .. } => Status::Paid,
            Self::Failed { .. } => Status::Failed,
            Self::Expired { .. } => Status::Expired,
            Self::Canceled { .. } => Status::Canceled,
        }
    }

    /// It can still be paid in time.
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Open | Self::Pending { .. } | Self::Failed { .. })
    }

    /// It ended unpaid; money that comes all the same is late.
    pub const fn is_given_up(&self) -> bool {
        matches!(self, Self::Expired { .. } | Self::Canceled { .. })
    }

    /// The state after `event`. Paid is final, whatever comes later: refunds and disputes belong to the payment.
    ///
    /// # Errors
    /// [`InvalidTransition`] when the event does not apply here: a second payment is one.
    pub const fn apply(self, event: Event) -> Result<Self, InvalidTransition> {
        use {Event as E, State as S};
        Ok(match (self, event) {
            (S::Open | S::Pending { .. } | S::Failed { .. }, event) => match event {
                E::Await { until } => S::Pending { until },
                E::Pay { at } => S::Paid { at, late: false },
                E::Fail { at } => S::Failed { at },
                E::Expire { at } => S::Expired { at },
                E::Cancel { at } => S::Canceled { at },
                E::PayLate { .. } => return Err(InvalidTransition { status: self.status(), event }),
            },
            (S::Expired { .. } | S::Canceled { .. }, E::PayLate { at }) => S::Paid { at, late: true },
            (state, event) => return Err(InvalidTransition { status: state.status(), event }),
        })
    }
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub id: OrderId,
    pub application_id: ApplicationId,
    /// Who pays, and who gets the plan.
    pub membership_id: MembershipId,
    pub quote: Quote,
    pub mode: Mode,
    pub state: State,
    /// When the pay page closes; what is pending has its own time.
    pub expires_at: Timestamp,
    pub created_at: Timestamp,
}

/// A payment as the provider reports it, to be held against the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub amount: Money,
    pub mode: Mode,
    pub said: Said,
}

/// Whose a payment is and what it is for, by the provider's own books; `None` of what they do not name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The key under which it was asked for: that of an order is its id.
    pub key: Option<Uuid>,
    /// Whom of ours its customer is; none of them, for a stranger.
    pub members: Option<Vec<MembershipId>>,
    /// Our prices that are what it bills; none of them, for what is not ours.
    pub prices: Option<Vec<PriceId>>,
}

/// In what a payment differs from what was shown: it grants nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    #[error("the payment is in another mode")]
    Mode,
    #[error("the payment is of another order")]
    Order,
    #[error("the payment is of another user")]
    User,
    #[error("the payment is for another plan")]
    Plan,
    #[error("the payment is in another currency")]
    Currency,
    #[error("the payment has another amount")]
    Amount,
}

impl Order {
    /// When it is given up: `None` once it was paid or given up.
    pub fn open_until(&self) -> Option<Timestamp> {
        match self.state {
            State::Open | State::Failed { .. } => Some(self.expires_at),
            State::Pending { until } => Some(until),
            State::Paid { .. } | State::Expired { .. } | State::Canceled { .. } => None,
        }
    }

    /// This order as it stands at `now`, whether or not anybody wrote it down.
    pub fn settle(mut self, now: Timestamp) -> Self {
        if let Some(at) = self.open_until().filter(|until| *until <= now) {
            self.state = State::Expired { at };
        }
        self
    }

    /// The state once the money has arrived at `at`: in time, or late.
    ///
    /// # Errors
    /// [`InvalidTransition`] when it was paid before.
    pub fn pay(self, at: Timestamp) -> Result<Self, InvalidTransition> {
        let order = self.settle(at);
        let event = if order.state.is_open() { Event::Pay { at } } else { Event::PayLate { at } };
        Ok(Self { state: order.state.apply(event)?, ..order })
    }

    /// Whether what was paid is what was shown.
    ///
    /// # Errors
    /// The first [`Difference`].
    pub fn agrees(&self, receipt: &Receipt) -> Result<(), Difference> {
        let Said { key, members, prices } = &receipt.said;
        let own_price = |prices: &[PriceId]| self.quote.price_id.is_some_and(|own| prices.contains(&own));
        let differences = [
            (receipt.mode != self.mode, Difference::Mode),
            (key.is_some_and(|key| key != self.id.get()), Difference::Order),
            (members.as_ref().is_some_and(|members| !members.contains(&self.membership_id)), Difference::User),
            (prices.as_ref().is_some_and(|prices| !own_price(prices)), Difference::Plan),
            (receipt.amount.currency() != self.quote.currency(), Difference::Currency),
            (receipt.amount != self.quote.due, Difference::Amount),
        ];
        differences.into_iter().find(|(differs, _)| *differs).map_or(Ok(()), |(_, difference)| Err(difference))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;
    use crate::billing::{
        quoting::Ask,
        rank::tests::{price, tier},
        subscription::tests::epoch,
    };

    fn at(seconds: i64) -> Timestamp {
        epoch() + TimeDelta::seconds(seconds)
    }

    fn usd(amount: i64) -> Money {
        Money::new(amount, "usd".parse().unwrap()).unwrap()
    }

    fn order(state: State) -> Order {
        let monthly = price(1, usd(999), super::super::price::Interval::Month);
        let (now, wanted) = (at(0), tier(1, Some(&monthly)));
        let ask = Ask { now, wanted, trial: None, discount: None, balance: usd(0), pays_now: true };
        Order {
            id: Uuid::nil().into(),
            application_id: Uuid::nil().into(),
            membership_id: Uuid::nil().into(),
            quote: Quote::for_new(&ask).unwrap(),
            mode: Mode::Test,
            state,
            expires_at: at(100),
            created_at: at(0),
        }
    }

    fn event() -> impl Strategy<Value = Event> {
        let when = || (-200_i64..200).prop_map(at);
        prop_oneof![
            when().prop_map(|until| Event::Await { until }),
            when().prop_map(|at| Event::Pay { at }),
            when().prop_map(|at| Event::PayLate { at }),
            when().prop_map(|at| Event::Fail { at }),
            when().prop_map(|at| Event::Expire { at }),
            when().prop_map(|at| Event::Cancel { at }),
        ]
    }

    #[test]
    fn a_payment_is_in_time_until_the_order_closes() {
        assert_eq!(order(State::Open).pay(at(99)).unwrap().state, State::Paid { at: at(99), late: false });
        assert_eq!(order(State::Open).pay(at(100)).unwrap().state, State::Paid { at: at(100), late: true });
        let pending = order(State::Pending { until: at(500) });
        assert_eq!(pending.pay(at(400)).unwrap().state, State::Paid { at: at(400), late: false });
        assert!(order(State::Paid { at: at(1), late: false }).pay(at(2)).is_err());
    }

    #[test]
    fn every_difference_is_found() {
        let order = order(State::Open);
        let silent = Receipt { amount: usd(999), mode: Mode::Test, said: Said::default() };
        assert_eq!(order.agrees(&silent), Ok(()), "not every provider says everything");
        let other = Uuid::max();
        let said = Said {
            key: Some(order.id.get()),
            members: Some(vec![order.membership_id]),
            prices: Some(vec![other.into(), order.quote.price_id.unwrap()]),
        };
        let good = Receipt { said: said.clone(), ..silent };
        assert_eq!(order.agrees(&good), Ok(()));
        let says = |said| Receipt { said, ..good.clone() };
        let yen = Money::new(999, "jpy".parse().unwrap()).unwrap();
        for (receipt, difference) in [
            (Receipt { mode: Mode::Live, ..good.clone() }, Difference::Mode),
            (says(Said { key: Some(other), ..said.clone() }), Difference::Order),
            (says(Said { members: Some(vec![other.into()]), ..said.clone() }), Difference::User),
            (says(Said { members: Some(vec![]), ..said.clone() }), Difference::User),
            (says(Said { prices: Some(vec![other.into()]), ..said.clone() }), Difference::Plan),
            (says(Said { prices: Some(vec![]), ..said.clone() }), Difference::Plan),
            (Receipt { amount: yen, ..good.clone() }, Difference::Currency),
            (Receipt { amount: usd(998), ..good.clone() }, Difference::Amount),
        ] {
            assert_eq!(order.agrees(&receipt), Err(difference));
        }
    }

    proptest! {
        #[test]
        fn it_is_paid_once(events in prop::collection::vec(event(), 0..30)) {
            let mut state = State::Open;
            let mut paid = 0;
            for event in events {
                match state.apply(event) {
                    Ok(next) => {
                        paid += u32::from(next.status() == Status::Paid);
                        state = next;
                    }
                    Err(refused) => prop_assert_eq!(refused.status, state.status()),
                }
            }
            prop_assert!(paid <= 1);
            prop_assert_eq!(paid == 1, state.status() == Status::Paid);
            prop_assert_eq!(Status::parse(state.status().as_str()), Some(state.status()));
        }
    }
}
