use chrono::TimeDelta;
use domain::{
    ErrorCode, Money,
    application::{Provider, SettingsPatch},
    billing::{
        coupon::{BasisPoints, CouponCode, Duration, Off},
        ledger::{Action, Actor},
        order::{Difference, State as OrderState},
        price::{Interval, NewPrice, PriceName},
        subscription::{Source, State},
    },
    id::UserId,
    identity::email::Email,
    page::PageRequest,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use service::{
    Ctx,
    application::applications::ApplicationPatch,
    audit::AuditFilter,
    billing::{
        coupons::NewCoupon,
        orders::{Destination, NewOrder, Payer, Placed, Pressed, Started},
    },
    payment::{
        MethodKind,
        sandbox::{CardAnswer, CardNumber},
    },
    testing::books,
};
use uuid::Uuid;

use crate::shop::{Shop, key, operator};

const GOOD: &str = "4242 4242 4242 4242";
const DECLINED: &str = "4000000000000002";
const SECURE: &str = "4000000000003220";

/// A shop that the sandbox collects for. Pro costs $9.99 a month, after 14 days when `trial`.
async fn paid_shop(trial: bool) -> Shop {
    let shop = Shop::open().await;
    let settings = SettingsPatch { provider: Some(Provider::Sandbox), ..Default::default() };
    let patch = ApplicationPatch { settings, ..Default::default() };
    shop.services().applications().update(&operator(), shop.application, patch).await.unwrap();
    let price = monthly(999, trial.then_some(14));
    shop.services().plans().add_price(&operator(), shop.application, shop.pro.id, price).await.unwrap();
    shop
}

fn monthly(cents: i64, trial_days: Option<u16>) -> NewPrice {
    NewPrice {
        name: PriceName::parse("Monthly").unwrap(),
        money: Money::new(cents, "usd".parse().unwrap()).unwrap(),
        interval: Interval::Month,
        trial_days,
        stripe_price_id: None,
    }
}

fn pro() -> NewOrder {
    let url = || "https://app.example/".to_owned();
    let destination = Destination::Application { success_url: url(), cancel_url: url() };
    NewOrder { plan: key("pro"), price: None, coupon: None, destination, metadata: None, payer: None }
}

async fn order(shop: &Shop, member: UserId) -> Placed {
    match shop.services().orders().start(&operator(), shop.application, member, pro()).await.unwrap() {
        Started::Order(placed) => *placed,
        Started::Granted(held) => panic!("granted: {held:?}"),
    }
}

/// An order whose payment is open at the sandbox.
async fn opened(shop: &Shop, member: UserId) -> Placed {
    let placed = order(shop, member).await;
    let pressed = shop.services().orders().press(placed.clone(), "https://here.example/".into()).await.unwrap();
    assert!(matches!(pressed, Pressed::Go(url) if url.ends_with(&placed.order.id.to_string())));
    placed
}

async fn card(shop: &Shop, placed: &Placed, number: &str) -> CardAnswer {
    let number = CardNumber::parse(number).unwrap();
    shop.services().sandbox().enter_card(placed.order.id.get(), number).await.unwrap()
}

async fn look(shop: &Shop, placed: &Placed) -> OrderState {
    shop.services().orders().look(placed.clone()).await.unwrap().order.state
}

async fn count(shop: &Shop, sql: &str) -> i64 {
    let db = shop.services().db.read();
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_says_who_pays_what_for_and_where_they_go_on() {
    let shop = paid_shop(false).await;
    let member = shop.member().await;
    let note = json!({ "team": 7 }).as_object().cloned();
    let boss = Payer { email: Email::parse("boss@example.com").unwrap(), name: None };
    let sealed = "sealed code of a device".to_owned();
    for new in [
        pro(),
        pro(),
        NewOrder { metadata: note, payer: Some(boss), ..pro() },
        NewOrder { destination: Destination::Device { sealed }, ..pro() },
    ] {
        shop.services().orders().start(&operator(), shop.application, member, new).await.unwrap();
        assert_eq!(books::audit(shop.services()).await.unwrap(), Vec::<String>::new());
    }
    let filter = AuditFilter { user: Some(member), action: Some(Action::OrderUpdated), application: None };
    let told = shop.services().audit().list(&operator(), filter, &PageRequest::default()).await.unwrap().items;
    let [device, paid] = [&told[0], &told[1]].map(|entry| entry.to.clone().unwrap());
    assert_eq!((told.len(), &paid["metadata"]), (2, &json!({ "team": 7 })), "once for each change, newest first");
    assert_eq!((&paid["other_payer"], paid.to_string().contains("boss")), (&json!(true), false));
    assert_eq!(paid["destination"]["success_url"], "https://app.example/");
    assert_eq!((&device["destination"], &device["other_payer"]), (&json!({ "to": "device" }), &json!(null)));
}

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
async fn what_somebody_chooses_by_paying_is_told_once() {
    let shop = paid_shop(false).await;
    let (buyer, managed) = (shop.member().await, shop.member().await);
    let told = async |user| {
        let filter = AuditFilter { user: Some(user), action: Some(Action::PlanSelected), application: None };
        let told = shop.services().audit().list(&operator(), filter, &PageRequest::default()).await.unwrap();
        told.items.into_iter().map(|entry| entry.to.unwrap()).collect::<Vec<_>>()
    };
    let (pro_id, free_id) = (json!(shop.pro.id), json!(shop.free.id));
    for member in [buyer, managed] {
        let placed = opened(&shop, member).await;
        assert!(told(member).await.is_empty(), "nothing is paid");
        card(&shop, &placed, GOOD).await;
        for _ in 0..2 {
            look(&shop, &placed).await;
        }
        assert_eq!(told(member).await, std::slice::from_ref(&pro_id));
    }
    shop.test.clock.advance(TimeDelta::minutes(1));
    // What waits for the end of the period is chosen now; where an admin decides, nobody chooses.
    for (actor, member) in [(Actor::User(buyer), buyer), (Actor::Operator, managed)] {
        let ctx = Ctx { actor, ..Ctx::anonymous() };
        let free = NewOrder { plan: key("free"), ..pro() };
        let started = shop.services().orders().start(&ctx, shop.application, member, free).await.unwrap();
        assert!(matches!(started, Started::Granted(held) if held.scheduled.is_some()));
    }
    assert_eq!(told(buyer).await, [free_id, pro_id.clone()]);
    assert_eq!(told(managed).await, [pro_id]);
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
async fn a_payment_that_differs_grants_nothing_and_raises_an_alert() {
    let shop = paid_shop(false).await;
    let member = shop.member().await;
    let placed = opened(&shop, member).await;
    let db = shop.services().db.read();
    for (old, new) in [("\"amount\":999", "\"amount\":100")] {
        let sql = format!("UPDATE sandbox_payments SET request = replace(request, '{old}', '{new}')");
        db.execute_unprepared(&sql).await.unwrap();
    }
    card(&shop, &placed, GOOD).await;
    for _ in 0..2 {
        assert_eq!(look(&shop, &placed).await, OrderState::Open);
    }
    assert_eq!(shop.entitlement(member).await.plan, Some(key("free")));
    assert_eq!(count(&shop, "SELECT count(*) FROM alerts WHERE resolved_at IS NULL").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_of_or_for_another_grants_nothing_and_raises_an_alert() {
    for differs in [Difference::Order, Difference::User, Difference::Plan] {
        let shop = paid_shop(false).await;
        let member = shop.member().await;
        let placed = opened(&shop, member).await;
        let (name, own) = match differs {
            Difference::Order => ("key", placed.order.id.get()),
            Difference::User => ("member", placed.order.membership_id.get()),
            _ => ("price", placed.order.quote.price_id.unwrap().get()),
        };
        let (old, new) = (format!("\"{name}\":\"{own}\""), format!("\"{name}\":\"{}\"", Uuid::max()));
        shop.test.execute(&format!("UPDATE sandbox_payments SET request = replace(request, '{old}', '{new}')")).await;
        card(&shop, &placed, GOOD).await;
        for _ in 0..2 {
            assert_eq!(look(&shop, &placed).await, OrderState::Open, "{differs}");
        }
        assert_eq!(shop.entitlement(member).await.plan, Some(key("free")), "{differs}");
        let raised = format!("SELECT count(*) FROM alerts WHERE resolved_at IS NULL AND detail = '{differs}'");
        assert_eq!(
            (count(&shop, &raised).await, count(&shop, "SELECT count(*) FROM alerts").await),
            (1, 1),
            "{differs}"
        );
    }
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
async fn a_transfer_that_arrives_late_still_buys() {
    let shop = paid_shop(false).await;
    let member = shop.member().await;
    let placed = opened(&shop, member).await;
    let sandbox = shop.services().sandbox();
    sandbox.begin_transfer(placed.order.id.get(), MethodKind::VirtualAccount).await.unwrap();
    assert!(matches!(look(&shop, &placed).await, OrderState::Pending { .. }));
    shop.test.clock.advance(TimeDelta::hours(25));
    assert!(matches!(look(&shop, &placed).await, OrderState::Expired { .. }));
    sandbox.transfer_arrives(placed.order.id.get()).await.unwrap();
    assert!(matches!(look(&shop, &placed).await, OrderState::Paid { late: true, .. }));
    assert_eq!(shop.entitlement(member).await.plan, Some(key("pro")));
}

#[tokio::test(flavor = "multi_thread")]
async fn late_money_that_buys_nothing_gives_its_coupon_back() {
    let shop = paid_shop(false).await;
    let services = shop.services();
    let team =
        services.plans().create(&operator(), shop.application, crate::shop::plan("Team", json!({}))).await.unwrap();
    services.plans().add_price(&operator(), shop.application, team.id, monthly(2999, None)).await.unwrap();
    let code = CouponCode::parse("HALF").unwrap();
    let coupon = NewCoupon {
        code: code.clone(),
        off: Off::Percent(BasisPoints::parse(5_000).unwrap()),
        duration: Duration::Once,
        cap: None,
        expires_at: None,
        plans: vec![],
    };
    services.coupons().create(&operator(), shop.application, coupon).await.unwrap();
    let member = shop.member().await;
    let first = opened(&shop, member).await;
    card(&shop, &first, GOOD).await;
    look(&shop, &first).await;
    shop.test.clock.advance(TimeDelta::days(3));

    let wanted = NewOrder { plan: key("team"), coupon: Some(code), ..pro() };
    let started = services.orders().start(&operator(), shop.application, member, wanted).await.unwrap();
    let Started::Order(upgrade) = started else { panic!("{started:?}") };
    services.orders().press(*upgrade.clone(), "https://here.example/".into()).await.unwrap();
    services.sandbox().begin_transfer(upgrade.order.id.get(), MethodKind::VirtualAccount).await.unwrap();
    assert_eq!(count(&shop, "SELECT count(*) FROM redemptions").await, 1, "reserved");
    // Nobody has noted that the order is over when the money comes.
    shop.test.clock.advance(TimeDelta::hours(25));
    services.sandbox().transfer_arrives(upgrade.order.id.get()).await.unwrap();
    assert!(matches!(look(&shop, &upgrade).await, OrderState::Paid { late: true, .. }));
    assert_eq!(shop.entitlement(member).await.plan, Some(key("pro")), "a change is of its own moment");
    assert_eq!(count(&shop, "SELECT count(*) FROM redemptions").await, 0);
    assert_eq!(books::audit(services).await.unwrap(), Vec::<String>::new());
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

#[tokio::test(flavor = "multi_thread")]
async fn the_reconciler_asks_about_everything_however_much_it_is() {
    let shop = paid_shop(false).await;
    let member = shop.member().await;
    let (services, application) = (shop.services(), shop.application);
    services.plans().add_price(&operator(), application, shop.pro.id, monthly(1999, None)).await.unwrap();
    let directory = services.directory();
    let plan = directory.application(application).unwrap().plan(shop.pro.id).unwrap();
    let prices: Vec<_> = plan.prices.iter().map(|price| price.id).collect();
    // Nobody comes back from the page of the first, and its member orders something else, again and again.
    let first = opened(&shop, member).await;
    card(&shop, &first, GOOD).await;
    for n in 1..=60 {
        let new = NewOrder { price: Some(prices[n % 2]), ..pro() };
        let started = services.orders().start(&operator(), application, member, new).await.unwrap();
        let Started::Order(placed) = started else { panic!("granted without payment") };
        services.orders().press(*placed, "https://here.example/".into()).await.unwrap();
    }
    assert_eq!(count(&shop, "SELECT count(*) FROM orders WHERE reference IS NOT NULL").await, 61);
    let found = services.reconcile(&operator(), application).await.unwrap();
    assert_eq!((found.repaired, found.failed), (1, 0), "{found:?}");
    assert!(matches!(look(&shop, &first).await, OrderState::Paid { .. }), "the oldest of many batches");
}
