//! Transfers for a period that is due: beside another attempt, and instead of a charge.

use chrono::TimeDelta;
use domain::{
    ErrorCode,
    billing::{
        payment::Status as PaymentStatus,
        subscription::{State, Status},
    },
};
use service::testing::{
    books,
    fault::Fault,
    midtrans::{Means, Step},
};

use super::{bazaar, destination, good_card, idr};
use crate::shop::operator;

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
