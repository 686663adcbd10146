//! What an admin assigns, and what has ended.

use chrono::TimeDelta;
use domain::{
    ErrorCode,
    application::{OnEnd, SettingsPatch},
    billing::subscription::{Source, State},
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use service::billing::{lists::switch::Switch, subscriptions::Assignment};

use super::{signed_in, to};
use crate::{
    renewals::{self, GOOD, advance, buy},
    shop::{Shop, application, key, operator},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_subscription_is_refused_and_a_replacement_is_not() {
    let shop = Shop::open().await;
    let member = shop.member().await;
    let subscriptions = shop.services().subscriptions();
    let refused = subscriptions.assign(&operator(), shop.application, member, to(&shop.pro)).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::AlreadySubscribed);
    let replace = Assignment { replace: true, ..to(&shop.pro) };
    subscriptions.assign(&operator(), shop.application, member, replace).await.unwrap();
    assert_eq!(shop.entitlement(member).await.plan, Some(key("pro")));
    subscriptions.end(&operator(), shop.application, member).await.unwrap();
    let none = shop.entitlement(member).await;
    assert_eq!((none.plan, Value::Object(none.features)), (None, json!({})));
    let nothing = subscriptions.end(&operator(), shop.application, member).await.unwrap_err();
    assert_eq!(nothing.code(), ErrorCode::PlanNotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assignment_ends_at_its_very_moment_and_is_dated_there() {
    let shop = Shop::open().await;
    let member = shop.member().await;
    let expiry = shop.services().now() + TimeDelta::hours(1);
    let assignment = Assignment { expires_at: Some(expiry), replace: true, ..to(&shop.pro) };
    shop.services().subscriptions().assign(&operator(), shop.application, member, assignment).await.unwrap();
    let held = shop.entitlement(member).await;
    assert_eq!((held.plan, held.valid_until), (Some(key("pro")), Some(expiry)));
    shop.test.clock.advance(TimeDelta::milliseconds(3_599_999));
    assert_eq!(shop.entitlement(member).await.plan, Some(key("pro")));
    shop.test.clock.advance(TimeDelta::days(3));
    let over = shop.entitlement(member).await;
    assert_eq!(over.plan, None);
    assert!(over.ent_ver > held.ent_ver);
    let db = shop.services().db.read();
    let query = "SELECT at FROM ledger WHERE action = 'subscription.expired'";
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), query)).await.unwrap().unwrap();
    assert_eq!(row.try_get::<i64>("", "at").unwrap(), expiry.timestamp_millis());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_plan_may_follow_the_end() {
    let shop = Shop::open().await;
    let patch = SettingsPatch { on_end: Some(OnEnd::DefaultPlan), ..SettingsPatch::default() };
    shop.services().applications().update(&operator(), shop.application, patch.into()).await.unwrap();
    let member = shop.member().await;
    let expiry = shop.services().now() + TimeDelta::hours(1);
    let assignment = Assignment { expires_at: Some(expiry), replace: true, ..to(&shop.pro) };
    shop.services().subscriptions().assign(&operator(), shop.application, member, assignment).await.unwrap();
    shop.test.clock.advance(TimeDelta::hours(2));
    assert_eq!(shop.entitlement(member).await.plan, Some(key("free")));
    let held = shop.services().subscriptions().get(&operator(), shop.application, member).await.unwrap().unwrap();
    assert_eq!((held.source, held.started_at), (Source::Default, expiry));
}

fn has_ended<T: std::fmt::Debug>(refused: service::Result<T>) {
    assert_eq!(refused.unwrap_err().code(), ErrorCode::SubscriptionExpired);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_has_ended_changes_nothing_of_the_one_that_followed_it() {
    let shop = renewals::shop(true, OnEnd::None).await;
    let (services, app, member) = (shop.services(), shop.application, shop.member().await);
    let changes = || services.changes();
    let held = async || services.subscriptions().get(&operator(), app, member).await.unwrap().unwrap();
    let to_team = || Switch { plan: key("team"), price: None, agreed: None };
    let ended = held().await.id;
    services.subscriptions().end(&operator(), app, member).await.unwrap();
    buy(&shop, member, "pro", GOOD).await;

    let trial = held().await;
    let id = trial.id;
    assert_ne!(id, ended);
    let until = services.billing_now(app) + TimeDelta::days(30);
    has_ended(changes().extend_trial(&operator(), app, ended, until).await);
    assert_eq!(held().await, trial);
    changes().extend_trial(&operator(), app, id, until).await.unwrap();
    advance(&shop, "30d").await;

    let paid = held().await;
    assert_eq!(paid.state, State::Active);
    has_ended(changes().cancel(&operator(), app, ended, None).await);
    has_ended(changes().cancel_now(&operator(), app, ended, None).await);
    has_ended(changes().pause(&operator(), app, ended).await);
    has_ended(changes().preview(&operator(), app, ended, key("team"), None, None).await);
    has_ended(changes().switch(&operator(), app, ended, to_team()).await);
    assert_eq!(held().await, paid);
    changes().preview(&operator(), app, id, key("team"), None, None).await.unwrap();

    changes().pause(&operator(), app, id).await.unwrap();
    let paused = held().await;
    has_ended(changes().resume(&operator(), app, ended).await);
    assert_eq!(held().await, paused);
    changes().resume(&operator(), app, id).await.unwrap();

    changes().cancel(&operator(), app, id, None).await.unwrap();
    let canceled = held().await;
    has_ended(changes().undo(&operator(), app, ended).await);
    assert_eq!(held().await, canceled);

    let other = application(services, "other").await;
    let foreign = changes().undo(&operator(), other, id).await.unwrap_err();
    assert_eq!(foreign.code(), ErrorCode::PlanNotFound);
    let own = changes().undo(&signed_in(&shop, member).await, app, id).await.unwrap_err();
    assert_eq!(own.code(), ErrorCode::InsufficientRights, "users name no subscription");

    // Its end has come, and nobody has written it down yet.
    shop.test.clock.advance(TimeDelta::days(40));
    has_ended(changes().switch(&operator(), app, id, to_team()).await);
}
