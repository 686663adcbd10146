//! A provider that says nothing, or cannot be asked.

use chrono::TimeDelta;
use domain::{
    Money, Secret,
    application::{Provider, SettingsPatch},
    billing::{
        payment::{Mode, Status as PaymentStatus},
        price::{Interval, NewPrice, PriceName},
        subscription::{State, Status},
    },
    page::PageRequest,
};
use service::{
    application::applications::ApplicationPatch,
    billing::{
        alerts::AlertKind,
        orders::{Destination, Pressed},
        subscriptions::Assignment,
    },
    payment::keys::NewKeys,
    testing::{
        books,
        fault::Fault,
        stripe::{Entered, LIVE_KEY, TEST_KEY, WEBHOOK_SECRET},
    },
};

use super::{Desk, GOOD, Post};
use crate::shop::{application, operator, plan};

const FAILS: &str = "4000000000000341";

/// Time passes and nothing is heard: no notification, and nobody reconciles.
async fn silence(desk: &Desk, days: i64) {
    for _ in 0..days {
        desk.shop.test.clock.advance(TimeDelta::days(1));
        desk.services.engine().tick().await.unwrap();
    }
}

/// Looks at every alert that is open, and says which ones that were.
async fn look_at_alerts(desk: &Desk) -> Vec<AlertKind> {
    let (alerts, application) = (desk.services.alerts(), desk.shop.application);
    let open = alerts.page(&operator(), application, false, &PageRequest::default()).await.unwrap().items;
    for alert in &open {
        alerts.resolve(&operator(), application, alert.id).await.unwrap();
    }
    open.into_iter().map(|alert| alert.kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn stripe_is_asked_when_it_says_nothing() {
    let desk = Desk::open(Post::InOrder, false).await;
    let member = desk.shop.member().await;
    desk.buy(member, "pro").await;
    desk.settle().await;
    let first = desk.held(member).await.unwrap().period.unwrap();
    silence(&desk, 35).await;
    assert_eq!(desk.held(member).await.unwrap().period, Some(first), "nobody has told");
    silence(&desk, 5).await;
    let held = desk.held(member).await.unwrap();
    assert_eq!((held.state, held.period.unwrap().start), (State::Active, first.end));
    // A server that was away for weeks ends nobody.
    desk.shop.test.clock.advance(TimeDelta::days(50));
    desk.services.engine().tick().await.unwrap();
    let held = desk.held(member).await.unwrap();
    assert_eq!(held.state, State::Active);
    assert!(held.period.unwrap().end > desk.services.now());
    assert_eq!(desk.payments(member).await, [PaymentStatus::Succeeded; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_silence_ends_an_applications_look_and_no_other_applications() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (services, ctx) = (&desk.services, operator());
    let members = [desk.shop.member().await, desk.shop.member().await];
    for member in members {
        desk.buy(member, "pro").await;
    }
    desk.settle().await;
    let first = desk.held(members[0]).await.unwrap().period.unwrap();
    let other = application(services, "other").await;
    let lent = services.plans().create(&ctx, other, plan("Lent", serde_json::json!({}))).await.unwrap();
    services.memberships().grant(&ctx, other, members[0], None).await.unwrap();
    let until = Assignment { plan_id: lent.id, expires_at: Some(first.end + TimeDelta::days(9)), replace: true };
    services.subscriptions().assign(&ctx, other, members[0], until).await.unwrap();

    desk.shop.test.clock.advance(TimeDelta::days(40));
    desk.fake.plan("GET /v1/subscriptions/", Fault::Unavailable, 3);
    for (wait, renewed) in [(0, 0), (0, 1), (1, 2)] {
        desk.shop.test.clock.advance(TimeDelta::minutes(wait));
        services.engine().tick().await.unwrap();
        let mut found = 0;
        for member in members {
            found += usize::from(desk.held(member).await.unwrap().period.unwrap().start == first.end);
        }
        assert_eq!(found, renewed);
        let theirs = services.subscriptions().get(&ctx, other, members[0]).await.unwrap();
        assert!(theirs.is_none_or(|held| held.state.is_final()), "nobody else waits");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_within_the_grace_is_found_when_it_ends() {
    let desk = Desk::open(Post::InOrder, false).await;
    let member = desk.shop.member().await;
    desk.buy(member, "pro").await;
    desk.settle().await;
    let first = desk.held(member).await.unwrap().period.unwrap();
    desk.cards_become(FAILS);
    desk.days(32).await;
    assert_eq!(desk.held(member).await.unwrap().state.status(), Status::PastDue);
    // Stripe tries again, and nobody hears that it has the money.
    desk.cards_become(GOOD);
    desk.shop.test.clock.advance(TimeDelta::days(15));
    assert_eq!(desk.plan(member).await, None, "nothing is given on trust");
    // This server was away, and so is Stripe for a moment.
    desk.fake.plan("GET /v1/subscriptions/", Fault::Unavailable, 3);
    desk.services.engine().tick().await.unwrap();
    assert_eq!(desk.held(member).await.unwrap().state.status(), Status::PastDue, "one silence ends nothing");
    desk.shop.test.clock.advance(TimeDelta::minutes(1));
    desk.services.engine().tick().await.unwrap();
    let held = desk.held(member).await.unwrap();
    assert_eq!((held.state, held.period.unwrap().start), (State::Active, first.end));
    assert_eq!((desk.plan(member).await.as_deref(), desk.charged()), (Some("pro"), vec![1000, 1000]));
    assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_a_look_again_waits_for_the_one_that_goes_on() {
    let desk = Desk::open(Post::InOrder, false).await;
    let member = desk.shop.member().await;
    desk.buy(member, "pro").await;
    desk.settle().await;
    let ctx = operator();
    let look = || desk.services.reconcile_soon(&ctx, desk.shop.application);
    look().await.unwrap();
    let before = desk.fake.requests();
    let found = look().await.unwrap();
    let once = desk.fake.requests() - before;
    assert!(once > 0);
    // Stripe does not answer at once: a call is made again.
    desk.fake.plan("GET ", Fault::Timeout, 1);
    let before = desk.fake.requests();
    let (first, second) = tokio::join!(look(), look());
    let told: Vec<_> = [first.unwrap(), second.unwrap()].into_iter().flatten().collect();
    assert_eq!((told, desk.fake.requests() - before), (vec![found.unwrap()], once + 1));
    assert_eq!(look().await.unwrap(), found, "it is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_ours_is_no_answer() {
    let desk = Desk::open(Post::InOrder, false).await;
    let member = desk.shop.member().await;
    desk.buy(member, "pro").await;
    desk.settle().await;
    let first = desk.held(member).await.unwrap().period.unwrap();
    // What Stripe says cannot be written down.
    desk.shop.test.execute("ALTER TABLE payments RENAME TO payments_elsewhere").await;
    silence(&desk, 45).await;
    let held = desk.held(member).await.unwrap();
    assert_eq!((held.state, held.period), (State::Active, Some(first)), "no grace begins");
    desk.shop.test.execute("ALTER TABLE payments_elsewhere RENAME TO payments").await;
    silence(&desk, 1).await;
    let held = desk.held(member).await.unwrap();
    assert_eq!((held.state, held.period.unwrap().start), (State::Active, first.end));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_not_heard_of_renews_nothing() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (member, application) = (desk.shop.member().await, desk.shop.application);
    desk.buy(member, "pro").await;
    desk.settle().await;
    desk.services.payment_keys().remove(&operator(), application, Provider::Stripe).await.unwrap();
    silence(&desk, 39).await;
    assert_eq!(desk.held(member).await.unwrap().state.status(), Status::PastDue);
    assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "features stay within the grace");
    assert!(desk.entitlement(member).await.valid_until.is_some());
    assert_eq!(look_at_alerts(&desk).await, [AlertKind::Drift]);

    // The keys are back, and what was paid meanwhile is heard of.
    let keys = || NewKeys { secret: Some(Secret::new(TEST_KEY)), webhook: Some(Secret::new(WEBHOOK_SECRET)) };
    desk.services.payment_keys().set(&operator(), application, Provider::Stripe, keys()).await.unwrap();
    desk.settle().await;
    let held = desk.held(member).await.unwrap();
    assert_eq!((held.state, desk.charged()), (State::Active, vec![1000, 1000]));
    assert!(held.period.unwrap().end > desk.services.now());

    desk.services.payment_keys().remove(&operator(), application, Provider::Stripe).await.unwrap();
    silence(&desk, 45).await;
    assert_eq!((desk.held(member).await, desk.plan(member).await), (None, None), "it ends with the grace");
    assert_eq!(look_at_alerts(&desk).await, [AlertKind::Drift], "another silence is told of again");
    assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_billed_while_paused_leaves_it_paused() {
    for card in [GOOD, FAILS] {
        let desk = Desk::open(Post::Lost, false).await;
        let (member, application) = (desk.shop.member().await, desk.shop.application);
        desk.buy(member, "pro").await;
        desk.settle().await;
        desk.cards_become(card);
        desk.services.changes().pause(&operator(), application, member).await.unwrap();
        let paused = desk.held(member).await;
        assert!(look_at_alerts(&desk).await.is_empty(), "{card}");
        // Stripe has not heard of it.
        desk.shop.test.clock.advance(TimeDelta::days(32));
        for _ in 0..2 {
            let found = desk.services.reconcile(&operator(), application).await.unwrap();
            assert_eq!((found.failed, desk.held(member).await), (0, paused.clone()), "{card}: {found:?}");
            assert_eq!(look_at_alerts(&desk).await, [AlertKind::Drift], "until both agree: {card}");
        }
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{card}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_took_before_another_provider_bills_becomes_credit() {
    for (post, engine_first) in
        [(Post::InOrder, true), (Post::InOrder, false), (Post::Backwards, true), (Post::Twice, false)]
    {
        let what = format!("{post:?}, the engine first: {engine_first}");
        let desk = Desk::open(post, false).await;
        let (member, application) = (desk.shop.member().await, desk.shop.application);
        desk.buy(member, "pro").await;
        desk.settle().await;
        let first = desk.held(member).await.unwrap().period.unwrap();
        let patch = SettingsPatch { provider: Some(Provider::Sandbox), ..Default::default() };
        let patch = ApplicationPatch { settings: patch, ..Default::default() };
        desk.services.applications().update(&operator(), application, patch).await.unwrap();

        // No server of ours runs when Stripe renews once more.
        desk.shop.test.clock.advance(first.end - desk.services.now() + TimeDelta::hours(3));
        assert_eq!(desk.charged(), [1000, 1000], "{what}");
        if engine_first {
            desk.services.engine().tick().await.unwrap();
            desk.services.steer().await.unwrap();
        }
        desk.settle().await;
        assert_eq!((desk.charged(), desk.billed()), (vec![1000, 1000], 0), "{what}");
        assert_eq!(desk.payments(member).await, [PaymentStatus::Succeeded; 2], "{what}");
        assert_eq!(desk.credit(member).await, 1000, "{what}");
        assert_eq!(desk.held(member).await.unwrap().state.status(), Status::PastDue, "the sandbox asks: {what}");
        assert_eq!(look_at_alerts(&desk).await, [AlertKind::PaymentUnused], "{what}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{what}");

        // What goes back is no credit any more.
        let payments = desk.services.payments();
        let late = payments.of_member(&operator(), application, member).await.unwrap().remove(0).payment.id;
        payments.refund(&operator(), application, late, None, None).await.unwrap();
        desk.settle().await;
        assert_eq!((desk.credit(member).await, look_at_alerts(&desk).await), (0, vec![]), "{what}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_test_key_sold_is_asked_for_by_the_live_one() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (member, application) = (desk.shop.member().await, desk.shop.application);
    desk.buy(member, "pro").await;
    desk.settle().await;
    let first = desk.held(member).await.unwrap().period.unwrap();
    let keys = NewKeys { secret: Some(Secret::new(LIVE_KEY)), webhook: None };
    desk.services.payment_keys().set(&operator(), application, Provider::Stripe, keys).await.unwrap();
    silence(&desk, 31).await;
    assert_eq!(desk.held(member).await.unwrap().state.status(), Status::PastDue, "nobody has paid real money");
    assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "features stay within the grace");

    let invoices = desk.services.invoices();
    let owed = invoices.of_member(&operator(), application, member).await.unwrap().remove(0);
    let url = || "https://app.example/".to_owned();
    let destination = Destination::Application { success_url: url(), cancel_url: url() };
    let placed = invoices.pay(&operator(), application, member, owed.id, destination).await.unwrap();
    assert_eq!((placed.order.mode, placed.order.quote.due.amount()), (Mode::Live, 1000));
    let pressed = desk.services.orders().press(placed.clone(), "https://pay.example/return".into()).await.unwrap();
    let Pressed::Go(url) = pressed else { panic!("nothing to pay") };
    let session = url.rsplit('/').next().unwrap();
    assert!(matches!(desk.fake.live().enter_card(session, GOOD), Entered::Paid { .. }));
    desk.services.orders().look(placed).await.unwrap();
    let held = desk.held(member).await.unwrap();
    assert_eq!((held.state, held.period.unwrap().start), (State::Active, first.end));
    assert_eq!(desk.fake.live().all("charge").len(), 1);
    assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_test_money_bought_for_good_is_asked_for_by_a_live_key() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (payer, other, application) = (desk.shop.member().await, desk.shop.member().await, desk.shop.application);
    let (name, money) = (PriceName::parse("Once").unwrap(), Money::new(50_000, "usd".parse().unwrap()).unwrap());
    let price = NewPrice { name, money, interval: Interval::OneTime, trial_days: None, stripe_price_id: None };
    let plans = desk.services.plans();
    let life = plans.create(&operator(), application, plan("Life", serde_json::json!({}))).await.unwrap();
    plans.add_price(&operator(), application, life.id, price).await.unwrap();
    for member in [payer, other] {
        desk.buy(member, "life").await;
    }
    desk.settle().await;
    let look = async || {
        desk.services.reconcile(&operator(), application).await.unwrap();
        desk.services.engine().tick().await.unwrap();
    };
    silence(&desk, 40).await;
    look().await;
    for member in [payer, other] {
        let held = desk.held(member).await.unwrap();
        assert_eq!((held.state, held.period), (State::Active, None), "for good, for as long as nothing is real");
    }

    let keys = NewKeys { secret: Some(Secret::new(LIVE_KEY)), webhook: None };
    desk.services.payment_keys().set(&operator(), application, Provider::Stripe, keys).await.unwrap();
    look().await;
    for member in [payer, other] {
        assert_eq!(desk.held(member).await.unwrap().state.status(), Status::PastDue, "nobody has paid real money");
        assert_eq!(desk.plan(member).await.as_deref(), Some("life"), "features stay within the grace");
    }
    let invoices = desk.services.invoices();
    let owed = invoices.of_member(&operator(), application, payer).await.unwrap().remove(0);
    let url = || "https://app.example/".to_owned();
    let destination = Destination::Application { success_url: url(), cancel_url: url() };
    let placed = invoices.pay(&operator(), application, payer, owed.id, destination).await.unwrap();
    assert_eq!((placed.order.mode, placed.order.quote.due.amount()), (Mode::Live, 50_000));
    let pressed = desk.services.orders().press(placed.clone(), "https://pay.example/return".into()).await.unwrap();
    let Pressed::Go(url) = pressed else { panic!("nothing to pay") };
    let session = url.rsplit('/').next().unwrap();
    assert!(matches!(desk.fake.live().enter_card(session, GOOD), Entered::Paid { .. }));
    desk.services.orders().look(placed).await.unwrap();

    silence(&desk, 9).await;
    look().await;
    let held = desk.held(payer).await.unwrap();
    assert_eq!((held.state, held.period), (State::Active, None), "real money pays for good");
    assert_eq!((desk.held(other).await, desk.plan(other).await), (None, None), "it ends with the grace");
    assert_eq!(desk.fake.live().all("charge").len(), 1);
    assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new());
}
