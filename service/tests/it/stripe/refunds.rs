//! Refunds and disputes.

use domain::{
    Money,
    billing::{
        ledger::Action,
        payment::{State as PaymentState, Status as PaymentStatus},
    },
    page::PageRequest,
};
use service::{audit::AuditFilter, billing::alerts::AlertKind};

use super::{Desk, POSTS, Post};
use crate::shop::operator;

#[tokio::test(flavor = "multi_thread")]
async fn refunds_of_both_sides_are_known() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let (payments, application) = (desk.services.payments(), desk.shop.application);
        let id = payments.of_member(&operator(), application, member).await.unwrap()[0].payment.id;
        let part = Money::new(300, "usd".parse().unwrap()).unwrap();
        payments.refund(&operator(), application, id, Some(part), None).await.unwrap();
        desk.settle().await;
        let found = payments.of_member(&operator(), application, member).await.unwrap();
        let state = found[0].payment.state();
        assert!(matches!(state, PaymentState::PartiallyRefunded { refunded, .. } if refunded == part), "{post:?}");
        assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "{post:?}");
        // The rest goes back in Stripe's own dashboard.
        let intent = desk.side().all("payment_intent")[0]["id"].as_str().unwrap().to_owned();
        desk.side().call(http::Method::POST, "/v1/refunds", &format!("payment_intent={intent}"));
        desk.settle().await;
        assert_eq!(desk.payments(member).await, [PaymentStatus::Refunded], "{post:?}");
        assert_ne!(desk.plan(member).await.as_deref(), Some("pro"), "{post:?}");
        assert_eq!(desk.subscription()["status"], "canceled", "nothing is billed any more: {post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_fails_later_is_for_a_person_to_look_at() {
    for post in [Post::InOrder, Post::Backwards, Post::Twice] {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let (payments, application) = (desk.services.payments(), desk.shop.application);
        let id = payments.of_member(&operator(), application, member).await.unwrap()[0].payment.id;
        payments.refund(&operator(), application, id, None, None).await.unwrap();
        desk.settle().await;
        let failed = async || {
            let open = desk.services.alerts().page(&operator(), application, false, &PageRequest::default()).await;
            let failed = open.unwrap().items.into_iter().filter(|alert| alert.kind == AlertKind::RefundFailed);
            failed.map(|alert| (alert.subject, alert.detail)).collect::<Vec<_>>()
        };
        assert!(failed().await.is_empty(), "it may still arrive: {post:?}");

        let refund = desk.side().all("refund")[0]["id"].as_str().unwrap().to_owned();
        desk.shop.test.clock.advance(chrono::TimeDelta::days(9));
        desk.side().fail_refund(&refund);
        desk.settle().await;
        assert_eq!(failed().await, [(id.to_string(), refund)], "{post:?}");
        assert_eq!(desk.payments(member).await, [PaymentStatus::Refunded], "here it counts as given back: {post:?}");
        assert_ne!(desk.plan(member).await.as_deref(), Some("pro"), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_that_is_lost_ends_it() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let intent = desk.side().all("payment_intent")[0]["id"].as_str().unwrap().to_owned();
        let dispute = desk.side().dispute(&intent);
        desk.settle().await;
        assert_eq!(desk.payments(member).await, [PaymentStatus::Disputed], "{post:?}");
        assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "{post:?}");
        desk.side().decide(&dispute, false);
        desk.settle().await;
        assert_eq!(desk.payments(member).await, [PaymentStatus::ChargedBack], "{post:?}");
        assert_ne!(desk.plan(member).await.as_deref(), Some("pro"), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_that_is_won_is_no_second_payment() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let intent = desk.side().all("payment_intent")[0]["id"].as_str().unwrap().to_owned();
        let dispute = desk.side().dispute(&intent);
        desk.settle().await;
        assert_eq!(desk.payments(member).await, [PaymentStatus::Disputed], "{post:?}");
        desk.side().decide(&dispute, true);
        desk.settle().await;
        assert_eq!(desk.payments(member).await, [PaymentStatus::Succeeded], "{post:?}");
        assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "{post:?}");
        for action in [Action::PaymentSettled, Action::PaymentDisputed, Action::PaymentDisputeWon] {
            let filter = AuditFilter { user: Some(member), action: Some(action), application: None };
            let told = desk.services.audit().list(&operator(), filter, &PageRequest::default()).await.unwrap();
            assert_eq!(told.items.len(), 1, "{action:?}, {post:?}");
        }
    }
}
