//! Subscriptions at Stripe: told, steered, and what they are made of.

use chrono::TimeDelta;
use domain::billing::payment::Fact;
use http::Method as Verb;

use super::{Desk, succeeded, usd};
use crate::payment::{AgreementState, Ending, PaymentProvider, PaymentRequest, Wanted};

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_told_whole() {
    let desk = Desk::open().await;
    let request = desk.subscribing();
    let report = desk.paid(&request).await;
    assert_eq!(report.facts, [succeeded(usd(2000))]);
    let agreement = report.agreement.unwrap();
    assert_eq!((agreement.state, &agreement.prices), (AgreementState::Active, &vec![desk.monthly().id]));
    assert_eq!(agreement.order, Some(request.key.into()));
    assert_eq!((agreement.billed.len(), agreement.billed[0].payment.key), (1, request.key));
    assert_eq!(agreement.period, Some(agreement.billed[0].period));
    desk.test.clock.advance(TimeDelta::days(32));
    let renewed = desk.provider.agreement(&agreement.reference).await.unwrap().unwrap();
    assert_eq!(renewed.billed.len(), 2);
    assert_eq!(renewed.billed[0].period.start, agreement.period.unwrap().end);
    assert_eq!(renewed.billed[0].payment.facts, [succeeded(usd(2000))]);
    assert_ne!(renewed.billed[0].payment.key, request.key);
    assert!(desk.provider.agreement("sub_none").await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_keeps_a_card_and_charges_nothing() {
    let desk = Desk::open().await;
    let ends = desk.services.now() + TimeDelta::days(14);
    let mut request = PaymentRequest { money: usd(0), ..desk.subscribing() };
    request.renewal.as_mut().unwrap().trial_ends = Some(ends);
    let report = desk.paid(&request).await;
    assert_eq!(report.facts, [succeeded(usd(0))]);
    assert!(report.method.is_some());
    let agreement = report.agreement.unwrap();
    assert_eq!((agreement.state, agreement.billed.len()), (AgreementState::Trialing { ends_at: ends }, 0));
    desk.test.clock.advance(TimeDelta::days(15));
    let paid = desk.provider.agreement(&agreement.reference).await.unwrap().unwrap();
    assert_eq!((paid.state, paid.billed[0].period.start), (AgreementState::Active, ends));
    assert_eq!(desk.charged(), [2000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_fails_is_told_and_recovers() {
    let desk = Desk::open().await;
    let reference = desk.subscribed().await;
    let customer = desk.side().get(&reference)["customer"].as_str().unwrap().to_owned();
    desk.side().cards_become(&customer, "4000000000000341");
    desk.test.clock.advance(TimeDelta::days(32));
    let failed = desk.provider.agreement(&reference).await.unwrap().unwrap();
    assert_eq!((failed.state, &failed.billed[0].payment.facts[..]), (AgreementState::PastDue, &[Fact::Failed][..]));
    assert!(failed.billed[0].failed_at.is_some());
    // A new card, kept by a page that charges nothing, is the one that is retried.
    let card = PaymentRequest { money: usd(0), ..desk.request(0) };
    desk.paid(&card).await;
    desk.test.clock.advance(TimeDelta::days(4));
    let recovered = desk.provider.agreement(&reference).await.unwrap().unwrap();
    assert_eq!((recovered.state, recovered.billed[0].failed_at), (AgreementState::Active, None));
    assert_eq!(desk.charged(), [2000, 2000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn steering_charges_nothing_before_the_paid_period_ends() {
    let desk = Desk::open().await;
    let reference = desk.subscribed().await;
    let before = desk.provider.agreement(&reference).await.unwrap().unwrap();
    let yearly = &desk.plan.prices[1];
    desk.test.clock.advance(TimeDelta::days(10));
    let wanted = Wanted { price: Some(yearly.id), ..desk.as_it_is(&reference).await };
    desk.provider.steer(&reference, &wanted, Some((&desk.plan, yearly))).await.unwrap();
    let after = desk.provider.agreement(&reference).await.unwrap().unwrap();
    assert_eq!((after.state, &after.prices), (AgreementState::Active, &vec![yearly.id]));
    assert_eq!((after.period, after.billed.len()), (before.period, 1));
    let requests = desk.fake.requests();
    desk.provider.steer(&reference, &wanted, Some((&desk.plan, yearly))).await.unwrap();
    assert_eq!(desk.fake.requests(), requests + 1, "the same again only looks");
    assert_eq!(desk.charged(), [2000]);
    desk.test.clock.advance(TimeDelta::days(22));
    let renewed = desk.provider.agreement(&reference).await.unwrap().unwrap();
    assert_eq!((renewed.state, renewed.billed[0].period.start), (AgreementState::Active, before.period.unwrap().end));
    assert_eq!(desk.charged(), [2000, 20_000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn cancellations_and_pauses_can_be_taken_back() {
    let desk = Desk::open().await;
    let reference = desk.subscribed().await;
    let goes_on = desk.as_it_is(&reference).await;
    let steer = async |wanted: Wanted| desk.provider.steer(&reference, &wanted, None).await.unwrap();
    let state = async || desk.provider.agreement(&reference).await.unwrap().unwrap();
    for _ in 0..2 {
        steer(Wanted { ending: Ending::AtPeriodEnd, ..goes_on.clone() }).await;
        assert_eq!(state().await.cancel_at, goes_on.bills_at);
        steer(goes_on.clone()).await;
        assert_eq!(state().await.cancel_at, None);
        steer(Wanted { paused: true, ..goes_on.clone() }).await;
        assert_eq!(state().await.state, AgreementState::Paused);
        steer(goes_on.clone()).await;
        assert_eq!(state().await.state, AgreementState::Active);
    }
    for _ in 0..2 {
        steer(Wanted { ending: Ending::Now, ..goes_on.clone() }).await;
        assert!(matches!(state().await.state, AgreementState::Ended { .. }));
    }
    steer(goes_on.clone()).await;
    assert_eq!(desk.charged(), [2000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn linked_products_and_prices_are_taken_as_they_are() {
    let desk = Desk::open().await;
    let (_, product) = desk.side().call(Verb::POST, "/v1/products", "name=Old");
    let product = product["id"].as_str().unwrap();
    let form = format!("product={product}&currency=usd&unit_amount=2000&recurring[interval]=month");
    let (_, linked) = desk.side().call(Verb::POST, "/v1/prices", &form);
    let linked = linked["id"].as_str().unwrap().to_owned();
    let mut request = desk.subscribing();
    request.renewal.as_mut().unwrap().price.stripe_price_id = Some(linked.clone());
    let reference = desk.paid(&request).await.agreement.unwrap().reference;
    assert_eq!(desk.side().get(&reference)["items"]["data"][0]["price"]["id"], linked.as_str());
    assert_eq!(desk.side().all("price").len(), 1);
    desk.subscribed().await;
    desk.subscribed().await;
    let (products, prices) = (desk.side().all("product"), desk.side().all("price"));
    assert_eq!((products.len(), prices.len()), (2, 2), "made once, when first needed");
    assert_eq!(prices[1]["unit_amount"], 2000);
}
