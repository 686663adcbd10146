//! What was made at an account, and a key of another one.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use domain::billing::{
    coupon::{BasisPoints, Coupon, CouponCode, Discount, Duration as Lasts, Off},
    price::Price,
};
use http::Method as Verb;
use uuid::Uuid;

use super::{Desk, GOOD, keys, succeeded, usd};
use crate::{
    Settings,
    payment::{Handle, PaymentProvider, PaymentRequest, Renewal, Wanted, stripe::Stripe},
    testing::stripe::{Entered, FakeStripe, TEST_KEY},
};

impl Desk {
    fn half(&self) -> Coupon {
        Coupon {
            id: Uuid::from_u128(9).into(),
            application_id: self.provider.application,
            code: CouponCode::parse("HALF").unwrap(),
            off: Off::Percent(BasisPoints::parse(5000).unwrap()),
            duration: Lasts::Forever,
            cap: None,
            expires_at: None,
            plans: vec![],
            archived_at: None,
            created_at: self.services.now(),
        }
    }

    /// A subscription at half of a price.
    fn at_half(&self, price: &Price) -> PaymentRequest {
        let (plan, coupon) = (self.plan.clone(), Some(self.half()));
        let renewal = Renewal { plan, price: price.clone(), trial_ends: None, coupon };
        PaymentRequest { renewal: Some(renewal), ..self.request(price.money.amount() / 2) }
    }

    /// Somebody deletes every coupon in Stripe's dashboard.
    fn delete_coupons(&self) {
        for coupon in self.side().all("coupon") {
            let path = format!("/v1/coupons/{}", coupon["id"].as_str().unwrap());
            assert_eq!(self.side().call(Verb::DELETE, &path, "").0, 200);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sold_is_made_anew_at_another_account_of_the_same_mode() {
    let desk = Desk::open().await;
    let (monthly, yearly) = (desk.monthly().clone(), desk.plan.prices[1].clone());
    desk.paid(&desk.at_half(&monthly)).await;

    let other = FakeStripe::new(Arc::new(desk.test.clock.clone()));
    // No name of the one account is there at the other.
    for _ in 0..30 {
        assert_eq!(other.test().call(Verb::POST, "/v1/setup_intents", "").0, 200);
    }
    let server = other.serve().await;
    let mut settings = Settings::new("https://pay.example");
    settings.stripe_url = Some(server.url());
    settings.provider_timeout = Duration::from_millis(400);
    let services = desk.test.node_with(settings).await;
    let provider = Stripe::new(&services, desk.provider.application, keys(TEST_KEY)).unwrap();
    // First a price that was never sold, of a product that was; twice.
    for price in [&yearly, &monthly, &yearly, &monthly] {
        let request = desk.at_half(price);
        let opened = provider.open(&request).await.unwrap();
        assert!(matches!(other.test().enter_card(&opened.reference, GOOD), Entered::Paid { .. }));
        let handle = Handle { key: request.key, reference: None };
        let report = provider.inquire(&handle).await.unwrap().unwrap();
        assert_eq!(report.facts, [succeeded(usd(price.money.amount() / 2))]);
        assert_eq!(report.agreement.unwrap().prices, [price.id]);
    }
    let made = |kind: &str| other.test().all(kind).len();
    assert_eq!((made("product"), made("price"), made("coupon"), made("customer")), (1, 2, 2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coupon_that_was_deleted_at_stripe_is_made_again() {
    let desk = Desk::open().await;
    let request = || desk.at_half(desk.monthly());
    desk.paid(&request()).await;
    // Stripe remembers its keys for a day.
    for hours in [0, 1, 25] {
        desk.test.clock.advance(TimeDelta::hours(hours));
        desk.delete_coupons();
        assert_eq!(desk.paid(&request()).await.facts, [succeeded(usd(1000))], "{hours} hours later");
        assert_eq!(desk.side().all("coupon").len(), 1, "{hours} hours later");
    }
    assert_eq!((desk.side().all("price").len(), desk.side().all("product").len()), (1, 1), "what is there stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rest_of_a_coupon_that_was_deleted_at_stripe_is_made_again() {
    let desk = Desk::open().await;
    let (yearly, half) = (&desk.plan.prices[1], desk.half());
    let discount = Discount { coupon_id: half.id, off: half.off, remaining: half.duration, plans: vec![] };
    for _ in 0..3 {
        desk.delete_coupons();
        let reference = desk.subscribed().await;
        let as_it_is = desk.as_it_is(&reference).await;
        let wanted = Wanted { price: Some(yearly.id), discount: Some(discount.clone()), ..as_it_is };
        desk.provider.steer(&reference, &wanted, Some((&desk.plan, yearly))).await.unwrap();
        let coupons = desk.side().all("coupon");
        assert_eq!((coupons.len(), &coupons[0]["amount_off"]), (1, &10_000.into()));
        let given = desk.side().get(desk.side().get(&reference)["discounts"][0].as_str().unwrap());
        assert_eq!(given["source"]["coupon"], coupons[0]["id"]);
    }
}
