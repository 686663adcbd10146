//! Keys of the other mode, which know nothing of what is there.

use chrono::TimeDelta;
use domain::{Secret, application::Provider};
use service::{
    payment::keys::NewKeys,
    testing::stripe::{LIVE_KEY, TEST_KEY},
};

use super::{Desk, Post};
use crate::shop::operator;

async fn replace_key(desk: &Desk, key: &str) {
    let keys = NewKeys { secret: Some(Secret::new(key)), webhook: None };
    desk.services.payment_keys().set(&operator(), desk.shop.application, Provider::Stripe, keys).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wanted_waits_for_the_key_of_its_mode() {
    for at_once in [false, true] {
        let desk = Desk::open(Post::InOrder, false).await;
        let (member, application) = (desk.shop.member().await, desk.shop.application);
        desk.buy(member, "pro").await;
        desk.settle().await;
        replace_key(&desk, LIVE_KEY).await;
        let changes = desk.services.changes();
        if at_once {
            changes.cancel_now(&operator(), application, member, None).await.unwrap();
        } else {
            changes.cancel(&operator(), application, member, None).await.unwrap();
        }
        assert_eq!(desk.services.steer().await.unwrap(), 1, "at once: {at_once}");
        let own = desk.subscription();
        assert_eq!((&own["status"], &own["cancel_at_period_end"]), (&"active".into(), &false.into()));

        replace_key(&desk, TEST_KEY).await;
        desk.shop.test.clock.advance(TimeDelta::minutes(1));
        desk.settle().await;
        let own = desk.subscription();
        assert!(own["status"] == "canceled" || own["cancel_at_period_end"] == true, "at once: {at_once}, {own}");
        desk.days(40).await;
        assert_eq!((desk.charged(), desk.held(member).await), (vec![1000], None), "at once: {at_once}");
        assert_eq!(desk.subscription()["status"], "canceled", "at once: {at_once}");
    }
}
