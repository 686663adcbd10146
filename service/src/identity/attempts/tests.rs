//! How long somebody waits, and for what.

use domain::{ErrorCode, Timestamp};
use uuid::Uuid;

use super::{Attempts, Known, Network, book::MOST};
use crate::Error;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp_millis(1_795_219_200_000 + seconds * 1000).unwrap()
}

fn fail(attempts: &Attempts, account: &str, network: Network, now: Timestamp) -> bool {
    attempts.begin(account, network, Known::No, now).is_ok()
}

#[test]
fn who_has_many_networks_is_one_customer() {
    let of = |address| Network::of(Some(address));
    let (one, other) = (of("2001:db8:1:1::1"), of("2001:db8:1:2::1"));
    assert_ne!(one, other);
    assert_eq!(one.site(), other.site());
    assert_ne!(one.site(), of("2001:db8:2:1::1").site());
    assert_eq!(of("192.0.2.1").site(), of("192.0.2.1"));
}

#[test]
fn a_site_may_do_as_much_as_ten_networks() {
    let attempts = Attempts::default();
    let of = |i: u16| Network::V6([0x2001, 0xdb8, 1, i]);
    let over = |try_one: &dyn Fn(u16) -> bool| (0..20_000).filter(|i| try_one(*i)).count();
    assert_eq!(over(&|i| fail(&attempts, &format!("user{i}"), of(i), at(0))), 500);
    assert_eq!(over(&|i| attempts.ask_mail(of(i), at(0)).is_ok()), 3_000);
    assert_eq!(over(&|i| attempts.guess(of(i), at(0)).is_ok()), 100);
    assert_eq!(over(&|i| attempts.depart(of(i), at(0)).is_ok()), 3_000);
    assert_eq!(over(&|i| attempts.weigh(of(i), at(0)).is_ok()), 1_200);
    assert_eq!(over(&|i| attempts.keep_unproved(of(i), at(0)).is_ok()), 1_000);
    let client = Uuid::from_u128(1);
    let prove = |i| attempts.may_prove(client, of(i), at(0)).map(|()| attempts.not_proved(client, of(i), at(0)));
    assert_eq!(over(&|i| prove(i).is_ok()), 1_000);
    assert!(attempts.begin("resident", of(501), Known::Network, at(0)).is_err());
    assert!(attempts.begin("resident", of(501), Known::Browser, at(0)).is_ok());
    assert!(fail(&attempts, "neighbour", Network::V6([0x2001, 0xdb8, 2, 0]), at(0)));
    assert!(attempts.ask_mail(of(0), at(60)).is_ok());
    attempts.guess(of(0), at(60)).unwrap();
    attempts.guessed(of(0));
    assert_eq!(over(&|i| attempts.guess(of(i), at(60)).is_ok()), 10, "the right one was not counted");
}

#[test]
fn of_two_at_once_neither_waits_while_there_is_room() {
    let (attempts, network) = (Attempts::default(), Network::of(Some("192.0.2.1")));
    assert!(fail(&attempts, "a", network, at(1)));
    assert!(fail(&attempts, "a", network, at(0)), "it read the clock before the other");
}

#[test]
fn waits_grow_and_are_forgotten() {
    let (attempts, network) = (Attempts::default(), Network::of(Some("192.0.2.1")));
    for _ in 0..5 {
        assert!(fail(&attempts, "a", network, at(0)));
    }
    assert!(!fail(&attempts, "a", network, at(0)));
    assert!(fail(&attempts, "a", network, at(1)));
    assert!(!fail(&attempts, "a", network, at(2)));
    assert!(fail(&attempts, "a", network, at(3)));
    assert!(!fail(&attempts, "a", network, at(6)));
    // Another account from the same network, and the same from another, go on.
    assert!(fail(&attempts, "b", network, at(6)));
    assert!(fail(&attempts, "a", Network::of(Some("192.0.2.2")), at(6)));
    assert!(fail(&attempts, "a", network, at(3600)));
    assert!(fail(&attempts, "a", network, at(3600)));
}

#[test]
fn a_network_asks_for_so_many_mails_and_no_more() {
    let (attempts, network) = (Attempts::default(), Network::of(Some("192.0.2.1")));
    let sent = (0..1000).filter(|_| attempts.ask_mail(network, at(0)).is_ok()).count();
    assert_eq!(sent, 300);
    assert!(attempts.ask_mail(Network::of(Some("192.0.2.2")), at(0)).is_ok());
    assert!(attempts.ask_mail(network, at(60)).is_ok());
    assert!(fail(&attempts, "a", network, at(0)), "signing in is another matter");
}

#[test]
fn who_calls_too_often_waits_a_second_and_goes_on() {
    let (attempts, id) = (Attempts::default(), Uuid::from_u128(1));
    let network = Network::of(Some("192.0.2.1"));
    let strangers = |now| (0..20_000).filter(|_| attempts.call_unproved(network, now).is_ok()).count();
    assert_eq!((strangers(at(0)), strangers(at(0))), (5_000, 0));
    assert_eq!((strangers(at(1)), strangers(at(2))), (100, 100));
    let calls = |now| (0..20_000).filter(|_| attempts.call(id, now).is_ok()).count();
    assert_eq!((calls(at(0)), calls(at(1)), calls(at(60))), (10_000, 1_000, 10_000));
    assert!(attempts.call(Uuid::from_u128(2), at(60)).is_ok());
    assert!(attempts.call_unproved(Network::of(Some("192.0.2.2")), at(2)).is_ok());
    let refused = attempts.call(id, at(60)).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::RateLimited);
    let Error::Problem(problem) = refused else { panic!("an internal error") };
    assert_eq!(problem.retry_after(), Some(1));
}

#[test]
fn what_is_kept_for_strangers_has_a_budget_of_its_own() {
    let (attempts, network) = (Attempts::default(), Network::of(Some("192.0.2.1")));
    let kept = |now| (0..1_000).filter(|_| attempts.keep_unproved(network, now).is_ok()).count();
    assert_eq!((kept(at(0)), kept(at(0))), (100, 0));
    assert_eq!((kept(at(1)), kept(at(2)), kept(at(60))), (2, 2, 100));
    assert_eq!(attempts.keep_unproved(network, at(60)).unwrap_err().code(), ErrorCode::RateLimited);
    assert!(attempts.keep_unproved(Network::of(Some("192.0.2.2")), at(60)).is_ok());
    assert!(attempts.call_unproved(network, at(60)).is_ok(), "calling is another matter");
}

#[test]
fn an_account_is_changed_so_often_and_then_slowly() {
    let (attempts, user) = (Attempts::default(), Uuid::from_u128(1));
    let changes = |now| (0..100).filter(|_| attempts.change(user, now).is_ok()).count();
    assert_eq!((changes(at(0)), changes(at(0))), (60, 0));
    assert_eq!((changes(at(10)), changes(at(610))), (1, 60));
    assert!(attempts.change(Uuid::from_u128(2), at(0)).is_ok());
    assert!(attempts.call(user, at(610)).is_ok(), "calls are another matter");
    assert_eq!(attempts.change(user, at(610)).unwrap_err().code(), ErrorCode::RateLimited);
}

#[test]
fn wrong_proofs_of_a_client_hold_up_its_own_network() {
    let (attempts, client) = (Attempts::default(), Uuid::from_u128(1));
    let (here, there) = (Network::of(Some("192.0.2.1")), Network::of(Some("192.0.2.2")));
    for _ in 0..100 {
        attempts.may_prove(client, here, at(0)).unwrap();
        attempts.not_proved(client, here, at(0));
    }
    assert_eq!(attempts.may_prove(client, here, at(0)).unwrap_err().code(), ErrorCode::RateLimited);
    assert!(attempts.may_prove(client, there, at(0)).is_ok());
    assert!(attempts.may_prove(Uuid::from_u128(2), here, at(0)).is_ok());
    attempts.may_prove(client, here, at(1)).unwrap();
    attempts.not_proved(client, here, at(1));
    assert!(attempts.may_prove(client, here, at(2)).is_err(), "each further one waits longer");
    assert!(attempts.may_prove(client, here, at(61)).is_ok(), "they are forgotten");
}

#[test]
fn this_machine_and_nowhere_are_not_remote() {
    for near in [Some("127.0.0.1"), Some("127.8.9.1"), Some("::1"), Some("::ffff:127.0.0.1"), Some("?"), None] {
        assert!(!Network::of(near).is_remote(), "{near:?}");
    }
    for far in ["192.0.2.1", "10.0.0.1", "2001:db8::1", "::ffff:192.0.2.1", "fd00::1"] {
        assert!(Network::of(Some(far)).is_remote(), "{far}");
    }
}

#[test]
fn a_right_password_forgives_its_own_network() {
    let (attempts, network) = (Attempts::default(), Network::of(Some("192.0.2.1")));
    for _ in 0..4 {
        assert!(fail(&attempts, "a", network, at(0)));
    }
    let attempt = attempts.begin("a", network, Known::No, at(0)).unwrap();
    attempts.undo(&attempt, true);
    for _ in 0..5 {
        assert!(fail(&attempts, "a", network, at(0)));
    }
}

#[test]
fn many_networks_slow_an_account_down_but_not_those_it_knows() {
    let attempts = Attempts::default();
    for i in 0..60 {
        fail(&attempts, "a", Network::V4([10, 0, 0, i]), at(0));
    }
    let own = Network::V4([192, 0, 2, 1]);
    assert!(attempts.is_held_up("a", own, at(0)));
    assert!(attempts.begin("a", own, Known::No, at(0)).is_err());
    assert!(attempts.begin("a", own, Known::Network, at(0)).is_ok());
    assert!(!attempts.is_held_up("b", own, at(0)));
}

#[test]
fn a_browser_that_an_account_knows_has_a_budget_of_its_own() {
    let (attempts, network) = (Attempts::default(), Network::of(Some("192.0.2.1")));
    while fail(&attempts, "a", network, at(0)) {}
    // Whoever shares the owner's network locks it for themselves only.
    assert!(attempts.begin("a", network, Known::Network, at(0)).is_err());
    for i in 0..5 {
        assert!(attempts.begin("a", Network::V4([10, 0, 0, i]), Known::Browser, at(0)).is_ok());
    }
    assert!(attempts.begin("a", network, Known::Browser, at(0)).is_err(), "the same budget everywhere");
    let attempt = attempts.begin("a", network, Known::Browser, at(1)).unwrap();
    attempts.undo(&attempt, true);
    assert!(attempts.begin("a", network, Known::Browser, at(1)).is_ok());
    assert!(attempts.begin("a", network, Known::No, at(0)).is_err(), "forgiven in the browser alone");
}

#[test]
fn a_burst_counts_before_it_is_judged() {
    let (attempts, network) = (Attempts::default(), Network::of(Some("192.0.2.1")));
    let begun: Vec<_> = (0..50).filter_map(|_| attempts.begin("a", network, Known::No, at(0)).ok()).collect();
    assert_eq!(begun.len(), 5);
    // What came to nothing for another reason is as if it had not been.
    for attempt in &begun {
        attempts.undo(attempt, false);
    }
    assert_eq!(attempts.book().failures.len(), 0);
}

#[test]
fn what_no_longer_counts_is_dropped() {
    let attempts = Attempts::default();
    let network = |i: u32| Network::V4(i.to_be_bytes());
    for i in 0..MOST as u32 {
        attempts.ask_mail(network(i), at(0)).unwrap();
    }
    attempts.ask_mail(network(MOST as u32), at(0)).unwrap();
    assert_eq!(attempts.book().failures.len(), MOST + 1, "they all count still");
    for i in 0..MOST as u32 {
        attempts.guess(network(i), at(10)).unwrap();
    }
    let left = attempts.book().failures.len();
    assert!(left <= MOST + 1, "{left}");
}

#[test]
fn one_network_cannot_try_all_accounts() {
    let (attempts, network) = (Attempts::default(), Network::of(Some("2001:db8::1")));
    let passed = (0..100).filter(|i| fail(&attempts, &format!("user{i}"), network, at(0))).count();
    assert_eq!(passed, 50);
    // Who has signed in from there waits like everybody, but not in the browser in which they have.
    assert!(attempts.is_held_up("resident", network, at(0)));
    assert!(attempts.begin("resident", network, Known::No, at(0)).is_err());
    assert!(attempts.begin("resident", network, Known::Network, at(0)).is_err());
    assert!(attempts.begin("resident", network, Known::Browser, at(0)).is_ok());
    assert_eq!(Network::of(Some("2001:db8::ffff:1")), network);
    assert_ne!(Network::of(Some("2001:db8:0:1::1")), network);
    assert_eq!(Network::of(Some("::ffff:192.0.2.1")), Network::of(Some("192.0.2.1")));
}
