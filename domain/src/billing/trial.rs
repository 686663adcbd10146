//! Trials: who is offered one, and how an admin extends it.

use super::{
    price::Price,
    quoting::TrialKind,
    subscription::{Event, InvalidTransition, Period, State, Subscription},
};
use crate::Timestamp;

impl Price {
    /// The days of trial that it begins with; none where nothing is charged, or only once.
    pub fn trial(&self) -> Option<u16> {
        self.trial_days.filter(|_| self.interval.months().is_some() && !self.money.is_zero())
    }

    /// The trial that a user is offered: none for a price without one, and one only per user and application.
    pub fn trial_for(&self, kind: TrialKind, had_one: bool) -> Option<TrialKind> {
        (self.trial().is_some() && !had_one).then_some(kind)
    }
}

impl Subscription {
    /// The trial, ending at `until` instead: its period, a cancellation at its end and what it turns into move with it.
    /// From then on the periods are counted from `until`.
    ///
    /// # Errors
    /// [`InvalidTransition`] when it is no trial that runs at `now`, or `until` is not behind its end.
    pub fn extend_trial(self, now: Timestamp, until: Timestamp) -> Result<Self, InvalidTransition> {
        let refused = InvalidTransition { status: self.state.status(), event: Event::StartTrial { ends_at: until } };
        let State::Trialing { ends_at } = self.state else { return Err(refused) };
        if !self.is_live(now) || ends_at <= now || until <= ends_at {
            return Err(refused);
        }
        let moved = |at: Timestamp| if at == ends_at { until } else { at };
        Ok(Self {
            state: State::Trialing { ends_at: until },
            period: self.period.map(|period| Period { end: moved(period.end), ..period }),
            cancel_at: self.cancel_at.map(moved),
            scheduled: self.scheduled.map(|mut change| {
                change.at = moved(change.at);
                change
            }),
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{
        Money,
        billing::{
            price::Interval,
            rank::tests::price,
            subscription::{
                Scheduled,
                tests::{epoch, subscription},
            },
        },
    };

    fn at(days: i64) -> Timestamp {
        epoch() + TimeDelta::days(days)
    }

    #[test]
    fn one_trial_per_user() {
        let usd = Money::new(999, "usd".parse().unwrap()).unwrap();
        let monthly = Price { trial_days: Some(14), ..price(1, usd, Interval::Month) };
        let kind = TrialKind::WithMethod;
        assert_eq!(monthly.trial_for(kind, false), Some(kind));
        assert_eq!(monthly.trial_for(kind, true), None);
        assert_eq!(Price { trial_days: None, ..monthly.clone() }.trial_for(kind, false), None);
        assert_eq!(Price { interval: Interval::OneTime, ..monthly }.trial_for(kind, false), None);
    }

    #[test]
    fn everything_at_its_end_moves_with_it() {
        let trial = Subscription {
            period: Some(Period { start: at(0), end: at(14) }),
            cancel_at: Some(at(14)),
            scheduled: Some(Scheduled { plan_id: uuid::Uuid::max().into(), price_id: None, at: at(14) }),
            ..subscription(State::Trialing { ends_at: at(14) })
        };
        let longer = trial.clone().extend_trial(at(13), at(20)).unwrap();
        assert_eq!(longer.state, State::Trialing { ends_at: at(20) });
        assert_eq!((longer.period.unwrap().end, longer.cancel_at), (at(20), Some(at(20))));
        assert_eq!(longer.scheduled.unwrap().at, at(20));
        assert!(trial.clone().extend_trial(at(14), at(20)).is_err());
        assert!(trial.extend_trial(at(1), at(14)).is_err());
        assert!(subscription(State::Active).extend_trial(at(1), at(20)).is_err());
    }
}
