//! The adapter against the stand-in: every call, and every way in which a call goes wrong.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use domain::{
    ErrorCode, Money, Secret,
    application::Provider,
    billing::{
        payment::{Fact, Mode},
        plan::{NewPlan, Plan, PlanName},
        price::{Interval, NewPrice, Price, PriceName},
    },
    identity::email::Email,
    text::Name,
};
use http::Method as Verb;
use uuid::Uuid;

use super::Stripe;
use crate::{
    Ctx, Services, Settings,
    payment::{
        AgreementState, Customer, Ending, Handle, Method, MethodKind, Payer, PaymentProvider, PaymentRequest, Renewal,
        Report, Subject, Wanted, keys::Keys,
    },
    testing::{
        TestServices,
        fault::Fault,
        http::HttpServer,
        stripe::{Entered, FakeStripe, LIVE_KEY, Side, TEST_KEY, Trouble, WEBHOOK_SECRET, sign},
    },
};

const GOOD: &str = "4242424242424242";

struct Desk {
    test: TestServices,
    services: Services,
    fake: FakeStripe,
    provider: Stripe,
    plan: Plan,
    server: HttpServer,
}

impl Desk {
    async fn open() -> Self {
        let test = TestServices::start().await;
        let fake = FakeStripe::new(Arc::new(test.clock.clone()));
        let server = fake.serve().await;
        let mut settings = Settings::new("https://pay.example");
        settings.stripe_url = Some(server.url());
        settings.provider_timeout = Duration::from_millis(400);
        let services = test.node_with(settings).await;
        let catalog = "[[applications]]\nslug = \"acme\"\nname = \"Acme\"\npayment_provider = \"stripe\"\n";
        let catalog = crate::catalog::Catalog::parse(catalog, "test").unwrap();
        services.catalog().apply(&Ctx::operator(), catalog, false).await.unwrap();
        let application = services.applications().by_slug(&Ctx::operator(), "acme").await.unwrap().application.id;
        let new = NewPlan {
            prices: vec![price("Monthly", 2000, Interval::Month), price("Yearly", 20_000, Interval::Year)],
            ..NewPlan::new(PlanName::parse("Pro").unwrap())
        };
        let plan = services.plans().create(&Ctx::operator(), application, new).await.unwrap();
        let provider = Stripe::new(&services, application, keys(TEST_KEY)).unwrap();
        Self { test, services, fake, provider, plan, server }
    }

    fn side(&self) -> Side<'_> {
        self.fake.test()
    }

    fn request(&self, cents: i64) -> PaymentRequest {
        PaymentRequest {
            key: self.services.id(),
            application: self.provider.application,
            customer: Customer {
                membership: Uuid::from_u128(7).into(),
                email: "budi@example.com".into(),
                name: Some("Budi".into()),
            },
            payer: None,
            money: usd(cents),
            price: None,
            description: "Acme \u{b7} Pro".into(),
            keep_method: true,
            renewal: None,
            return_url: "https://pay.example/checkout/x/return".into(),
        }
    }

    fn monthly(&self) -> &Price {
        &self.plan.prices[0]
    }

    fn subscribing(&self) -> PaymentRequest {
        let renewal =
            Renewal { plan: self.plan.clone(), price: self.monthly().clone(), trial_ends: None, coupon: None };
        PaymentRequest { renewal: Some(renewal), ..self.request(2000) }
    }

    /// Opens what is asked for and pays it with a good card.
    async fn paid(&self, request: &PaymentRequest) -> Report {
        let opened = self.provider.open(request).await.unwrap();
        assert!(matches!(self.side().enter_card(&opened.reference, GOOD), Entered::Paid { .. }));
        self.look(request.key).await
    }

    async fn look(&self, key: Uuid) -> Report {
        self.provider.inquire(&Handle { key, reference: None }).await.unwrap().unwrap()
    }

    /// A subscription to $20 a month, and what Stripe calls it.
    async fn subscribed(&self) -> String {
        self.paid(&self.subscribing()).await.agreement.unwrap().reference
    }

    fn charged(&self) -> Vec<i64> {
        let charges = self.side().all("charge");
        let paid = charges.iter().filter(|charge| charge["paid"] == true);
        paid.map(|charge| charge["amount"].as_i64().unwrap()).collect()
    }

    /// What is wanted of a subscription that goes on as it is.
    async fn as_it_is(&self, reference: &str) -> Wanted {
        let found = self.provider.agreement(reference).await.unwrap().unwrap();
        Wanted {
            price: found.prices.first().copied(),
            bills_at: found.period.map(|period| period.end),
            ending: Ending::GoesOn,
            paused: false,
            discount: None,
        }
    }
}

fn price(name: &str, cents: i64, interval: Interval) -> NewPrice {
    let name = PriceName::parse(name).unwrap();
    NewPrice { name, money: usd(cents), interval, trial_days: None, stripe_price_id: None }
}

fn usd(cents: i64) -> Money {
    Money::new(cents, "usd".parse().unwrap()).unwrap()
}

fn keys(secret: &str) -> Keys {
    let webhook = vec![Secret::new("whsec_new"), Secret::new(WEBHOOK_SECRET)];
    Keys { provider: Provider::Stripe, secret: Secret::new(secret), webhook, updated_at: TestServices::epoch() }
}

const fn succeeded(cents: Money) -> Fact {
    Fact::Succeeded { amount: cents }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_what_was_quoted() {
    let desk = Desk::open().await;
    let request = desk.request(733);
    let opened = desk.provider.open(&request).await.unwrap();
    assert!(desk.look(request.key).await.facts.is_empty());
    assert_eq!(desk.side().enter_card(&opened.reference, "4000000000000002"), Entered::Declined);
    assert_eq!(desk.look(request.key).await.facts, [Fact::Failed]);
    assert_eq!(desk.side().enter_card(&opened.reference, "4000002500003155"), Entered::Authenticate);
    let redirect = request.return_url.clone();
    assert_eq!(desk.side().authenticate(&opened.reference, true), Entered::Paid { redirect });
    let report = desk.look(request.key).await;
    assert_eq!((report.money, report.mode, &report.facts[..]), (usd(733), Mode::Test, &[succeeded(usd(733))][..]));
    let method = report.method.unwrap();
    assert_eq!((method.kind, method.label.as_str()), (MethodKind::Card, "Visa \u{2022}\u{2022}\u{2022}\u{2022} 3155"));
    assert!(report.reference.starts_with("pi_"));
    let metadata = &desk.side().get(&report.reference)["metadata"];
    assert_eq!(metadata["turnpike_key"], request.key.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_opened_once() {
    let desk = Desk::open().await;
    let request = desk.request(500);
    let first = desk.provider.open(&request).await.unwrap();
    let elsewhere = PaymentRequest { return_url: "https://pay.example/checkout/y/return".into(), ..request.clone() };
    assert_eq!(desk.provider.open(&elsewhere).await.unwrap().url, first.url);
    assert!(matches!(desk.side().enter_card(&first.reference, GOOD), Entered::Paid { .. }));
    assert_eq!(desk.provider.open(&request).await.unwrap().url, request.return_url);
    assert_eq!(desk.side().all("customer").len(), 1);
    desk.test.clock.advance(TimeDelta::days(2));
    assert_eq!(desk.look(request.key).await.facts, [succeeded(usd(500))]);
}

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

#[tokio::test(flavor = "multi_thread")]
async fn parallel_clicks_open_one_page() {
    let desk = Desk::open().await;
    let request = desk.request(500);
    let clicks = (0..8).map(|number| {
        let return_url = format!("https://pay.example/checkout/{number}/return");
        let request = PaymentRequest { return_url, ..request.clone() };
        let provider = &desk.provider;
        async move { provider.open(&request).await.unwrap().reference }
    });
    let opened = futures::future::join_all(clicks).await;
    assert!(opened.iter().all(|reference| *reference == opened[0]), "{opened:?}");
    let sessions = desk.side().all("checkout.session");
    assert_eq!(sessions.iter().filter(|session| session["status"] == "open").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_pays_in_time() {
    let desk = Desk::open().await;
    let request = desk.request(500);
    desk.provider.open(&request).await.unwrap();
    desk.test.clock.advance(TimeDelta::days(2));
    assert_eq!(desk.look(request.key).await.facts, [Fact::Expired]);
    let unknown = Handle { key: Uuid::nil(), reference: None };
    assert!(desk.provider.inquire(&unknown).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_banks_money_comes_later() {
    let desk = Desk::open().await;
    let request = desk.request(500);
    let session = desk.provider.open(&request).await.unwrap().reference;
    desk.side().pay_later(&session);
    let waiting = desk.look(request.key).await;
    assert_eq!((&waiting.facts[..], waiting.pay_until.is_some()), (&[Fact::Pending][..], true));
    desk.side().arrive(&session, true);
    assert_eq!(desk.look(request.key).await.facts, [succeeded(usd(500))]);
}

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
async fn a_kept_card_is_charged_once() {
    let desk = Desk::open().await;
    let method = desk.paid(&desk.request(500)).await.method.unwrap();
    for fault in [Fault::Timeout, Fault::AnswerLost, Fault::Limited, Fault::Internal, Fault::Unavailable] {
        for call in ["POST /v1/payment_intents", "POST /v1/payment_intents/", "GET /v1/payment_intents/"] {
            let request = desk.request(700);
            let before = desk.charged().len();
            desk.fake.plan(call, fault, 1);
            let report = desk.provider.charge(&request, &method).await.unwrap();
            assert_eq!(report.facts, [succeeded(usd(700))], "{fault:?} {call}");
            let again = desk.provider.charge(&request, &method).await.unwrap();
            assert_eq!(again.reference, report.reference);
            assert_eq!(desk.charged().len(), before + 1, "{fault:?} {call}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_that_broke_off_goes_on_days_later() {
    let desk = Desk::open().await;
    let method = desk.paid(&desk.request(500)).await.method.unwrap();
    let request = desk.request(700);
    desk.fake.plan("GET /v1/payment_intents/", Fault::Internal, 3);
    assert!(desk.provider.charge(&request, &method).await.is_err());
    desk.test.clock.advance(TimeDelta::days(3));
    assert_eq!(desk.provider.charge(&request, &method).await.unwrap().facts, [succeeded(usd(700))]);
    let again = desk.request(900);
    desk.fake.plan("POST /v1/payment_intents/", Fault::AnswerLost, 1);
    desk.fake.plan("GET /v1/payment_intents/", Fault::Limited, 3);
    assert!(desk.provider.charge(&again, &method).await.is_err());
    desk.test.clock.advance(TimeDelta::days(3));
    desk.provider.charge(&again, &method).await.unwrap();
    assert_eq!(desk.charged().iter().filter(|amount| **amount == 900).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_declines_is_a_report() {
    let desk = Desk::open().await;
    let request = desk.request(700);
    let kept = desk.paid(&desk.request(500)).await.method.unwrap();
    let customer = desk.side().all("customer")[0]["id"].as_str().unwrap().to_owned();
    desk.side().cards_become(&customer, "4000000000009995");
    assert_eq!(desk.provider.charge(&request, &kept).await.unwrap().facts, [Fact::Failed]);
    assert_eq!(desk.provider.charge(&request, &kept).await.unwrap().facts, [Fact::Failed]);
    desk.side().cards_become(&customer, "4000002760003184");
    let asks = desk.provider.charge(&desk.request(700), &kept).await.unwrap();
    assert_eq!(asks.facts, [Fact::Failed], "its owner is not there to be asked");
    let unknown = Method { token: "pm_none".into(), ..kept };
    assert_eq!(desk.provider.charge(&desk.request(700), &unknown).await.unwrap().facts, [Fact::Failed]);
    assert_eq!(desk.charged(), [500]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_open_once_whatever_goes_wrong() {
    let desk = Desk::open().await;
    let troubles: [Trouble; 6] = [
        Fault::Timeout.into(),
        Fault::AnswerLost.into(),
        Fault::Limited.into(),
        Fault::Internal.into(),
        Fault::Unavailable.into(),
        Trouble::StillRunning(1),
    ];
    for trouble in troubles {
        let before = desk.side().all("checkout.session").len();
        desk.fake.plan("POST /v1/checkout/sessions", trouble, 1);
        desk.provider.open(&desk.request(500)).await.unwrap();
        assert_eq!(desk.side().all("checkout.session").len(), before + 1, "{trouble:?}");
    }
    desk.fake.plan("POST /v1/checkout/sessions", Fault::Internal, 9);
    let code = desk.provider.open(&desk.request(500)).await.unwrap_err().code();
    assert_eq!(code, ErrorCode::ProviderUnavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_give_back_what_is_missing_to_the_total() {
    let desk = Desk::open().await;
    let request = desk.request(2000);
    let report = desk.paid(&request).await;
    let handle = Handle { key: request.key, reference: Some(report.reference.clone()) };
    for fault in [Fault::AnswerLost, Fault::Timeout, Fault::Internal] {
        desk.fake.plan("POST /v1/refunds", fault, 1);
        let part = desk.provider.refund(&handle, usd(500)).await.unwrap();
        assert_eq!(part.facts, [succeeded(usd(2000)), Fact::Refunded { total: usd(500) }]);
    }
    let twice = futures::future::join(desk.provider.refund(&handle, usd(900)), desk.provider.refund(&handle, usd(900)));
    let (a, b) = twice.await;
    assert_eq!((a.is_ok(), b.is_ok()), (true, true));
    let whole = desk.provider.refund(&handle, usd(2000)).await.unwrap();
    assert!(whole.facts.contains(&Fact::Refunded { total: usd(2000) }));
    assert!(desk.provider.refund(&handle, usd(2500)).await.is_err());
    let refunds = desk.side().all("refund");
    assert_eq!(refunds.iter().map(|refund| refund["amount"].as_i64().unwrap()).collect::<Vec<_>>(), [500, 400, 1100]);
}

#[tokio::test(flavor = "multi_thread")]
async fn disputes_are_told_as_they_stand() {
    let desk = Desk::open().await;
    for (won, last) in [(true, Fact::DisputeWon), (false, Fact::DisputeLost)] {
        let request = desk.request(2000);
        let intent = desk.paid(&request).await.reference;
        let dispute = desk.side().dispute(&intent);
        assert_eq!(desk.look(request.key).await.facts, [succeeded(usd(2000)), Fact::Disputed]);
        desk.side().decide(&dispute, won);
        assert_eq!(desk.look(request.key).await.facts, [succeeded(usd(2000)), Fact::Disputed, last]);
    }
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

#[tokio::test(flavor = "multi_thread")]
async fn test_and_live_never_mix() {
    let desk = Desk::open().await;
    let request = desk.request(500);
    let opened = desk.provider.open(&request).await.unwrap();
    let live = Stripe::new(&desk.services, desk.provider.application, keys(LIVE_KEY)).unwrap();
    assert_eq!((desk.provider.mode(), live.mode()), (Mode::Test, Mode::Live));
    let handle = Handle { key: request.key, reference: Some(opened.reference.clone()) };
    assert!(live.inquire(&handle).await.unwrap().is_none());
    assert_ne!(live.open(&request).await.unwrap().reference, opened.reference);
    assert!(desk.fake.live().all("customer").iter().all(|customer| customer["livemode"] == true));
    live.check().await.unwrap();
    desk.provider.check().await.unwrap();
    let wrong = Stripe::new(&desk.services, desk.provider.application, keys("sk_test_wrong")).unwrap();
    assert_eq!(wrong.check().await.unwrap_err().code(), ErrorCode::BadCredentials);
    drop(desk.server);
    assert_eq!(desk.provider.check().await.unwrap_err().code(), ErrorCode::ProviderUnavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_believed_by_their_signature_only() {
    let desk = Desk::open().await;
    let request = desk.subscribing();
    desk.paid(&request).await;
    let now = desk.services.now();
    let read = |header: &str, body: &str| {
        desk.provider.read(&vec![("stripe-signature".into(), header.into())], body.as_bytes())
    };
    let told = desk.side().deliveries();
    let (body, header) = told.last().unwrap().signed(now);
    assert_eq!(read(&header, &body).unwrap().subject, Subject::Payment(request.key));
    let code = |header: &str, body: &str| read(header, body).unwrap_err().code();
    assert_eq!(code(&header, &body.replace("complete", "expired!")), ErrorCode::BadCredentials);
    assert_eq!(code(&header, &format!("{body} ")), ErrorCode::BadCredentials);
    assert_eq!(code("", &body), ErrorCode::BadCredentials);
    assert_eq!(code("t=,v1=", &body), ErrorCode::BadCredentials);
    assert!(desk.provider.read(&Vec::new(), body.as_bytes()).is_err());
    let at = |seconds: i64, secret: &str| sign(secret, now.timestamp() + seconds, &body);
    assert_eq!(code(&at(0, "whsec_other"), &body), ErrorCode::BadCredentials);
    assert_eq!(code(&at(-301, WEBHOOK_SECRET), &body), ErrorCode::BadCredentials);
    assert_eq!(code(&at(301, WEBHOOK_SECRET), &body), ErrorCode::BadCredentials);
    assert!(read(&at(-300, WEBHOOK_SECRET), &body).is_ok());
    assert!(read(&at(0, "whsec_new"), &body).is_ok(), "either secret counts during a roll");
    let both = format!("{},v1=00ff,v0=beef", at(0, WEBHOOK_SECRET));
    assert!(read(&both, &body).is_ok());
    let live = body.replace("\"livemode\": false", "\"livemode\": true");
    assert_eq!(code(&sign(WEBHOOK_SECRET, now.timestamp(), &live), &live), ErrorCode::InvalidInput);
    assert_eq!(code(&sign(WEBHOOK_SECRET, now.timestamp(), "[1]"), "[1]"), ErrorCode::InvalidInput);
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_say_what_to_ask_about() {
    let desk = Desk::open().await;
    let request = desk.subscribing();
    let report = desk.paid(&request).await;
    let agreement = report.agreement.unwrap().reference;
    desk.provider
        .refund(&Handle { key: request.key, reference: Some(report.reference.clone()) }, usd(1))
        .await
        .unwrap();
    desk.side().dispute(&report.reference);
    let mut seen = std::collections::BTreeSet::new();
    for version in ["2026-09-30.endive", "2024-06-20"] {
        desk.fake.choose(|rules| rules.webhook_version = version);
        for delivery in desk.side().deliveries() {
            let (body, header) = delivery.signed(desk.services.now());
            let told = desk.provider.read(&vec![("stripe-signature".into(), header)], body.as_bytes()).unwrap();
            assert_eq!(told.event_id, delivery.id());
            let kind = delivery.kind();
            let expected = match kind.split('.').next().unwrap() {
                "checkout" => Subject::Payment(request.key),
                "invoice" => Subject::Agreement(agreement.clone()),
                "charge" | "refund" => {
                    Subject::Reference(delivery.event["data"]["object"]["payment_intent"].as_str().unwrap().into())
                }
                "customer" if kind.starts_with("customer.subscription") => Subject::Agreement(agreement.clone()),
                _ => Subject::Nothing,
            };
            assert_eq!(told.subject, expected, "{kind}");
            seen.insert(kind);
        }
        desk.test.clock.advance(TimeDelta::days(32));
    }
    for kind in ["charge.refunded", "charge.dispute.created", "invoice.paid", "customer.subscription.updated"] {
        assert!(seen.contains(kind), "{kind} is not in {seen:?}");
    }
}
