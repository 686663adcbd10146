//! Coupons for some months, which Stripe counts by the calendar and we by bills.

use chrono::TimeDelta;
use domain::{
    Money,
    billing::{
        coupon::{BasisPoints, CouponCode, Duration, Off},
        price::{Interval, NewPrice, PriceName},
        subscription::State,
    },
    id::UserId,
};
use service::{
    billing::{
        coupons::NewCoupon,
        orders::{Destination, NewOrder},
    },
    testing::books,
};

use super::{Desk, Post};
use crate::shop::{key, operator, plan};

/// Buys a plan of $10 a month at half its price for some months.
async fn buy_at_half(desk: &Desk, member: UserId, plan: &str, months: u16) {
    let (services, application) = (&desk.services, desk.shop.application);
    let coupon = NewCoupon {
        code: CouponCode::parse("HALF").unwrap(),
        off: Off::Percent(BasisPoints::parse(5000).unwrap()),
        duration: Duration::Months(months),
        cap: None,
        expires_at: None,
        plans: vec![],
    };
    services.coupons().create(&operator(), application, coupon).await.unwrap();
    let url = || "https://app.example/".to_owned();
    let new = NewOrder {
        plan: key(plan),
        price: None,
        coupon: Some(CouponCode::parse("HALF").unwrap()),
        destination: Destination::Application { success_url: url(), cancel_url: url() },
        metadata: None,
        payer: None,
    };
    desk.pay(services.orders().start(&operator(), application, member, new).await.unwrap()).await;
    desk.settle().await;
}

/// Another bill is paid each time after so many days: all at half the price, but the last.
async fn is_charged(desk: &Desk, member: UserId, after: &[i64]) {
    let mut sums = vec![500; after.len() - 1];
    sums.push(1000);
    for (bill, days) in after.iter().enumerate() {
        desk.days(*days).await;
        assert_eq!(desk.charged(), sums[..=bill], "bill {bill}");
    }
    assert_eq!(desk.held(member).await.unwrap().state, State::Active);
    assert_eq!(desk.services.alerts().waiting(desk.shop.application).await.unwrap(), 0);
    assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_takes_no_month_of_a_coupon() {
    let desk = Desk::open(Post::InOrder, false).await;
    let member = desk.shop.member().await;
    buy_at_half(&desk, member, "pro", 3).await;
    desk.days(10).await;
    let (changes, application) = (desk.services.changes(), desk.shop.application);
    changes.pause(&operator(), application, member).await.unwrap();
    desk.days(40).await;
    changes.resume(&operator(), application, member).await.unwrap();
    desk.settle().await;
    // Bills of 30 January, 28 February and 30 March.
    is_charged(&desk, member, &[0, 22, 29, 30]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_trial_takes_no_month_of_a_coupon() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (services, application) = (&desk.services, desk.shop.application);
    let slow = services.plans().create(&operator(), application, plan("Slow", serde_json::json!({}))).await.unwrap();
    let price = NewPrice {
        name: PriceName::parse("Monthly").unwrap(),
        money: Money::new(1000, "usd".parse().unwrap()).unwrap(),
        interval: Interval::Month,
        trial_days: Some(60),
        stripe_price_id: None,
    };
    services.plans().add_price(&operator(), application, slow.id, price).await.unwrap();
    let member = desk.shop.member().await;
    buy_at_half(&desk, member, "slow", 3).await;
    assert!(desk.charged().is_empty());
    // Bills of 20 January, February, March and April.
    is_charged(&desk, member, &[62, 31, 28, 31]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_that_is_extended_takes_no_month_of_a_coupon() {
    let desk = Desk::open(Post::InOrder, true).await;
    let member = desk.shop.member().await;
    buy_at_half(&desk, member, "pro", 1).await;
    desk.days(5).await;
    let State::Trialing { ends_at } = desk.held(member).await.unwrap().state else { panic!("no trial") };
    let (changes, until) = (desk.services.changes(), ends_at + TimeDelta::days(40));
    changes.extend_trial(&operator(), desk.shop.application, member, until).await.unwrap();
    desk.settle().await;
    // Bills of 14 January and February.
    is_charged(&desk, member, &[51, 32]).await;
}
