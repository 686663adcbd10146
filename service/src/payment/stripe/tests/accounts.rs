//! What was made at an account, and a key of another one.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use domain::billing::{
    coupon::{BasisPoints, Coupon, CouponCode, Duration as Lasts, Off},
    price::Price,
};
use http::Method as Verb;
use uuid::Uuid;

use super::{Desk, GOOD, keys, succeeded, usd};
use crate::{
    Settings,
    payment::{Handle, PaymentProvider, PaymentRequest, Renewal, stripe::Stripe},
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
    desk.test.clock.advance(TimeDelta::hours(25));
    let gone = desk.side().all("coupon")[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(desk.side().call(Verb::DELETE, &format!("/v1/coupons/{gone}"), "").0, 200);
    assert_eq!(desk.paid(&request()).await.facts, [succeeded(usd(1000))]);
    assert_eq!((desk.side().all("price").len(), desk.side().all("product").len()), (1, 1), "what is there stays");
}
