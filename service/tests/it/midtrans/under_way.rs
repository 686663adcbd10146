//! What happens beside a charge that is under way.

use chrono::TimeDelta;
use domain::{
    ErrorCode,
    billing::{
        invoice::State as InvoiceState,
        payment::Status as PaymentStatus,
        subscription::{State, Status},
    },
    id::UserId,
};
use service::{
    Ctx,
    billing::orders::Started,
    testing::{
        books,
        fault::Fault,
        midtrans::{Means, QUESTIONED_CARD, Step},
    },
};

use super::{Bazaar, bazaar, destination, good_card, idr};
use crate::{
    renewals::{monthly, wanted},
    shop::{operator, plan},
};

/// Bought with a card that fraud detection questions every time. The next period is due: its charge is under way until
/// somebody decides.
async fn questioned(bazaar: &Bazaar, member: UserId) {
    let first = bazaar.opened(member).await;
    bazaar.pay(&first, Means::Card(QUESTIONED_CARD.into()));
    bazaar.act(&first, Step::Accept);
    bazaar.deliver().await;
    bazaar.pass(bazaar.held(member).await.period.unwrap().end - bazaar.services().now()).await;
}

/// What the last charge is called at Midtrans.
fn last_charge(bazaar: &Bazaar) -> String {
    let charges = bazaar.fake.calls("/v2/charge");
    charges.last().unwrap().body["transaction_details"]["order_id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_waits_for_a_charge_that_is_under_way() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    bazaar.pay(&bazaar.opened(member).await, good_card());
    bazaar.deliver().await;
    let end = bazaar.held(member).await.period.unwrap().end;
    // Both the call and its repetition: nobody knows whether the card was charged.
    bazaar.fake.fail_next("/v2/charge", Fault::AnswerLost);
    bazaar.fake.fail_next("/v2/charge", Fault::AnswerLost);
    bazaar.pass(end - bazaar.services().now()).await;
    let changes = bazaar.services().changes();
    let last = changes.cancel(&operator(), bazaar.shop.application, member, None).await.unwrap().cancel_at.unwrap();
    assert!(last > end, "the period that is being charged is the last one");
    bazaar.pass(TimeDelta::minutes(2)).await;
    let held = bazaar.held(member).await;
    assert_eq!((held.state, held.period.unwrap().start, held.cancel_at), (State::Active, end, Some(last)));
    assert_eq!(bazaar.payments(member).await, [(PaymentStatus::Succeeded, idr(99_000)); 2]);
    bazaar.pass(last - bazaar.services().now()).await;
    assert_ne!(bazaar.plan(member).await, "pro");
    assert_eq!(bazaar.fake.transactions().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_under_way_leaves_the_plan_alone_that_follows() {
    for (to, is_charged) in [("free", true), ("free", false), ("team", true), ("team", false)] {
        let what = format!("{to}, charged: {is_charged}");
        let bazaar = bazaar().await;
        let (services, application, member) = (bazaar.services(), bazaar.shop.application, bazaar.shop.member().await);
        let team = plan("Team", serde_json::json!({}));
        let team = services.plans().create(&operator(), application, team).await.unwrap();
        let price = monthly(19_900_000, "idr", None);
        services.plans().add_price(&operator(), application, team.id, price).await.unwrap();
        questioned(&bazaar, member).await;
        bazaar.fake.act(&last_charge(&bazaar), Step::Reject).unwrap();
        bazaar.deliver().await;
        assert_eq!(bazaar.held(member).await.state.status(), Status::PastDue, "{what}");
        bazaar.pass(TimeDelta::days(1)).await;
        let charge = last_charge(&bazaar);
        match services.orders().start(&operator(), application, member, wanted(to)).await.unwrap() {
            Started::Granted(_) => {}
            Started::Order(placed) => {
                bazaar.press(&placed).await;
                bazaar.pay(&placed, good_card());
                bazaar.deliver().await;
            }
        }
        assert_eq!(bazaar.plan(member).await, to, "{what}");
        bazaar.fake.act(&charge, if is_charged { Step::Accept } else { Step::Reject }).unwrap();
        bazaar.deliver().await;
        let balance = services.credits().balance(&operator(), application, member).await.unwrap();
        let credit: i64 = balance.all().map(|money| money.amount()).sum();
        let alerts = bazaar.count("SELECT count(*) FROM alerts WHERE resolved_at IS NULL").await;
        assert_eq!((credit, alerts), if is_charged { (9_900_000, 1) } else { (0, 0) }, "{what}");
        bazaar.pass(TimeDelta::days(8)).await;
        assert_eq!(
            (bazaar.plan(member).await.as_str(), bazaar.held(member).await.state),
            (to, State::Active),
            "{what}"
        );
        assert_eq!(books::audit(services).await.unwrap(), Vec::<String>::new(), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_that_is_being_charged_is_paid_in_no_other_way() {
    let bazaar = bazaar().await;
    let (invoices, application) = (bazaar.services().invoices(), bazaar.shop.application);
    let member = bazaar.shop.member().await;
    questioned(&bazaar, member).await;
    let owed = invoices.of_member(&operator(), application, member).await.unwrap().remove(0);
    let link = invoices.pay_path(owed.id).unwrap();
    let token = link.rsplit('/').next().unwrap();
    let paid = invoices.pay(&operator(), application, member, owed.id, destination()).await.unwrap_err();
    let by_link = invoices.pay_by_link(&Ctx::anonymous(), token).await.unwrap_err();
    for refused in [paid, by_link] {
        assert_eq!(refused.code(), ErrorCode::SubscriptionExpired);
    }
    bazaar.fake.act(&last_charge(&bazaar), Step::Reject).unwrap();
    bazaar.deliver().await;
    assert_eq!(bazaar.held(member).await.state.status(), Status::PastDue);
    invoices.pay(&operator(), application, member, owed.id, destination()).await.unwrap();
    let marked = invoices.mark_paid(&operator(), application, owed.id, None).await.unwrap();
    assert!(matches!(marked.state, InvoiceState::Paid { .. }));
    assert_eq!(bazaar.held(member).await.state, State::Active);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_from_before_a_charge_opens_no_page_beside_it() {
    let bazaar = bazaar().await;
    let (services, application) = (bazaar.services(), bazaar.shop.application);
    let member = bazaar.shop.member().await;
    questioned(&bazaar, member).await;
    bazaar.fake.act(&last_charge(&bazaar), Step::Reject).unwrap();
    bazaar.deliver().await;
    let owed = services.invoices().of_member(&operator(), application, member).await.unwrap().remove(0);
    let placed = services.invoices().pay(&operator(), application, member, owed.id, destination()).await.unwrap();
    // It is tried again, and nobody has decided.
    bazaar.pass(TimeDelta::days(1)).await;
    let pages = bazaar.fake.calls("/snap/v1/transactions").len();
    let refused = services.orders().press(placed.clone(), "https://here.example/return".into()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::SubscriptionExpired);
    assert_eq!(bazaar.fake.calls("/snap/v1/transactions").len(), pages);
    bazaar.fake.act(&last_charge(&bazaar), Step::Reject).unwrap();
    bazaar.deliver().await;
    bazaar.press(&placed).await;
    bazaar.pay(&placed, good_card());
    bazaar.deliver().await;
    let held = bazaar.held(member).await;
    assert_eq!((held.state, held.period.unwrap().start), (State::Active, owed.period.start));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_charge_brings_after_its_invoice_was_marked_is_credit() {
    let bazaar = bazaar().await;
    let (services, application) = (bazaar.services(), bazaar.shop.application);
    let member = bazaar.shop.member().await;
    questioned(&bazaar, member).await;
    let owed = services.invoices().of_member(&operator(), application, member).await.unwrap().remove(0);
    let marked = services.invoices().mark_paid(&operator(), application, owed.id, None).await.unwrap();
    assert!(matches!(marked.state, InvoiceState::Paid { .. }));
    bazaar.fake.act(&last_charge(&bazaar), Step::Accept).unwrap();
    bazaar.deliver().await;
    let balance = services.credits().balance(&operator(), application, member).await.unwrap();
    assert_eq!(balance.all().map(|money| money.amount()).sum::<i64>(), 9_900_000);
    assert_eq!(bazaar.held(member).await.state, State::Active);
    assert_eq!(books::audit(services).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_given_back_before_anybody_heard_of_it_has_failed() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    questioned(&bazaar, member).await;
    let charge = last_charge(&bazaar);
    for step in [Step::Accept, Step::Settle, Step::Refund(None)] {
        bazaar.fake.act(&charge, step).unwrap();
    }
    bazaar.deliver().await;
    assert_eq!(bazaar.held(member).await.state.status(), Status::PastDue);
    let (invoices, application) = (bazaar.services().invoices(), bazaar.shop.application);
    let owed = invoices.of_member(&operator(), application, member).await.unwrap().remove(0);
    let link = invoices.pay(&operator(), application, member, owed.id, destination()).await.unwrap();
    bazaar.press(&link).await;
    bazaar.pay(&link, good_card());
    bazaar.deliver().await;
    assert_eq!(bazaar.held(member).await.state, State::Active);
}
