use chrono::TimeDelta;
use domain::{
    ErrorCode,
    application::{OnEnd, Provider, SettingsPatch},
    billing::{
        ledger::Actor,
        order,
        plan::{NewPlan, PlanPatch},
        price::{Interval, NewPrice, PriceName},
        subscription::{Source, State},
    },
    id::UserId,
    identity::membership::MembershipStatus,
    identity::proof::Proof,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use service::{
    Ctx,
    billing::{
        lists::switch::Switch,
        orders::{Destination, NewOrder, Started},
        subscriptions::{Assignment, Choice, Chosen},
    },
    identity::memberships::MembershipPatch,
    testing::people::register,
};

use crate::{
    renewals::{self, GOOD, advance, buy},
    shop::{Shop, application, key, operator, plan},
};

pub async fn signed_in(shop: &Shop, user: UserId) -> Ctx {
    let user = shop.services().users().find(user).await.unwrap().unwrap();
    let (session, _) = shop.services().sessions().start(&Ctx::anonymous(), &user, Proof::Password).await.unwrap();
    Ctx { actor: Actor::User(user.id), session: Some(session), ..Ctx::anonymous() }
}

fn to(plan: &domain::billing::plan::Plan) -> Assignment {
    Assignment { plan_id: plan.id, expires_at: None, replace: false }
}

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
        assert_eq!(orders().with_coupon(given_up, None).await.unwrap_err().code(), ErrorCode::SubscriptionExpired);
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
        let anew = orders().with_coupon(*placed, None).await.unwrap();
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

#[tokio::test(flavor = "multi_thread")]
async fn a_claims_call_moves_the_plan() {
    let shop = Shop::open().await;
    let member = shop.member().await;
    let before = shop.entitlement(member).await.ent_ver;
    let view = shop.claims(member, json!({"plan": "pro", "seats": 5})).await.unwrap();
    assert_eq!(Value::Object(view.entitlement.claims.clone()), json!({"plan": "pro", "seats": 5}));
    assert!(view.entitlement.ent_ver > before);
    let again = shop.claims(member, json!({"plan": "pro", "seats": 5})).await.unwrap();
    assert_eq!(again.entitlement, view.entitlement, "the same again changes nothing");
    let ended = shop.claims(member, json!({"plan": null, "seats": null})).await.unwrap();
    assert_eq!(Value::Object(ended.entitlement.claims), json!({}));
    for bad in [json!({"plan": "nope"}), json!({"iss": "x"}), json!({"features": {}}), json!({"a": {}}), json!(3)] {
        let refused = shop.claims(member, bad.clone()).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::InvalidInput, "{bad}");
    }
    let archive = PlanPatch { archived: Some(true), ..PlanPatch::default() };
    shop.services().plans().update(&operator(), shop.application, shop.pro.id, archive).await.unwrap();
    assert_eq!(shop.claims(member, json!({"plan": "pro"})).await.unwrap_err().code(), ErrorCode::InvalidInput);
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_ends_what_was_held_and_signing_in_does_not_revive() {
    let shop = Shop::open().await;
    let member = shop.member().await;
    let memberships = shop.services().memberships();
    memberships.revoke(&operator(), shop.application, member).await.unwrap();
    let user = shop.services().users().find(member).await.unwrap().unwrap();
    let refused = memberships.admit(&Ctx::anonymous(), &user, shop.application).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::NoAccess);
    assert_eq!(shop.entitlement(member).await.plan, None);
    let revived = memberships.grant(&operator(), shop.application, member, None).await.unwrap();
    assert_eq!(revived.membership.status, MembershipStatus::Active);
    assert_eq!(revived.subscription, None, "it had a subscription before");
    let suspend = MembershipPatch { status: Some(MembershipStatus::Suspended), roles: None };
    memberships.update(&operator(), shop.application, member, suspend).await.unwrap();
    let refused = memberships.admit(&Ctx::anonymous(), &user, shop.application).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::NoAccess);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_first_sign_in_makes_one_membership() {
    let shop = Shop::open().await;
    let new = crate::people::new_user("new@example.com");
    let user = register(shop.services(), new).await;
    let mut race = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (services, user, application) = (shop.services().clone(), user.clone(), shop.application);
        race.spawn(async move {
            let membership = services.memberships().admit(&Ctx::anonymous(), &user, application).await.unwrap();
            membership.id
        });
    }
    let mut ids = race.join_all().await;
    ids.dedup();
    assert_eq!(ids.len(), 1);
    let held = shop.services().subscriptions().get(&operator(), shop.application, user.id).await.unwrap().unwrap();
    assert_eq!((held.plan_id, held.state), (shop.free.id, State::Active));
}

/// Random histories: `ent_ver` grows exactly with what it stands for, and the ledger's last word is what holds.
#[tokio::test(flavor = "multi_thread")]
async fn the_number_grows_with_every_change_of_random_histories() {
    use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
    let shop = Shop::open().await;
    let mut runner = TestRunner::deterministic();
    let step = prop_oneof![Just(0_u8), Just(1), Just(2), Just(3), Just(4), Just(5), Just(6)];
    for _ in 0..12 {
        let member = shop.member().await;
        let steps = prop::collection::vec(step.clone(), 25).new_tree(&mut runner).unwrap().current();
        let mut before = shop.entitlement(member).await;
        for step in steps {
            let subscriptions = shop.services().subscriptions();
            let soon = shop.services().now() + TimeDelta::minutes(10);
            let refused = match step {
                0 => shop.claims(member, json!({"plan": "pro"})).await.err(),
                1 => shop.claims(member, json!({"plan": "free", "n": before.ent_ver})).await.err(),
                2 => subscriptions.end(&operator(), shop.application, member).await.err(),
                3 => {
                    let until = Assignment { expires_at: Some(soon), replace: true, ..to(&shop.pro) };
                    subscriptions.assign(&operator(), shop.application, member, until).await.err()
                }
                4 => {
                    shop.test.clock.advance(TimeDelta::minutes(7));
                    None
                }
                5 => {
                    let features = json!({"maxProjects": shop.services().now().timestamp()});
                    let features = Some(domain::billing::feature::Features::parse(features).unwrap());
                    let patch = PlanPatch { features, ..PlanPatch::default() };
                    shop.services().plans().update(&operator(), shop.application, shop.pro.id, patch).await.err()
                }
                _ => shop.claims(member, json!({"plan": null})).await.err(),
            };
            if let Some(refused) = refused {
                assert_eq!(refused.code(), ErrorCode::PlanNotFound, "{refused}");
            }
            let after = shop.entitlement(member).await;
            if (&after.plan, &after.features, &after.claims) == (&before.plan, &before.features, &before.claims) {
                assert!(after.ent_ver >= before.ent_ver);
            } else {
                assert!(after.ent_ver > before.ent_ver, "{before:?} -> {after:?}");
            }
            before = after;
        }
    }
}
