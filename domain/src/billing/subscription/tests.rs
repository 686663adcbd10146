//! The state machine and the clock, over many histories.

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

#[test]
fn what_is_assigned_or_paused_is_not_changed_by_its_user() {
    let fixed = |source, state| Subscription { source, ..subscription(state) }.fixed();
    let paused = State::Paused { since: epoch() };
    for source in Source::ALL {
        let is_theirs = matches!(source, Source::Default | Source::User | Source::Provider);
        assert_eq!(fixed(source, State::Active), (!is_theirs).then_some(Fixed::Assigned), "{source:?}");
        let why = if is_theirs { Fixed::Paused } else { Fixed::Assigned };
        assert_eq!(fixed(source, paused), Some(why), "{source:?}");
    }
}
