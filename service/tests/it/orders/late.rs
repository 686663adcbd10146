//! Money that comes late, or that nobody comes back to tell of.

use chrono::TimeDelta;
use domain::billing::{
    coupon::{BasisPoints, CouponCode, Duration, Off},
    order::State as OrderState,
};
use serde_json::json;
use service::{
    billing::{
        coupons::NewCoupon,
        orders::{NewOrder, Started},
    },
    payment::MethodKind,
    testing::books,
};

use super::{GOOD, card, count, look, monthly, opened, paid_shop, pro};
use crate::shop::{key, operator};

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
