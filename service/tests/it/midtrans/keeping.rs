//! Cards that only a notification says were kept: Midtrans's status names no token.

use chrono::TimeDelta;
use domain::{
    billing::{order::Status as OrderStatus, subscription::State},
    id::UserId,
};
use service::{
    payment::Method,
    testing::midtrans::{Step, signature},
};

use super::{Bazaar, KEY, bazaar, good_card};
use crate::shop::operator;

async fn current(bazaar: &Bazaar, member: UserId) -> Option<Method> {
    bazaar.services().methods().current(&operator(), bazaar.shop.application, member).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_renews_whoever_comes_first() {
    for comes_back in [false, true] {
        let bazaar = bazaar().await;
        let member = bazaar.shop.member().await;
        let placed = bazaar.opened(member).await;
        bazaar.pay(&placed, good_card());
        if comes_back {
            // The customer is faster than the notification.
            bazaar.services().orders().look(placed.clone()).await.unwrap();
            assert_eq!((bazaar.plan(member).await, current(&bazaar, member).await), ("pro".into(), None));
        }
        bazaar.deliver().await;
        let kept = current(&bazaar, member).await.unwrap();
        assert!(kept.label.ends_with("1114"), "{}", kept.label);

        let end = bazaar.held(member).await.period.unwrap().end;
        bazaar.pass(end - bazaar.services().now()).await;
        let charges = bazaar.fake.calls("/v2/charge");
        assert_eq!(charges.len(), 1, "{comes_back}");
        assert_eq!(charges[0].body["credit_card"]["token_id"], kept.token.as_str());
        let held = bazaar.held(member).await;
        assert_eq!((held.state, held.period.unwrap().start), (State::Active, end));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_card_and_another_order_keep_nothing() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    let placed = bazaar.opened(member).await;
    bazaar.pay(&placed, good_card());
    let told = bazaar.fake.notifications().pop().unwrap();
    let other = format!("{}~1", placed.order.id);
    let forged = [
        told.forged(|body| drop(body.insert("masked_card".into(), "48111111-1113".into()))),
        told.forged(|body| drop(body.remove("masked_card"))),
        told.forged(|body| {
            body.insert("order_id".into(), other.clone().into());
            body.insert("signature_key".into(), signature(&other, "200", "99000.00", KEY).into());
        }),
    ];
    bazaar.post(&forged).await;
    assert_eq!(bazaar.state(&placed).await.status(), OrderStatus::Paid, "that is what the status says");
    assert_eq!(current(&bazaar, member).await, None);
    bazaar.post(&[told]).await;
    assert!(current(&bazaar, member).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_removed_since_does_not_come_back() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    let placed = bazaar.opened(member).await;
    bazaar.pay(&placed, good_card());
    bazaar.deliver().await;
    assert!(current(&bazaar, member).await.is_some());
    bazaar.pass(TimeDelta::hours(1)).await;
    bazaar.services().methods().remove(&operator(), bazaar.shop.application, member).await.unwrap();

    bazaar.act(&placed, Step::Settle);
    bazaar.deliver().await;
    assert_eq!(current(&bazaar, member).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_who_has_no_access_none_is_kept() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    let placed = bazaar.opened(member).await;
    bazaar.pay(&placed, good_card());
    bazaar.services().orders().look(placed).await.unwrap();
    bazaar.services().memberships().revoke(&operator(), bazaar.shop.application, member).await.unwrap();
    bazaar.deliver().await;
    assert_eq!(bazaar.count("SELECT count(*) FROM payment_methods").await, 0);
}
