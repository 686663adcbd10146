//! Members whose access has ended.

use chrono::TimeDelta;
use domain::{
    ErrorCode,
    application::Provider,
    billing::{payment::Status as PaymentStatus, subscription::State},
};
use service::{
    Error,
    billing::orders::Started,
    testing::{books, stripe::Entered},
};

use super::{Desk, GOOD, POSTS, Post};
use crate::shop::operator;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_gone_is_billed_no_more() {
    for (post, deleted) in POSTS.into_iter().flat_map(|post| [(post, true), (post, false)]) {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        desk.days(10).await;
        if deleted {
            desk.services.admin_users().delete(&operator(), member).await.unwrap();
        } else {
            desk.services.memberships().revoke(&operator(), desk.shop.application, member).await.unwrap();
        }
        desk.settle().await;
        assert_eq!(desk.subscription()["status"], "canceled", "{post:?}, deleted: {deleted}");
        desk.days(40).await;
        assert_eq!(
            (desk.charged(), desk.payments(member).await),
            (vec![1000], vec![PaymentStatus::Succeeded]),
            "{post:?}, deleted: {deleted}"
        );
    }
}

/// Why the application cannot be deleted yet.
async fn left(desk: &Desk) -> Vec<(&'static str, i64)> {
    let deleted = desk.services.applications().delete(&operator(), desk.shop.application).await;
    let Err(Error::Problem(problem)) = deleted else { panic!("{deleted:?}") };
    assert_eq!(problem.code, ErrorCode::BilledByProvider);
    problem.facts
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_stays_until_stripe_bills_nothing_of_it() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let (member, application) = (desk.shop.member().await, desk.shop.application);
        desk.buy(member, "pro").await;
        desk.settle().await;
        let delete = async || desk.services.applications().delete(&operator(), application).await;
        let billed = [("billedSubscriptions", 1), ("openOrders", 0), ("waitingChanges", 0)];
        assert_eq!(left(&desk).await, billed, "{post:?}");
        desk.services.changes().cancel_now(&operator(), application, member, None).await.unwrap();
        let untold = [("billedSubscriptions", 0), ("openOrders", 0), ("waitingChanges", 1)];
        assert_eq!(left(&desk).await, untold, "nobody told Stripe: {post:?}");
        desk.settle().await;
        delete().await.unwrap();
        desk.shop.test.clock.advance(TimeDelta::days(40));
        assert_eq!((desk.billed(), desk.charged()), (0, vec![1000]), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_stays_while_somebody_can_pay_on_a_page() {
    for pays in [true, false] {
        let desk = Desk::open(Post::InOrder, false).await;
        let (_, page) = desk.page(desk.shop.member().await, "pro").await;
        let open = [("billedSubscriptions", 0), ("openOrders", 1), ("waitingChanges", 0)];
        assert_eq!(left(&desk).await, open, "pays: {pays}");
        if pays {
            assert!(matches!(desk.side().enter_card(&page, GOOD), Entered::Paid { .. }));
            assert_eq!(left(&desk).await, open, "nobody has heard of it");
            desk.settle().await;
            assert_eq!(left(&desk).await, [("billedSubscriptions", 1), ("openOrders", 0), ("waitingChanges", 0)]);
        } else {
            desk.shop.test.clock.advance(TimeDelta::hours(25));
            desk.services.engine().tick().await.unwrap();
            assert_eq!(left(&desk).await, [("billedSubscriptions", 0), ("openOrders", 0), ("waitingChanges", 1)]);
            desk.services.steer().await.unwrap();
            desk.services.applications().delete(&operator(), desk.shop.application).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_no_key_closes_keeps_no_application() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (buyer, member, application) = (desk.shop.member().await, desk.shop.member().await, desk.shop.application);
    desk.buy(buyer, "pro").await;
    desk.settle().await;
    // In what mode it was sold was never noted, so it may be real money.
    desk.shop.test.execute("UPDATE subscriptions SET mode = NULL").await;
    desk.services.changes().cancel_now(&operator(), application, buyer, None).await.unwrap();
    desk.page(member, "pro").await;
    desk.services.memberships().revoke(&operator(), application, member).await.unwrap();
    assert_eq!(left(&desk).await, [("billedSubscriptions", 0), ("openOrders", 0), ("waitingChanges", 2)]);

    desk.services.payment_keys().remove(&operator(), application, Provider::Stripe).await.unwrap();
    assert_eq!(left(&desk).await, [("billedSubscriptions", 0), ("openOrders", 0), ("waitingChanges", 1)]);
    desk.shop.test.execute("UPDATE steering SET next_at = NULL WHERE reference LIKE 'sub_%'").await;
    desk.services.applications().delete(&operator(), application).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_of_whoever_is_gone_brings_nothing_back() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        let (_, page) = desk.page(member, "pro").await;
        desk.services.memberships().revoke(&operator(), desk.shop.application, member).await.unwrap();
        // Nobody has told Stripe yet.
        assert!(matches!(desk.side().enter_card(&page, GOOD), Entered::Paid { .. }));
        desk.settle().await;
        assert_eq!((desk.billed(), desk.held(member).await), (0, None), "{post:?}");
        desk.days(33).await;
        assert_eq!((desk.charged(), desk.credit(member).await), (vec![1000], 1000), "{post:?}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_ended_and_goes_on_at_stripe_is_ended_again() {
    for post in [Post::InOrder, Post::Backwards, Post::Twice] {
        let desk = Desk::open(post, false).await;
        let (member, application) = (desk.shop.member().await, desk.shop.application);
        desk.buy(member, "pro").await;
        desk.settle().await;
        let first = desk.held(member).await.unwrap().period.unwrap();
        desk.services.changes().cancel_now(&operator(), application, member, None).await.unwrap();
        // As though Stripe had been told.
        desk.shop.test.execute("UPDATE steering SET next_at = NULL").await;
        desk.settle().await;
        assert_eq!(desk.subscription()["status"], "active", "{post:?}");
        desk.shop.test.clock.advance(first.end - desk.services.now() + TimeDelta::hours(3));
        desk.settle().await;
        assert_eq!(desk.subscription()["status"], "canceled", "{post:?}");
        desk.days(33).await;
        assert_eq!((desk.charged(), desk.held(member).await), (vec![1000, 1000], None), "{post:?}");
        assert_eq!(desk.credit(member).await, 1000, "{post:?}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_plan_took_the_place_of_and_goes_on_at_stripe_is_ended_again() {
    for post in [Post::InOrder, Post::Backwards, Post::Twice] {
        let desk = Desk::open(post, true).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let State::Trialing { ends_at } = desk.held(member).await.unwrap().state else { panic!("no trial") };
        assert!(matches!(desk.start(member, "free").await, Started::Granted(_)), "{post:?}");
        // As though Stripe had been told.
        desk.shop.test.execute("UPDATE steering SET next_at = NULL").await;
        desk.settle().await;
        assert_eq!(desk.subscription()["status"], "trialing", "{post:?}");
        desk.shop.test.clock.advance(ends_at - desk.services.now() + TimeDelta::hours(3));
        desk.settle().await;
        assert_eq!(desk.subscription()["status"], "canceled", "{post:?}");
        desk.days(33).await;
        assert_eq!((desk.charged(), desk.plan(member).await.as_deref()), (vec![1000], Some("free")), "{post:?}");
        assert_eq!(desk.credit(member).await, 1000, "{post:?}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{post:?}");
    }
}
