//! Who is a customer at Stripe, and who pays.

use chrono::TimeDelta;
use domain::{billing::payment::Fact, identity::email::Email, text::Name};
use http::Method as Verb;

use super::{Desk, succeeded, usd};
use crate::payment::{Customer, Payer, PaymentProvider, PaymentRequest};

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_was_deleted_at_stripe_is_made_again() {
    let desk = Desk::open().await;
    desk.paid(&desk.request(500)).await;
    let first = desk.side().all("customer")[0]["id"].as_str().unwrap().to_owned();
    // More than once, within the day in which Stripe remembers our keys, and once more after it.
    let mut gone = first;
    for hours in [1, 1, 30] {
        desk.test.clock.advance(TimeDelta::hours(hours));
        assert_eq!(desk.side().call(Verb::DELETE, &format!("/v1/customers/{gone}"), "").0, 200);
        assert_eq!(desk.side().get(&gone)["deleted"], true);
        let report = desk.paid(&desk.request(700)).await;
        assert_eq!(report.facts, [succeeded(usd(700))]);
        let living = desk.side().all("customer").into_iter().filter(|customer| customer["deleted"] != true);
        let living: Vec<String> = living.map(|customer| customer["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(living.len(), 1, "one customer for one member");
        assert_ne!(living[0], gone);
        desk.paid(&desk.subscribing()).await;
        assert_eq!(desk.side().all("subscription").last().unwrap()["customer"], living[0]);
        gone.clone_from(&living[0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_has_the_member_s_address_and_a_payment_its_payer_s() {
    let desk = Desk::open().await;
    let email = Email::parse("boss@example.com").unwrap();
    let payer = Payer { email, name: Some(Name::parse("Boss").unwrap()) };
    let billed = desk.paid(&PaymentRequest { payer: Some(payer), ..desk.request(500) }).await.reference;
    assert_eq!(desk.side().get(&billed)["receipt_email"], "boss@example.com");
    let customer = || desk.side().all("customer").pop().unwrap();
    assert_eq!((&customer()["email"], &customer()["name"]), (&"budi@example.com".into(), &"Budi".into()));
    // A bill to the member is as any other payment.
    let own = Payer { email: Email::parse("budi@example.com").unwrap(), name: None };
    for payer in [Some(own), None] {
        let paid = desk.paid(&PaymentRequest { payer, ..desk.request(500) }).await.reference;
        assert_eq!(desk.side().get(&paid)["receipt_email"], serde_json::Value::Null);
    }
    let mut moved = desk.subscribing();
    moved.customer = Customer { email: "new@example.com".into(), name: Some("Budi S.".into()), ..moved.customer };
    desk.paid(&moved).await;
    assert_eq!((&customer()["email"], &customer()["name"]), (&"new@example.com".into(), &"Budi S.".into()));
    assert_eq!(desk.side().all("customer").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_card_of_a_customer_who_was_deleted_is_declined() {
    let desk = Desk::open().await;
    let method = desk.paid(&desk.request(500)).await.method.unwrap();
    let customer = desk.side().all("customer")[0]["id"].as_str().unwrap().to_owned();
    desk.side().call(Verb::DELETE, &format!("/v1/customers/{customer}"), "");
    let request = desk.request(700);
    for _ in 0..2 {
        assert_eq!(desk.provider.charge(&request, &method).await.unwrap().facts, [Fact::Failed]);
    }
    assert_eq!(desk.charged(), [500]);
    let better = desk.paid(&desk.request(600)).await.method.unwrap();
    assert_eq!(desk.provider.charge(&desk.request(700), &better).await.unwrap().facts, [succeeded(usd(700))]);
}
