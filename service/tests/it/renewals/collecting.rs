//! What was sold before, where another provider collects, or nobody.

use chrono::TimeDelta;
use domain::{
    ErrorCode, Secret,
    application::{OnEnd, Provider},
    billing::{payment::Mode, subscription::State},
};
use service::{
    payment::{MethodKind, keys::NewKeys},
    testing::books,
};

use super::{GOOD, buy, collects, invoices, order, payments, shop, state, wanted};
use crate::shop::{key, operator};

#[tokio::test(flavor = "multi_thread")]
async fn what_the_sandbox_sold_is_asked_for_by_who_collects_next() {
    let shop = shop(false, OnEnd::None).await;
    let (services, application) = (shop.services(), shop.application);
    let (member, late) = (shop.member().await, shop.member().await);
    buy(&shop, member, "pro", GOOD).await;
    let begun = order(&shop, late, "pro").await;
    services.orders().press(begun.clone(), "https://here.example/".into()).await.unwrap();
    services.sandbox().begin_transfer(begun.order.id.get(), MethodKind::Qris).await.unwrap();
    let begun = services.orders().look(begun).await.unwrap();
    let keys = NewKeys { secret: Some(Secret::new("sk_live_of_the_shop")), webhook: None };
    services.payment_keys().set(&operator(), application, Provider::Stripe, keys).await.unwrap();
    collects(&shop, Provider::Stripe).await;

    services.sandbox().transfer_arrives(begun.order.id.get()).await.unwrap();
    while services.inbox().work().await.unwrap() > 0 {}
    assert_eq!(services.orders().look(begun).await.unwrap_err().code(), ErrorCode::ProviderNotConfigured);
    assert_eq!(shop.entitlement(late).await.plan, Some(key("free")), "test money buys nothing where it is real");
    let another = order(&shop, member, "team").await;
    assert_eq!(another.order.quote.due.amount(), 3000, "nothing is taken off for test money");

    shop.test.clock.advance(TimeDelta::days(31));
    services.engine().tick().await.unwrap();
    assert_eq!(payments(&shop, member).await, [("succeeded", 1000)], "the kept card is not charged again");
    assert!(matches!(state(&shop, member).await, Some(State::PastDue { .. })));
    assert_eq!(shop.entitlement(member).await.plan, Some(key("pro")), "the grace has features");
    let owed = services.invoices().of_member(&operator(), application, member).await.unwrap().remove(0);
    let destination = wanted("pro").destination;
    let placed = services.invoices().pay(&operator(), application, member, owed.id, destination).await.unwrap();
    assert_eq!((placed.provider, placed.order.mode), (Provider::Stripe, Mode::Live));

    shop.test.clock.advance(TimeDelta::days(8));
    services.engine().tick().await.unwrap();
    assert_eq!((state(&shop, member).await, shop.entitlement(member).await.plan), (None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_tells_who_bills_what_was_sold_elsewhere() {
    let shop = shop(false, OnEnd::None).await;
    let (services, application, member) = (shop.services(), shop.application, shop.member().await);
    buy(&shop, member, "pro", GOOD).await;
    let keys = NewKeys { secret: Some(Secret::new("sk_live_of_the_shop")), webhook: None };
    services.payment_keys().set(&operator(), application, Provider::Stripe, keys).await.unwrap();
    collects(&shop, Provider::Stripe).await;
    let held = services.subscriptions().get(&operator(), application, member).await.unwrap().unwrap();
    let left = held.period.unwrap().end - services.now();
    shop.test.clock.advance(left - TimeDelta::days(1));
    let another = order(&shop, member, "team").await;
    assert_eq!(another.order.quote.due.amount(), 3000, "nothing is left of what test money paid");
    assert_eq!(invoices(&shop, member).await[1].1, "open", "the next period is asked for by link, before it begins");
    assert_eq!(books::audit(services).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_collects_any_more_the_one_before_goes_on() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    buy(&shop, member, "pro", GOOD).await;
    collects(&shop, Provider::None).await;
    shop.test.clock.advance(TimeDelta::days(31));
    shop.services().engine().tick().await.unwrap();
    assert_eq!(state(&shop, member).await, Some(State::Active));
    assert_eq!(payments(&shop, member).await, [("succeeded", 1000); 2]);
}
