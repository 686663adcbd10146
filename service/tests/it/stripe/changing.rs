//! Upgrades, downgrades and cancellations, which Stripe bills as they were quoted.

use std::{
    collections::BTreeMap,
    sync::{Mutex, mpsc},
    time::Duration,
};

use chrono::TimeDelta;
use domain::{
    ErrorCode, Money,
    application::{Provider, SettingsPatch},
    billing::{
        plan::Plan,
        price::{Interval, NewPrice, PriceName},
        subscription::{Period, State},
    },
    id::{PlanId, UserId},
};
use service::{
    Settings,
    application::applications::ApplicationPatch,
    billing::{
        offers,
        orders::{NewOrder, Started},
    },
    testing::{books, http::HttpServer},
};
use tokio::sync::oneshot;

use super::{Desk, POSTS, Post, wish};
use crate::shop::{operator, plan};

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_costs_what_was_quoted_and_bills_the_next_period() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let period = desk.held(member).await.unwrap().period;
        desk.days(10).await;
        let placed = desk.buy(member, "team").await;
        desk.settle().await;
        let due = placed.order.quote.due.amount();
        assert!((1..2000).contains(&due), "{due}");
        let held = desk.held(member).await.unwrap();
        assert_eq!((desk.plan(member).await.as_deref(), held.period), (Some("team"), period), "{post:?}");
        assert_eq!(desk.charged(), [1000, due], "{post:?}");
        desk.days(23).await;
        assert_eq!(desk.charged(), [1000, due, 3000], "{post:?}");
        assert_eq!(desk.held(member).await.unwrap().state, State::Active, "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_downgrade_waits_and_bills_less() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "team").await;
        desk.settle().await;
        desk.days(10).await;
        assert!(matches!(desk.start(member, "pro").await, Started::Granted(_)));
        desk.settle().await;
        assert_eq!(desk.plan(member).await.as_deref(), Some("team"), "{post:?}");
        assert_eq!(desk.subscription()["items"]["data"][0]["price"]["unit_amount"], 1000, "{post:?}");
        desk.days(23).await;
        assert_eq!((desk.plan(member).await.as_deref(), desk.charged()), (Some("pro"), vec![3000, 1000]), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_bills_stays_in_its_currency() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (plans, application) = (desk.services.plans(), desk.shop.application);
    let team = desk.services.directory().application(application).unwrap().plan_by_key("team").unwrap().id;
    let abroad = async |plan: PlanId, cents: i64, interval: Interval| {
        let money = Money::new(cents, "eur".parse().unwrap()).unwrap();
        let name = PriceName::parse("Abroad").unwrap();
        let new = NewPrice { name, money, interval, trial_days: None, stripe_price_id: None };
        plans.add_price(&operator(), application, plan, new).await.unwrap().id
    };
    let own = abroad(desk.shop.pro.id, 900, Interval::Month).await;
    let dearer = abroad(team, 2700, Interval::Month).await;
    let cheaper = abroad(team, 100, Interval::Month).await;
    let forever = abroad(team, 90_000, Interval::OneTime).await;
    let member = desk.shop.member().await;
    desk.buy(member, "pro").await;
    desk.settle().await;
    for (plan, price) in [("pro", own), ("team", dearer), ("team", cheaper)] {
        let new = NewOrder { price: Some(price), ..wish(plan) };
        let refused = desk.services.orders().start(&operator(), application, member, new).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::PlanNotFound, "{plan}");
    }
    // Nor is any of it offered: a plan that is sold abroad alone is not there.
    let only = plans.create(&operator(), application, plan("Only", serde_json::json!({}))).await.unwrap().id;
    abroad(only, 400, Interval::Month).await;
    let entry = async || desk.services.directory().application(application).unwrap().clone();
    let offered = async |member: Option<UserId>| {
        let holder = match member {
            Some(member) => desk.services.entitlements().holder(member, application).await.unwrap(),
            None => None,
        };
        let plans = offers::offered(&desk.services, &*entry().await, holder.as_ref()).await.unwrap();
        let of = |plan: &Plan| (plan.key.to_string(), plan.prices.iter().map(|own| own.id).collect::<Vec<_>>());
        plans.iter().map(of).collect::<BTreeMap<_, _>>()
    };
    let shown = offered(Some(member)).await;
    assert!(!shown.contains_key("only") && offered(None).await.contains_key("only"), "{shown:?}");
    assert!(![own, dearer, cheaper].iter().any(|price| shown.values().flatten().any(|own| own == price)));
    // Of several prices the one in its currency is meant.
    let far = plans.create(&operator(), application, plan("Far", serde_json::json!({}))).await.unwrap().id;
    abroad(far, 400, Interval::Month).await;
    let usd = Money::new(5000, "usd".parse().unwrap()).unwrap();
    let (name, interval) = (PriceName::parse("Dollars").unwrap(), Interval::Month);
    let dollars = NewPrice { name, money: usd, interval, trial_days: None, stripe_price_id: None };
    plans.add_price(&operator(), application, far, dollars).await.unwrap();
    let quoted = desk.order(member, "far").await.order.quote;
    assert_eq!(quoted.next.unwrap().1, usd);
    // Where another account collects, it begins anew there.
    let collect = async |provider: Provider| {
        let settings = SettingsPatch { provider: Some(provider), ..Default::default() };
        let patch = ApplicationPatch { settings, ..Default::default() };
        desk.services.applications().update(&operator(), application, patch).await.unwrap();
    };
    collect(Provider::Sandbox).await;
    assert!(matches!(desk.start_at(member, "team", Some(dearer)).await, Started::Order(_)));
    collect(Provider::Stripe).await;
    desk.days(33).await;
    assert_eq!(desk.charged(), [1000, 1000]);

    // What is paid once takes the place of what renews, and a newcomer pays in any currency.
    desk.pay(desk.start_at(member, "team", Some(forever)).await).await;
    desk.settle().await;
    assert_eq!(
        (desk.plan(member).await.as_deref(), &desk.subscription()["status"]),
        (Some("team"), &"canceled".into())
    );
    let other = desk.shop.member().await;
    desk.pay(desk.start_at(other, "team", Some(dearer)).await).await;
    desk.settle().await;
    assert_eq!(desk.plan(other).await.as_deref(), Some("team"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_waits_and_can_be_undone() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let (changes, application) = (desk.services.changes(), desk.shop.application);
        changes.cancel(&operator(), application, member, None).await.unwrap();
        desk.settle().await;
        assert_eq!(desk.subscription()["cancel_at_period_end"], true, "{post:?}");
        changes.undo(&operator(), application, member).await.unwrap();
        desk.settle().await;
        assert_eq!(desk.subscription()["cancel_at_period_end"], false, "{post:?}");
        changes.cancel(&operator(), application, member, None).await.unwrap();
        desk.days(33).await;
        assert!(desk.held(member).await.is_none(), "{post:?}");
        assert_eq!((desk.charged().len(), &desk.subscription()["status"]), (1, &"canceled".into()), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_puts_the_next_charge_off() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let (member, application) = (desk.shop.member().await, desk.shop.application);
        desk.buy(member, "pro").await;
        desk.settle().await;
        let first = desk.held(member).await.unwrap().period.unwrap();
        desk.days(10).await;
        desk.services.changes().pause(&operator(), application, member).await.unwrap();
        desk.settle().await;
        assert_eq!(desk.subscription()["pause_collection"]["behavior"], "void", "{post:?}");

        // The end of the period goes by, and a month.
        desk.days(33).await;
        let paused = desk.held(member).await.unwrap();
        assert!(matches!(paused.state, State::Paused { .. }), "{post:?}: {paused:?}");
        assert_eq!((desk.plan(member).await, desk.charged()), (None, vec![1000]), "{post:?}");

        desk.services.changes().resume(&operator(), application, member).await.unwrap();
        desk.settle().await;
        assert!(desk.subscription()["pause_collection"].is_null(), "{post:?}");
        let pause = TimeDelta::days(33);
        let moved = Period { start: first.start + pause, end: first.end + pause };
        let held = desk.held(member).await.unwrap();
        assert_eq!((held.state, held.period), (State::Active, Some(moved)), "{post:?}");
        assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "{post:?}");
        desk.days((moved.end - desk.services.now()).num_days() - 1).await;
        assert_eq!(desk.charged(), [1000], "what was paid before is used up first: {post:?}");

        desk.days(2).await;
        let held = desk.held(member).await.unwrap();
        assert_eq!((held.state, held.period.unwrap().start), (State::Active, moved.end), "{post:?}");
        assert_eq!(desk.charged(), [1000, 1000], "{post:?}");
        assert_eq!(desk.services.alerts().waiting(application).await.unwrap(), 0, "{post:?}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_from_before_an_upgrade_was_told_is_not_followed() {
    let desk = Desk::open(Post::InOrder, false).await;
    let member = desk.shop.member().await;
    let bought = desk.buy(member, "pro").await;
    let told = desk.side().deliveries();
    let news = told.iter().find(|own| own.kind().starts_with("customer.subscription.")).unwrap();
    desk.services.orders().look(bought).await.unwrap();
    while desk.services.steer().await.unwrap() > 0 {}
    desk.shop.test.clock.advance(TimeDelta::days(10));
    let upgrade = desk.buy(member, "team").await;

    // To this node Stripe says how the subscription is, and the answer is long on its way.
    let ((asked, is_asked), (arrive, arrives)) = (oneshot::channel(), mpsc::channel());
    let (fake, slow) = (desk.fake.clone(), Mutex::new(Some((asked, arrives))));
    let line = HttpServer::start(move |request| {
        let is_slow = request.path.starts_with("/v1/subscriptions/");
        let reply = fake.answer(request);
        let slow = slow.lock().unwrap().take_if(|_| is_slow);
        if let Some((asked, arrives)) = slow {
            asked.send(()).unwrap();
            tokio::task::block_in_place(|| arrives.recv().unwrap());
        }
        reply
    })
    .await;
    let mut settings = Settings::new("https://pay.example");
    (settings.stripe_url, settings.provider_timeout) = (Some(line.url()), Duration::from_secs(60));
    let node = desk.shop.test.node_with(settings).await;
    desk.deliver(news).await;
    let follows = tokio::spawn(async move { node.inbox().work().await });
    is_asked.await.unwrap();
    desk.services.orders().look(upgrade).await.unwrap();
    assert_eq!((desk.plan(member).await.as_deref(), desk.services.steer().await.unwrap()), (Some("team"), 1));
    arrive.send(()).unwrap();
    assert_eq!(follows.await.unwrap().unwrap(), 1);

    desk.settle().await;
    assert_eq!(desk.plan(member).await.as_deref(), Some("team"));
    assert_eq!(desk.subscription()["items"]["data"][0]["price"]["unit_amount"], 3000);
    assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new());
}
