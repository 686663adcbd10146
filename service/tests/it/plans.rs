use domain::{
    ErrorCode, Money,
    billing::{
        feature::Features,
        plan::{NewPlan, PlanName, PlanPatch},
        price::{Interval, NewPrice, PriceName},
        subscription::Source,
    },
};
use serde_json::json;
use service::billing::subscriptions::Assignment;
use tokio::task::JoinSet;

use crate::shop::{Shop, application, key, operator, plan};

fn price(amount: i64) -> NewPrice {
    NewPrice {
        name: PriceName::parse("Monthly").unwrap(),
        money: Money::new(amount, "usd".parse().unwrap()).unwrap(),
        interval: Interval::Month,
        trial_days: None,
        stripe_price_id: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_default_demotes_the_first() {
    let shop = Shop::open().await;
    let plans = shop.services().plans();
    let patch = PlanPatch { is_default: Some(true), ..PlanPatch::default() };
    plans.update(&operator(), shop.application, shop.pro.id, patch).await.unwrap();
    let defaults: Vec<_> = plans.list(&operator(), shop.application).await.unwrap();
    let defaults: Vec<_> = defaults.iter().filter(|own| own.plan.is_default).map(|own| own.plan.id).collect();
    assert_eq!(defaults, [shop.pro.id]);
    let member = shop.member().await;
    assert_eq!(shop.entitlement(member).await.plan, Some(key("pro")));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_made_from_names_and_never_taken_twice() {
    let shop = Shop::open().await;
    let plans = shop.services().plans();
    let second = plans.create(&operator(), shop.application, plan("Pro!", json!({}))).await.unwrap();
    assert_eq!(second.key, key("pro-2"));
    let taken = plans.create(&operator(), shop.application, plan("Pro", json!({}))).await.unwrap_err();
    assert_eq!(taken.code(), ErrorCode::PlanTaken);
    let taken = NewPlan { key: Some(key("free")), ..plan("Other", json!({})) };
    let taken = plans.create(&operator(), shop.application, taken).await.unwrap_err();
    assert_eq!(taken.code(), ErrorCode::PlanTaken);
    let patch = PlanPatch { name: Some(PlanName::parse("Free").unwrap()), ..PlanPatch::default() };
    let taken = plans.update(&operator(), shop.application, shop.pro.id, patch).await.unwrap_err();
    assert_eq!(taken.code(), ErrorCode::PlanTaken);
    plans.delete(&operator(), shop.application, second.id).await.unwrap();
    let again = NewPlan { key: Some(key("pro-2")), ..plan("Pro!", json!({})) };
    plans.create(&operator(), shop.application, again).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_plan_is_told_of_and_found_by_nothing() {
    let shop = Shop::open().await;
    let plans = shop.services().plans();
    plans.delete(&operator(), shop.application, shop.pro.id).await.unwrap();
    let crew = NewPlan { key: Some(key("pro")), ..plan("Crew", json!({})) };
    let crew = plans.create(&operator(), shop.application, crew).await.unwrap();
    let other = application(shop.services(), "other").await;
    let directory = shop.services().directory();
    let entry = directory.application(shop.application).unwrap();
    let told = |id| format!("{}: {}", entry.plan_key(id), entry.plan_name(id));
    assert_eq!((told(shop.pro.id), told(crew.id)), ("pro: Pro".to_owned(), "pro: Crew".to_owned()));
    assert!(entry.plan(shop.pro.id).is_none());
    let there: Vec<_> = entry.plans.iter().map(|plan| plan.id).collect();
    assert_eq!(there, [shop.free.id, crew.id]);
    assert_eq!(entry.plan_by_key("pro").map(|plan| plan.id), Some(crew.id));
    assert_eq!(directory.application(other).unwrap().plan_name(shop.pro.id), "", "nobody else's");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_plan_is_archived_not_deleted() {
    let shop = Shop::open().await;
    let plans = shop.services().plans();
    let member = shop.member().await;
    let refused = plans.delete(&operator(), shop.application, shop.free.id).await.unwrap_err();
    let service::Error::Problem(problem) = refused else { panic!("{refused}") };
    assert_eq!((problem.code, problem.facts), (ErrorCode::PlanInUse, vec![("activeSubscribers", 1)]));
    let patch = PlanPatch { archived: Some(true), ..PlanPatch::default() };
    let archived = plans.update(&operator(), shop.application, shop.free.id, patch).await.unwrap();
    assert!(!archived.is_default && !archived.is_on_offer());
    assert_eq!(shop.entitlement(member).await.plan, Some(key("free")), "still honoured");
    let patch = PlanPatch { is_default: Some(true), ..PlanPatch::default() };
    let refused = plans.update(&operator(), shop.application, shop.free.id, patch).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::InvalidInput);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_reaches_members_and_their_number_grows() {
    let shop = Shop::open().await;
    let member = shop.member().await;
    let before = shop.entitlement(member).await;
    let patch =
        PlanPatch { features: Some(Features::parse(json!({"maxProjects": 9})).unwrap()), ..PlanPatch::default() };
    let (plans, operator) = (shop.services().plans(), operator());
    let edit = || plans.update(&operator, shop.application, shop.free.id, patch.clone());
    let edited = edit().await.unwrap();
    let after = shop.entitlement(member).await;
    assert_eq!(after.features["maxProjects"], 9);
    assert!(after.ent_ver > before.ent_ver);
    assert_eq!(edit().await.unwrap(), edited, "the same again changes nothing");
    assert_eq!(shop.entitlement(member).await, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_plan_is_not_found() {
    let shop = Shop::open().await;
    let other = application(shop.services(), "other").await;
    let plans = shop.services().plans();
    let foreign = plans.update(&operator(), other, shop.pro.id, PlanPatch::default()).await.unwrap_err();
    assert_eq!(foreign.code(), ErrorCode::PlanNotFound);
    let foreign = plans.add_price(&operator(), other, shop.pro.id, price(999)).await.unwrap_err();
    assert_eq!(foreign.code(), ErrorCode::PlanNotFound);
    let foreign = plans.delete(&operator(), other, shop.pro.id).await.unwrap_err();
    assert_eq!(foreign.code(), ErrorCode::PlanNotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shown_price_is_replaced_and_the_old_one_archived() {
    let shop = Shop::open().await;
    let plans = shop.services().plans();
    let first = plans.add_price(&operator(), shop.application, shop.pro.id, price(999)).await.unwrap();
    let patch = PlanPatch { shown_price: Some(Some(price(1299))), ..PlanPatch::default() };
    let operator = operator();
    let update = || plans.update(&operator, shop.application, shop.pro.id, patch.clone());
    let plan = update().await.unwrap();
    assert_eq!(plan.shown_price().unwrap().money.amount(), 1299);
    assert!(plan.prices.iter().any(|own| own.id == first.id && own.archived_at.is_some()));
    assert_eq!(update().await.unwrap().prices.len(), 2, "the same price again makes no other");
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_keep_the_order_they_are_given() {
    let shop = Shop::open().await;
    let plans = shop.services().plans();
    plans.reorder(&operator(), shop.application, vec![shop.pro.id, shop.free.id]).await.unwrap();
    let order: Vec<_> = plans.list(&operator(), shop.application).await.unwrap();
    let order: Vec<_> = order.iter().map(|own| own.plan.key.as_str()).collect();
    assert_eq!(order, ["pro", "free"]);
}

/// Fifty assignments against the plan's deletion: either it is gone and nobody holds it, or it stays.
#[tokio::test(flavor = "multi_thread")]
async fn deletion_and_assignment_cannot_both_win() {
    let shop = Shop::open().await;
    let mut members = Vec::new();
    for _ in 0..50 {
        members.push(shop.member().await);
    }
    let mut race = JoinSet::new();
    for (i, member) in members.clone().into_iter().enumerate() {
        let (services, application, plan) = (shop.services().clone(), shop.application, shop.pro.id);
        if i == 10 {
            let services = services.clone();
            race.spawn(async move { services.plans().delete(&operator(), application, plan).await.map(|()| true) });
        }
        race.spawn(async move {
            let assignment = Assignment { plan_id: plan, expires_at: None, replace: true };
            services.subscriptions().assign(&operator(), application, member, assignment).await.map(|_| false)
        });
    }
    let outcomes = race.join_all().await;
    let deleted = outcomes.iter().any(|outcome| matches!(outcome, Ok(true)));
    let assigned = outcomes.iter().filter(|outcome| matches!(outcome, Ok(false))).count();
    for refused in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        assert!(matches!(refused.code(), ErrorCode::PlanInUse | ErrorCode::PlanNotFound), "{refused}");
    }
    assert_ne!(deleted, assigned > 0, "deleted: {deleted}, assigned: {assigned}");
    for member in members {
        let holds = shop.services().subscriptions().get(&operator(), shop.application, member).await.unwrap();
        let holds = holds.unwrap();
        assert_eq!(holds.source == Source::Default, holds.plan_id == shop.free.id);
        assert!(!deleted || holds.plan_id == shop.free.id);
    }
}
