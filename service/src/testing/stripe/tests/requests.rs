//! Requests: their answers, keys, modes and lists.

use serde_json::json;

use super::*;
use crate::testing::fault::Fault;

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
fn lists_page_newest_first() {
    let bench = Bench::new();
    let ids: Vec<_> = (0..5).map(|_| id(&bench.ask("POST /v1/customers", "")).to_owned()).collect();
    let first = bench.ask("GET /v1/customers?limit=2", "");
    assert_eq!((id(&first["data"][0]), &first["has_more"]), (ids[4].as_str(), &json!(true)));
    let rest = bench.ask(&format!("GET /v1/customers?starting_after={}", ids[3]), "");
    assert_eq!((rest["data"].as_array().unwrap().len(), &rest["has_more"]), (3, &json!(false)));
    assert_eq!(bench.try_ask("GET /v1/customers?limit=0", "", &[]).0, 400);
}
