//! What an order buys: once, for its member, at the price that was shown.

use chrono::TimeDelta;
use domain::{
    ErrorCode,
    billing::{
        order::State as OrderState,
        subscription::{Source, State},
    },
};
use serde_json::json;
use service::{
    billing::orders::{NewOrder, Placed, Started},
    payment::sandbox::CardAnswer,
};

use super::{GOOD, card, count, look, monthly, opened, order, paid_shop, pro};
use crate::shop::{Shop, key, operator};

const DECLINED: &str = "4000000000000002";

const SECURE: &str = "4000000000003220";

#[tokio::test(flavor = "multi_thread")]
async fn a_card_buys_what_was_shown() {
    let shop = paid_shop(false).await;
    let member = shop.member().await;
    let before = shop.entitlement(member).await.ent_ver;
    let placed = opened(&shop, member).await;
    assert_eq!(placed.order.quote.due.amount(), 999);
    assert_eq!(look(&shop, &placed).await, OrderState::Open);
    assert_eq!(card(&shop, &placed, GOOD).await, CardAnswer::Done);
    assert_eq!(shop.entitlement(member).await.plan, Some(key("free")), "nobody has asked yet");
    assert!(matches!(look(&shop, &placed).await, OrderState::Paid { late: false, .. }));
    let bought = shop.entitlement(member).await;
    assert_eq!((bought.plan, bought.claims["billing_cycle"].clone()), (Some(key("pro")), json!("monthly")));
    assert!(bought.ent_ver > before);
    let held = shop.services().subscriptions().get(&operator(), shop.application, member).await.unwrap().unwrap();
    assert_eq!((held.state, held.source), (State::Active, Source::Provider));
    assert_eq!(held.period.unwrap().start, shop.services().now());
    assert!(look(&shop, &placed).await.status().as_str() == "paid", "asking again changes nothing");
    assert_eq!(count(&shop, "SELECT count(*) FROM payments").await, 1);
    let again = shop.services().orders().start(&operator(), shop.application, member, pro()).await.unwrap_err();
    assert_eq!(again.code(), ErrorCode::AlreadySubscribed);
    let by_hand = shop.services().subscriptions().end(&operator(), shop.application, member).await.unwrap_err();
    assert_eq!(by_hand.code(), ErrorCode::BilledByProvider);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_card_can_be_followed_by_a_better_one() {
    let shop = paid_shop(false).await;
    let member = shop.member().await;
    let placed = opened(&shop, member).await;
    assert_eq!(card(&shop, &placed, DECLINED).await, CardAnswer::Declined);
    assert!(matches!(look(&shop, &placed).await, OrderState::Failed { .. }));
    assert_eq!(order(&shop, member).await.order.id, placed.order.id, "the same order goes on");
    assert_eq!(card(&shop, &placed, SECURE).await, CardAnswer::Authenticate);
    assert!(matches!(look(&shop, &placed).await, OrderState::Failed { .. }));
    shop.services().sandbox().authenticate(placed.order.id.get(), true).await.unwrap();
    assert!(matches!(look(&shop, &placed).await, OrderState::Paid { .. }));
    assert_eq!(shop.entitlement(member).await.plan, Some(key("pro")));
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_clicks_make_one_order_and_one_payment() {
    let shop = std::sync::Arc::new(paid_shop(false).await);
    let member = shop.member().await;
    let click = |shop: std::sync::Arc<Shop>| async move { opened(&shop, member).await.order.id };
    let ids: Vec<_> = futures::future::join_all((0..50).map(|_| tokio::spawn(click(shop.clone())))).await;
    let ids: std::collections::HashSet<_> = ids.into_iter().map(Result::unwrap).collect();
    assert_eq!(ids.len(), 1);
    let placed = order(&shop, member).await;
    card(&shop, &placed, GOOD).await;
    let ask = |shop: std::sync::Arc<Shop>, placed: Placed| async move { look(&shop, &placed).await };
    let looks = (0..50).map(|_| tokio::spawn(ask(shop.clone(), placed.clone())));
    for state in futures::future::join_all(looks).await {
        assert!(matches!(state.unwrap(), OrderState::Paid { .. }));
    }
    assert_eq!(count(&shop, "SELECT count(*) FROM payments").await, 1);
    assert_eq!(count(&shop, "SELECT count(*) FROM ledger WHERE action = 'order.paid'").await, 1);
    assert_eq!(count(&shop, "SELECT count(*) FROM subscriptions WHERE source = 'provider'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trial_for_each_user_that_turns_into_its_plan() {
    let shop = paid_shop(true).await;
    let member = shop.member().await;
    let placed = opened(&shop, member).await;
    assert_eq!(placed.order.quote.due.amount(), 0);
    card(&shop, &placed, GOOD).await;
    look(&shop, &placed).await;
    let ends = shop.services().now() + TimeDelta::days(14);
    let trial = shop.entitlement(member).await;
    assert_eq!((trial.plan.clone(), trial.valid_until), (Some(key("pro")), Some(ends)));
    assert_eq!(trial.status.unwrap().as_str(), "trialing");
    assert_eq!(count(&shop, "SELECT count(*) FROM trials").await, 1);
    shop.test.clock.advance(TimeDelta::days(14));
    let after = shop.entitlement(member).await;
    assert_eq!((after.plan, after.status.unwrap().as_str()), (Some(key("pro")), "active"));
    assert!(after.ent_ver > trial.ent_ver);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_costs_the_rest_of_the_period_and_keeps_its_end() {
    let shop = paid_shop(false).await;
    let new = crate::shop::plan("Team", json!({}));
    let team = shop.services().plans().create(&operator(), shop.application, new).await.unwrap();
    shop.services().plans().add_price(&operator(), shop.application, team.id, monthly(2999, None)).await.unwrap();
    let member = shop.member().await;
    let first = opened(&shop, member).await;
    card(&shop, &first, GOOD).await;
    look(&shop, &first).await;
    let subscriptions = shop.services().subscriptions();
    let before = subscriptions.get(&operator(), shop.application, member).await.unwrap().unwrap();
    let period = before.period.unwrap();
    let half = (period.end - period.start) / 2;
    shop.test.clock.advance(half);

    let wanted = NewOrder { plan: key("team"), ..pro() };
    let started = shop.services().orders().start(&operator(), shop.application, member, wanted).await.unwrap();
    let Started::Order(upgrade) = started else { panic!("{started:?}") };
    assert_eq!(upgrade.order.quote.due.amount(), 1499 - 499, "the unused half of $29.99 less that of $9.99");
    shop.services().orders().press(*upgrade.clone(), "https://here.example/".into()).await.unwrap();
    shop.test.clock.advance(TimeDelta::minutes(5));
    card(&shop, &upgrade, GOOD).await;
    assert!(matches!(look(&shop, &upgrade).await, OrderState::Paid { .. }));
    let after = subscriptions.get(&operator(), shop.application, member).await.unwrap().unwrap();
    assert_eq!((after.id, after.plan_id, after.period), (before.id, team.id, Some(period)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_that_was_ordered_is_archived() {
    let shop = paid_shop(false).await;
    let (services, application) = (shop.services(), shop.application);
    let unused = services.plans().add_price(&operator(), application, shop.pro.id, monthly(1999, None)).await.unwrap();
    let member = shop.member().await;
    let placed = opened(&shop, member).await;
    let ordered = placed.order.quote.price_id.unwrap();
    assert_ne!(ordered, unused.id);
    for price in [ordered, unused.id] {
        services.plans().remove_price(&operator(), application, shop.pro.id, price).await.unwrap();
    }
    let directory = services.directory();
    let kept = &directory.application(application).unwrap().plan(shop.pro.id).unwrap().prices;
    assert_eq!(kept.iter().map(|price| (price.id, price.archived_at.is_some())).collect::<Vec<_>>(), [(ordered, true)]);
    card(&shop, &placed, GOOD).await;
    assert!(matches!(look(&shop, &placed).await, OrderState::Paid { late: false, .. }));
    let held = services.subscriptions().get(&operator(), application, member).await.unwrap().unwrap();
    assert_eq!((held.price_id, held.period.unwrap().start), (Some(ordered), services.now()));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_orders_for_somebody_else() {
    let shop = paid_shop(false).await;
    let (member, other) = (shop.member().await, shop.member().await);
    let orders = shop.services().orders();
    for ctx in [crate::subscriptions::signed_in(&shop, other).await, service::Ctx::anonymous()] {
        let refused = orders.start(&ctx, shop.application, member, pro()).await.unwrap_err();
        assert!(matches!(refused.code(), ErrorCode::InsufficientRights | ErrorCode::NoSession), "{refused:?}");
    }
    assert!(orders.find("bent").await.is_err());
}
