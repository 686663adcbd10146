//! Cards, Checkout Sessions and refunds.

use serde_json::json;

use super::*;

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
