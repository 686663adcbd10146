//! Periods that follow: charged by themselves, or asked for by a link.

use chrono::TimeDelta;
use domain::{
    ErrorCode, Secret,
    application::Provider,
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
    payment::keys::NewKeys,
    testing::{
        books,
        fault::Fault,
        midtrans::{BAD_CARD, Means, QUESTIONED_CARD, Step},
    },
};

use super::{Bazaar, KEY, bazaar, destination, good_card, idr};
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
async fn an_empty_wallet_is_tried_again() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    bazaar.pay(&bazaar.opened(member).await, Means::GoPay);
    bazaar.deliver().await;
    let (_, account) = bazaar.fake.transactions()[0].account.clone().unwrap();
    bazaar.fake.set_balance(&account, 0);
    let end = bazaar.held(member).await.period.unwrap().end;
    bazaar.pass(end - bazaar.services().now()).await;
    assert!(matches!(bazaar.held(member).await.state, State::PastDue { .. }));
    assert_eq!(bazaar.plan(member).await, "pro", "grace");
    bazaar.fake.set_balance(&account, 99_000);
    bazaar.pass(TimeDelta::days(1)).await;
    let held = bazaar.held(member).await;
    assert_eq!((held.state, held.period.unwrap().start), (State::Active, end));
    let seen = bazaar.payments(member).await;
    let statuses: Vec<_> = seen.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [PaymentStatus::Succeeded, PaymentStatus::Failed, PaymentStatus::Succeeded]);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_news_of_a_failed_charge_leaves_the_next_one_alone() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    bazaar.pay(&bazaar.opened(member).await, Means::GoPay);
    bazaar.deliver().await;
    let (_, account) = bazaar.fake.transactions()[0].account.clone().unwrap();
    bazaar.fake.set_balance(&account, 0);
    let end = bazaar.held(member).await.period.unwrap().end;
    bazaar.pass(end - bazaar.services().now()).await;
    let told = bazaar.fake.notifications();
    bazaar.fake.set_balance(&account, 99_000);
    // The next attempt is under way, and nobody knows what became of it.
    bazaar.fake.fail_next("/v2/charge", Fault::Unavailable);
    bazaar.fake.fail_next("/v2/charge", Fault::Unavailable);
    bazaar.pass(TimeDelta::days(1)).await;
    bazaar.post(&told).await;
    bazaar.pass(TimeDelta::minutes(2)).await;
    let held = bazaar.held(member).await;
    assert_eq!((held.state, held.period.unwrap().start), (State::Active, end));
    let seen = bazaar.payments(member).await;
    let statuses: Vec<_> = seen.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [PaymentStatus::Succeeded, PaymentStatus::Failed, PaymentStatus::Succeeded]);
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

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_that_nobody_can_ask_about_falls_behind() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    bazaar.pay(&bazaar.opened(member).await, good_card());
    bazaar.deliver().await;
    let end = bazaar.held(member).await.period.unwrap().end;
    // A charge is under way, and the keys are gone.
    bazaar.fake.fail_next("/v2/charge", Fault::Unavailable);
    bazaar.fake.fail_next("/v2/charge", Fault::Unavailable);
    bazaar.pass(end - bazaar.services().now()).await;
    let (services, application) = (bazaar.services(), bazaar.shop.application);
    services.payment_keys().remove(&operator(), application, Provider::Midtrans).await.unwrap();
    bazaar.pass(TimeDelta::days(6)).await;
    assert_eq!(bazaar.held(member).await.state, State::Active, "they may come back");
    bazaar.pass(TimeDelta::days(2)).await;
    assert_eq!(bazaar.held(member).await.state.status(), Status::PastDue);
    assert_eq!(bazaar.plan(member).await, "pro", "grace");
    let drift = "SELECT count(*) FROM alerts WHERE kind = 'drift' AND resolved_at IS NULL";
    assert_eq!(bazaar.count(drift).await, 1);

    // The keys are back: the same charge is asked for again before the grace is over.
    let keys = NewKeys { secret: Some(Secret::new(KEY)), webhook: None };
    services.payment_keys().set(&operator(), application, Provider::Midtrans, keys).await.unwrap();
    bazaar.pass(TimeDelta::days(7)).await;
    let held = bazaar.held(member).await;
    assert_eq!((held.state, held.period.unwrap().start), (State::Active, end));
    assert_eq!(bazaar.payments(member).await, [(PaymentStatus::Succeeded, idr(99_000)); 2]);
    assert_eq!(bazaar.fake.transactions().len(), 2);
    assert_eq!(books::audit(services).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_comes_by_two_attempts_is_known_twice_and_buys_once() {
    // Where we hear that the transfer has expired, its order has ended and another one is paid; where we do not, it is
    // another attempt of the same order. Which of the two monies comes first does not matter.
    for (heard, late_first) in [(false, false), (false, true), (true, false), (true, true)] {
        let what = format!("heard: {heard}, the late one first: {late_first}");
        let bazaar = bazaar().await;
        let member = bazaar.shop.member().await;
        bazaar.pay(&bazaar.opened(member).await, Means::Qris);
        bazaar.deliver().await;
        let end = bazaar.held(member).await.period.unwrap().end;
        bazaar.pass(end - bazaar.services().now()).await;
        let (services, application) = (bazaar.services(), bazaar.shop.application);
        let owed = services.invoices().of_member(&operator(), application, member).await.unwrap().remove(0);
        let first = services.invoices().pay(&operator(), application, member, owed.id, destination()).await.unwrap();
        // A transfer is begun and expires; the same link opens another page.
        bazaar.press(&first).await;
        bazaar.act(&first, Step::Begin(Means::Va("bca")));
        bazaar.pass(TimeDelta::hours(25)).await;
        let told = bazaar.fake.notifications();
        if heard {
            bazaar.post(&told).await;
        }
        let link = services.invoices().pay(&operator(), application, member, owed.id, destination()).await.unwrap();
        bazaar.press(&link).await;
        let attempts = bazaar.fake.calls("/snap/v1/transactions");
        let second = attempts.last().unwrap().body["transaction_details"]["order_id"].as_str().unwrap().to_owned();
        assert_ne!(second, first.order.id.to_string());
        assert_eq!(link.order.id != first.order.id, heard);
        bazaar.fake.act(&second, Step::Begin(Means::Qris)).unwrap();
        for late in [late_first, !late_first] {
            if late {
                bazaar.act(&first, Step::PayLate);
            } else {
                bazaar.fake.act(&second, Step::Complete).unwrap();
            }
            bazaar.deliver().await;
            let held = bazaar.held(member).await;
            assert_eq!((held.state, held.period.unwrap().start), (State::Active, end), "{what}");
        }
        let credit = async || {
            let balance = services.credits().balance(&operator(), application, member).await.unwrap();
            balance.all().map(|money| money.amount()).sum::<i64>()
        };
        let paid = (PaymentStatus::Succeeded, idr(99_000));
        for _ in 0..2 {
            assert_eq!((bazaar.payments(member).await, credit().await), (vec![paid; 3], 9_900_000), "{what}");
            assert_eq!(bazaar.count("SELECT count(*) FROM alerts WHERE resolved_at IS NULL").await, 1, "{what}");
            // Asked again, nothing is new.
            services.reconcile(&operator(), application).await.unwrap();
            services.orders().look(link.clone()).await.unwrap();
        }
        assert_eq!(books::audit(services).await.unwrap(), Vec::<String>::new());
        if heard {
            continue;
        }
        // The surplus goes back by its own transaction, where Midtrans can give it back, and its credit with it.
        let back = bazaar.refund(member, None).await;
        bazaar.deliver().await;
        let refunded = bazaar.fake.transactions().into_iter().filter(|own| own.refunded() > 0);
        let refunded: Vec<_> = refunded.map(|own| own.order_id).collect();
        if late_first {
            assert_eq!((back.unwrap(), credit().await, refunded), (PaymentStatus::Refunded, 0, vec![second]));
        } else {
            assert_eq!(back.unwrap_err().code(), ErrorCode::InvalidInput, "a transfer");
            assert_eq!((credit().await, refunded), (9_900_000, vec![]));
        }
        assert_eq!(bazaar.plan(member).await, "pro");
        assert_eq!(books::audit(services).await.unwrap(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_is_not_tried_again_while_a_transfer_is_awaited() {
    for arrives in [true, false] {
        let bazaar = bazaar().await;
        let (services, application) = (bazaar.services(), bazaar.shop.application);
        let member = bazaar.shop.member().await;
        bazaar.pay(&bazaar.opened(member).await, good_card());
        bazaar.deliver().await;
        let end = bazaar.held(member).await.period.unwrap().end;
        bazaar.fake.fail_next("/v2/charge", Fault::Refused);
        bazaar.pass(end - services.now()).await;
        assert_eq!(bazaar.held(member).await.state.status(), Status::PastDue, "arrives: {arrives}");
        let charges = bazaar.fake.calls("/v2/charge").len();

        bazaar.pass(TimeDelta::hours(2)).await;
        let owed = services.invoices().of_member(&operator(), application, member).await.unwrap().remove(0);
        let link = services.invoices().pay(&operator(), application, member, owed.id, destination()).await.unwrap();
        bazaar.press(&link).await;
        bazaar.act(&link, Step::Begin(Means::Va("bca")));
        bazaar.deliver().await;
        // The card would be charged again after a day, the transfer may arrive for two hours more.
        bazaar.pass(TimeDelta::hours(23)).await;
        assert_eq!(bazaar.fake.calls("/v2/charge").len(), charges, "arrives: {arrives}");
        assert_eq!(bazaar.held(member).await.state.status(), Status::PastDue, "arrives: {arrives}");
        if arrives {
            bazaar.act(&link, Step::Complete);
            bazaar.deliver().await;
        } else {
            bazaar.pass(TimeDelta::hours(2)).await;
        }
        let held = bazaar.held(member).await;
        assert_eq!((held.state, held.period.unwrap().start), (State::Active, end), "arrives: {arrives}");
        bazaar.pass(TimeDelta::days(6)).await;
        let charged = bazaar.fake.calls("/v2/charge").len() - charges;
        assert_eq!(charged, usize::from(!arrives), "once, by one of the two: {arrives}");
        let came = bazaar.payments(member).await.into_iter().filter(|(status, _)| *status == PaymentStatus::Succeeded);
        assert_eq!(came.count(), 2, "arrives: {arrives}");
        let balance = services.credits().balance(&operator(), application, member).await.unwrap();
        assert_eq!(balance.all().map(|money| money.amount()).sum::<i64>(), 0, "arrives: {arrives}");
        assert_eq!(bazaar.count("SELECT count(*) FROM alerts WHERE resolved_at IS NULL").await, 0);
        assert_eq!(books::audit(services).await.unwrap(), Vec::<String>::new(), "arrives: {arrives}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_that_is_refused_for_ever_has_failed() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    bazaar.pay(&bazaar.opened(member).await, good_card());
    bazaar.deliver().await;
    let end = bazaar.held(member).await.period.unwrap().end;
    bazaar.fake.fail_next("/v2/charge", Fault::Refused);
    bazaar.pass(end - bazaar.services().now()).await;
    for _ in 0..2 {
        assert_eq!(bazaar.held(member).await.state.status(), Status::PastDue, "until it is tried again");
        assert_eq!(bazaar.plan(member).await, "pro", "grace");
        bazaar.pass(TimeDelta::hours(11)).await;
    }
    bazaar.pass(TimeDelta::hours(2)).await;
    let held = bazaar.held(member).await;
    assert_eq!((held.state, held.period.unwrap().start), (State::Active, end));
    let statuses: Vec<_> = bazaar.payments(member).await.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [PaymentStatus::Succeeded, PaymentStatus::Failed, PaymentStatus::Succeeded]);
    assert_eq!(books::audit(bazaar.services()).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_nothing_of_what_was_asked_for_unheard() {
    let (down, refused) = (Fault::Unavailable, Fault::Refused);
    // The call or its repetition goes unheard, and is refused afterwards.
    for faults in [vec![down, refused], vec![down, down, refused], vec![down, down, refused, refused]] {
        let bazaar = bazaar().await;
        let member = bazaar.shop.member().await;
        bazaar.pay(&bazaar.opened(member).await, good_card());
        bazaar.deliver().await;
        let end = bazaar.held(member).await.period.unwrap().end;
        for fault in &faults {
            bazaar.fake.fail_next("/v2/charge", *fault);
        }
        bazaar.pass(end - bazaar.services().now()).await;
        if faults.len() > 2 {
            bazaar.pass(TimeDelta::minutes(2)).await;
        }
        assert_eq!(bazaar.held(member).await.state, State::Active, "it may have been charged: {faults:?}");
        if faults.len() > 3 {
            bazaar.pass(TimeDelta::days(8)).await;
            assert_eq!(bazaar.held(member).await.state.status(), Status::PastDue, "not for ever");
            assert_eq!(bazaar.plan(member).await, "pro", "grace");
            bazaar.pass(TimeDelta::days(1)).await;
        }
        bazaar.pass(TimeDelta::minutes(2)).await;
        let held = bazaar.held(member).await;
        assert_eq!((held.state, held.period.unwrap().start), (State::Active, end), "{faults:?}");
        assert_eq!(bazaar.payments(member).await, [(PaymentStatus::Succeeded, idr(99_000)); 2], "{faults:?}");
        assert_eq!(books::audit(bazaar.services()).await.unwrap(), Vec::<String>::new(), "{faults:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_wallet_is_unlinked_at_midtrans_too() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    bazaar.pay(&bazaar.opened(member).await, Means::GoPay);
    bazaar.deliver().await;
    let (methods, application) = (bazaar.services().methods(), bazaar.shop.application);
    let remove = async || methods.remove(&operator(), application, member).await.map_err(|error| error.code());
    let current = async || methods.current(&operator(), application, member).await.unwrap();
    let wallet = current().await.unwrap().token;
    let unbind = format!("/v2/pay/account/{wallet}/unbind");

    // Both the call and its repetition go wrong.
    for _ in 0..2 {
        bazaar.fake.fail_next(&unbind, Fault::Unavailable);
    }
    assert_eq!(remove().await, Err(ErrorCode::ProviderUnavailable));
    assert!(current().await.is_some() && bazaar.fake.is_linked(&wallet), "it stays here as it does there");
    bazaar.fake.fail_next(&unbind, Fault::AnswerLost);
    for _ in 0..2 {
        assert_eq!(remove().await, Ok(()));
        assert!(current().await.is_none() && !bazaar.fake.is_linked(&wallet));
    }
    let end = bazaar.held(member).await.period.unwrap().end;
    bazaar.pass(end - bazaar.services().now() + TimeDelta::hours(1)).await;
    assert!(bazaar.fake.calls("/v2/charge").is_empty());
    assert_eq!(bazaar.held(member).await.state.status(), Status::PastDue, "paid by link");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_midtrans_keeps_no_longer_is_removed_here() {
    for means in [Means::GoPay, good_card()] {
        let bazaar = bazaar().await;
        let member = bazaar.shop.member().await;
        bazaar.pay(&bazaar.opened(member).await, means.clone());
        bazaar.deliver().await;
        let (methods, application) = (bazaar.services().methods(), bazaar.shop.application);
        let kept = methods.current(&operator(), application, member).await.unwrap().unwrap();
        if means == Means::GoPay {
            // Its owner was faster, in their own app.
            bazaar.fake.link(&kept.token, false);
        } else {
            bazaar.fake.forget_card(&kept.token);
        }
        methods.remove(&operator(), application, member).await.unwrap();
        assert_eq!(methods.current(&operator(), application, member).await.unwrap(), None, "{means:?}");
    }
}
