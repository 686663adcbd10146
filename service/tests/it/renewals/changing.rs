//! Trials, downgrades, cancellations, pauses and refunds, and what follows them.

use domain::{ErrorCode, Money, application::OnEnd, billing::subscription::State};
use sea_orm::{ConnectionTrait, Statement};
use service::billing::orders::Started;

use super::{GOOD, advance, buy, invoices, payments, shop, start, state};
use crate::shop::{key, operator};

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_turns_paid_and_one_that_is_canceled_ends() {
    let shop = shop(true, OnEnd::None).await;
    let (stays, leaves) = (shop.member().await, shop.member().await);
    for member in [stays, leaves] {
        buy(&shop, member, "pro", GOOD).await;
        assert!(matches!(state(&shop, member).await, Some(State::Trialing { .. })));
    }
    let services = shop.services();
    services.changes().cancel(&operator(), shop.application, leaves, Some("too dear".into())).await.unwrap();
    advance(&shop, "14d").await;
    assert_eq!(state(&shop, stays).await, Some(State::Active));
    assert_eq!(payments(&shop, stays).await, [("succeeded", 0), ("succeeded", 1000)]);
    assert_eq!((state(&shop, leaves).await, shop.entitlement(leaves).await.plan), (None, None));
    assert_eq!(payments(&shop, leaves).await, [("succeeded", 0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_downgrade_waits_and_a_cancellation_can_be_undone() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    buy(&shop, member, "team", GOOD).await;
    assert!(matches!(start(&shop, member, "pro").await, Started::Granted(_)));
    let changes = || shop.services().changes();
    assert_eq!(shop.entitlement(member).await.plan, Some(key("team")));
    changes().undo(&operator(), shop.application, member).await.unwrap();
    advance(&shop, "1mo").await;
    assert_eq!(shop.entitlement(member).await.plan, Some(key("team")), "the change was undone");
    start(&shop, member, "pro").await;
    changes().cancel(&operator(), shop.application, member, None).await.unwrap();
    changes().cancel(&operator(), shop.application, member, None).await.unwrap();
    changes().undo(&operator(), shop.application, member).await.unwrap();
    let nothing = changes().undo(&operator(), shop.application, member).await.unwrap_err();
    assert_eq!(nothing.code(), ErrorCode::SubscriptionExpired);
    start(&shop, member, "pro").await;
    advance(&shop, "1mo").await;
    assert_eq!(shop.entitlement(member).await.plan, Some(key("pro")));
    assert_eq!(invoices(&shop, member).await.iter().map(|own| own.2).collect::<Vec<_>>(), [3000, 3000, 1000]);
    changes().cancel(&operator(), shop.application, member, None).await.unwrap();
    advance(&shop, "1mo").await;
    assert_eq!((state(&shop, member).await, invoices(&shop, member).await.len()), (None, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_keeps_what_was_paid() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    buy(&shop, member, "pro", GOOD).await;
    advance(&shop, "10d").await;
    let changes = || shop.services().changes();
    changes().pause(&operator(), shop.application, member).await.unwrap();
    assert_eq!(shop.entitlement(member).await.plan, None);
    advance(&shop, "2mo").await;
    assert_eq!(payments(&shop, member).await.len(), 1);
    changes().resume(&operator(), shop.application, member).await.unwrap();
    assert_eq!(shop.entitlement(member).await.plan, Some(key("pro")));
    advance(&shop, "19d").await;
    assert_eq!(payments(&shop, member).await.len(), 1, "a period of a month has 20 days left");
    advance(&shop, "3d").await;
    assert_eq!(payments(&shop, member).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_give_back_what_is_left_and_a_whole_one_ends() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    buy(&shop, member, "pro", GOOD).await;
    let services = shop.services();
    let of_member = async || services.payments().of_member(&operator(), shop.application, member).await.unwrap();
    let id = of_member().await[0].payment.id;
    let cents = |amount| Money::new(amount, "usd".parse().unwrap()).unwrap();
    let refund =
        async |part| services.payments().refund(&operator(), shop.application, id, part, Some("sorry".into())).await;
    refund(Some(cents(400))).await.unwrap();
    assert_eq!(state(&shop, member).await, Some(State::Active));
    assert_eq!(refund(Some(cents(700))).await.unwrap_err().code(), ErrorCode::InvalidInput);
    assert_eq!(refund(None).await.unwrap().refunded(), cents(1000));
    assert_eq!((state(&shop, member).await, payments(&shop, member).await[0].0), (None, "refunded"));
    let why = "SELECT count(*) FROM ledger WHERE reason = 'sorry' AND action IN ('payment.refunded', 'subscription.canceled')";
    let db = services.db.read();
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), why)).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 3, "twice refunded, then ended");
    assert_eq!(refund(None).await.unwrap_err().code(), ErrorCode::InvalidInput);
}
