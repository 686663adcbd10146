//! Money that goes back, and what it had paid for.

use domain::{
    Currency,
    application::OnEnd,
    billing::{
        amount::Amount,
        price::{Interval, NewPrice},
        subscription::State,
    },
    id::UserId,
    page::PageRequest,
};
use service::billing::alerts::AlertKind;

use super::{add_up, arrives, bought_by_transfer, credit, held, owed_by_transfer};
use crate::{
    renewals::{GOOD, advance, buy, monthly, shop, state},
    shop::{Shop, key, operator, plan},
};

/// Pays the invoice that is made three days before the next period, before that begins.
async fn paid_ahead(shop: &Shop, member: UserId) {
    advance(shop, "28d").await;
    let placed = owed_by_transfer(shop, member).await;
    arrives(shop, placed).await;
}

/// Gives the newest payment of some money back, all of it.
async fn refund_newest(shop: &Shop, member: UserId) {
    let payments = shop.services().payments();
    let all = payments.of_member(&operator(), shop.application, member).await.unwrap();
    let newest = all.iter().find(|own| !own.payment.amount.is_zero()).unwrap().payment.id;
    payments.refund(&operator(), shop.application, newest, None, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_takes_the_credit_back_that_the_money_had_become() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    bought_by_transfer(&shop, member).await;
    paid_ahead(&shop, member).await;
    shop.services().changes().pause(&operator(), shop.application, member).await.unwrap();
    assert_eq!(credit(&shop, member).await, 1000, "the next period will not begin as it was paid");
    refund_newest(&shop, member).await;
    assert_eq!(credit(&shop, member).await, 0);
    assert!(matches!(held(&shop, member).await.state, State::Paused { .. }));
    add_up(&shop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_of_what_was_spent_as_credit_is_told() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    bought_by_transfer(&shop, member).await;
    paid_ahead(&shop, member).await;
    shop.services().changes().pause(&operator(), shop.application, member).await.unwrap();
    let taken = Amount::new(-600, Currency::parse("usd").unwrap()).unwrap();
    shop.services().credits().add(&operator(), shop.application, member, taken, None).await.unwrap();
    assert_eq!(
        (credit(&shop, member).await, shop.services().alerts().waiting(shop.application).await.unwrap()),
        (400, 0)
    );
    refund_newest(&shop, member).await;
    assert_eq!(credit(&shop, member).await, 0);
    let open = shop.services().alerts().page(&operator(), shop.application, false, &PageRequest::default()).await;
    let open: Vec<_> = open.unwrap().items.into_iter().map(|alert| (alert.kind, alert.detail)).collect();
    assert_eq!(open, [(AlertKind::CreditSpent, "given back after its credit was spent".to_owned())]);
    add_up(&shop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_of_the_next_period_lets_this_one_be_the_last() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    bought_by_transfer(&shop, member).await;
    paid_ahead(&shop, member).await;
    refund_newest(&shop, member).await;
    let now = held(&shop, member).await;
    assert_eq!((now.state, now.cancel_at), (State::Active, now.period.map(|period| period.end)));
    advance(&shop, "3d").await;
    assert_eq!(state(&shop, member).await, None);
    add_up(&shop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_of_a_period_that_a_pause_has_moved_ends_it() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    buy(&shop, member, "pro", GOOD).await;
    advance(&shop, "10d").await;
    let changes = shop.services().changes();
    changes.pause(&operator(), shop.application, member).await.unwrap();
    advance(&shop, "2mo").await;
    changes.resume(&operator(), shop.application, member).await.unwrap();
    refund_newest(&shop, member).await;
    assert_eq!(state(&shop, member).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_of_an_upgrade_for_good_ends_it() {
    let shop = shop(false, OnEnd::None).await;
    let life = plan("Life", serde_json::json!({}));
    let life = shop.services().plans().create(&operator(), shop.application, life).await.unwrap();
    let price = NewPrice { interval: Interval::OneTime, ..monthly(50_000, "usd", None) };
    shop.services().plans().add_price(&operator(), shop.application, life.id, price).await.unwrap();
    let member = shop.member().await;
    buy(&shop, member, "pro", GOOD).await;
    advance(&shop, "10d").await;
    buy(&shop, member, "life", GOOD).await;
    assert_eq!((held(&shop, member).await.period, shop.entitlement(member).await.plan), (None, Some(key("life"))));
    refund_newest(&shop, member).await;
    assert_eq!(state(&shop, member).await, None);
}
