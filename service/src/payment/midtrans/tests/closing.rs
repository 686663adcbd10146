//! Pages that close before their time.

use chrono::TimeDelta;
use domain::billing::payment::Fact;
use uuid::Uuid;

use super::{Desk, handle, idr, paid};
use crate::{
    Result,
    payment::{Ending, PaymentProvider, Wanted},
    testing::{
        fault::Fault,
        midtrans::{BAD_CARD, GOOD_CARD, Means, Status, Step},
    },
};

impl Desk {
    async fn close(&self, key: Uuid) -> Result<()> {
        let (ending, paused) = (Ending::Now, false);
        let wanted = Wanted { price: None, bills_at: None, ending, ends_at: None, paused, discount: None, mode: None };
        self.provider.steer(&key.to_string(), &wanted, None).await
    }

    fn begin(&self, order_id: &str) -> std::result::Result<(), String> {
        self.fake.act(order_id, Step::Begin(Means::Va("bca")))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_begins_on_a_page_that_has_closed() {
    let desk = Desk::open().await;
    let key = desk.opened().await;
    for _ in 0..2 {
        desk.close(key).await.unwrap();
        assert!(desk.begin(&key.to_string()).is_err());
    }
    assert!(desk.provider.inquire(&handle(key)).await.unwrap().is_none());
    desk.close(Uuid::nil()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_expires_with_its_page() {
    let desk = Desk::open().await;
    for means in [
        Means::Card(GOOD_CARD.into()),
        Means::GoPay,
        Means::ShopeePay,
        Means::Qris,
        Means::Va("bca"),
        Means::Va("cimb"),
        Means::Va("permata"),
        Means::Echannel,
    ] {
        let key = desk.opened().await;
        desk.act(key, Step::Begin(means.clone()));
        for _ in 0..2 {
            desk.close(key).await.unwrap();
            assert_eq!(desk.look(key).await.facts, [Fact::Expired], "{means:?}");
        }
        assert!(desk.begin(&key.to_string()).is_err());
        let told = desk.fake.notifications();
        assert_eq!(told.iter().map(|told| told.what.as_str()).collect::<Vec<_>>(), ["pending", "expire"]);
        desk.act(key, Step::PayLate);
        assert_eq!(desk.look(key).await.facts, [paid(idr(99_000))], "it was sent all the same");
        drop(desk.fake.notifications());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_before_its_page_closed_is_paid() {
    let desk = Desk::open().await;
    for (means, status) in [(Means::Card(GOOD_CARD.into()), Status::Capture), (Means::Qris, Status::Settlement)] {
        let key = desk.opened().await;
        desk.fake.pay(&key.to_string(), means);
        desk.close(key).await.unwrap();
        assert_eq!(desk.fake.transaction(&key.to_string()).unwrap().status, status);
        assert_eq!(desk.look(key).await.facts, [paid(idr(99_000))]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_closes_whatever_goes_wrong() {
    for fault in Fault::ALL {
        for call in ["/cancel", "/expire"] {
            let desk = Desk::open().await;
            let (untouched, waits) = (desk.opened().await, desk.opened().await);
            desk.act(waits, Step::Begin(Means::Qris));
            for key in [untouched, waits] {
                desk.fake.fail_next(call, fault);
                if desk.close(key).await.is_err() {
                    desk.close(key).await.unwrap();
                }
            }
            assert!(desk.begin(&untouched.to_string()).is_err(), "{call} {fault:?}");
            assert_eq!(desk.look(waits).await.facts, [Fact::Expired], "{call} {fault:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_the_latest_attempt_closes() {
    let desk = Desk::open().await;
    let request = desk.request(99_000);
    desk.provider.open(&request).await.unwrap();
    desk.act(request.key, Step::Begin(Means::Va("bca")));
    desk.test.clock.advance(TimeDelta::hours(25));
    desk.provider.open(&request).await.unwrap();
    desk.close(request.key).await.unwrap();
    assert!(desk.begin(&format!("{}~1", request.key)).is_err());
    assert_eq!(desk.look(request.key).await.facts, [Fact::Expired]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_on_which_a_card_was_refused_closes_once_somebody_has_chosen_again() {
    let desk = Desk::open().await;
    let key = desk.opened().await;
    desk.fake.pay(&key.to_string(), Means::Card(BAD_CARD.into()));
    desk.close(key).await.unwrap();
    desk.begin(&key.to_string()).unwrap();
    desk.close(key).await.unwrap();
    assert_eq!(desk.look(key).await.facts, [Fact::Expired]);
}
