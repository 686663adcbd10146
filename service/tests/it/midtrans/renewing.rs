//! Periods that follow: charged by themselves, or asked for by a link.

use chrono::TimeDelta;
use domain::billing::{invoice::State as InvoiceState, payment::Status as PaymentStatus, subscription::State};
use service::testing::{
    fault::Fault,
    midtrans::{BAD_CARD, Means},
};

use super::{bazaar, destination, good_card, idr};
use crate::shop::operator;

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_card_and_a_linked_wallet_renew_by_themselves() {
    for means in [good_card(), Means::GoPay] {
        let bazaar = bazaar().await;
        let member = bazaar.shop.member().await;
        let placed = bazaar.opened(member).await;
        bazaar.pay(&placed, means.clone());
        bazaar.deliver().await;
        let first = bazaar.held(member).await.period.unwrap();
        for month in 1..=3 {
            bazaar.pass(bazaar.held(member).await.period.unwrap().end - bazaar.services().now()).await;
            bazaar.deliver().await;
            let held = bazaar.held(member).await;
            assert_eq!(held.state, State::Active, "{means:?} {month}");
            assert!(held.period.unwrap().start > first.start);
        }
        assert_eq!(bazaar.held(member).await.period.unwrap().start, bazaar.services().now());
        assert_eq!(bazaar.payments(member).await, [(PaymentStatus::Succeeded, idr(99_000)); 4]);
        assert_eq!(bazaar.fake.transactions().len(), 4, "one charge for each period");
        assert_eq!(bazaar.plan(member).await, "pro");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_survives_every_fault_and_is_charged_once() {
    for fault in Fault::ALL {
        let bazaar = bazaar().await;
        let member = bazaar.shop.member().await;
        bazaar.pay(&bazaar.opened(member).await, good_card());
        bazaar.deliver().await;
        let end = bazaar.held(member).await.period.unwrap().end;
        // Both the call and its repetition go wrong.
        bazaar.fake.fail_next("/v2/charge", fault);
        bazaar.fake.fail_next("/v2/charge", fault);
        bazaar.pass(end - bazaar.services().now()).await;
        for _ in 0..2 {
            bazaar.pass(TimeDelta::minutes(2)).await;
        }
        let held = bazaar.held(member).await;
        assert_eq!((held.state, held.period.unwrap().start), (State::Active, end), "{fault:?}");
        assert_eq!(bazaar.fake.transactions().len(), 2, "{fault:?}");
        assert_eq!(bazaar.payments(member).await.len(), 2, "{fault:?}");
        let invoices = bazaar.services().invoices();
        let renewal = invoices.of_member(&operator(), bazaar.shop.application, member).await.unwrap().remove(0);
        assert_eq!(renewal.state, InvoiceState::Paid { at: end }, "dated when it was due: {fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_charged_renews_by_a_link() {
    for means in [Means::Va("bni"), Means::Qris, Means::ShopeePay, Means::Echannel] {
        let bazaar = bazaar().await;
        let member = bazaar.shop.member().await;
        bazaar.pay(&bazaar.opened(member).await, means.clone());
        bazaar.deliver().await;
        let end = bazaar.held(member).await.period.unwrap().end;
        bazaar.pass(end - bazaar.services().now() + TimeDelta::hours(1)).await;
        assert!(matches!(bazaar.held(member).await.state, State::PastDue { .. }), "{means:?}");
        let invoices = bazaar.services().invoices();
        let application = bazaar.shop.application;
        let invoice = invoices.of_member(&operator(), application, member).await.unwrap().remove(0);
        let link = invoices.pay(&operator(), application, member, invoice.id, destination()).await.unwrap();
        bazaar.press(&link).await;
        // A bank refuses, and days later the customer comes back to the same link.
        bazaar.pay(&link, Means::Card(BAD_CARD.into()));
        bazaar.deliver().await;
        bazaar.pass(TimeDelta::days(2)).await;
        let link = invoices.pay(&operator(), application, member, invoice.id, destination()).await.unwrap();
        bazaar.press(&link).await;
        let order_id =
            bazaar.fake.calls("/snap/v1/transactions").last().unwrap().body["transaction_details"]["order_id"]
                .as_str()
                .unwrap()
                .to_owned();
        bazaar.fake.pay(&order_id, means.clone());
        bazaar.deliver().await;
        let held = bazaar.held(member).await;
        assert_eq!((held.state, held.period.unwrap().start), (State::Active, end), "{means:?}");
    }
}
