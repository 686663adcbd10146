//! Cancellation at the end of what was paid, and its undoing.

use super::subscription::{Event, InvalidTransition, State, Subscription};
use crate::Timestamp;

impl Subscription {
    /// The subscription, canceled by its holder at `now`: it ends with its trial or its paid period, and at once where
    /// there is none, or where it is not paid.
    ///
    /// # Errors
    /// [`InvalidTransition`] when it has ended already.
    pub fn cancel_at_end(self, now: Timestamp) -> Result<Self, InvalidTransition> {
        let event = Event::Cancel { at: now };
        let end = match self.state {
            State::Trialing { ends_at } => Some(ends_at),
            State::Active | State::Paused { .. } => self.period.map(|period| period.end),
            _ => None,
        };
        match end.filter(|end| *end > now) {
            Some(end) if !self.state.is_final() => {
                let cancel_at = self.cancel_at.map_or(end, |earlier| earlier.min(end));
                Ok(Self { cancel_at: Some(cancel_at), ..self })
            }
            _ => Ok(Self { state: self.state.apply(event)?, cancel_at: None, scheduled: None, ..self }),
        }
    }

    /// The subscription without the cancellation and the change that wait for it: it goes on as it is. What a trial
    /// turns into stays.
    ///
    /// # Errors
    /// [`InvalidTransition`] when it has ended by `now`, or there is nothing to undo.
    pub fn undo(self, now: Timestamp) -> Result<Self, InvalidTransition> {
        let turns_paid = matches!(self.state, State::Trialing { .. });
        let scheduled = self.scheduled.filter(|_| turns_paid);
        if !self.is_live(now) || (self.cancel_at.is_none() && self.scheduled == scheduled) {
            return Err(InvalidTransition { status: self.state.status(), event: Event::Resume });
        }
        Ok(Self { cancel_at: None, scheduled, ..self })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::billing::subscription::{
        Period, Scheduled,
        tests::{epoch, subscription},
    };

    fn at(days: i64) -> Timestamp {
        epoch() + TimeDelta::days(days)
    }

    fn paid() -> Subscription {
        Subscription { period: Some(Period { start: at(0), end: at(30) }), ..subscription(State::Active) }
    }

    #[test]
    fn it_ends_with_what_was_paid_and_can_be_undone_until_then() {
        let canceled = paid().cancel_at_end(at(1)).unwrap();
        assert_eq!((canceled.state, canceled.cancel_at), (State::Active, Some(at(30))));
        assert!(canceled.gives_features(at(29)));
        assert_eq!(canceled.clone().undo(at(29)).unwrap(), paid());
        assert!(canceled.undo(at(30)).is_err());
        assert!(paid().undo(at(1)).is_err());
    }

    #[test]
    fn without_a_paid_period_it_ends_at_once() {
        let owing = State::PastDue { since: at(30), grace_until: at(37) };
        for held in [subscription(State::Active), Subscription { state: owing, ..paid() }] {
            assert_eq!(held.cancel_at_end(at(31)).unwrap().state, State::Canceled { at: at(31) });
        }
        assert!(subscription(State::Expired { at: at(0) }).cancel_at_end(at(1)).is_err());
    }

    #[test]
    fn a_trial_keeps_what_it_turns_into() {
        let plan_id = uuid::Uuid::max().into();
        let trial = Subscription {
            scheduled: Some(Scheduled { plan_id, price_id: None, at: at(14) }),
            ..subscription(State::Trialing { ends_at: at(14) })
        };
        let canceled = trial.clone().cancel_at_end(at(1)).unwrap();
        assert_eq!(canceled.clone().settle(at(14)).state, State::Canceled { at: at(14) });
        assert_eq!(canceled.undo(at(2)).unwrap(), trial);
        let earlier = Subscription { cancel_at: Some(at(3)), ..trial };
        assert_eq!(earlier.cancel_at_end(at(1)).unwrap().cancel_at, Some(at(3)));
    }
}
