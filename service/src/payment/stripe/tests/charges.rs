//! Cards that are charged while nobody is there.

use chrono::TimeDelta;
use domain::billing::payment::Fact;

use super::{Desk, succeeded, usd};
use crate::{
    payment::{Method, PaymentProvider, Refused},
    testing::fault::Fault,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_card_is_charged_once() {
    let desk = Desk::open().await;
    let method = desk.paid(&desk.request(500)).await.method.unwrap();
    for fault in [Fault::Timeout, Fault::AnswerLost, Fault::Limited, Fault::Internal, Fault::Unavailable] {
        for call in ["POST /v1/payment_intents", "POST /v1/payment_intents/", "GET /v1/payment_intents/"] {
            let request = desk.request(700);
            let before = desk.charged().len();
            desk.fake.plan(call, fault, 1);
            let report = desk.provider.charge(&request, &method).await.unwrap();
            assert_eq!(report.facts, [succeeded(usd(700))], "{fault:?} {call}");
            let again = desk.provider.charge(&request, &method).await.unwrap();
            assert_eq!(again.reference, report.reference);
            assert_eq!(desk.charged().len(), before + 1, "{fault:?} {call}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_that_broke_off_goes_on_days_later() {
    let desk = Desk::open().await;
    let method = desk.paid(&desk.request(500)).await.method.unwrap();
    let request = desk.request(700);
    desk.fake.plan("GET /v1/payment_intents/", Fault::Internal, 3);
    assert!(desk.provider.charge(&request, &method).await.is_err());
    desk.test.clock.advance(TimeDelta::days(3));
    assert_eq!(desk.provider.charge(&request, &method).await.unwrap().facts, [succeeded(usd(700))]);
    let again = desk.request(900);
    desk.fake.plan("POST /v1/payment_intents/", Fault::AnswerLost, 1);
    desk.fake.plan("GET /v1/payment_intents/", Fault::Limited, 3);
    assert!(desk.provider.charge(&again, &method).await.is_err());
    desk.test.clock.advance(TimeDelta::days(3));
    desk.provider.charge(&again, &method).await.unwrap();
    assert_eq!(desk.charged().iter().filter(|amount| **amount == 900).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_declines_is_a_report() {
    let desk = Desk::open().await;
    let request = desk.request(700);
    let kept = desk.paid(&desk.request(500)).await.method.unwrap();
    let customer = desk.side().all("customer")[0]["id"].as_str().unwrap().to_owned();
    desk.side().cards_become(&customer, "4000000000009995");
    assert_eq!(desk.provider.charge(&request, &kept).await.unwrap().facts, [Fact::Failed]);
    assert_eq!(desk.provider.charge(&request, &kept).await.unwrap().facts, [Fact::Failed]);
    desk.side().cards_become(&customer, "4000002760003184");
    let asks = desk.provider.charge(&desk.request(700), &kept).await.unwrap();
    assert_eq!(asks.facts, [Fact::Failed], "its owner is not there to be asked");
    let unknown = Method { token: "pm_none".into(), ..kept };
    assert_eq!(desk.provider.charge(&desk.request(700), &unknown).await.unwrap().facts, [Fact::Failed]);
    assert_eq!(desk.charged(), [500]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_for_ever_is_told_from_what_goes_by() {
    let desk = Desk::open().await;
    let method = desk.paid(&desk.request(500)).await.method.unwrap();
    for call in ["POST /v1/payment_intents", "POST /v1/payment_intents/"] {
        for (fault, times) in [(Fault::Refused, 1), (Fault::Limited, 3), (Fault::Internal, 3), (Fault::Unavailable, 3)]
        {
            desk.fake.plan(call, fault, times);
            let error = desk.provider.charge(&desk.request(700), &method).await.unwrap_err();
            assert_eq!(Refused::is(&error), fault == Fault::Refused, "{fault:?} {call}");
        }
    }
    // Whether the bank has been asked is not known.
    desk.fake.plan("GET /v1/payment_intents/", Fault::Refused, 1);
    assert!(!Refused::is(&desk.provider.charge(&desk.request(700), &method).await.unwrap_err()));
    assert_eq!(desk.charged(), [500]);
}
