//! Money that comes late.

use domain::{
    application::OnEnd,
    billing::{
        order::{State as OrderState, Status as OrderStatus},
        subscription::State,
    },
};
use service::payment::sandbox::CardNumber;

use super::{add_up, arrives, bought_by_transfer, credit, given_up, held, look, transfer};
use crate::{
    renewals::{GOOD, advance, buy, invoices, order, pay, shop, state},
    shop::operator,
};

#[tokio::test(flavor = "multi_thread")]
async fn late_money_begins_no_second_trial() {
    let shop = shop(true, OnEnd::None).await;
    let member = shop.member().await;
    let late = order(&shop, member, "pro").await;
    shop.services().orders().press(late.clone(), "https://here.example/".into()).await.unwrap();
    advance(&shop, "2d").await;
    buy(&shop, member, "pro", GOOD).await;
    assert!(matches!(state(&shop, member).await, Some(State::Trialing { .. })));
    shop.services().changes().cancel_now(&operator(), shop.application, member, None).await.unwrap();
    let card = CardNumber::parse(GOOD).unwrap();
    shop.services().sandbox().enter_card(late.order.id.get(), card).await.unwrap();
    assert!(matches!(look(&shop, &late).await, OrderState::Paid { late: true, .. }));
    assert_eq!(state(&shop, member).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_money_ends_the_order_that_took_its_place() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    let late = transfer(&shop, order(&shop, member, "pro").await).await;
    advance(&shop, "2d").await;
    let newer = order(&shop, member, "pro").await;
    assert_ne!(newer.order.id, late.order.id);
    assert!(matches!(arrives(&shop, late).await, OrderState::Paid { late: true, .. }));
    assert_eq!(look(&shop, &newer).await.status(), OrderStatus::Canceled);
    assert_eq!(held(&shop, member).await.state, State::Active);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_money_for_a_plan_that_is_gone_becomes_credit() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    bought_by_transfer(&shop, member).await;
    let late = given_up(&shop, member).await;
    shop.services().plans().delete(&operator(), shop.application, shop.pro.id).await.unwrap();
    assert!(matches!(arrives(&shop, late).await, OrderState::Paid { late: true, .. }));
    assert_eq!((state(&shop, member).await, credit(&shop, member).await), (None, 1000));
    assert_eq!(invoices(&shop, member).await[1].1, "uncollectible");
    assert_eq!(shop.services().alerts().waiting(shop.application).await.unwrap(), 1);
    add_up(&shop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_behind_a_declined_card_is_awaited() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    let placed = order(&shop, member, "pro").await;
    pay(&shop, placed.clone(), "4000000000000002").await;
    assert_eq!(look(&shop, &placed).await.status(), OrderStatus::Failed);
    let placed = transfer(&shop, placed).await;
    assert_eq!(placed.order.state.status(), OrderStatus::Pending);
    assert_eq!(arrives(&shop, placed).await.status(), OrderStatus::Paid);
}
