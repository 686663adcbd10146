//! Plans and prices at Stripe: made there, linked, or not sold there.

use chrono::TimeDelta;
use domain::{
    ErrorCode, Flaw, Money,
    application::{Provider, SettingsPatch},
    billing::{
        coupon::{BasisPoints, CouponCode, Duration, Off},
        payment::Status as PaymentStatus,
        plan::{NewPlan, PlanName, PlanPatch},
        price::{Interval, NewPrice, PriceName},
    },
    text::Description,
};
use service::{
    application::applications::ApplicationPatch,
    billing::{
        coupons::NewCoupon,
        orders::{Destination, NewOrder, Pressed, Started},
    },
    testing::fault::Fault,
};

use super::{Desk, POSTS, Post};
use crate::shop::{key, operator, plan};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_at_stripe_follows_its_plan() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (services, application) = (&desk.services, desk.shop.application);
    let (plans, clock) = (services.plans(), &desk.shop.test.clock);
    let member = desk.shop.member().await;
    desk.buy(member, "team").await;
    desk.settle().await;
    let held = desk.held(member).await.unwrap();
    let product = || desk.side().all("product").into_iter().next().unwrap();
    let monthly = || desk.side().all("price").into_iter().find(|price| price["unit_amount"] == 3000).unwrap();
    while services.tell_counterparts().await.unwrap() > 0 {}
    assert_eq!((&product()["name"], &product()["active"]), (&"Team".into(), &true.into()));
    assert_eq!((&monthly()["active"], desk.side().all("price").len()), (&true.into(), 1));

    // Another name, while Stripe does not answer.
    let update = async |patch: PlanPatch| {
        plans.update(&operator(), application, held.plan_id, patch).await.unwrap();
    };
    let name = PlanName::parse("Crew").unwrap();
    let description = Description::parse("For everybody").unwrap();
    update(PlanPatch { name: Some(name), description: Some(description), ..PlanPatch::default() }).await;
    desk.fake.plan("POST /v1/products/", Fault::Unavailable, 3);
    assert_eq!((services.tell_counterparts().await.unwrap(), &product()["name"]), (1, &"Team".into()));
    assert_eq!(services.tell_counterparts().await.unwrap(), 0, "it is tried again later");
    clock.advance(TimeDelta::minutes(1));
    assert_eq!(services.tell_counterparts().await.unwrap(), 1);
    assert_eq!((&product()["name"], &product()["description"]), (&"Crew".into(), &"For everybody".into()));
    let requests = desk.fake.requests();
    update(PlanPatch { is_listed: Some(false), ..PlanPatch::default() }).await;
    update(PlanPatch { is_listed: Some(true), ..PlanPatch::default() }).await;
    assert_eq!(
        (services.tell_counterparts().await.unwrap(), desk.fake.requests()),
        (0, requests),
        "Stripe knows all of it"
    );

    // A price that is over: who was offered it may pay it, who holds it keeps it, and can come back to it.
    let late = desk.shop.member().await;
    let Started::Order(offered) = desk.start(late, "team").await else { panic!("granted without payment") };
    plans.remove_price(&operator(), application, held.plan_id, held.price_id.unwrap()).await.unwrap();
    assert_eq!((services.tell_counterparts().await.unwrap(), &monthly()["active"]), (1, &false.into()));
    assert_eq!(product()["active"], true);
    let pressed = services.orders().press(*offered, "https://pay.example/return".into()).await.unwrap();
    assert!(matches!(pressed, Pressed::Go(_)));
    clock.advance(TimeDelta::hours(25));
    assert_eq!((services.tell_counterparts().await.unwrap(), &monthly()["active"]), (1, &false.into()));
    let billed = || desk.subscription()["items"]["data"][0]["price"]["unit_amount"].clone();
    assert!(matches!(desk.start(member, "pro").await, Started::Granted(_)));
    desk.settle().await;
    assert_eq!(billed(), 1000);
    services.changes().undo(&operator(), application, member).await.unwrap();
    desk.settle().await;
    assert_eq!(billed(), 3000);
    clock.advance(TimeDelta::hours(25));
    while services.tell_counterparts().await.unwrap() > 0 {}
    assert_eq!(monthly()["active"], false);
    desk.days(32).await;
    assert_eq!(desk.charged(), [3000, 3000]);

    for archived in [true, false] {
        update(PlanPatch { archived: Some(archived), ..PlanPatch::default() }).await;
        assert_eq!(services.tell_counterparts().await.unwrap(), 1);
        assert_eq!(product()["active"], !archived);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_admin_has_linked_is_left_alone() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (services, application) = (&desk.services, desk.shop.application);
    let member = desk.shop.member().await;
    desk.buy(member, "pro").await;
    desk.settle().await;
    while services.tell_counterparts().await.unwrap() > 0 {}
    let (product, price) = (desk.side().all("product").remove(0), desk.side().all("price").remove(0));
    let id = |object: &serde_json::Value| object["id"].as_str().unwrap().to_owned();
    // What was made for one price is another's by now.
    let held = desk.held(member).await.unwrap();
    let linked = NewPlan {
        prices: vec![NewPrice {
            name: PriceName::parse("Monthly").unwrap(),
            money: Money::new(1000, "usd".parse().unwrap()).unwrap(),
            interval: Interval::Month,
            trial_days: None,
            stripe_price_id: Some(id(&price)),
        }],
        stripe_product_id: Some(id(&product)),
        ..plan("Linked", serde_json::json!({}))
    };
    let plans = services.plans();
    let linked = plans.create(&operator(), application, linked).await.unwrap();
    plans.remove_price(&operator(), application, held.plan_id, held.price_id.unwrap()).await.unwrap();
    for plan in [held.plan_id, linked.id] {
        let name = PlanName::parse(&format!("Other {plan}")).unwrap();
        let patch = PlanPatch { name: Some(name), archived: Some(true), ..PlanPatch::default() };
        plans.update(&operator(), application, plan, patch).await.unwrap();
    }
    let requests = desk.fake.requests();
    while services.tell_counterparts().await.unwrap() > 0 {}
    assert_eq!(desk.fake.requests(), requests);
    assert_eq!((desk.side().get(&id(&product)), desk.side().get(&id(&price))), (product, price));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_one_price_s_and_whoever_had_it_before_stays() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let (plans, application) = (desk.services.plans(), desk.shop.application);
        let (_, product) = desk.side().call(http::Method::POST, "/v1/products", "name=Old");
        let product = product["id"].as_str().unwrap().to_owned();
        let form = format!("product={product}&currency=usd&unit_amount=1500&recurring[interval]=month");
        let (_, linked) = desk.side().call(http::Method::POST, "/v1/prices", &form);
        let linked = linked["id"].as_str().unwrap().to_owned();
        let new = |name: &str| NewPlan {
            prices: vec![NewPrice {
                name: PriceName::parse("Monthly").unwrap(),
                money: Money::new(1500, "usd".parse().unwrap()).unwrap(),
                interval: Interval::Month,
                trial_days: None,
                stripe_price_id: Some(linked.clone()),
            }],
            ..plan(name, serde_json::json!({}))
        };
        let first = plans.create(&operator(), application, new("First")).await.unwrap();
        let early = desk.shop.member().await;
        desk.buy(early, "first").await;
        desk.settle().await;
        let refused = plans.create(&operator(), application, new("Second")).await.unwrap_err();
        let service::Error::Problem(problem) = refused else { panic!("{refused}") };
        assert_eq!((problem.code, problem.fields[0].field.as_str()), (ErrorCode::InvalidInput, "stripePriceId"));

        // A price that is over leaves its link to another.
        plans.remove_price(&operator(), application, first.id, first.prices[0].id).await.unwrap();
        plans.create(&operator(), application, new("Second")).await.unwrap();
        let late = desk.shop.member().await;
        desk.buy(late, "second").await;
        desk.settle().await;
        desk.days(33).await;
        for (member, plan) in [(early, "first"), (late, "second")] {
            assert_eq!(desk.plan(member).await.as_deref(), Some(plan), "{post:?}");
            assert_eq!(desk.payments(member).await, [PaymentStatus::Succeeded; 2], "{post:?}");
        }
        assert_eq!(desk.charged(), [1500; 4], "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_would_take_for_another_sum_is_not_sold() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (services, application) = (&desk.services, desk.shop.application);
    let price = |amount: i64, code: &str| NewPrice {
        name: PriceName::parse(code).unwrap(),
        money: Money::new(amount, code.parse().unwrap()).unwrap(),
        interval: Interval::Month,
        trial_days: None,
        stripe_price_id: None,
    };
    let flaw = |error: service::Error| match error {
        service::Error::Problem(problem) => (problem.fields[0].field.clone(), problem.fields[0].flaw.clone()),
        error => panic!("{error}"),
    };
    let far = plan("Far", serde_json::json!({}));
    let far = services.plans().create(&operator(), application, far).await.unwrap();
    let add = async |new: NewPrice| services.plans().add_price(&operator(), application, far.id, new).await;
    let units = Flaw::StripeUnits { code: "ISK".into() };
    assert_eq!(flaw(add(price(100, "isk")).await.unwrap_err()), ("currency".into(), units.clone()));
    let step = Flaw::StripeStep { code: "KWD".into() };
    assert_eq!(flaw(add(price(1015, "kwd")).await.unwrap_err()), ("amount".into(), step.clone()));
    add(price(1010, "kwd")).await.unwrap();

    // What a coupon leaves of it, too.
    let coupon = NewCoupon {
        code: CouponCode::parse("HALF").unwrap(),
        off: Off::Percent(BasisPoints::parse(5000).unwrap()),
        duration: Duration::Once,
        cap: None,
        expires_at: None,
        plans: vec![],
    };
    services.coupons().create(&operator(), application, coupon).await.unwrap();
    let member = desk.shop.member().await;
    let order = |coupon| NewOrder {
        plan: key("far"),
        price: None,
        coupon,
        destination: Destination::Here,
        metadata: None,
        payer: None,
    };
    let half = order(Some(CouponCode::parse("HALF").unwrap()));
    let refused = services.orders().start(&operator(), application, member, half).await.unwrap_err();
    assert_eq!(flaw(refused), ("amount".into(), step));
    let whole = services.orders().start(&operator(), application, member, order(None)).await.unwrap();
    assert!(matches!(whole, Started::Order(_)));

    // Another provider counts as ISO does, until Stripe is to collect.
    let collect = async |provider: Provider| {
        let patch = SettingsPatch { provider: Some(provider), ..Default::default() };
        let patch = ApplicationPatch { settings: patch, ..Default::default() };
        services.applications().update(&operator(), application, patch).await
    };
    collect(Provider::Sandbox).await.unwrap();
    let made = add(price(100, "isk")).await.unwrap();
    let named = ("paymentProvider".to_owned(), units.of("isk"));
    assert_eq!(flaw(collect(Provider::Stripe).await.unwrap_err()), named);
    services.plans().remove_price(&operator(), application, far.id, made.id).await.unwrap();
    collect(Provider::Stripe).await.unwrap();
}
