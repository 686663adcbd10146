//! Pages: opened once, paid as quoted, in time or later.

use chrono::TimeDelta;
use domain::{
    ErrorCode,
    billing::payment::{Fact, Mode},
};
use uuid::Uuid;

use super::{Desk, GOOD, succeeded, usd};
use crate::{
    payment::{Handle, MethodKind, PaymentProvider, PaymentRequest},
    testing::{
        fault::Fault,
        stripe::{Entered, Trouble},
    },
};

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_what_was_quoted() {
    let desk = Desk::open().await;
    let request = desk.request(733);
    let opened = desk.provider.open(&request).await.unwrap();
    assert!(desk.look(request.key).await.facts.is_empty());
    assert_eq!(desk.side().enter_card(&opened.reference, "4000000000000002"), Entered::Declined);
    assert_eq!(desk.look(request.key).await.facts, [Fact::Failed]);
    assert_eq!(desk.side().enter_card(&opened.reference, "4000002500003155"), Entered::Authenticate);
    let redirect = request.return_url.clone();
    assert_eq!(desk.side().authenticate(&opened.reference, true), Entered::Paid { redirect });
    let report = desk.look(request.key).await;
    assert_eq!((report.money, report.mode, &report.facts[..]), (usd(733), Mode::Test, &[succeeded(usd(733))][..]));
    let method = report.method.unwrap();
    assert_eq!((method.kind, method.label.as_str()), (MethodKind::Card, "Visa \u{2022}\u{2022}\u{2022}\u{2022} 3155"));
    assert!(report.reference.starts_with("pi_"));
    let metadata = &desk.side().get(&report.reference)["metadata"];
    assert_eq!(metadata["turnpike_key"], request.key.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_opened_once() {
    let desk = Desk::open().await;
    let request = desk.request(500);
    let first = desk.provider.open(&request).await.unwrap();
    let elsewhere = PaymentRequest { return_url: "https://pay.example/checkout/y/return".into(), ..request.clone() };
    assert_eq!(desk.provider.open(&elsewhere).await.unwrap().url, first.url);
    assert!(matches!(desk.side().enter_card(&first.reference, GOOD), Entered::Paid { .. }));
    assert_eq!(desk.provider.open(&request).await.unwrap().url, request.return_url);
    assert_eq!(desk.side().all("customer").len(), 1);
    desk.test.clock.advance(TimeDelta::days(2));
    assert_eq!(desk.look(request.key).await.facts, [succeeded(usd(500))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_clicks_open_one_page() {
    let desk = Desk::open().await;
    let request = desk.request(500);
    let clicks = (0..8).map(|number| {
        let return_url = format!("https://pay.example/checkout/{number}/return");
        let request = PaymentRequest { return_url, ..request.clone() };
        let provider = &desk.provider;
        async move { provider.open(&request).await.unwrap().reference }
    });
    let opened = futures::future::join_all(clicks).await;
    assert!(opened.iter().all(|reference| *reference == opened[0]), "{opened:?}");
    let sessions = desk.side().all("checkout.session");
    assert_eq!(sessions.iter().filter(|session| session["status"] == "open").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_pays_in_time() {
    let desk = Desk::open().await;
    let request = desk.request(500);
    desk.provider.open(&request).await.unwrap();
    desk.test.clock.advance(TimeDelta::days(2));
    assert_eq!(desk.look(request.key).await.facts, [Fact::Expired]);
    let unknown = Handle { key: Uuid::nil(), reference: None };
    assert!(desk.provider.inquire(&unknown).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_banks_money_comes_later() {
    let desk = Desk::open().await;
    let request = desk.request(500);
    let session = desk.provider.open(&request).await.unwrap().reference;
    desk.side().pay_later(&session);
    let waiting = desk.look(request.key).await;
    assert_eq!((&waiting.facts[..], waiting.pay_until.is_some()), (&[Fact::Pending][..], true));
    desk.side().arrive(&session, true);
    assert_eq!(desk.look(request.key).await.facts, [succeeded(usd(500))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_open_once_whatever_goes_wrong() {
    let desk = Desk::open().await;
    let troubles: [Trouble; 6] = [
        Fault::Timeout.into(),
        Fault::AnswerLost.into(),
        Fault::Limited.into(),
        Fault::Internal.into(),
        Fault::Unavailable.into(),
        Trouble::StillRunning(1),
    ];
    for trouble in troubles {
        let before = desk.side().all("checkout.session").len();
        desk.fake.plan("POST /v1/checkout/sessions", trouble, 1);
        desk.provider.open(&desk.request(500)).await.unwrap();
        assert_eq!(desk.side().all("checkout.session").len(), before + 1, "{trouble:?}");
    }
    desk.fake.plan("POST /v1/checkout/sessions", Fault::Internal, 9);
    let code = desk.provider.open(&desk.request(500)).await.unwrap_err().code();
    assert_eq!(code, ErrorCode::ProviderUnavailable);
}
