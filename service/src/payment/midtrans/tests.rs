//! The adapter against the stand-in: every call, and every way in which a call goes wrong.

mod closing;

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use domain::{
    ErrorCode, Money, Secret,
    application::Provider,
    billing::payment::{Fact, Mode},
};
use uuid::Uuid;

use super::Midtrans;
use crate::{
    Settings,
    payment::{Customer, Handle, Method, MethodKind, PaymentProvider, PaymentRequest, Report, Subject, keys::Keys},
    testing::{
        TestServices,
        fault::Fault,
        http::HttpServer,
        midtrans::{BAD_CARD, FakeMidtrans, Fraud, GOOD_CARD, Means, Status, Step},
    },
};

const KEY: &str = "SB-Mid-server-of-a-test";

struct Desk {
    test: TestServices,
    fake: FakeMidtrans,
    provider: Midtrans,
    _server: HttpServer,
}

impl Desk {
    async fn open() -> Self {
        let test = TestServices::start().await;
        let fake = FakeMidtrans::new(Arc::new(test.clock.clone()), KEY);
        let server = fake.serve().await;
        let mut settings = Settings::new("https://pay.example");
        settings.midtrans_url = Some(server.url());
        settings.provider_timeout = Duration::from_secs(1);
        let services = test.node_with(settings).await;
        let application = demo(&services).await;
        let provider = Midtrans::new(&services, application, keys(KEY));
        Self { test, fake, provider, _server: server }
    }

    fn request(&self, rupiah: i64) -> PaymentRequest {
        PaymentRequest {
            key: self.test.services.id(),
            application: self.provider.application,
            customer: Customer {
                membership: Uuid::nil().into(),
                email: "budi@example.com".into(),
                name: Some("Budi".into()),
            },
            payer: None,
            money: idr(rupiah),
            price: None,
            description: "Acme \u{b7} Pro".into(),
            keep_method: true,
            renewal: None,
            return_url: "https://pay.example/checkout/return/x".into(),
        }
    }

    /// A payment whose page is open.
    async fn opened(&self) -> Uuid {
        let request = self.request(99_000);
        self.provider.open(&request).await.unwrap();
        request.key
    }

    async fn look(&self, key: Uuid) -> Report {
        self.provider.inquire(&handle(key)).await.unwrap().unwrap()
    }

    /// A method that a first payment has left.
    async fn kept(&self, means: Means) -> Method {
        let key = self.opened().await;
        self.fake.pay(&key.to_string(), means);
        let method = self.look(key).await.method.unwrap();
        if method.is_chargeable() {
            return method;
        }
        let told = self.fake.notifications().pop().unwrap();
        self.told(key, &told.body).await.unwrap()
    }

    /// What only a notification tells of how a payment was made.
    async fn told(&self, key: Uuid, notification: &str) -> Option<Method> {
        self.provider.kept(&handle(key), notification.as_bytes()).await.unwrap()
    }

    fn act(&self, key: Uuid, step: Step) {
        self.fake.act(&key.to_string(), step).unwrap();
    }
}

async fn demo(services: &crate::Services) -> domain::id::ApplicationId {
    let ctx = crate::Ctx { actor: domain::billing::ledger::Actor::Operator, ..crate::Ctx::anonymous() };
    let catalog = "[[applications]]\nslug = \"acme\"\nname = \"Acme\"\npayment_provider = \"midtrans\"\n";
    let catalog = crate::catalog::Catalog::parse(catalog, "test").unwrap();
    services.catalog().apply(&ctx, catalog, false).await.unwrap();
    services.applications().by_slug(&ctx, "acme").await.unwrap().application.id
}

fn keys(secret: &str) -> Keys {
    Keys {
        provider: Provider::Midtrans,
        secret: Secret::new(secret),
        webhook: Vec::new(),
        rolled_at: None,
        updated_at: TestServices::epoch(),
    }
}

fn idr(rupiah: i64) -> Money {
    Money::new(rupiah * 100, "idr".parse().unwrap()).unwrap()
}

fn handle(key: Uuid) -> Handle {
    Handle { key, reference: None }
}

const fn paid(amount: Money) -> Fact {
    Fact::Succeeded { amount }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_found_again() {
    let desk = Desk::open().await;
    let request = desk.request(99_000);
    let first = desk.provider.open(&request).await.unwrap();
    assert_eq!(first.reference, request.key.to_string());
    desk.fake.act(&first.reference, Step::Begin(Means::Va("bca"))).unwrap();
    let again = desk.provider.open(&request).await.unwrap();
    assert_eq!(again.url, first.url, "the customer comes back to the account number that they were shown");
    let calls = desk.fake.calls("/snap/v1/transactions");
    assert_eq!(calls.len(), 1);
    let body = &calls[0].body;
    assert_eq!(body["transaction_details"]["gross_amount"], 99_000);
    assert_eq!(body["item_details"][0]["name"], "Acme \u{b7} Pro");
    assert_eq!(body["callbacks"]["finish"], request.return_url.as_str());
    assert_eq!((&body["credit_card"]["save_card"], &body["gopay"]["tokenization"]), (&true.into(), &true.into()));
    assert!(!body["user_id"].as_str().unwrap().contains("budi"));
    let told = desk.fake.notifications();
    assert_eq!(told[0].url.as_deref(), Some("https://pay.example/api/webhooks/midtrans"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_whole_rupiah_is_asked_for() {
    let desk = Desk::open().await;
    let nothing = desk.provider.open(&desk.request(0)).await.unwrap_err();
    assert_eq!(nothing.code(), ErrorCode::InvalidInput);
    let dollars = PaymentRequest { money: Money::new(999, "usd".parse().unwrap()).unwrap(), ..desk.request(1) };
    assert_eq!(desk.provider.open(&dollars).await.unwrap_err().code(), ErrorCode::InvalidInput);
    assert!(desk.fake.calls("").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_blocks_nobody() {
    for fault in [Fault::Timeout, Fault::AnswerLost, Fault::Internal, Fault::Unavailable] {
        let desk = Desk::open().await;
        let request = desk.request(99_000);
        desk.fake.fail_next("/snap/", fault);
        let opened = desk.provider.open(&request).await.unwrap();
        desk.fake.pay(&opened.reference, Means::Qris);
        assert_eq!(desk.look(request.key).await.facts, [paid(idr(99_000))], "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_on_a_page_that_nobody_noted_comes_back_to_ours() {
    let desk = Desk::open().await;
    let request = desk.request(99_000);
    for _ in 0..2 {
        desk.fake.fail_next("/snap/", Fault::AnswerLost);
    }
    assert!(desk.provider.open(&request).await.is_err());
    desk.fake.act(&request.key.to_string(), Step::Begin(Means::Va("bni"))).unwrap();
    assert_eq!(desk.provider.open(&request).await.unwrap().url, request.return_url);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_has_closed_is_followed_by_another() {
    let desk = Desk::open().await;
    let request = desk.request(99_000);
    let key = request.key.to_string();
    let open = async || desk.provider.open(&request).await.unwrap().url;
    let first = open().await;
    desk.test.clock.advance(TimeDelta::hours(25));
    let second = open().await;
    assert_ne!(second, first, "nobody has chosen how to pay: the same order on a new page");
    desk.fake.act(&key, Step::Begin(Means::Va("bca"))).unwrap();
    desk.test.clock.advance(TimeDelta::hours(23));
    assert_eq!(open().await, second);
    desk.test.clock.advance(TimeDelta::minutes(59));
    assert_eq!(open().await, second, "the page is open for as long as what was begun on it");
    desk.test.clock.advance(TimeDelta::hours(1));
    let third = open().await;
    assert!(third != second && third != request.return_url, "the order has expired: another attempt");
    assert_eq!(desk.look(request.key).await.facts, [Fact::Expired]);
    desk.fake.pay(&format!("{key}~1"), Means::Qris);
    let report = desk.look(request.key).await;
    assert_eq!((report.reference, report.facts), (key.clone(), vec![paid(idr(99_000))]));
    let told = desk.fake.notifications();
    let last = desk.provider.read(&Vec::new(), told.last().unwrap().body.as_bytes()).unwrap();
    assert_eq!(last.subject, Subject::Payment(request.key));
    desk.test.clock.advance(TimeDelta::hours(25));
    assert_eq!(open().await, request.return_url, "nothing is left to pay");
    let back = desk.provider.refund(&handle(request.key), idr(99_000)).await.unwrap();
    assert_eq!(back.facts, [paid(idr(99_000)), Fact::Refunded { total: idr(99_000) }]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_of_paying_is_reported() {
    let desk = Desk::open().await;
    for (means, kind, label, again) in [
        // Whether a card was kept, only the notification tells.
        (Means::Card(GOOD_CARD.into()), MethodKind::Card, "Visa \u{2022}\u{2022}\u{2022}\u{2022} 1114", false),
        (Means::GoPay, MethodKind::GoPay, "GoPay", true),
        (Means::ShopeePay, MethodKind::ShopeePay, "ShopeePay", false),
        (Means::Qris, MethodKind::Qris, "QRIS", false),
        (Means::Va("bca"), MethodKind::VirtualAccount, "BCA VA 3333", false),
        (Means::Va("cimb"), MethodKind::VirtualAccount, "CIMB VA 3333", false),
        (Means::Va("permata"), MethodKind::VirtualAccount, "Permata VA 8562", false),
        (Means::Echannel, MethodKind::VirtualAccount, "Mandiri ", false),
    ] {
        let key = desk.opened().await;
        assert!(desk.provider.inquire(&handle(key)).await.unwrap().is_none(), "nobody has chosen yet");
        let until = desk.test.services.now()
            + if kind == MethodKind::Card { TimeDelta::minutes(10) } else { TimeDelta::hours(24) };
        desk.act(key, Step::Begin(means));
        let waits = desk.look(key).await;
        assert_eq!((waits.facts.as_slice(), waits.pay_until), ([Fact::Pending].as_slice(), Some(until)), "{label}");
        desk.act(key, Step::Complete);
        let report = desk.look(key).await;
        assert_eq!(report.facts, [paid(idr(99_000))], "{label}");
        assert_eq!((report.mode, report.money, report.pay_until), (Mode::Test, idr(99_000), None));
        let method = report.method.unwrap();
        assert!(method.label.starts_with(label), "{}", method.label);
        assert_eq!((method.kind, method.is_chargeable()), (kind, again), "{label}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_card_is_told_by_the_notifications_of_what_it_paid() {
    let desk = Desk::open().await;
    let key = desk.opened().await;
    desk.act(key, Step::Begin(Means::Card(GOOD_CARD.into())));
    desk.act(key, Step::Complete);
    let token = desk.fake.transaction(&key.to_string()).unwrap().saved_token.unwrap();
    let told = desk.fake.notifications();
    let [pending, captured] = [&told[0], &told[1]];
    assert_eq!(desk.told(key, &pending.body).await, None);
    let kept = desk.told(key, &captured.body).await.unwrap();
    assert_eq!((kept.token.as_str(), kept.kind), (token.as_str(), MethodKind::Card));
    for (field, value) in [
        ("order_id", format!("{key}~1")),
        ("masked_card", "48111111-1113".into()),
        ("masked_card", String::new()),
        ("saved_token_id", String::new()),
    ] {
        let other = captured.forged(|body| drop(body.insert(field.into(), value.clone().into())));
        assert_eq!(desk.told(key, &other.body).await, None, "{field} {value}");
    }
    assert_eq!(desk.told(desk.opened().await, &captured.body).await, None, "nobody has paid that");

    desk.fake.tell_tokens();
    assert_eq!(desk.told(key, &captured.body).await, None, "the status says it");
    assert_eq!(desk.look(key).await.method.unwrap(), kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_method_is_charged_once_whatever_goes_wrong() {
    for means in [Means::Card(GOOD_CARD.into()), Means::GoPay] {
        for fault in Fault::ALL {
            let desk = Desk::open().await;
            let method = desk.kept(means.clone()).await;
            let request = desk.request(49_000);
            let before = desk.fake.transactions().len();
            desk.fake.fail_next("/v2/charge", fault);
            let mut report = desk.provider.charge(&request, &method).await;
            if report.is_err() {
                assert_eq!(fault, Fault::Limited, "what is not safe to repeat at once is repeated later");
                report = desk.provider.charge(&request, &method).await;
            }
            assert_eq!(report.unwrap().facts, [paid(idr(49_000))], "{fault:?}");
            let again = desk.provider.charge(&request, &method).await.unwrap();
            assert_eq!(again.facts, [paid(idr(49_000))]);
            assert_eq!(desk.fake.transactions().len(), before + 1, "{means:?} {fault:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_whose_answers_are_all_lost_is_found_by_its_key() {
    let desk = Desk::open().await;
    let method = desk.kept(Means::Card(GOOD_CARD.into())).await;
    let request = desk.request(49_000);
    desk.fake.fail_next("/v2/charge", Fault::AnswerLost);
    desk.fake.fail_next("/v2/charge", Fault::Timeout);
    let report = desk.provider.charge(&request, &method).await.unwrap();
    assert_eq!(report.facts, [paid(idr(49_000))]);
    // Long after Midtrans has forgotten the Idempotency-Key.
    desk.test.clock.advance(TimeDelta::hours(1));
    assert_eq!(desk.provider.charge(&request, &method).await.unwrap().facts, report.facts);
    assert_eq!(desk.fake.transactions().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_charge_is_a_report() {
    let desk = Desk::open().await;
    let card = desk.kept(Means::Card(GOOD_CARD.into())).await;
    desk.fake.refuse_card(&card.token);
    let refused = desk.provider.charge(&desk.request(49_000), &card).await.unwrap();
    assert_eq!(refused.facts, [Fact::Failed]);
    desk.fake.forget_card(&card.token);
    assert_eq!(desk.provider.charge(&desk.request(49_000), &card).await.unwrap().facts, [Fact::Failed]);

    let gopay = desk.kept(Means::GoPay).await;
    desk.fake.set_balance(&gopay.token, 48_999);
    assert_eq!(desk.provider.charge(&desk.request(49_000), &gopay).await.unwrap().facts, [Fact::Failed]);
    desk.fake.link(&gopay.token, false);
    assert_eq!(desk.provider.charge(&desk.request(49_000), &gopay).await.unwrap().facts, [Fact::Failed]);

    let va = Method { token: "x".into(), kind: MethodKind::VirtualAccount, label: "VA".into() };
    assert!(desk.provider.charge(&desk.request(49_000), &va).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn money_goes_back_in_parts_and_once() {
    let desk = Desk::open().await;
    let key = desk.opened().await;
    desk.fake.pay(&key.to_string(), Means::GoPay);
    for (fault, total) in [(Fault::AnswerLost, 3_000), (Fault::Timeout, 6_000), (Fault::Internal, 9_000)] {
        desk.fake.fail_next("/refund", fault);
        for _ in 0..2 {
            let report = desk.provider.refund(&handle(key), idr(total)).await.unwrap();
            assert_eq!(report.facts, [paid(idr(99_000)), Fact::Refunded { total: idr(total) }], "{fault:?}");
        }
    }
    assert!(desk.provider.refund(&handle(key), idr(99_001)).await.is_err(), "more than was paid");
    desk.act(key, Step::Refund(Some(10_000)));
    let whole = desk.provider.refund(&handle(key), idr(99_000)).await.unwrap();
    assert_eq!(whole.facts, [paid(idr(99_000)), Fact::Refunded { total: idr(99_000) }]);
    let parts: Vec<i64> = desk.fake.transaction(&key.to_string()).unwrap().refunds.iter().map(|r| r.amount).collect();
    assert_eq!(parts, [3_000, 3_000, 3_000, 10_000, 80_000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_go_back_through_midtrans_says_so() {
    let desk = Desk::open().await;
    let va = desk.opened().await;
    desk.fake.pay(&va.to_string(), Means::Va("bri"));
    assert_eq!(desk.provider.refund(&handle(va), idr(99_000)).await.unwrap_err().code(), ErrorCode::InvalidInput);
    let shopee = desk.opened().await;
    desk.fake.pay(&shopee.to_string(), Means::ShopeePay);
    assert!(desk.provider.refund(&handle(shopee), idr(1_000)).await.is_err(), "ShopeePay gives back the whole only");
    desk.provider.refund(&handle(shopee), idr(99_000)).await.unwrap();
    let waiting = desk.opened().await;
    desk.act(waiting, Step::Begin(Means::Qris));
    assert!(desk.provider.refund(&handle(waiting), idr(1_000)).await.is_err(), "nothing was paid");
    assert_eq!(desk.provider.refund(&handle(Uuid::nil()), idr(1)).await.unwrap_err().code(), ErrorCode::PlanNotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_called_off_whole_before_it_is_settled_and_given_back_after() {
    let desk = Desk::open().await;
    let early = desk.opened().await;
    desk.fake.pay(&early.to_string(), Means::Card(GOOD_CARD.into()));
    assert!(desk.provider.refund(&handle(early), idr(9_000)).await.is_err());
    let report = desk.provider.refund(&handle(early), idr(99_000)).await.unwrap();
    assert_eq!(report.facts, [Fact::Refunded { total: idr(99_000) }]);
    assert_eq!(desk.fake.transaction(&early.to_string()).unwrap().status, Status::Cancel);

    let later = desk.opened().await;
    desk.fake.pay(&later.to_string(), Means::Card(GOOD_CARD.into()));
    desk.test.clock.advance(TimeDelta::days(2));
    let part = desk.provider.refund(&handle(later), idr(9_000)).await.unwrap();
    assert_eq!(part.facts, [paid(idr(99_000)), Fact::Refunded { total: idr(9_000) }]);
}

#[tokio::test(flavor = "multi_thread")]
async fn banks_and_fraud_detection_have_their_say() {
    let desk = Desk::open().await;
    let key = desk.opened().await;
    desk.fake.pay(&key.to_string(), Means::Card(BAD_CARD.into()));
    assert_eq!(desk.look(key).await.facts, [Fact::Failed]);
    desk.act(key, Step::Begin(Means::Card(GOOD_CARD.into())));
    desk.act(key, Step::Challenge);
    assert_eq!(desk.look(key).await.facts, [Fact::Pending]);
    desk.act(key, Step::Accept);
    assert_eq!(desk.look(key).await.facts, [paid(idr(99_000))]);
    desk.act(key, Step::ChargeBack(Some(1)));
    assert_eq!(desk.look(key).await.facts, [paid(idr(99_000)), Fact::Disputed]);
    desk.act(key, Step::ChargeBack(None));
    assert_eq!(desk.look(key).await.facts, [paid(idr(99_000)), Fact::DisputeLost]);

    let key = desk.opened().await;
    desk.act(key, Step::Begin(Means::Card(GOOD_CARD.into())));
    desk.act(key, Step::Challenge);
    desk.act(key, Step::Reject);
    assert_eq!(desk.look(key).await.facts, [Fact::Failed]);
    assert_eq!(desk.fake.transaction(&key.to_string()).unwrap().fraud, Fraud::Deny);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_pays_expires() {
    let desk = Desk::open().await;
    let key = desk.opened().await;
    desk.act(key, Step::Begin(Means::Va("bca")));
    desk.test.clock.advance(TimeDelta::hours(24));
    assert_eq!(desk.look(key).await.facts, [Fact::Expired]);
    desk.act(key, Step::PayLate);
    assert_eq!(desk.look(key).await.facts, [paid(idr(99_000))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_right_key_is_let_in() {
    let desk = Desk::open().await;
    desk.provider.check().await.unwrap();
    let wrong = Midtrans { keys: keys("SB-Mid-server-of-somebody-else"), ..desk.provider };
    assert_eq!(wrong.check().await.unwrap_err().code(), ErrorCode::BadCredentials);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_covers_what_came() {
    let desk = Desk::open().await;
    let key = desk.opened().await;
    desk.fake.pay(&key.to_string(), Means::Qris);
    let told = desk.fake.notifications();
    let read = |body: &str| desk.provider.read(&Vec::new(), body.as_bytes());
    let [pending, settled] = [&told[0], &told[1]].map(|told| read(&told.body).unwrap());
    assert_eq!((&pending.subject, &settled.subject), (&Subject::Payment(key), &Subject::Payment(key)));
    assert_ne!(pending.event_id, settled.event_id);
    assert_eq!(read(&told[1].body).unwrap(), settled, "the same words are the same event");

    for (field, value) in [
        ("order_id", "00000000-0000-0000-0000-000000000000"),
        ("status_code", "0200"),
        ("gross_amount", "99000"),
        ("gross_amount", "99000.0"),
        ("signature_key", ""),
        ("signature_key", "00"),
    ] {
        let forged = told[1].forged(|body| {
            body.insert(field.into(), value.into());
        });
        assert_eq!(read(&forged.body).unwrap_err().code(), ErrorCode::BadCredentials, "{field} {value}");
    }
    for body in ["", "[]", "{}", "null", r#"{"order_id":1,"status_code":"200","gross_amount":"1","signature_key":""}"#]
    {
        assert_eq!(read(body).unwrap_err().code(), ErrorCode::InvalidInput, "{body}");
    }
    let live = Midtrans { keys: keys("Mid-server-of-a-test"), ..desk.provider };
    assert_eq!(live.mode(), Mode::Live);
    assert_eq!(live.read(&Vec::new(), told[1].body.as_bytes()).unwrap_err().code(), ErrorCode::BadCredentials);
}
