//! Refunds and disputes.

use domain::billing::payment::Fact;

use super::{Desk, succeeded, usd};
use crate::{
    payment::{Handle, PaymentProvider},
    testing::fault::Fault,
};

#[tokio::test(flavor = "multi_thread")]
async fn refunds_give_back_what_is_missing_to_the_total() {
    let desk = Desk::open().await;
    let request = desk.request(2000);
    let report = desk.paid(&request).await;
    let handle = Handle { key: request.key, reference: Some(report.reference.clone()) };
    for fault in [Fault::AnswerLost, Fault::Timeout, Fault::Internal] {
        desk.fake.plan("POST /v1/refunds", fault, 1);
        let part = desk.provider.refund(&handle, usd(500)).await.unwrap();
        assert_eq!(part.facts, [succeeded(usd(2000)), Fact::Refunded { total: usd(500) }]);
    }
    let twice = futures::future::join(desk.provider.refund(&handle, usd(900)), desk.provider.refund(&handle, usd(900)));
    let (a, b) = twice.await;
    assert_eq!((a.is_ok(), b.is_ok()), (true, true));
    let whole = desk.provider.refund(&handle, usd(2000)).await.unwrap();
    assert!(whole.facts.contains(&Fact::Refunded { total: usd(2000) }));
    assert!(desk.provider.refund(&handle, usd(2500)).await.is_err());
    let refunds = desk.side().all("refund");
    assert_eq!(refunds.iter().map(|refund| refund["amount"].as_i64().unwrap()).collect::<Vec<_>>(), [500, 400, 1100]);
}

#[tokio::test(flavor = "multi_thread")]
async fn disputes_are_told_as_they_stand() {
    let desk = Desk::open().await;
    for (won, last) in [(true, Fact::DisputeWon), (false, Fact::DisputeLost)] {
        let request = desk.request(2000);
        let intent = desk.paid(&request).await.reference;
        let dispute = desk.side().dispute(&intent);
        assert_eq!(desk.look(request.key).await.facts, [succeeded(usd(2000)), Fact::Disputed]);
        desk.side().decide(&dispute, won);
        assert_eq!(desk.look(request.key).await.facts, [succeeded(usd(2000)), Fact::Disputed, last]);
    }
}
