use chrono::TimeDelta;
use domain::Timestamp;
use http::HeaderMap;
use serde_json::json;

use super::*;
use crate::{clock::ManualClock, testing::fault::Fault};

struct Bench {
    fake: FakeStripe,
    clock: ManualClock,
}

impl Bench {
    fn new() -> Self {
        let clock = ManualClock::new(Timestamp::from_timestamp(1_795_219_200, 0).unwrap());
        Self { fake: FakeStripe::new(Arc::new(clock.clone())), clock }
    }

    fn send(&self, request: &str, form: &str, headers: &[(&'static str, &str)]) -> Reply {
        let (method, path) = request.split_once(' ').unwrap();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut map = HeaderMap::new();
        map.insert("authorization", format!("Bearer {TEST_KEY}").parse().unwrap());
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        self.fake.answer(Request {
            method: method.parse().unwrap(),
            path: path.into(),
            query: query.into(),
            headers: map,
            body: form.to_owned().into(),
        })
    }

    fn try_ask(&self, request: &str, form: &str, headers: &[(&'static str, &str)]) -> (u16, Value) {
        match self.send(request, form, headers) {
            Reply::Answer(answer) => (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap()),
            other => panic!("{other:?}"),
        }
    }

    fn ask(&self, request: &str, form: &str) -> Value {
        let (status, body) = self.try_ask(request, form, &[]);
        assert_eq!(status, 200, "{request} {form}: {body}");
        body
    }

    /// A monthly price of $20 and a yearly one of $200.
    fn prices(&self) -> (String, String) {
        let product = self.ask("POST /v1/products", "name=Pro")["id"].as_str().unwrap().to_owned();
        let price = |amount: i64, interval: &str| {
            let form = format!("product={product}&currency=usd&unit_amount={amount}&recurring[interval]={interval}");
            self.ask("POST /v1/prices", &form)["id"].as_str().unwrap().to_owned()
        };
        (price(2000, "month"), price(20_000, "year"))
    }

    /// A subscription to $20 a month, by Checkout.
    fn subscribed(&self, extra: &str) -> String {
        let (monthly, _) = self.prices();
        let form = format!(
            "mode=subscription&success_url=https://a.example/{{CHECKOUT_SESSION_ID}}&customer_email=a@example.com\
             &line_items[0][price]={monthly}&line_items[0][quantity]=1{extra}"
        );
        let session = self.ask("POST /v1/checkout/sessions", &form)["id"].as_str().unwrap().to_owned();
        let redirect = format!("https://a.example/{session}");
        assert_eq!(self.fake.test().enter_card(&session, "4242424242424242"), Entered::Paid { redirect });
        self.fake.test().get(&session)["subscription"].as_str().unwrap().to_owned()
    }

    fn kinds(&self) -> Vec<String> {
        self.fake.test().deliveries().iter().map(Delivery::kind).collect()
    }

    fn days(&self, days: i64) {
        self.clock.advance(TimeDelta::days(days));
    }
}

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

#[test]
fn answers_have_every_field_of_stripes_examples() {
    let bench = Bench::new();
    let subscription = bench.subscribed("");
    let side = bench.fake.test();
    let intent = side.all("payment_intent")[0].clone();
    bench.ask("POST /v1/refunds", &format!("payment_intent={}&amount=100", id(&intent)));
    side.dispute(id(&intent));
    bench.ask("POST /v1/coupons", "percent_off=25.5&duration=once");
    let customer = side.all("customer")[0].clone();
    let balance = format!("POST /v1/customers/{}/balance_transactions", id(&customer));
    bench.ask(&balance, "amount=-500&currency=usd");
    bench.ask("POST /v1/setup_intents", &format!("customer={}", id(&customer)));
    let portal = bench.ask("POST /v1/billing_portal/sessions", &format!("customer={}", id(&customer)));
    let items = bench.ask(&format!("GET /v1/subscriptions/{subscription}"), "")["items"]["data"][0].clone();
    let lines = side.all("invoice")[0]["lines"]["data"][0].clone();
    let sessions = bench.ask("GET /v1/checkout/sessions?expand[]=data.line_items", "");
    let item = sessions["data"][0]["line_items"]["data"][0].clone();
    let mut answers: Vec<(&str, Value)> = [
        "charge",
        "checkout.session",
        "coupon",
        "customer",
        "customer_balance_transaction",
        "dispute",
        "event",
        "invoice",
        "invoice_payment",
        "payment_intent",
        "payment_method",
        "price",
        "product",
        "refund",
        "setup_intent",
        "subscription",
    ]
    .map(|kind| (kind, side.all(kind)[0].clone()))
    .into();
    answers.extend([
        ("account", bench.ask("GET /v1/account", "")),
        ("balance", bench.ask("GET /v1/balance", "")),
        ("billing_portal.session", portal),
        ("item", item),
        ("line_item", lines),
        ("subscription_item", items),
    ]);
    for (kind, answer) in answers {
        for field in shape::fields(kind) {
            assert!(answer.get(field).is_some(), "{kind} has no {field}");
        }
    }
}

#[test]
fn a_subscription_is_paid_renewed_and_tells_of_it() {
    let bench = Bench::new();
    let subscription = bench.subscribed("&subscription_data[metadata][order]=7");
    let told = bench.kinds();
    for kind in ["checkout.session.completed", "customer.subscription.created", "invoice.paid", "charge.succeeded"] {
        assert!(told.contains(&kind.to_owned()), "{kind} is not in {told:?}");
    }
    let path = format!("GET /v1/subscriptions/{subscription}?expand[]=latest_invoice");
    let first = bench.ask(&path, "");
    assert_eq!((&first["status"], &first["metadata"]["order"]), (&json!("active"), &json!("7")));
    assert_eq!(first["latest_invoice"]["amount_paid"], 2000);
    bench.days(31);
    let second = bench.ask(&path, "");
    assert_eq!(second["latest_invoice"]["billing_reason"], "subscription_cycle");
    assert_eq!(second["latest_invoice"]["status"], "paid");
    let starts = |subscription: &Value| subscription["items"]["data"][0]["current_period_start"].clone();
    assert_ne!(starts(&first), starts(&second));
    assert!(bench.kinds().contains(&"invoice.payment_succeeded".to_owned()));
    let old = bench.try_ask(&path, "", &[("stripe-version", "2024-06-20")]).1;
    assert_eq!(old["current_period_start"], starts(&second));
    assert!(starts(&old).is_null() && old["latest_invoice"]["subscription"] == subscription.as_str());
}

#[test]
fn a_renewal_that_fails_is_retried_and_given_up() {
    let bench = Bench::new();
    let subscription = bench.subscribed("");
    let path = format!("GET /v1/subscriptions/{subscription}");
    let customer = bench.ask(&path, "")["customer"].as_str().unwrap().to_owned();
    bench.fake.test().cards_become(&customer, "4000000000000341");
    bench.kinds();
    bench.days(31);
    assert_eq!(bench.ask(&path, "")["status"], "past_due");
    bench.days(30);
    let ended = bench.ask(&path, "");
    assert_eq!(ended["status"], "canceled");
    assert_eq!(ended["cancellation_details"]["reason"], "payment_failed");
    let told = bench.kinds();
    assert_eq!(told.iter().filter(|kind| *kind == "invoice.payment_failed").count(), 4);
    assert!(told.contains(&"customer.subscription.deleted".to_owned()));
}

#[test]
fn a_mended_card_pays_the_retry() {
    let bench = Bench::new();
    let subscription = bench.subscribed("");
    let path = format!("GET /v1/subscriptions/{subscription}");
    let customer = bench.ask(&path, "")["customer"].as_str().unwrap().to_owned();
    bench.fake.test().cards_become(&customer, "4000000000000341");
    bench.days(31);
    bench.fake.test().cards_become(&customer, "4242424242424242");
    bench.days(4);
    assert_eq!(bench.ask(&path, "")["status"], "active");
}

#[test]
fn a_trial_turns_paid_by_itself() {
    let bench = Bench::new();
    let end = bench.clock.now().timestamp() + 14 * 86_400;
    let subscription = bench.subscribed(&format!("&subscription_data[trial_end]={end}"));
    let path = format!("GET /v1/subscriptions/{subscription}?expand[]=latest_invoice");
    let trial = bench.ask(&path, "");
    assert_eq!((&trial["status"], &trial["latest_invoice"]["total"]), (&json!("trialing"), &json!(0)));
    bench.kinds();
    bench.days(15);
    let paid = bench.ask(&path, "");
    assert_eq!((&paid["status"], &paid["latest_invoice"]["amount_paid"]), (&json!("active"), &json!(2000)));
    assert_eq!(paid["items"]["data"][0]["current_period_start"], end);
    assert_eq!(bench.kinds()[0], "customer.subscription.trial_will_end");
}

#[test]
fn another_interval_bills_at_once_unless_a_trial_bridges_what_is_paid() {
    let bench = Bench::new();
    let subscription = bench.subscribed("");
    let side = bench.fake.test();
    let found = bench.ask(&format!("GET /v1/subscriptions/{subscription}"), "");
    let (item, end) =
        (id(&found["items"]["data"][0]).to_owned(), found["items"]["data"][0]["current_period_end"].clone());
    let yearly = side.all("price")[1]["id"].as_str().unwrap().to_owned();
    bench.days(10);
    let change = format!("items[0][id]={item}&items[0][price]={yearly}&proration_behavior=none");
    let update = format!("POST /v1/subscriptions/{subscription}");
    let bridged = bench.ask(&update, &format!("{change}&trial_end={end}"));
    assert_eq!((&bridged["status"], &bridged["items"]["data"][0]["current_period_end"]), (&json!("trialing"), &end));
    let charges = || bench.fake.test().all("charge").len();
    assert_eq!(charges(), 1);
    bench.days(22);
    let paid = bench.ask(&format!("GET /v1/subscriptions/{subscription}?expand[]=latest_invoice"), "");
    assert_eq!((&paid["status"], &paid["latest_invoice"]["amount_paid"]), (&json!("active"), &json!(20_000)));
    let monthly = side.all("price")[0]["id"].as_str().unwrap().to_owned();
    let item = id(&paid["items"]["data"][0]).to_owned();
    bench.ask(&update, &format!("items[0][id]={item}&items[0][price]={monthly}&proration_behavior=none"));
    assert_eq!(charges(), 3);
}

#[test]
fn prorations_are_invoiced_at_once_when_asked() {
    let bench = Bench::new();
    let subscription = bench.subscribed("");
    let product = bench.fake.test().all("product")[0]["id"].as_str().unwrap().to_owned();
    let form = format!("product={product}&currency=usd&unit_amount=4000&recurring[interval]=month");
    let dear = bench.ask("POST /v1/prices", &form);
    let found = bench.ask(&format!("GET /v1/subscriptions/{subscription}"), "");
    let item = &found["items"]["data"][0];
    let length = item["current_period_end"].as_i64().unwrap() - item["current_period_start"].as_i64().unwrap();
    bench.clock.advance(TimeDelta::seconds(length / 2));
    let form = format!("items[0][id]={}&items[0][price]={}&proration_behavior=always_invoice", id(item), id(&dear));
    bench.ask(&format!("POST /v1/subscriptions/{subscription}?"), &form);
    let invoices = bench.ask(&format!("GET /v1/invoices?subscription={subscription}"), "");
    assert_eq!((&invoices["data"][0]["total"], &invoices["data"][0]["status"]), (&json!(1000), &json!("paid")));
}

#[test]
fn cancellation_waits_for_the_end_and_can_be_taken_back() {
    let bench = Bench::new();
    let subscription = bench.subscribed("");
    let update = format!("POST /v1/subscriptions/{subscription}");
    assert!(bench.ask(&update, "cancel_at_period_end=true")["cancel_at"].is_i64());
    assert!(bench.ask(&update, "cancel_at_period_end=false")["cancel_at"].is_null());
    bench.ask(&update, "cancel_at_period_end=true");
    bench.days(32);
    let ended = bench.ask(&format!("GET /v1/subscriptions/{subscription}"), "");
    assert_eq!(ended["status"], "canceled");
    assert_eq!(bench.fake.test().all("charge").len(), 1);
}

#[test]
fn paused_collection_voids_what_it_bills() {
    let bench = Bench::new();
    let subscription = bench.subscribed("");
    let update = format!("POST /v1/subscriptions/{subscription}");
    bench.ask(&update, "pause_collection[behavior]=void");
    bench.days(32);
    let invoices = bench.ask(&format!("GET /v1/invoices?subscription={subscription}"), "");
    assert_eq!(invoices["data"][0]["status"], "void");
    assert!(bench.ask(&update, "pause_collection=")["pause_collection"].is_null());
}

#[test]
fn a_draft_takes_lines_until_it_is_asked_for() {
    let bench = Bench::new();
    let subscription = bench.subscribed("");
    let path = format!("GET /v1/subscriptions/{subscription}?expand[]=latest_invoice");
    let found = bench.ask(&path, "");
    let end = found["items"]["data"][0]["current_period_end"].as_i64().unwrap();
    bench.clock.advance(TimeDelta::seconds(end - bench.clock.now().timestamp()));
    let draft = bench.ask(&path, "")["latest_invoice"].clone();
    assert_eq!(draft["status"], "draft");
    let (customer, invoice) = (found["customer"].as_str().unwrap(), id(&draft));
    let form = format!("customer={customer}&invoice={invoice}&currency=usd&amount=-500&metadata[a]=b");
    bench.ask("POST /v1/invoiceitems", &form);
    bench.clock.advance(TimeDelta::hours(2));
    let paid = bench.ask(&path, "")["latest_invoice"].clone();
    assert_eq!((&paid["total"], &paid["amount_paid"]), (&json!(1500), &json!(1500)));
    assert_eq!(paid["lines"]["data"][1]["metadata"]["a"], "b");
    assert_eq!(bench.try_ask("POST /v1/invoiceitems", &form, &[]).1["error"]["code"], "invoice_not_editable");
}

#[test]
fn keys_answer_the_same_and_refuse_something_else() {
    let bench = Bench::new();
    let key = [("idempotency-key", "k")];
    let first = bench.try_ask("POST /v1/customers", "name=A", &key);
    assert_eq!(bench.try_ask("POST /v1/customers", "name=A", &key), first);
    let (status, other) = bench.try_ask("POST /v1/customers", "name=B", &key);
    assert_eq!((status, &other["error"]["type"]), (400, &json!("idempotency_error")));
    bench.fake.plan("POST /v1/customers", Trouble::StillRunning(1), 1);
    let key = [("idempotency-key", "slow")];
    assert!(matches!(bench.send("POST /v1/customers", "name=C", &key), Reply::HangUp));
    assert_eq!(bench.try_ask("POST /v1/customers", "name=C", &key).0, 409);
    assert_eq!(bench.try_ask("POST /v1/customers", "name=C", &key).0, 200);
    assert_eq!(bench.fake.test().all("customer").len(), 2);
    bench.days(2);
    assert_eq!(bench.try_ask("POST /v1/customers", "name=B", &key).0, 200);
}

#[test]
fn refused_requests_are_not_remembered_and_kept_errors_are() {
    let bench = Bench::new();
    let key = [("idempotency-key", "k")];
    assert_eq!(bench.try_ask("POST /v1/customers", "nmae=A", &key).1["error"]["code"], "parameter_unknown");
    bench.fake.plan("POST", Fault::Internal, 1);
    assert_eq!(bench.try_ask("POST /v1/customers", "name=A", &key).0, 500);
    assert_eq!(bench.try_ask("POST /v1/customers", "name=A", &key).0, 200);
    bench.fake.plan("POST", Trouble::KeptError, 1);
    let key = [("idempotency-key", "kept")];
    assert_eq!(bench.try_ask("POST /v1/customers", "name=A", &key).0, 500);
    assert_eq!(bench.try_ask("POST /v1/customers", "name=A", &key).0, 500);
}

#[test]
fn modes_and_keys_do_not_mix() {
    let bench = Bench::new();
    let customer = bench.ask("POST /v1/customers", "name=A");
    let live = format!("Bearer {LIVE_KEY}");
    let (status, body) =
        bench.try_ask(&format!("GET /v1/customers/{}", id(&customer)), "", &[("authorization", &live)]);
    let message = body["error"]["message"].as_str().unwrap();
    assert_eq!((status, &body["error"]["code"]), (404, &json!("resource_missing")));
    assert!(
        message.ends_with("a similar object exists in test mode, but a live mode key was used to make this request.")
    );
    assert_eq!(bench.try_ask("GET /v1/balance", "", &[("authorization", "Bearer sk_test_other")]).0, 401);
    assert_eq!(bench.ask("GET /v1/balance", "")["livemode"], false);
}

#[test]
fn refunds_stop_at_what_was_charged() {
    let bench = Bench::new();
    bench.subscribed("");
    let intent = id(&bench.fake.test().all("payment_intent")[0]).to_owned();
    bench.ask("POST /v1/refunds", &format!("payment_intent={intent}&amount=1500"));
    let (status, body) = bench.try_ask("POST /v1/refunds", &format!("payment_intent={intent}&amount=501"), &[]);
    assert_eq!((status, &body["error"]["param"]), (400, &json!("amount")));
    bench.ask("POST /v1/refunds", &format!("payment_intent={intent}"));
    let (_, body) = bench.try_ask("POST /v1/refunds", &format!("payment_intent={intent}"), &[]);
    assert_eq!(body["error"]["code"], "charge_already_refunded");
    let told = bench.kinds();
    assert_eq!(told.iter().filter(|kind| *kind == "charge.refunded").count(), 2);
}

#[test]
fn cards_decline_ask_and_pay() {
    let bench = Bench::new();
    let form = "mode=payment&success_url=https://a.example/&line_items[0][quantity]=1\
                &line_items[0][price_data][currency]=idr&line_items[0][price_data][unit_amount]=9900000\
                &line_items[0][price_data][product_data][name]=Once";
    let session = id(&bench.ask("POST /v1/checkout/sessions", form)).to_owned();
    let side = bench.fake.test();
    assert_eq!(side.enter_card(&session, "4000000000009995"), Entered::Declined);
    assert_eq!(side.enter_card(&session, "4000002760003184"), Entered::Authenticate);
    assert_eq!(side.authenticate(&session, false), Entered::Declined);
    assert_eq!(side.enter_card(&session, "4000002760003184"), Entered::Authenticate);
    assert!(matches!(side.authenticate(&session, true), Entered::Paid { .. }));
    assert_eq!(side.enter_card(&session, "4242424242424242"), Entered::Declined);
    let charges = side.all("charge");
    assert_eq!(charges.iter().filter(|charge| charge["paid"] == true).count(), 1);
    assert_eq!(charges.iter().map(|charge| charge["amount"].as_i64().unwrap()).max(), Some(9_900_000));
}

#[test]
fn sessions_expire_and_late_money_arrives() {
    let bench = Bench::new();
    let form = "mode=payment&success_url=https://a.example/&line_items[0][quantity]=1\
                &line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=500\
                &line_items[0][price_data][product_data][name]=Once";
    let open = |bench: &Bench| id(&bench.ask("POST /v1/checkout/sessions", form)).to_owned();
    let (left, late) = (open(&bench), open(&bench));
    bench.fake.test().pay_later(&late);
    let shown = bench.ask(&format!("GET /v1/checkout/sessions/{late}"), "");
    assert_eq!((&shown["status"], &shown["payment_status"]), (&json!("complete"), &json!("unpaid")));
    bench.days(2);
    bench.fake.test().arrive(&late, true);
    assert_eq!(bench.ask(&format!("GET /v1/checkout/sessions/{late}"), "")["payment_status"], "paid");
    assert_eq!(bench.ask(&format!("GET /v1/checkout/sessions/{left}"), "")["status"], "expired");
    let told = bench.kinds();
    for kind in ["checkout.session.expired", "checkout.session.async_payment_succeeded"] {
        assert!(told.contains(&kind.to_owned()), "{kind} is not in {told:?}");
    }
}

#[test]
fn lists_page_newest_first() {
    let bench = Bench::new();
    let ids: Vec<_> = (0..5).map(|_| id(&bench.ask("POST /v1/customers", "")).to_owned()).collect();
    let first = bench.ask("GET /v1/customers?limit=2", "");
    assert_eq!((id(&first["data"][0]), &first["has_more"]), (ids[4].as_str(), &json!(true)));
    let rest = bench.ask(&format!("GET /v1/customers?starting_after={}", ids[3]), "");
    assert_eq!((rest["data"].as_array().unwrap().len(), &rest["has_more"]), (3, &json!(false)));
    assert_eq!(bench.try_ask("GET /v1/customers?limit=0", "", &[]).0, 400);
}
