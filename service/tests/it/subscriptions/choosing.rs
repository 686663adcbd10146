//! What users choose and order, and what they may not.

use domain::{
    ErrorCode,
    application::{Provider, SettingsPatch},
    billing::{
        order,
        plan::{NewPlan, PlanPatch},
        price::{Interval, NewPrice, PriceName},
        subscription::{Source, State},
    },
};
use serde_json::{Value, json};
use service::billing::{
    orders::{Destination, NewOrder, Started},
    subscriptions::{Assignment, Choice, Chosen},
};

use super::{signed_in, to};
use crate::shop::{Shop, key, operator, plan};

fn monthly(cents: i64) -> NewPrice {
    NewPrice {
        name: PriceName::parse("Monthly").unwrap(),
        money: domain::Money::new(cents, "usd".parse().unwrap()).unwrap(),
        interval: Interval::Month,
        trial_days: None,
        stripe_price_id: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_choose_what_is_on_offer() {
    let shop = Shop::open().await;
    let member = shop.member().await;
    let ctx = signed_in(&shop, member).await;
    let subscriptions = shop.services().subscriptions();
    let choose = |choice| subscriptions.choose(&ctx, shop.application, choice);
    assert_eq!(choose(Choice::Plan(key("pro"), None)).await.unwrap(), Chosen::Done);
    assert_eq!(choose(Choice::Plan(key("pro"), None)).await.unwrap(), Chosen::Done, "twice is once");
    assert_eq!(shop.entitlement(member).await.plan, Some(key("pro")));
    assert_eq!(choose(Choice::Keep).await.unwrap(), Chosen::Done);
    let archive = PlanPatch { archived: Some(true), ..PlanPatch::default() };
    shop.services().plans().update(&operator(), shop.application, shop.free.id, archive).await.unwrap();
    assert_eq!(choose(Choice::Plan(key("free"), None)).await.unwrap_err().code(), ErrorCode::PlanNotFound);
    assert_eq!(choose(Choice::Plan(key("nope"), None)).await.unwrap_err().code(), ErrorCode::PlanNotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_admin_assigned_only_an_admin_changes() {
    let shop = Shop::open().await;
    let member = shop.member().await;
    let replace = Assignment { replace: true, ..to(&shop.pro) };
    shop.services().subscriptions().assign(&operator(), shop.application, member, replace).await.unwrap();
    let ctx = signed_in(&shop, member).await;
    let choice = Choice::Plan(key("free"), None);
    let refused = shop.services().subscriptions().choose(&ctx, shop.application, choice).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::InsufficientRights);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_assigned_is_replaced_by_no_order_of_the_user() {
    let shop = Shop::open().await;
    let patch = SettingsPatch { provider: Some(Provider::Sandbox), ..SettingsPatch::default() };
    shop.services().applications().update(&operator(), shop.application, patch.into()).await.unwrap();
    let team = NewPlan { prices: vec![monthly(999)], ..plan("Team", json!({})) };
    shop.services().plans().create(&operator(), shop.application, team).await.unwrap();
    let member = shop.member().await;
    let own = signed_in(&shop, member).await;
    let orders = || shop.services().orders();
    let new = |plan: &str| NewOrder {
        plan: key(plan),
        price: None,
        coupon: None,
        destination: Destination::Here,
        metadata: None,
        payer: None,
    };
    // What came by default is theirs to change.
    let first = orders().start(&own, shop.application, member, new("team")).await.unwrap();
    let Started::Order(first) = first else { panic!("granted") };
    for by_claims in [false, true] {
        if by_claims {
            shop.claims(member, json!({ "plan": "pro" })).await.unwrap();
        } else {
            let replace = Assignment { replace: true, ..to(&shop.pro) };
            shop.services().subscriptions().assign(&operator(), shop.application, member, replace).await.unwrap();
        }
        // What they were about to pay is not to be had any more.
        let path = orders().path(first.order.id).unwrap();
        let given_up = orders().find(path.rsplit('/').next().unwrap()).await.unwrap();
        assert!(matches!(given_up.order.state, order::State::Canceled { .. }), "{:?}", given_up.order.state);
        assert_eq!(
            orders().with_coupon(&service::Ctx::anonymous(), given_up, None).await.unwrap_err().code(),
            ErrorCode::SubscriptionExpired
        );
        for plan in ["team", "free"] {
            let refused = orders().start(&own, shop.application, member, new(plan)).await.unwrap_err();
            assert_eq!(refused.code(), ErrorCode::InsufficientRights, "{plan}");
            let refused = orders().follow(&own, shop.application, new(plan), None).await.unwrap_err();
            assert_eq!(refused.code(), ErrorCode::InsufficientRights, "{plan}");
        }
        assert_eq!(shop.entitlement(member).await.plan, Some(key("pro")));
        // It is held already: that is no change.
        let same = orders().start(&own, shop.application, member, new("pro")).await.unwrap_err();
        assert_eq!(same.code(), ErrorCode::AlreadySubscribed);
        // Who manages them may, and the user may then do with that order what its page offers.
        let placed = orders().start(&operator(), shop.application, member, new("team")).await.unwrap();
        let Started::Order(placed) = placed else { panic!("granted") };
        let anew = orders().with_coupon(&service::Ctx::anonymous(), *placed, None).await.unwrap();
        assert!(matches!(anew, Started::Order(_)));
        if !by_claims {
            let free = orders().start(&operator(), shop.application, member, new("free")).await.unwrap();
            assert!(matches!(free, Started::Granted(held) if held.plan_id == shop.free.id));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_plan_is_not_granted_where_a_provider_collects() {
    let shop = Shop::open().await;
    let patch = SettingsPatch { provider: Some(Provider::Sandbox), ..SettingsPatch::default() };
    shop.services().applications().update(&operator(), shop.application, patch.into()).await.unwrap();
    let paid = NewPlan { prices: vec![monthly(999)], ..plan("Team", json!({})) };
    shop.services().plans().create(&operator(), shop.application, paid).await.unwrap();
    let member = shop.member().await;
    let ctx = signed_in(&shop, member).await;
    let choose = |name: &str| {
        let choice = Choice::Plan(key(name), None);
        let (services, ctx) = (shop.services().clone(), ctx.clone());
        async move { services.subscriptions().choose(&ctx, shop.application, choice).await.unwrap() }
    };
    assert_eq!(choose("team").await, Chosen::NeedsPayment);
    let member_now = shop.services().memberships().get(&operator(), shop.application, member).await.unwrap();
    assert_eq!(member_now.membership.chosen_at, None, "an abandoned checkout is no choice");
    assert_eq!(choose("pro").await, Chosen::Done, "a free plan is granted at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_granted_where_nobody_collects() {
    let shop = Shop::open().await;
    let yearly = NewPrice { interval: Interval::Year, trial_days: Some(14), ..monthly(9_990) };
    let team = NewPlan { prices: vec![monthly(999), yearly], ..plan("Team", json!({ "seats": 5 })) };
    let team = shop.services().plans().create(&operator(), shop.application, team).await.unwrap();
    let new = |price| NewOrder {
        plan: key("team"),
        price,
        coupon: None,
        destination: Destination::Here,
        metadata: None,
        payer: None,
    };
    let services = shop.services();
    for price in [None, Some(team.prices[1].id)] {
        let member = shop.member().await;
        let quote =
            services.changes().preview(&operator(), shop.application, member, key("team"), price, None).await.unwrap();
        assert!(quote.needs_no_checkout() && quote.lines.is_empty() && quote.next.is_none());
        let started = services.orders().start(&operator(), shop.application, member, new(price)).await.unwrap();
        let Started::Granted(held) = started else { panic!("an order") };
        assert_eq!((held.plan_id, held.price_id, held.period), (team.id, None, None), "no price and no period applies");
        assert_eq!((held.state, held.source), (State::Active, Source::User), "no trial either");
        let entitlement = shop.entitlement(member).await;
        assert_eq!(Value::Object(entitlement.claims), json!({ "plan": "team" }), "nothing is billed in a cycle");
        let again = services.orders().start(&operator(), shop.application, member, new(price)).await.unwrap_err();
        assert_eq!(again.code(), ErrorCode::AlreadySubscribed);
        let chosen = services.memberships().get(&operator(), shop.application, member).await.unwrap();
        assert!(chosen.membership.chosen_at.is_some());
    }
    let member = shop.member().await;
    let foreign = new(Some(team.id.get().into()));
    let foreign = services.orders().start(&operator(), shop.application, member, foreign).await;
    assert_eq!(foreign.unwrap_err().code(), ErrorCode::PlanNotFound, "a price that is not on offer");
}
