//! Periods that follow: charged, tried again, paid by link, and the grace.

use domain::{
    ErrorCode,
    application::{OnEnd, SettingsPatch},
    billing::{
        dunning::Dunning,
        invoice::State as InvoiceState,
        subscription::{Source, State},
    },
};
use service::{billing::orders::Placed, payment::MethodKind};

use super::{FAILS_LATER, GOOD, advance, buy, invoices, order, pay, payments, shop, state, wanted};
use crate::shop::{key, operator};

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_charged_for_every_period_that_a_clock_jumps_over() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    buy(&shop, member, "pro", GOOD).await;
    let first = shop.services().subscriptions().get(&operator(), shop.application, member).await.unwrap().unwrap();
    advance(&shop, "3mo").await;
    let now = shop.services().subscriptions().get(&operator(), shop.application, member).await.unwrap().unwrap();
    assert_eq!((now.state, now.source), (State::Active, Source::Provider));
    assert_eq!(now.period.unwrap().start, shop.services().billing_now(shop.application));
    assert!(now.period.unwrap().start > first.period.unwrap().end);
    let expected: Vec<_> = (1..=4).map(|n| (format!("ACME-{n:06}"), "paid", 1000)).collect();
    assert_eq!(invoices(&shop, member).await, expected);
    assert_eq!(payments(&shop, member).await, [("succeeded", 1000); 4]);
    shop.services().engine().tick().await.unwrap();
    assert_eq!(payments(&shop, member).await.len(), 4, "looking again charges nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_fails_is_tried_again_and_ends_with_the_grace() {
    let shop = shop(false, OnEnd::DefaultPlan).await;
    let member = shop.member().await;
    buy(&shop, member, "pro", FAILS_LATER).await;
    advance(&shop, "1mo").await;
    assert!(matches!(state(&shop, member).await, Some(State::PastDue { .. })));
    assert_eq!(shop.entitlement(member).await.plan, Some(key("pro")), "the grace has features");
    assert_eq!(payments(&shop, member).await.len(), 2);
    advance(&shop, "6d").await;
    assert_eq!(payments(&shop, member).await.len(), 5, "after 1, 3 and 5 days");
    advance(&shop, "1d").await;
    assert_eq!(state(&shop, member).await, Some(State::Active));
    assert_eq!(shop.entitlement(member).await.plan, Some(key("free")), "what follows the end");
    assert_eq!(invoices(&shop, member).await[1].1, "uncollectible");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_says_when_a_charge_is_tried_again_and_how_long_the_grace_is() {
    let shop = shop(false, OnEnd::DefaultPlan).await;
    let dunning = Some(Dunning::new(vec![2], vec![], vec![]).unwrap());
    let settings = SettingsPatch { dunning, grace_days: Some(4), ..Default::default() };
    shop.services().applications().update(&operator(), shop.application, settings.into()).await.unwrap();
    let member = shop.member().await;
    buy(&shop, member, "pro", FAILS_LATER).await;
    advance(&shop, "1mo").await;
    for (day, charged) in [(0, 2), (1, 2), (2, 3), (3, 3)] {
        assert_eq!(payments(&shop, member).await.len(), charged, "day {day}");
        assert!(matches!(state(&shop, member).await, Some(State::PastDue { .. })), "day {day}");
        assert_eq!(shop.entitlement(member).await.plan, Some(key("pro")), "day {day}");
        advance(&shop, "1d").await;
    }
    assert_eq!((state(&shop, member).await, payments(&shop, member).await.len()), (Some(State::Active), 3));
    assert_eq!(shop.entitlement(member).await.plan, Some(key("free")), "four days are over");
    assert_eq!(invoices(&shop, member).await[1].1, "uncollectible");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_better_card_brings_back_what_is_past_due() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    buy(&shop, member, "pro", FAILS_LATER).await;
    advance(&shop, "1mo").await;
    let services = shop.services();
    let owed = services.invoices().of_member(&operator(), shop.application, member).await.unwrap()[0].clone();
    assert!(matches!(owed.state, InvoiceState::Open { .. }));
    let pay_again = async || {
        let destination = wanted("pro").destination;
        services.invoices().pay(&operator(), shop.application, member, owed.id, destination).await
    };
    let placed = pay_again().await.unwrap();
    assert_eq!(pay_again().await.unwrap().order.id, placed.order.id, "asked twice, one order");
    pay(&shop, placed, GOOD).await;
    assert_eq!(state(&shop, member).await, Some(State::Active));
    assert_eq!(invoices(&shop, member).await[1].1, "paid");
    let gone = pay_again().await.unwrap_err();
    assert_eq!(gone.code(), ErrorCode::SubscriptionExpired);
    advance(&shop, "1mo").await;
    assert_eq!(invoices(&shop, member).await[2].1, "paid", "the better card is charged from now on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_renews_by_a_link_that_can_be_paid_late() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    let services = shop.services();
    let transfer = async |placed: Placed| {
        let key = placed.order.id.get();
        services.orders().press(placed.clone(), "https://here.example/".into()).await.unwrap();
        services.sandbox().begin_transfer(key, MethodKind::VirtualAccount).await.unwrap();
        services.orders().look(placed.clone()).await.unwrap();
        placed
    };
    let arrives = async |placed: Placed| {
        services.sandbox().transfer_arrives(placed.order.id.get()).await.unwrap();
        services.orders().look(placed).await.unwrap();
    };
    let first = transfer(order(&shop, member, "pro").await).await;
    arrives(first).await;
    assert_eq!(state(&shop, member).await, Some(State::Active));
    advance(&shop, "1mo").await;
    assert!(matches!(state(&shop, member).await, Some(State::PastDue { .. })), "nobody paid the link");
    let owed = services.invoices().of_member(&operator(), shop.application, member).await.unwrap()[0].clone();
    let destination = wanted("pro").destination;
    let placed = services.invoices().pay(&operator(), shop.application, member, owed.id, destination).await.unwrap();
    let placed = transfer(placed).await;
    advance(&shop, "10d").await;
    assert_eq!(state(&shop, member).await, None, "the grace is over");
    arrives(placed).await;
    assert_eq!(state(&shop, member).await, Some(State::Active), "money that comes late is taken");
    assert_eq!(shop.entitlement(member).await.plan, Some(key("pro")));
    assert_eq!(invoices(&shop, member).await[1].1, "paid");
}
