//! What time brings: renewals, failures, grace, recovery, trials, downgrades, and the clock that moves them.

use chrono::TimeDelta;
use domain::{
    ErrorCode, Money, Secret,
    application::{OnEnd, Provider, SettingsPatch},
    billing::{
        clock::ClockStep,
        dunning::Dunning,
        invoice::State as InvoiceState,
        payment::Mode,
        price::{Interval, NewPrice, PriceName},
        subscription::{Source, State},
    },
    id::UserId,
};
use sea_orm::{ConnectionTrait, Statement};
use service::{
    application::applications::ApplicationPatch,
    billing::orders::{Destination, NewOrder, Placed, Started},
    payment::{MethodKind, keys::NewKeys, sandbox::CardNumber},
    testing::books,
};

use crate::shop::{Shop, key, operator, plan};

pub const GOOD: &str = "4242424242424242";
pub const FAILS_LATER: &str = "4000000000000341";

/// The sandbox collects. Pro costs $10 a month (after 14 days when `trial`), Team $30, or Rp 300.000.
pub async fn shop(trial: bool, on_end: OnEnd) -> Shop {
    let shop = Shop::open().await;
    let settings = SettingsPatch { provider: Some(Provider::Sandbox), on_end: Some(on_end), ..Default::default() };
    let patch = ApplicationPatch { settings, ..Default::default() };
    shop.services().applications().update(&operator(), shop.application, patch).await.unwrap();
    let team = plan("Team", serde_json::json!({}));
    let team = shop.services().plans().create(&operator(), shop.application, team).await.unwrap();
    for (plan, cents) in [(shop.pro.id, 1000), (team.id, 3000)] {
        let trial = (trial && plan == shop.pro.id).then_some(14);
        let price = monthly(cents, "usd", trial);
        shop.services().plans().add_price(&operator(), shop.application, plan, price).await.unwrap();
    }
    shop
}

pub fn monthly(amount: i64, currency: &str, trial_days: Option<u16>) -> NewPrice {
    NewPrice {
        name: PriceName::parse("Monthly").unwrap(),
        money: Money::new(amount, currency.parse().unwrap()).unwrap(),
        interval: Interval::Month,
        trial_days,
        stripe_price_id: None,
    }
}

pub fn wanted(plan: &str) -> NewOrder {
    let url = || "https://app.example/".to_owned();
    let destination = Destination::Application { success_url: url(), cancel_url: url() };
    NewOrder { plan: key(plan), price: None, coupon: None, destination, metadata: None, payer: None }
}

pub async fn start(shop: &Shop, member: UserId, plan: &str) -> Started {
    shop.services().orders().start(&operator(), shop.application, member, wanted(plan)).await.unwrap()
}

pub async fn order(shop: &Shop, member: UserId, plan: &str) -> Placed {
    match start(shop, member, plan).await {
        Started::Order(placed) => *placed,
        Started::Granted(held) => panic!("granted: {held:?}"),
    }
}

pub async fn pay(shop: &Shop, placed: Placed, card: &str) {
    let services = shop.services();
    services.orders().press(placed.clone(), "https://here.example/".into()).await.unwrap();
    services.sandbox().enter_card(placed.order.id.get(), CardNumber::parse(card).unwrap()).await.unwrap();
    services.orders().look(placed).await.unwrap();
}

pub async fn buy(shop: &Shop, member: UserId, plan: &str, card: &str) {
    let placed = order(shop, member, plan).await;
    pay(shop, placed, card).await;
}

pub async fn advance(shop: &Shop, by: &str) {
    let step = ClockStep::parse(by).unwrap();
    shop.services().clocks().advance(&operator(), shop.application, step).await.unwrap();
}

pub async fn collects(shop: &Shop, provider: Provider) {
    let settings = SettingsPatch { provider: Some(provider), ..Default::default() };
    let patch = ApplicationPatch { settings, ..Default::default() };
    shop.services().applications().update(&operator(), shop.application, patch).await.unwrap();
}

pub async fn state(shop: &Shop, member: UserId) -> Option<State> {
    let held = shop.services().subscriptions().get(&operator(), shop.application, member).await.unwrap();
    held.map(|held| held.state)
}

pub async fn invoices(shop: &Shop, member: UserId) -> Vec<(String, &'static str, i64)> {
    let all = shop.services().invoices().of_member(&operator(), shop.application, member).await.unwrap();
    let told = |invoice: &domain::billing::invoice::Invoice| {
        (invoice.number.to_string(), invoice.state.status().as_str(), invoice.quote.due.amount())
    };
    all.iter().rev().map(told).collect()
}

pub async fn payments(shop: &Shop, member: UserId) -> Vec<(&'static str, i64)> {
    let all = shop.services().payments().of_member(&operator(), shop.application, member).await.unwrap();
    all.iter().rev().map(|own| (own.payment.state().status().as_str(), own.payment.amount.amount())).collect()
}

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

#[tokio::test(flavor = "multi_thread")]
async fn only_the_sandbox_has_a_clock() {
    let shop = Shop::open().await;
    let step = ClockStep::parse("1mo").unwrap();
    let refused = shop.services().clocks().advance(&operator(), shop.application, step).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::ProviderNotConfigured);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_stays_at_the_sandbox() {
    let shop = shop(false, OnEnd::None).await;
    let (services, member) = (shop.services(), shop.member().await);
    advance(&shop, "2mo").await;
    buy(&shop, member, "pro", GOOD).await;
    let moved = services.billing_now(shop.application);
    assert!(moved > services.now());
    collects(&shop, Provider::Stripe).await;
    assert_eq!(services.billing_now(shop.application), services.now(), "what is sold now runs in real time");
    let step = ClockStep::parse("1mo").unwrap();
    let refused = services.clocks().advance(&operator(), shop.application, step).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::ProviderNotConfigured);
    let held = services.subscriptions().get(&operator(), shop.application, member).await.unwrap().unwrap();
    assert_eq!(held.period.unwrap().start, moved, "what was bought before keeps its dates");
    assert_eq!(shop.entitlement(member).await.plan, Some(key("pro")));
    collects(&shop, Provider::Sandbox).await;
    assert_eq!(services.billing_now(shop.application), moved, "back there it stands where it stood");
}

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
