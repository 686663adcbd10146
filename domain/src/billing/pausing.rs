//! Pausing: the plan is held without its features, nothing is charged, and the time that was paid waits.

use chrono::TimeDelta;

use super::subscription::{Event, InvalidTransition, Period, State, Subscription};
use crate::Timestamp;

/// A subscription that goes on after a pause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resumed {
    pub subscription: Subscription,
    /// What its periods are counted from now; `None` without a period, and when the pause took no time.
    pub anchor: Option<Timestamp>,
}

impl Subscription {
    /// The subscription, paused at `at`. Only an active one can be paused: a trial runs on, and a debt is paid first.
    ///
    /// # Errors
    /// [`InvalidTransition`] in every other state.
    pub fn pause(self, at: Timestamp) -> Result<Self, InvalidTransition> {
        let event = Event::Pause { at };
        match self.state {
            State::Active => Ok(Self { state: self.state.apply(event)?, ..self }),
            state => Err(InvalidTransition { status: state.status(), event }),
        }
    }

    /// The subscription, resumed at `at`: its period, and a change or a cancellation at its end, move by the length of
    /// the pause, so that what was paid is used to the second. An expiry stays where it is.
    ///
    /// # Errors
    /// [`InvalidTransition`] unless it is paused.
    pub fn resume(self, at: Timestamp) -> Result<Resumed, InvalidTransition> {
        let State::Paused { since } = self.state else {
            return Err(InvalidTransition { status: self.state.status(), event: Event::Resume });
        };
        let pause = (at - since).max(TimeDelta::zero());
        let end = self.period.map(|period| period.end);
        let moved = |moment: Timestamp| moment.checked_add_signed(pause).unwrap_or(moment);
        let period = self.period.map(|period| Period { start: moved(period.start), end: moved(period.end) });
        let subscription = Self {
            state: self.state.apply(Event::Resume)?,
            period,
            cancel_at: self.cancel_at.map(|cancel| if Some(cancel) == end { moved(cancel) } else { cancel }),
            scheduled: self.scheduled.map(|mut change| {
                change.at = moved(change.at);
                change
            }),
            ..self
        };
        let anchor = period.map(|period| period.end).filter(|_| !pause.is_zero());
        Ok(Resumed { subscription, anchor })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::billing::{
        proration::split,
        subscription::{
            Scheduled,
            tests::{epoch, subscription},
        },
    };

    fn at(seconds: i64) -> Timestamp {
        epoch() + TimeDelta::seconds(seconds)
    }

    #[test]
    fn only_what_is_active_can_be_paused() {
        for state in [State::Incomplete, State::Trialing { ends_at: at(9) }, State::Canceled { at: at(0) }] {
            assert!(subscription(state).pause(at(1)).is_err());
        }
        assert!(subscription(State::Active).resume(at(1)).is_err());
    }

    proptest! {
        #[test]
        fn what_was_paid_is_not_lost(length in 60_i64..40_000_000, since in 0_i64..40_000_000, pause in 0_i64..90_000_000) {
            let since = since % length;
            let period = Period { start: at(0), end: at(length) };
            let plan_id = uuid::Uuid::max().into();
            let active = Subscription {
                period: Some(period),
                cancel_at: Some(period.end),
                scheduled: Some(Scheduled { plan_id, price_id: None, at: period.end }),
                ..subscription(State::Active)
            };
            let resumed = active.pause(at(since)).unwrap().resume(at(since + pause)).unwrap();
            let after = resumed.subscription;
            let moved = after.period.unwrap();
            prop_assert_eq!(moved.end - at(since + pause), period.end - at(since));
            prop_assert_eq!((after.cancel_at, after.scheduled.map(|change| change.at)), (Some(moved.end), Some(moved.end)));
            prop_assert_eq!(resumed.anchor, (pause > 0).then_some(moved.end));
            let worth = crate::billing::amount::Amount::new(99_999, "usd".parse().unwrap()).unwrap();
            prop_assert_eq!(split(worth, period, at(since)), split(worth, moved, at(since + pause)));
        }
    }
}
