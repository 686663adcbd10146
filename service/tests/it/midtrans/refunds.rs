//! Refunds, from here and from Midtrans's dashboard, and disputes.

use domain::{ErrorCode, billing::payment::Status as PaymentStatus};
use service::testing::midtrans::{Means, Step};

use super::{bazaar, good_card, idr};

#[tokio::test(flavor = "multi_thread")]
async fn refunds_in_part_keep_the_plan_and_whole_ones_end_it() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    bazaar.pay(&bazaar.opened(member).await, Means::GoPay);
    bazaar.deliver().await;
    assert_eq!(bazaar.refund(member, Some(idr(9_000))).await.unwrap(), PaymentStatus::PartiallyRefunded);
    assert_eq!(bazaar.plan(member).await, "pro");
    let more = bazaar.refund(member, Some(idr(90_001))).await.unwrap_err();
    assert_eq!(more.code(), ErrorCode::InvalidInput);
    assert_eq!(bazaar.refund(member, None).await.unwrap(), PaymentStatus::Refunded);
    bazaar.deliver().await;
    assert_ne!(bazaar.plan(member).await, "pro");
    assert_eq!(bazaar.payments(member).await, [(PaymentStatus::Refunded, idr(99_000))]);
    let amounts: Vec<i64> = bazaar.fake.transactions()[0].refunds.iter().map(|refund| refund.amount).collect();
    assert_eq!(amounts, [9_000, 90_000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_in_midtrans_s_dashboard_is_learned() {
    let bazaar = bazaar().await;
    let (refunded, disputed) = (bazaar.shop.member().await, bazaar.shop.member().await);
    let first = bazaar.opened(refunded).await;
    bazaar.pay(&first, Means::Qris);
    let second = bazaar.opened(disputed).await;
    bazaar.pay(&second, good_card());
    bazaar.deliver().await;
    bazaar.act(&first, Step::Refund(None));
    bazaar.act(&second, Step::ChargeBack(None));
    bazaar.deliver().await;
    assert_eq!(bazaar.payments(refunded).await[0].0, PaymentStatus::Refunded);
    assert_eq!(bazaar.payments(disputed).await[0].0, PaymentStatus::ChargedBack);
    for member in [refunded, disputed] {
        assert_ne!(bazaar.plan(member).await, "pro");
    }
    assert_eq!(bazaar.count("SELECT count(*) FROM alerts WHERE resolved_at IS NULL").await, 1, "the dispute");
}
