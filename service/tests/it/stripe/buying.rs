//! What is bought: asked for at the return, paid by somebody else, beside another, for good, or not as it was sold.

use chrono::TimeDelta;
use domain::{
    ErrorCode, Money,
    billing::{
        order::{Difference, State as OrderState},
        plan::NewPlan,
        price::{Interval, NewPrice, PriceName},
    },
    identity::email::Email,
    page::PageRequest,
};
use service::{
    billing::{
        alerts::AlertKind,
        orders::{Destination, NewOrder, Payer, Started},
    },
    testing::{books, stripe::Entered},
};

use super::{Desk, GOOD, POSTS, Post};
use crate::shop::{key, operator, plan};

#[tokio::test(flavor = "multi_thread")]
async fn the_return_asks_and_needs_no_notification() {
    let desk = Desk::open(Post::InOrder, false).await;
    let member = desk.shop.member().await;
    let placed = desk.buy(member, "pro").await;
    assert_eq!(desk.plan(member).await.as_deref(), Some("free"));
    let seen = desk.services.orders().look(placed).await.unwrap();
    assert!(matches!(seen.order.state, OrderState::Paid { late: false, .. }));
    assert_eq!(desk.plan(member).await.as_deref(), Some("pro"));
    let before = desk.entitlement(member).await.ent_ver;
    desk.settle().await;
    assert_eq!(desk.entitlement(member).await.ent_ver, before, "notifications say nothing new");
    assert_eq!(desk.subscription()["status"], "active", "nothing was steered");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_beside_another_is_billed_no_more() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        let (_, old) = desk.page(member, "pro").await;
        let bought = desk.buy(member, "team").await;
        desk.services.orders().look(bought).await.unwrap();
        // The old tab is still open, and nobody has told Stripe yet.
        assert!(matches!(desk.side().enter_card(&old, GOOD), Entered::Paid { .. }));
        desk.settle().await;
        assert_eq!((desk.billed(), desk.plan(member).await.as_deref()), (1, Some("team")), "{post:?}");
        desk.days(33).await;
        let (charged, credit) = (desk.charged(), desk.credit(member).await);
        assert_eq!((charged, credit), (vec![3000, 1000, 2000], 0), "the renewal takes it off: {post:?}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_closes_with_its_order() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (member, gone, slow) = (desk.shop.member().await, desk.shop.member().await, desk.shop.member().await);
    let (_, page) = desk.page(member, "pro").await;
    let newer = desk.order(member, "team").await;
    assert_eq!((desk.services.steer().await.unwrap(), desk.open_pages()), (1, 0), "another order took its place");
    assert_eq!(desk.side().enter_card(&page, GOOD), Entered::Declined);

    desk.order(member, "pro").await;
    let refused = desk.press(&newer).await.unwrap_err();
    assert_eq!((refused.code(), desk.open_pages()), (ErrorCode::SubscriptionExpired, 1), "given up meanwhile");
    assert_eq!((desk.services.steer().await.unwrap(), desk.open_pages()), (1, 0));

    desk.page(gone, "pro").await;
    desk.services.memberships().revoke(&operator(), desk.shop.application, gone).await.unwrap();
    assert_eq!((desk.services.steer().await.unwrap(), desk.open_pages()), (1, 0), "nobody has access");

    // An order that was pressed late closes before Stripe's page would.
    let placed = desk.order(slow, "pro").await;
    desk.shop.test.clock.advance(TimeDelta::hours(5));
    desk.press(&placed).await.unwrap();
    desk.shop.test.clock.advance(TimeDelta::hours(20));
    desk.services.engine().tick().await.unwrap();
    assert_eq!((desk.services.steer().await.unwrap(), desk.open_pages()), (1, 0), "it has run out");

    let done = desk.buy(member, "pro").await;
    desk.settle().await;
    assert!(matches!(
        desk.services.orders().look(done).await.unwrap().order.state,
        OrderState::Paid { late: false, .. }
    ));
    assert_eq!((desk.charged(), desk.services.steer().await.unwrap()), (vec![1000], 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_says_otherwise_grants_nothing() {
    let all = [Difference::Order, Difference::User, Difference::Plan, Difference::Currency, Difference::Amount];
    for differs in all {
        let desk = Desk::open(Post::InOrder, false).await;
        let (other, member) = (desk.shop.member().await, desk.shop.member().await);
        let elsewhere = desk.buy(other, "team").await.order.id;
        desk.settle().await;
        let theirs = desk.subscription();
        let (placed, page) = desk.page(member, "pro").await;
        assert!(matches!(desk.side().enter_card(&page, GOOD), Entered::Paid { .. }));
        let own = desk.subscription()["id"].as_str().unwrap().to_owned();
        match differs {
            Difference::Order => {
                let key = elsewhere.to_string();
                desk.side().bend(&page, |session| session["metadata"]["turnpike_key"] = key.into());
            }
            Difference::User => {
                desk.side().bend(&page, |session| session["customer"] = theirs["customer"].clone());
            }
            Difference::Currency => {
                let intent = desk.side().get(&page)["_intent"].as_str().unwrap().to_owned();
                for id in [&page, &intent] {
                    desk.side().bend(id, |object| object["currency"] = "eur".into());
                }
            }
            Difference::Amount => {
                let intent = desk.side().get(&page)["_intent"].as_str().unwrap().to_owned();
                desk.side().bend(&page, |session| session["amount_total"] = 900.into());
                desk.side().bend(&intent, |intent| intent["amount_received"] = 900.into());
            }
            _ => {
                let price = theirs["items"]["data"][0]["price"]["id"].clone();
                desk.side().bend(&own, |own| own["items"]["data"][0]["price"]["id"] = price);
            }
        }
        desk.settle().await;
        let found = desk.services.orders().look(placed.clone()).await.unwrap().order;
        assert_eq!((found.state, desk.plan(member).await.as_deref()), (OrderState::Open, Some("free")), "{differs}");
        let open = async || {
            let first = PageRequest::default();
            desk.services.alerts().page(&operator(), desk.shop.application, false, &first).await.unwrap().items
        };
        let alerts = open().await;
        assert_eq!(alerts.len(), 1, "{differs}: {alerts:?}");
        assert_eq!(
            (alerts[0].kind, &alerts[0].subject),
            (AlertKind::PaymentDiffers, &found.id.to_string()),
            "{differs}"
        );
        assert_eq!(alerts[0].detail, differs.to_string());
        assert_eq!((&desk.side().get(&own)["status"], desk.billed()), (&"canceled".into(), 1), "{differs}");
        if differs == Difference::Plan {
            desk.side().bend(&page, |session| session["customer"] = theirs["customer"].clone());
            for _ in 0..2 {
                desk.services.orders().look(placed.clone()).await.unwrap();
            }
            let alerts = open().await;
            assert_eq!(alerts.len(), 1, "{alerts:?}");
            let both = format!("{differs}; {}", Difference::User);
            assert_eq!(alerts[0].detail, both, "one cause does not hide another");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_bought_for_good_is_billed_no_more() {
    for (post, trial) in POSTS.into_iter().flat_map(|post| [(post, false), (post, true)]) {
        let desk = Desk::open(post, trial).await;
        let plans = desk.services.plans();
        let life = plan("Life", serde_json::json!({ "maxProjects": 5000 }));
        let life = plans.create(&operator(), desk.shop.application, life).await.unwrap();
        let (name, money) = (PriceName::parse("Once").unwrap(), Money::new(50_000, "usd".parse().unwrap()).unwrap());
        let price = NewPrice { name, money, interval: Interval::OneTime, trial_days: None, stripe_price_id: None };
        plans.add_price(&operator(), desk.shop.application, life.id, price).await.unwrap();
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        desk.days(5).await;
        let due = desk.buy(member, "life").await.order.quote.due.amount();
        desk.settle().await;
        assert_eq!(desk.subscription()["status"], "canceled", "{post:?}");
        desk.days(40).await;
        let charged = if trial { vec![due] } else { vec![1000, due] };
        assert_eq!((desk.charged(), desk.plan(member).await.as_deref()), (charged, Some("life")), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_pays_one_bill_is_not_the_customer() {
    let desk = Desk::open(Post::InOrder, false).await;
    let life = NewPlan {
        prices: vec![NewPrice {
            name: PriceName::parse("Once").unwrap(),
            money: Money::new(50_000, "usd".parse().unwrap()).unwrap(),
            interval: Interval::OneTime,
            trial_days: None,
            stripe_price_id: None,
        }],
        ..plan("Life", serde_json::json!({}))
    };
    desk.services.plans().create(&operator(), desk.shop.application, life).await.unwrap();
    let member = desk.shop.member().await;
    let new = NewOrder {
        plan: key("life"),
        price: None,
        coupon: None,
        destination: Destination::Here,
        metadata: None,
        payer: Some(Payer { email: Email::parse("boss@example.com").unwrap(), name: None }),
    };
    let started = desk.services.orders().start(&operator(), desk.shop.application, member, new).await.unwrap();
    let Started::Order(placed) = started else { panic!("granted without payment") };
    let placed = desk.services.orders().open(*placed).await.unwrap();
    assert!(matches!(desk.side().enter_card(&placed.reference.unwrap(), GOOD), Entered::Paid { .. }));
    desk.settle().await;
    assert_eq!(desk.plan(member).await.as_deref(), Some("life"));
    assert_eq!(desk.side().all("charge")[0]["receipt_email"], "boss@example.com");
    let customer = &desk.side().all("customer")[0];
    assert_ne!(customer["email"], "boss@example.com");
}
