//! A membership's hold on a plan, as a state machine. Transitions consume the state and may fail; what the clock
//! does by itself is [`Subscription::settle`].

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    id::{MembershipId, PlanId, PriceId, SubscriptionId},
};

/// The name of a state, as APIs and pages show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Incomplete,
    Trialing,
    Active,
    PastDue,
    Paused,
    Canceled,
    Expired,
}

impl Status {
    pub const ALL: [Self; 7] =
        [Self::Incomplete, Self::Trialing, Self::Active, Self::PastDue, Self::Paused, Self::Canceled, Self::Expired];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Paused => "paused",
            Self::Canceled => "canceled",
            Self::Expired => "expired",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// Where a subscription stands, with what belongs to that standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum State {
    /// The first payment has not arrived.
    Incomplete,
    /// Free until `ends_at`, when it is paid or over.
    Trialing {
        ends_at: Timestamp,
    },
    Active,
    /// A payment failed; features stay until `grace_until`.
    PastDue {
        since: Timestamp,
        grace_until: Timestamp,
    },
    /// Holds the plan without its features.
    Paused {
        since: Timestamp,
    },
    /// Ended by a decision.
    Canceled {
        at: Timestamp,
    },
    /// Ended by time.
    Expired {
        at: Timestamp,
    },
}

/// What may happen to a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    StartTrial {
        ends_at: Timestamp,
    },
    /// Paid, or granted without payment.
    Activate,
    PaymentFailed {
        at: Timestamp,
        grace_until: Timestamp,
    },
    Pause {
        at: Timestamp,
    },
    Resume,
    Cancel {
        at: Timestamp,
    },
    Expire {
        at: Timestamp,
    },
}

/// The event does not apply in this state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event:?} does not apply to a subscription that is {}", status.as_str())]
pub struct InvalidTransition {
    pub status: Status,
    pub event: Event,
}

impl State {
    pub const fn status(&self) -> Status {
        match self {
            Self::Incomplete => Status::Incomplete,
            Self::Trialing { .. } => Status::Trialing,
            Self::Active => Status::Active,
            Self::PastDue { .. } => Status::PastDue,
            Self::Paused { .. } => Status::Paused,
            Self::Canceled { .. } => Status::Canceled,
            Self::Expired { .. } => Status::Expired,
        }
    }

    /// Canceled or expired: nothing changes it any more.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Canceled { .. } | Self::Expired { .. })
    }

    /// When the grace is over; `None` where nothing is owed.
    pub const fn grace_until(&self) -> Option<Timestamp> {
        match self {
            Self::PastDue { grace_until, .. } => Some(*grace_until),
            _ => None,
        }
    }

    /// The state after `event`.
    ///
    /// # Errors
    /// [`InvalidTransition`] when the event does not apply here; a final state takes none.
    pub const fn apply(self, event: Event) -> Result<Self, InvalidTransition> {
        use {Event as E, State as S};
        Ok(match (self, event) {
            (S::Incomplete, E::StartTrial { ends_at }) => S::Trialing { ends_at },
            (S::Incomplete | S::Trialing { .. } | S::Active | S::PastDue { .. }, E::Activate)
            | (S::Paused { .. }, E::Resume) => S::Active,
            (S::Trialing { .. } | S::Active, E::PaymentFailed { at, grace_until }) => {
                S::PastDue { since: at, grace_until }
            }
            // Another failure does not prolong the grace.
            (past_due @ S::PastDue { .. }, E::PaymentFailed { .. }) => past_due,
            (S::Trialing { .. } | S::Active, E::Pause { at }) => S::Paused { since: at },
            (S::Canceled { .. } | S::Expired { .. }, event) => {
                return Err(InvalidTransition { status: self.status(), event });
            }
            (_, E::Cancel { at }) => S::Canceled { at },
            (_, E::Expire { at }) => S::Expired { at },
            (state, event) => return Err(InvalidTransition { status: state.status(), event }),
        })
    }
}

/// Who decided for this plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The default plan of the application, granted with the membership.
    Default,
    /// The user, on a hosted page.
    User,
    /// An admin, in the dashboard or by API.
    Admin,
    /// A client, by the platform API.
    Api,
    /// A catalog file.
    Catalog,
    /// A payment provider: it bills the subscription.
    Provider,
}

impl Source {
    pub const ALL: [Self; 6] = [Self::Default, Self::User, Self::Admin, Self::Api, Self::Catalog, Self::Provider];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::User => "user",
            Self::Admin => "admin",
            Self::Api => "api",
            Self::Catalog => "catalog",
            Self::Provider => "provider",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == text)
    }

    /// Users may change on hosted pages what they chose themselves or got by default.
    pub const fn user_may_change(self) -> bool {
        matches!(self, Self::Default | Self::User)
    }
}

/// What is paid for: from `start` to `end`, the end not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    pub start: Timestamp,
    pub end: Timestamp,
}

/// A change of plan or price that the clock brings, and that can still be undone. On a trial it says what the trial
/// turns into; a trial without one ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduled {
    pub plan_id: PlanId,
    /// `None` for a plan that is free.
    pub price_id: Option<PriceId>,
    /// The end of the period or of the trial.
    pub at: Timestamp,
}

/// A membership's hold on a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    pub id: SubscriptionId,
    pub membership_id: MembershipId,
    pub plan_id: PlanId,
    /// The price that is billed; `None` when nothing is.
    pub price_id: Option<PriceId>,
    pub state: State,
    pub source: Source,
    pub period: Option<Period>,
    /// After this moment it counts as none.
    pub expires_at: Option<Timestamp>,
    /// A cancellation that has been asked for and can still be undone.
    pub cancel_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled: Option<Scheduled>,
    pub started_at: Timestamp,
}

/// How the clock ended a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The moment of the end, perhaps long before anybody noticed.
    pub at: Timestamp,
    pub state: State,
}

impl Subscription {
    /// The end that time alone brings, wherever it lies; the earliest counts.
    pub fn scheduled_end(&self) -> Option<Ended> {
        if self.state.is_final() {
            return None;
        }
        let trial = match self.state {
            State::Trialing { ends_at } if self.scheduled.is_some_and(|change| change.at <= ends_at) => None,
            State::Trialing { ends_at } => Some(Ended { at: ends_at, state: State::Expired { at: ends_at } }),
            State::PastDue { grace_until: at, .. } => Some(Ended { at, state: State::Expired { at } }),
            _ => None,
        };
        let expiry = self.expires_at.map(|at| Ended { at, state: State::Expired { at } });
        let cancel = self.cancel_at.map(|at| Ended { at, state: State::Canceled { at } });
        [trial, expiry, cancel].into_iter().flatten().min_by_key(|end| end.at)
    }

    /// The end that is due at `now` and has not been written yet.
    pub fn due(&self, now: Timestamp) -> Option<Ended> {
        self.scheduled_end().filter(|end| end.at <= now)
    }

    /// The change that time alone brings, wherever it lies: none behind the end, none while it is paused.
    pub fn scheduled_change(&self) -> Option<Scheduled> {
        let moves = matches!(self.state, State::Trialing { .. } | State::Active | State::PastDue { .. });
        let end = self.scheduled_end().map(|end| end.at);
        self.scheduled.filter(|change| moves && end.is_none_or(|end| change.at < end))
    }

    /// The change that is due at `now` and has not been written yet.
    pub fn due_change(&self, now: Timestamp) -> Option<Scheduled> {
        self.scheduled_change().filter(|change| change.at <= now)
    }

    /// The next moment at which time alone changes what it gives.
    pub fn next_change(&self) -> Option<Timestamp> {
        let end = self.scheduled_end().map(|end| end.at);
        let change = self.scheduled_change().map(|change| change.at);
        end.into_iter().chain(change).min()
    }

    /// This subscription after its scheduled change: a trial turns active; what is free has no period and no grace, and
    /// nobody bills it.
    /// What the new price costs is another matter: [`super::renewal`].
    fn changed(mut self, change: Scheduled) -> Self {
        (self.plan_id, self.price_id, self.scheduled) = (change.plan_id, change.price_id, None);
        if self.price_id.is_none() {
            (self.period, self.source) = (None, Source::User);
        }
        match self.state {
            State::Trialing { .. } => self.state = State::Active,
            State::PastDue { .. } if self.price_id.is_none() => self.state = State::Active,
            _ => (),
        }
        self
    }

    /// This subscription as it stands at `now`, whether or not anybody wrote it down.
    pub fn settle(mut self, now: Timestamp) -> Self {
        if let Some(change) = self.due_change(now) {
            self = self.changed(change);
        }
        if let Some(end) = self.due(now) {
            self.state = end.state;
        }
        self
    }

    /// Not canceled or expired, by status and by date.
    pub fn is_live(&self, now: Timestamp) -> bool {
        !self.state.is_final() && self.due(now).is_none()
    }

    /// Trialing, active, or past due within grace, and live.
    pub fn gives_features(&self, now: Timestamp) -> bool {
        self.is_live(now) && matches!(self.state, State::Trialing { .. } | State::Active | State::PastDue { .. })
    }

    /// A provider bills it: only the billing pages may change it.
    pub const fn is_billed(&self) -> bool {
        matches!(self.source, Source::Provider)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    pub(crate) fn epoch() -> Timestamp {
        "2026-11-21T00:00:00Z".parse().unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        epoch() + TimeDelta::seconds(seconds)
    }

    fn moment() -> impl Strategy<Value = Timestamp> {
        (-1000_i64..1000).prop_map(at)
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            moment().prop_map(|ends_at| Event::StartTrial { ends_at }),
            Just(Event::Activate),
            (moment(), moment()).prop_map(|(at, grace_until)| Event::PaymentFailed { at, grace_until }),
            moment().prop_map(|at| Event::Pause { at }),
            Just(Event::Resume),
            moment().prop_map(|at| Event::Cancel { at }),
            moment().prop_map(|at| Event::Expire { at }),
        ]
    }

    pub(crate) fn subscription(state: State) -> Subscription {
        Subscription {
            id: Uuid::nil().into(),
            membership_id: Uuid::nil().into(),
            plan_id: Uuid::nil().into(),
            price_id: None,
            state,
            source: Source::User,
            period: None,
            expires_at: None,
            cancel_at: None,
            scheduled: None,
            started_at: epoch(),
        }
    }

    proptest! {
        #[test]
        fn nothing_leaves_a_final_state(events in prop::collection::vec(event(), 1..30)) {
            let mut state = State::Incomplete;
            for event in events {
                match state.apply(event) {
                    Ok(next) => {
                        prop_assert!(!state.is_final());
                        state = next;
                    }
                    Err(refused) => prop_assert_eq!(refused.status, state.status()),
                }
            }
        }

        #[test]
        fn every_open_state_can_end(events in prop::collection::vec(event(), 0..30), when in moment()) {
            let state = events.into_iter().fold(State::Incomplete, |s, e| s.apply(e).unwrap_or(s));
            if !state.is_final() {
                prop_assert_eq!(state.apply(Event::Cancel { at: when }), Ok(State::Canceled { at: when }));
                prop_assert_eq!(state.apply(Event::Expire { at: when }), Ok(State::Expired { at: when }));
            }
        }

        #[test]
        fn another_failure_never_prolongs_grace(events in prop::collection::vec(event(), 0..30), fail in event()) {
            let state = events.into_iter().fold(State::Incomplete, |s, e| s.apply(e).unwrap_or(s));
            if let (State::PastDue { grace_until, .. }, Event::PaymentFailed { .. }) = (state, fail) {
                let after = state.apply(fail).unwrap();
                let kept = matches!(after, State::PastDue { grace_until: g, .. } if g == grace_until);
                prop_assert!(kept);
            }
        }

        #[test]
        fn settling_twice_is_settling_once(
            events in prop::collection::vec(event(), 0..12),
            expires in prop::option::of(moment()),
            cancel in prop::option::of(moment()),
            change in prop::option::of(moment()),
            now in moment(),
        ) {
            let state = events.into_iter().fold(State::Incomplete, |s, e| s.apply(e).unwrap_or(s));
            let scheduled =
                change.map(|at| Scheduled { plan_id: Uuid::max().into(), price_id: Some(Uuid::max().into()), at });
            let sub = Subscription { expires_at: expires, cancel_at: cancel, scheduled, ..subscription(state) };
            let live = sub.is_live(now);
            let once = sub.clone().settle(now);
            prop_assert_eq!(once.clone().settle(now), once.clone());
            prop_assert!(once.next_change().is_none_or(|at| at > now));
            prop_assert_eq!(live, !once.state.is_final());
            if sub.gives_features(now) {
                let end = sub.scheduled_end();
                prop_assert!(end.is_none_or(|end| end.at > now));
            }
        }
    }

    #[test]
    fn it_ends_at_that_very_moment() {
        let sub = Subscription { expires_at: Some(at(10)), ..subscription(State::Active) };
        assert!(sub.gives_features(at(9)));
        assert!(!sub.gives_features(at(10)));
        assert_eq!(sub.settle(at(99)).state, State::Expired { at: at(10) });
    }

    #[test]
    fn the_earliest_end_counts() {
        let sub = Subscription {
            expires_at: Some(at(20)),
            cancel_at: Some(at(10)),
            ..subscription(State::Trialing { ends_at: at(15) })
        };
        assert_eq!(sub.scheduled_end().unwrap().state, State::Canceled { at: at(10) });
    }

    fn to_free(seconds: i64) -> Scheduled {
        Scheduled { plan_id: Uuid::max().into(), price_id: None, at: at(seconds) }
    }

    #[test]
    fn a_trial_with_something_to_turn_into_does_not_end() {
        let trial = State::Trialing { ends_at: at(10) };
        let sub = Subscription { scheduled: Some(to_free(10)), ..subscription(trial) };
        assert_eq!((sub.scheduled_end(), sub.next_change()), (None, Some(at(10))));
        let after = sub.clone().settle(at(10));
        assert_eq!((after.state, after.scheduled, after.plan_id), (State::Active, None, Uuid::max().into()));
        assert!(after.gives_features(at(99)));
        assert_eq!(sub.settle(at(9)).state, trial);
    }

    #[test]
    fn an_end_comes_before_a_change_of_the_same_moment() {
        let sub = Subscription { cancel_at: Some(at(10)), scheduled: Some(to_free(10)), ..subscription(State::Active) };
        let ended = sub.clone().settle(at(10));
        assert_eq!((ended.state, ended.plan_id), (State::Canceled { at: at(10) }, sub.plan_id));
        let later = Subscription { cancel_at: Some(at(20)), ..sub };
        let both = later.settle(at(30));
        assert_eq!((both.state, both.plan_id), (State::Canceled { at: at(20) }, Uuid::max().into()));
    }

    #[test]
    fn it_waits_while_it_is_paused() {
        let paused = State::Paused { since: at(5) };
        let sub = Subscription { scheduled: Some(to_free(10)), ..subscription(paused) };
        assert_eq!(sub.clone().settle(at(20)), sub);
    }
}
