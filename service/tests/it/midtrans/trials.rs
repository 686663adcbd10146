//! Trials, which keep no payment method.

use chrono::TimeDelta;
use domain::billing::{
    price::{Interval, NewPrice, PriceName},
    subscription::State,
};
use serde_json::json;
use service::{
    billing::orders::{NewOrder, Started},
    testing::{books, midtrans::Means},
};

use super::{destination, idr, with_trial};
use crate::shop::{key, operator};

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_begins_without_a_method_and_is_paid_by_a_link() {
    let bazaar = with_trial(Some(14)).await;
    let (pays, leaves, cancels) = (bazaar.shop.member().await, bazaar.shop.member().await, bazaar.shop.member().await);
    for member in [pays, leaves, cancels] {
        let Started::Granted(trial) = bazaar.start(member).await else { panic!("nothing is due or can be kept") };
        assert!(matches!(trial.state, State::Trialing { .. }));
        assert_eq!(bazaar.plan(member).await, "pro");
    }
    assert!(bazaar.fake.calls("").is_empty());
    let (services, application) = (bazaar.services(), bazaar.shop.application);
    services.changes().cancel(&operator(), application, cancels, None).await.unwrap();
    let end = bazaar.held(pays).await.period.unwrap().end;
    bazaar.pass(end - TimeDelta::days(3) - services.now()).await;
    let mails = async || {
        let all = services.mails().latest(&operator()).await.unwrap();
        all.into_iter().rev().map(|queued| (queued.kind, queued.mail.plain)).collect::<Vec<_>>()
    };
    let kinds = async || mails().await.into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
    assert_eq!(kinds().await, ["subscription_canceled", "renewal_invoice", "renewal_invoice"]);
    assert!(mails().await[1].1.contains("/pay/") && mails().await[1].1.contains("99.000"));
    assert!(matches!(bazaar.held(pays).await.state, State::Trialing { .. }), "it goes on to its end");

    // One pays after the end, within the grace; two never do.
    bazaar.pass(TimeDelta::days(4)).await;
    assert!(matches!(bazaar.held(pays).await.state, State::PastDue { .. }));
    assert_eq!((bazaar.plan(pays).await, bazaar.plan(cancels).await), ("pro".into(), String::new()));
    let owed = services.invoices().of_member(&operator(), application, pays).await.unwrap().remove(0);
    let placed = services.invoices().pay(&operator(), application, pays, owed.id, destination()).await.unwrap();
    bazaar.press(&placed).await;
    bazaar.pay(&placed, Means::Qris);
    bazaar.deliver().await;
    let held = bazaar.held(pays).await;
    assert_eq!((held.state, held.period.unwrap().start), (State::Active, end), "paid from the end of the trial on");
    bazaar.pass(TimeDelta::days(7)).await;
    assert_eq!((bazaar.plan(pays).await, bazaar.plan(leaves).await), ("pro".into(), String::new()));
    assert_eq!(kinds().await.iter().filter(|kind| *kind == "subscription_ended").count(), 2);
    assert!(services.invoices().of_member(&operator(), application, cancels).await.unwrap().is_empty());
    // There is no second trial.
    assert_eq!(bazaar.opened(leaves).await.order.quote.due, idr(99_000));
    assert_eq!(books::audit(services).await.unwrap(), Vec::<String>::new());
}

/// Pro and Team both have a trial: another plan within it needs no page either.
#[tokio::test(flavor = "multi_thread")]
async fn another_plan_within_a_trial_is_there_at_once() {
    let bazaar = with_trial(Some(14)).await;
    let services = bazaar.services();
    let team =
        services.plans().create(&operator(), bazaar.shop.application, crate::shop::plan("Team", json!({}))).await;
    let price = NewPrice {
        name: PriceName::parse("Monthly").unwrap(),
        money: idr(299_000),
        interval: Interval::Month,
        trial_days: Some(14),
        stripe_price_id: None,
    };
    services.plans().add_price(&operator(), bazaar.shop.application, team.unwrap().id, price).await.unwrap();
    let member = bazaar.shop.member().await;
    bazaar.start(member).await;
    let ends = bazaar.held(member).await.state;
    bazaar.pass(TimeDelta::days(5)).await;
    let new = NewOrder {
        plan: key("team"),
        price: None,
        coupon: None,
        destination: destination(),
        metadata: None,
        payer: None,
    };
    let started = services.orders().start(&operator(), bazaar.shop.application, member, new).await.unwrap();
    assert!(matches!(started, Started::Granted(_)));
    assert_eq!((bazaar.plan(member).await, bazaar.held(member).await.state), ("team".into(), ends));
    bazaar.pass(TimeDelta::days(6)).await;
    let owed = services.invoices().of_member(&operator(), bazaar.shop.application, member).await.unwrap().remove(0);
    assert_eq!(owed.quote.due, idr(299_000));
}
