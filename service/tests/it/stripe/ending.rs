//! Cancellations that are made at Stripe: in its portal, or at a date of the dashboard's.

use chrono::TimeDelta;
use domain::{Timestamp, billing::subscription::State};
use service::testing::books;

use super::{Desk, POSTS};
use crate::shop::operator;

fn reference(desk: &Desk) -> String {
    desk.subscription()["id"].as_str().unwrap().to_owned()
}

/// Somebody sets the date in the dashboard.
fn set_date(desk: &Desk, at: Timestamp) {
    let (path, form) = (format!("/v1/subscriptions/{}", reference(desk)), format!("cancel_at={}", at.timestamp()));
    assert_eq!(desk.side().call(http::Method::POST, &path, &form).0, 200);
}

/// Whether it ends with its period at Stripe, and when it ends there.
fn end(desk: &Desk) -> (bool, Option<i64>) {
    let own = desk.subscription();
    (own["cancel_at_period_end"] == true, own["cancel_at"].as_i64())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_in_stripes_portal_can_be_undone() {
    for (post, classic) in POSTS.into_iter().flat_map(|post| [(post, false), (post, true)]) {
        let desk = Desk::open(post, false).await;
        desk.fake.choose(|rules| rules.classic = classic);
        let (member, what) = (desk.shop.member().await, format!("{post:?}, classic: {classic}"));
        desk.buy(member, "pro").await;
        desk.settle().await;
        let first = desk.held(member).await.unwrap().period.unwrap();
        desk.side().cancel_in_portal(&reference(&desk));
        desk.settle().await;
        assert_eq!(end(&desk), (classic, Some(first.end.timestamp())), "{what}");
        assert_eq!(desk.held(member).await.unwrap().cancel_at, Some(first.end), "{what}");

        desk.services.changes().undo(&operator(), desk.shop.application, member).await.unwrap();
        desk.settle().await;
        assert_eq!(end(&desk), (false, None), "{what}");
        assert_eq!(desk.held(member).await.unwrap().cancel_at, None, "{what}");
        desk.days(33).await;
        let held = desk.held(member).await.unwrap();
        assert_eq!((held.state, held.cancel_at), (State::Active, None), "{what}");
        assert_eq!((held.period.unwrap().start, desk.charged()), (first.end, vec![1000, 1000]), "{what}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_that_is_set_at_stripe_outlasts_renewals() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let (member, application) = (desk.shop.member().await, desk.shop.application);
        desk.buy(member, "pro").await;
        desk.settle().await;
        let first = desk.held(member).await.unwrap().period.unwrap();
        let far = first.end + TimeDelta::days(150);
        set_date(&desk, far);
        desk.settle().await;
        assert_eq!(desk.held(member).await.unwrap().cancel_at, Some(far), "{post:?}");

        desk.days(33).await;
        let held = desk.held(member).await.unwrap();
        assert_eq!((held.period.unwrap().start, held.cancel_at), (first.end, Some(far)), "{post:?}");
        assert_eq!(end(&desk), (false, Some(far.timestamp())), "{post:?}");

        // Who cancels here does not wait for it.
        desk.services.changes().cancel(&operator(), application, member, None).await.unwrap();
        desk.settle().await;
        let last = held.period.unwrap().end;
        assert_eq!(desk.held(member).await.unwrap().cancel_at, Some(last), "{post:?}");
        assert_eq!(end(&desk), (true, Some(last.timestamp())), "{post:?}");
        desk.days(33).await;
        assert!(desk.held(member).await.is_none(), "{post:?}");
        assert_eq!((desk.charged(), &desk.subscription()["status"]), (vec![1000; 2], &"canceled".into()), "{post:?}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_that_is_moved_at_stripe_is_followed() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let last = desk.held(member).await.unwrap().period.unwrap().end;
        let (far, soon) = (last + TimeDelta::days(150), desk.services.now() + TimeDelta::days(2));
        for date in [far, far + TimeDelta::days(30), last, far, soon] {
            set_date(&desk, date);
            desk.settle().await;
            assert_eq!(desk.held(member).await.unwrap().cancel_at, Some(date), "{post:?}");
            assert_eq!(end(&desk), (false, Some(date.timestamp())), "{post:?}");
        }
        desk.days(3).await;
        assert!(desk.held(member).await.is_none(), "{post:?}");
        assert_eq!((desk.charged(), &desk.subscription()["status"]), (vec![1000], &"canceled".into()), "{post:?}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_at_stripe_is_heard_together_with_a_renewal() {
    for (post, classic) in POSTS.into_iter().flat_map(|post| [(post, false), (post, true)]) {
        let desk = Desk::open(post, false).await;
        desk.fake.choose(|rules| rules.classic = classic);
        let (member, what) = (desk.shop.member().await, format!("{post:?}, classic: {classic}"));
        desk.buy(member, "pro").await;
        desk.settle().await;
        let first = desk.held(member).await.unwrap().period.unwrap();
        // Stripe has renewed it, and nobody has heard of that when the customer cancels.
        desk.shop.test.clock.advance(first.end - desk.services.now() + TimeDelta::hours(2));
        desk.side().cancel_in_portal(&reference(&desk));
        desk.settle().await;
        let held = desk.held(member).await.unwrap();
        let last = held.period.unwrap();
        assert_eq!((last.start, held.cancel_at), (first.end, Some(last.end)), "{what}");
        assert_eq!(end(&desk), (classic, Some(last.end.timestamp())), "{what}");
        desk.days(33).await;
        assert!(desk.held(member).await.is_none(), "{what}");
        assert_eq!((desk.charged(), &desk.subscription()["status"]), (vec![1000; 2], &"canceled".into()), "{what}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{what}");
    }
}
