//! Money that comes for whoever has no access any more buys nothing: it becomes credit, and a person hears of it.

use domain::{
    ErrorCode, Money,
    application::OnEnd,
    billing::{invoice::Invoice, order::State as OrderState, subscription::State},
    id::UserId,
    identity::membership::MembershipStatus,
    page::PageRequest,
};
use serde_json::json;
use service::{
    Ctx,
    billing::{alerts::AlertKind, orders::Placed},
    identity::memberships::MembershipPatch,
    payment::{MethodKind, sandbox::CardNumber},
    testing::books,
};

use crate::{
    renewals::{self, GOOD, advance, order, state},
    shop::{Shop, operator},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    Suspended,
    Revoked,
    Erased,
}

async fn lose(shop: &Shop, member: UserId, loss: Loss) {
    let services = shop.services();
    match loss {
        Loss::Suspended => {
            let patch = MembershipPatch { status: Some(MembershipStatus::Suspended), roles: None };
            services.memberships().update(&operator(), shop.application, member, patch).await.unwrap();
        }
        Loss::Revoked => services.memberships().revoke(&operator(), shop.application, member).await.unwrap(),
        Loss::Erased => services.admin_users().delete(&operator(), member).await.unwrap(),
    }
}

async fn press(shop: &Shop, placed: &Placed) {
    shop.services().orders().press(placed.clone(), "https://here.example/".into()).await.unwrap();
}

/// An order as it stands, after its provider was asked.
async fn look(shop: &Shop, placed: &Placed) -> Placed {
    shop.services().orders().look(placed.clone()).await.unwrap()
}

async fn begin_transfer(shop: &Shop, placed: &Placed) {
    press(shop, placed).await;
    let (sandbox, key) = (shop.services().sandbox(), placed.order.id.get());
    sandbox.begin_transfer(key, MethodKind::VirtualAccount).await.unwrap();
    look(shop, placed).await;
}

async fn transfer_arrives(shop: &Shop, placed: &Placed) -> Placed {
    shop.services().sandbox().transfer_arrives(placed.order.id.get()).await.unwrap();
    look(shop, placed).await
}

async fn alerts(shop: &Shop) -> Vec<AlertKind> {
    let page = PageRequest::default();
    let found = shop.services().alerts().page(&operator(), shop.application, false, &page).await.unwrap();
    found.items.into_iter().map(|alert| alert.kind).collect()
}

async fn credit(shop: &Shop, member: UserId) -> Money {
    let balance = shop.services().credits().balance(&operator(), shop.application, member).await.unwrap();
    balance.available("usd".parse().unwrap())
}

fn dollars(amount: i64) -> Money {
    Money::new(amount * 100, "usd".parse().unwrap()).unwrap()
}

/// Somebody who renews by links, some time after their first period has been paid, and the link of what they owe.
async fn owing(since: &str) -> (Shop, UserId, Invoice, String) {
    let shop = renewals::shop(false, OnEnd::None).await;
    let member = shop.member().await;
    let first = order(&shop, member, "pro").await;
    begin_transfer(&shop, &first).await;
    transfer_arrives(&shop, &first).await;
    advance(&shop, since).await;
    let invoices = shop.services().invoices();
    let owed = invoices.of_member(&operator(), shop.application, member).await.unwrap().remove(0);
    assert_eq!(owed.state.status().as_str(), "open");
    let link = invoices.pay_path(owed.id).unwrap().rsplit('/').next().unwrap().to_owned();
    (shop, member, owed, link)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_that_is_open_ends_with_access() {
    for loss in [Loss::Suspended, Loss::Revoked, Loss::Erased] {
        let shop = renewals::shop(false, OnEnd::DefaultPlan).await;
        let member = shop.member().await;
        let placed = order(&shop, member, "pro").await;
        press(&shop, &placed).await;
        lose(&shop, member, loss).await;
        let over = look(&shop, &placed).await;
        assert!(matches!(over.order.state, OrderState::Canceled { .. }), "{loss:?}: {:?}", over.order.state);
        let pressed = shop.services().orders().press(over.clone(), "https://here.example/".into()).await.unwrap_err();
        assert_eq!(pressed.code(), ErrorCode::SubscriptionExpired, "{loss:?}");

        // The provider's page was open all the time.
        let card = CardNumber::parse(GOOD).unwrap();
        shop.services().sandbox().enter_card(placed.order.id.get(), card).await.unwrap();
        for _ in 0..2 {
            let paid = look(&shop, &over).await;
            assert!(matches!(paid.order.state, OrderState::Paid { late: true, .. }), "{loss:?}");
        }
        let held = shop.services().subscriptions().get(&operator(), shop.application, member).await.ok().flatten();
        assert!(held.is_none_or(|held| held.plan_id != shop.pro.id), "{loss:?}");
        let kept = shop.services().methods().current(&operator(), shop.application, member).await.unwrap();
        assert_eq!((credit(&shop, member).await, kept), (dollars(10), None), "{loss:?}");
        assert_eq!(alerts(&shop).await, [AlertKind::PaymentUnused], "{loss:?}");
        assert_eq!(books::audit(shop.services()).await.unwrap(), Vec::<String>::new(), "{loss:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_that_is_open_is_taken_back_with_access() {
    for (loss, since) in [Loss::Revoked, Loss::Erased].into_iter().flat_map(|loss| [(loss, "28d"), (loss, "1mo")]) {
        let (shop, member, owed, link) = owing(since).await;
        let invoices = shop.services().invoices();
        let placed = invoices.pay_by_link(&Ctx::anonymous(), &link).await.unwrap();
        begin_transfer(&shop, &placed).await;
        lose(&shop, member, loss).await;
        let seen = invoices.by_link(&link).await.unwrap().invoice;
        assert_eq!((seen.id, seen.state.status().as_str()), (owed.id, "void"), "{loss:?} {since}");
        let again = invoices.pay_by_link(&Ctx::anonymous(), &link).await.unwrap_err();
        assert_eq!(again.code(), ErrorCode::SubscriptionExpired, "{loss:?} {since}");

        let late = transfer_arrives(&shop, &placed).await;
        assert!(matches!(late.order.state, OrderState::Paid { late: true, .. }), "{loss:?} {since}");
        assert_eq!(invoices.by_link(&link).await.unwrap().invoice.state, seen.state, "{loss:?} {since}");
        assert_eq!(credit(&shop, member).await, dollars(10), "{loss:?} {since}");
        assert_eq!(alerts(&shop).await, [AlertKind::PaymentUnused], "{loss:?} {since}");
        assert_eq!(books::audit(shop.services()).await.unwrap(), Vec::<String>::new(), "{loss:?} {since}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn late_money_brings_nothing_back_without_access() {
    for loss in [Loss::Suspended, Loss::Revoked] {
        let (shop, member, _, link) = owing("1mo").await;
        let placed = shop.services().invoices().pay_by_link(&Ctx::anonymous(), &link).await.unwrap();
        begin_transfer(&shop, &placed).await;
        advance(&shop, "10d").await;
        assert_eq!(state(&shop, member).await, None, "the grace is over");
        lose(&shop, member, loss).await;
        transfer_arrives(&shop, &placed).await;
        let held = shop.services().subscriptions().get(&operator(), shop.application, member).await.unwrap();
        assert_eq!((held, credit(&shop, member).await), (None, dollars(10)), "{loss:?}");
        assert_eq!(alerts(&shop).await, [AlertKind::PaymentUnused], "{loss:?}");
        assert_eq!(books::audit(shop.services()).await.unwrap(), Vec::<String>::new(), "{loss:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_suspended_still_pays_for_what_they_hold() {
    let (shop, member, ..) = owing("1mo").await;
    lose(&shop, member, Loss::Suspended).await;
    let invoices = shop.services().invoices();
    let owed = invoices.of_member(&operator(), shop.application, member).await.unwrap().remove(0);
    let link = invoices.pay_path(owed.id).unwrap().rsplit('/').next().unwrap().to_owned();
    let placed = invoices.pay_by_link(&Ctx::anonymous(), &link).await.unwrap();
    begin_transfer(&shop, &placed).await;
    transfer_arrives(&shop, &placed).await;
    assert_eq!(state(&shop, member).await, Some(State::Active));
    assert_eq!((credit(&shop, member).await, alerts(&shop).await), (dollars(0), vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_a_plan_by_hand_ends_the_order_in_its_place() {
    for by_claims in [true, false] {
        let shop = renewals::shop(false, OnEnd::None).await;
        let member = shop.member().await;
        let placed = order(&shop, member, "pro").await;
        if by_claims {
            shop.claims(member, json!({ "plan": null })).await.unwrap();
        } else {
            shop.services().subscriptions().end(&operator(), shop.application, member).await.unwrap();
        }
        let over = look(&shop, &placed).await.order.state;
        assert!(matches!(over, OrderState::Canceled { .. }), "by claims: {by_claims}: {over:?}");
    }
}
