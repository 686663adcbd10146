//! Midtrans from the button to the entitlement: the stand-in collects, and tells as a test lets it.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use domain::{
    ErrorCode, Flaw, Money, Secret,
    application::{Provider, SettingsPatch},
    billing::{
        invoice::State as InvoiceState,
        order::{State as OrderState, Status as OrderStatus},
        payment::Status as PaymentStatus,
        price::{Interval, NewPrice, PriceName},
        subscription::{State, Subscription},
    },
    id::UserId,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use service::{
    Error, Services,
    application::applications::ApplicationPatch,
    billing::orders::{Destination, NewOrder, Placed, Pressed, Started},
    payment::keys::NewKeys,
    testing::{
        TestServices, books,
        fault::Fault,
        http::{HttpServer, Request},
        midtrans::{BAD_CARD, FakeMidtrans, GOOD_CARD, Means, Notification, Step, signature},
    },
};

use crate::shop::{Shop, key, operator};

const KEY: &str = "SB-Mid-server-of-the-shop";

/// A shop that Midtrans collects for. Pro costs Rp 99.000 a month.
struct Bazaar {
    shop: Shop,
    fake: FakeMidtrans,
    _server: HttpServer,
}

fn idr(rupiah: i64) -> Money {
    Money::new(rupiah * 100, "idr".parse().unwrap()).unwrap()
}

fn good_card() -> Means {
    Means::Card(GOOD_CARD.into())
}

async fn bazaar() -> Bazaar {
    with_trial(None).await
}

async fn with_trial(trial_days: Option<u16>) -> Bazaar {
    // The stand-in tells the time of the services, which ask where it is.
    let clock = service::clock::ManualClock::new(TestServices::epoch());
    let fake = FakeMidtrans::new(Arc::new(clock.clone()), KEY);
    let server = fake.serve().await;
    let mut settings = TestServices::settings();
    settings.midtrans_url = Some(server.url());
    settings.provider_timeout = Duration::from_secs(1);
    let shop = Shop::over(TestServices::start_at(clock, settings).await).await;
    let new = NewKeys { secret: Some(Secret::new(KEY)), webhook: None };
    let services = shop.services();
    services.payment_keys().set(&operator(), shop.application, Provider::Midtrans, new).await.unwrap();
    let settings = SettingsPatch { provider: Some(Provider::Midtrans), ..Default::default() };
    let patch = ApplicationPatch { settings, ..Default::default() };
    services.applications().update(&operator(), shop.application, patch).await.unwrap();
    let price = NewPrice {
        name: PriceName::parse("Monthly").unwrap(),
        money: idr(99_000),
        interval: Interval::Month,
        trial_days,
        stripe_price_id: None,
    };
    services.plans().add_price(&operator(), shop.application, shop.pro.id, price).await.unwrap();
    Bazaar { shop, fake, _server: server }
}

fn destination() -> Destination {
    let url = || "https://app.example/".to_owned();
    Destination::Application { success_url: url(), cancel_url: url() }
}

impl Bazaar {
    fn services(&self) -> &Services {
        self.shop.services()
    }

    async fn start(&self, member: UserId) -> Started {
        let new = NewOrder {
            plan: key("pro"),
            price: None,
            coupon: None,
            destination: destination(),
            metadata: None,
            payer: None,
        };
        self.services().orders().start(&operator(), self.shop.application, member, new).await.unwrap()
    }

    /// An order whose page is open at Midtrans.
    async fn opened(&self, member: UserId) -> Placed {
        let Started::Order(placed) = self.start(member).await else { panic!("granted") };
        assert_eq!(placed.order.quote.due, idr(99_000));
        self.press(&placed).await;
        *placed
    }

    async fn press(&self, placed: &Placed) -> String {
        let back = "https://here.example/return".to_owned();
        match self.services().orders().press(placed.clone(), back).await.unwrap() {
            Pressed::Go(url) => url,
            Pressed::Done(placed) => panic!("{placed:?}"),
        }
    }

    fn pay(&self, placed: &Placed, means: Means) {
        self.fake.pay(&placed.order.id.to_string(), means);
    }

    fn act(&self, placed: &Placed, step: Step) {
        self.fake.act(&placed.order.id.to_string(), step).unwrap();
    }

    /// What Midtrans has to tell arrives, in its order.
    async fn deliver(&self) {
        let told = self.fake.notifications();
        self.post(&told).await;
    }

    async fn post(&self, told: &[Notification]) {
        for notification in told {
            let body = notification.body.as_bytes();
            self.services().inbox().receive_from_midtrans(&Vec::new(), body).await.unwrap();
        }
        while self.services().inbox().work().await.unwrap() > 0 {}
    }

    async fn state(&self, placed: &Placed) -> OrderState {
        let path = self.services().orders().path(placed.order.id).unwrap();
        self.services().orders().find(path.rsplit('/').next().unwrap()).await.unwrap().order.state
    }

    async fn plan(&self, member: UserId) -> String {
        self.shop.entitlement(member).await.plan.map(|plan| plan.as_str().to_owned()).unwrap_or_default()
    }

    async fn held(&self, member: UserId) -> Subscription {
        let held = self.services().subscriptions().get(&operator(), self.shop.application, member).await.unwrap();
        held.expect("a subscription")
    }

    async fn pass(&self, time: TimeDelta) {
        self.shop.test.clock.advance(time);
        self.services().engine().tick().await.unwrap();
    }

    /// The member's payments, newest first.
    async fn payments(&self, member: UserId) -> Vec<(PaymentStatus, Money)> {
        let payments = self.services().payments().of_member(&operator(), self.shop.application, member).await.unwrap();
        payments.iter().map(|seen| (seen.payment.state().status(), seen.payment.amount)).collect()
    }

    async fn refund(&self, member: UserId, part: Option<Money>) -> service::Result<PaymentStatus> {
        let payments = self.services().payments();
        let newest = payments.of_member(&operator(), self.shop.application, member).await.unwrap().remove(0);
        let refunded = payments.refund(&operator(), self.shop.application, newest.payment.id, part, None).await?;
        Ok(refunded.state().status())
    }

    async fn count(&self, sql: &str) -> i64 {
        let db = self.services().db.read();
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_in_time_buys() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    let placed = bazaar.opened(member).await;
    bazaar.act(&placed, Step::Begin(Means::Va("bca")));
    bazaar.deliver().await;
    let until = bazaar.services().now() + TimeDelta::hours(24);
    assert_eq!(bazaar.state(&placed).await, OrderState::Pending { until });
    assert_eq!(bazaar.plan(member).await, "free");
    bazaar.shop.test.clock.advance(TimeDelta::hours(23));
    bazaar.act(&placed, Step::Complete);
    bazaar.deliver().await;
    assert!(matches!(bazaar.state(&placed).await, OrderState::Paid { late: false, .. }));
    let bought = bazaar.shop.entitlement(member).await;
    assert_eq!((bought.plan, bought.claims["billing_cycle"].clone()), (Some(key("pro")), json!("monthly")));
    assert_eq!(bazaar.payments(member).await, [(PaymentStatus::Succeeded, idr(99_000))]);
    let asked = bazaar.fake.calls("/snap/v1/transactions");
    assert_eq!(asked[0].body["transaction_details"]["gross_amount"], 99_000, "9900000 minor units are Rp 99.000");
    assert_eq!(bazaar.count("SELECT amount FROM payments").await, 9_900_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_that_comes_late_still_buys() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    let placed = bazaar.opened(member).await;
    bazaar.act(&placed, Step::Begin(Means::Va("permata")));
    bazaar.deliver().await;
    bazaar.pass(TimeDelta::hours(25)).await;
    bazaar.deliver().await;
    assert!(matches!(bazaar.state(&placed).await, OrderState::Expired { .. }));
    assert_eq!(bazaar.plan(member).await, "free");
    bazaar.act(&placed, Step::PayLate);
    bazaar.deliver().await;
    assert!(matches!(bazaar.state(&placed).await, OrderState::Paid { late: true, .. }));
    assert_eq!(bazaar.plan(member).await, "pro");
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
async fn fraud_detection_decides_when_it_has_decided() {
    let bazaar = bazaar().await;
    let (lucky, unlucky, denied) = (bazaar.shop.member().await, bazaar.shop.member().await, bazaar.shop.member().await);
    let mut orders = Vec::new();
    for (member, step) in [(lucky, Step::Challenge), (unlucky, Step::Challenge), (denied, Step::FraudDeny)] {
        let placed = bazaar.opened(member).await;
        bazaar.act(&placed, Step::Begin(good_card()));
        bazaar.act(&placed, step);
        bazaar.deliver().await;
        assert_eq!(bazaar.plan(member).await, "free");
        orders.push(placed);
    }
    assert_eq!(bazaar.state(&orders[0]).await.status(), OrderStatus::Pending);
    assert_eq!(bazaar.state(&orders[2]).await.status(), OrderStatus::Failed);
    bazaar.act(&orders[0], Step::Accept);
    bazaar.act(&orders[1], Step::Reject);
    bazaar.deliver().await;
    assert_eq!((bazaar.plan(lucky).await, bazaar.plan(unlucky).await), ("pro".into(), "free".into()));
    assert_eq!(bazaar.state(&orders[1]).await.status(), OrderStatus::Failed);
    // What the bank refused can be tried again on the same page.
    bazaar.pay(&orders[1], good_card());
    bazaar.deliver().await;
    assert_eq!(bazaar.plan(unlucky).await, "pro");
}

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

/// What a history has come to.
#[derive(Debug, PartialEq)]
struct End {
    plan: String,
    order: OrderStatus,
    payments: Vec<(PaymentStatus, Money)>,
    paid: i64,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_of_being_told_ends_the_same() {
    let mut ends = Vec::new();
    for way in 0..5 {
        let bazaar = bazaar().await;
        let member = bazaar.shop.member().await;
        let placed = bazaar.opened(member).await;
        let mut told = Vec::new();
        bazaar.pay(&placed, Means::Card(BAD_CARD.into()));
        bazaar.act(&placed, Step::Begin(good_card()));
        bazaar.act(&placed, Step::Complete);
        told.extend(bazaar.fake.notifications());
        bazaar.act(&placed, Step::Settle);
        bazaar.act(&placed, Step::Refund(Some(9_000)));
        told.extend(bazaar.fake.notifications());
        match way {
            0 => bazaar.post(&told).await,
            1 => bazaar.post(&[told.clone(), told].concat()).await,
            2 => bazaar.post(&told.into_iter().rev().collect::<Vec<_>>()).await,
            3 => {
                // All but the first are lost, and the customer returns.
                bazaar.post(&told[..1]).await;
                bazaar.services().orders().look(placed.clone()).await.unwrap();
            }
            // All are lost, and the reconciler asks.
            _ => drop(bazaar.services().reconcile(&operator(), bazaar.shop.application).await.unwrap()),
        }
        ends.push(End {
            plan: bazaar.plan(member).await,
            order: bazaar.state(&placed).await.status(),
            payments: bazaar.payments(member).await,
            paid: bazaar.count("SELECT count(*) FROM ledger WHERE action = 'order.paid'").await,
        });
    }
    let expected = End {
        plan: "pro".into(),
        order: OrderStatus::Paid,
        payments: vec![(PaymentStatus::PartiallyRefunded, idr(99_000))],
        paid: 1,
    };
    for end in ends {
        assert_eq!(end, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_attempt_says_how_long_an_order_waits() {
    let bazaar = bazaar().await;
    let placed = bazaar.opened(bazaar.shop.member().await).await;
    bazaar.act(&placed, Step::Begin(good_card()));
    bazaar.deliver().await;
    bazaar.act(&placed, Step::Refuse);
    drop(bazaar.fake.notifications());
    bazaar.act(&placed, Step::Begin(Means::Va("bca")));
    bazaar.deliver().await;
    let until = bazaar.services().now() + TimeDelta::hours(24);
    assert_eq!(bazaar.state(&placed).await, OrderState::Pending { until });
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_money_is_found_for_a_week_after_an_order_has_closed() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    bazaar.pay(&bazaar.opened(member).await, Means::Qris);
    bazaar.pass(TimeDelta::days(7) + TimeDelta::hours(6)).await;
    bazaar.services().reconcile(&operator(), bazaar.shop.application).await.unwrap();
    assert_eq!(bazaar.plan(member).await, "pro");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_pending_changes_nothing() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    let placed = bazaar.opened(member).await;
    bazaar.pay(&placed, Means::Va("bri"));
    let told = bazaar.fake.notifications();
    bazaar.post(&told[1..]).await;
    let paid = bazaar.state(&placed).await;
    bazaar.post(&told[..1]).await;
    assert_eq!((bazaar.state(&placed).await, bazaar.plan(member).await), (paid, "pro".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_signature_alone_grants_nothing() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    let placed = bazaar.opened(member).await;
    let order_id = placed.order.id.to_string();
    bazaar.act(&placed, Step::Begin(Means::Va("bca")));
    let pending = bazaar.fake.notifications().remove(0);
    for amount in ["99000.00", "1.00", "9900000.00"] {
        let forged = pending.forged(|body| {
            body.insert("transaction_status".into(), "settlement".into());
            body.insert("status_code".into(), "200".into());
            body.insert("gross_amount".into(), amount.into());
            body.insert("signature_key".into(), signature(&order_id, "200", amount, KEY).into());
        });
        bazaar.post(&[forged]).await;
        assert_eq!(
            (bazaar.state(&placed).await.status(), bazaar.plan(member).await),
            (OrderStatus::Pending, "free".into())
        );
    }
    let unsigned = pending.forged(|body| {
        body.insert("transaction_status".into(), "settlement".into());
        body.insert("status_code".into(), "200".into());
    });
    let inbox = bazaar.services().inbox();
    let refused = inbox.receive_from_midtrans(&Vec::new(), unsigned.body.as_bytes()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::BadCredentials);
    let foreign = pending.forged(|body| drop(body.insert("order_id".into(), uuid().into())));
    let unknown = inbox.receive_from_midtrans(&Vec::new(), foreign.body.as_bytes()).await.unwrap_err();
    assert_eq!(unknown.code(), ErrorCode::PlanNotFound);
    for other in [r#"{"account_id":"a","account_status":"ENABLED"}"#, r#"{"order_id":"payment_notif_test_G1_2"}"#] {
        inbox.receive_from_midtrans(&Vec::new(), other.as_bytes()).await.unwrap();
    }
    assert_eq!(inbox.receive_from_midtrans(&Vec::new(), b"nothing").await.unwrap_err().code(), ErrorCode::InvalidInput);
}

fn uuid() -> String {
    "0197f326-973a-743c-b0a9-77cfc3c95d53".into()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_amount_at_midtrans_grants_nothing_and_raises_an_alert() {
    let bazaar = bazaar().await;
    let member = bazaar.shop.member().await;
    let placed = bazaar.opened(member).await;
    // Somebody with the key makes a cheaper page for the same order.
    use base64::{Engine, prelude::BASE64_STANDARD};
    let details = json!({ "transaction_details": { "order_id": placed.order.id, "gross_amount": 1_000 } });
    let authorization = format!("Basic {}", BASE64_STANDARD.encode(format!("{KEY}:")));
    bazaar.fake.answer(&Request {
        method: http::Method::POST,
        path: "/snap/v1/transactions".into(),
        query: String::new(),
        headers: [(http::header::AUTHORIZATION, authorization.parse().unwrap())].into_iter().collect(),
        body: details.to_string().into(),
    });
    bazaar.pay(&placed, Means::Qris);
    for _ in 0..2 {
        bazaar.deliver().await;
        bazaar.services().orders().look(placed.clone()).await.unwrap();
    }
    assert_eq!(bazaar.plan(member).await, "free");
    assert_ne!(bazaar.state(&placed).await.status(), OrderStatus::Paid);
    assert_eq!(bazaar.payments(member).await[0].0, PaymentStatus::Differs);
    assert_eq!(bazaar.count("SELECT count(*) FROM alerts WHERE resolved_at IS NULL").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_clicks_are_one_payment() {
    let bazaar = Arc::new(bazaar().await);
    let member = bazaar.shop.member().await;
    let click = |bazaar: Arc<Bazaar>| async move { bazaar.opened(member).await.order.id };
    let ids = futures::future::join_all((0..50).map(|_| tokio::spawn(click(bazaar.clone())))).await;
    let ids: std::collections::HashSet<_> = ids.into_iter().map(Result::unwrap).collect();
    assert_eq!(ids.len(), 1);
    let placed = bazaar.opened(member).await;
    bazaar.pay(&placed, good_card());
    let told = bazaar.fake.notifications();
    let post = |bazaar: Arc<Bazaar>, told: Vec<Notification>| async move { bazaar.post(&told).await };
    for done in futures::future::join_all((0..20).map(|_| tokio::spawn(post(bazaar.clone(), told.clone())))).await {
        done.unwrap();
    }
    while bazaar.services().inbox().work().await.unwrap() > 0 {}
    assert_eq!(bazaar.payments(member).await, [(PaymentStatus::Succeeded, idr(99_000))]);
    assert_eq!(bazaar.count("SELECT count(*) FROM inbox").await, told.len() as i64, "each event once");
    assert_eq!(bazaar.count("SELECT count(*) FROM ledger WHERE action = 'order.paid'").await, 1);
}

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

#[tokio::test(flavor = "multi_thread")]
async fn wrong_keys_are_found_by_one_button() {
    let bazaar = bazaar().await;
    let keys = bazaar.services().payment_keys();
    keys.check(&operator(), bazaar.shop.application, Provider::Midtrans).await.unwrap();
    let wrong = NewKeys { secret: Some(Secret::new("SB-Mid-server-of-nobody")), webhook: None };
    keys.set(&operator(), bazaar.shop.application, Provider::Midtrans, wrong).await.unwrap();
    let refused = keys.check(&operator(), bazaar.shop.application, Provider::Midtrans).await.unwrap_err();
    let Error::Problem(refused) = refused else { panic!("{refused:?}") };
    assert_eq!((refused.code, &refused.fields[0].flaw), (ErrorCode::ProviderNotConfigured, &Flaw::KeyRefused));
}
