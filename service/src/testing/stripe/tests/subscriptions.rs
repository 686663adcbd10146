//! Subscriptions: paid, renewed, changed and ended.

use chrono::TimeDelta;
use serde_json::json;

use super::*;

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
fn a_date_stays_where_an_end_with_the_period_moves() {
    for classic in [false, true] {
        let bench = Bench::new();
        bench.fake.choose(|rules| rules.classic = classic);
        let subscription = bench.subscribed("");
        let update = format!("POST /v1/subscriptions/{subscription}");
        let found = bench.ask(&format!("GET /v1/subscriptions/{subscription}"), "");
        let end = found["items"]["data"][0]["current_period_end"].as_i64().unwrap();
        assert_eq!(found["billing_mode"]["type"], if classic { "classic" } else { "flexible" });
        bench.fake.test().cancel_in_portal(&subscription);
        let moved = bench.ask(&update, &format!("trial_end={}&proration_behavior=none", end + 86_400));
        let ends = if classic { end + 86_400 } else { end };
        assert_eq!((&moved["cancel_at_period_end"], &moved["cancel_at"]), (&json!(classic), &json!(ends)));
        let kept = bench.ask(&update, "cancel_at_period_end=false");
        assert_eq!(kept["cancel_at"].is_null(), classic);
        assert!(bench.ask(&update, "cancel_at=")["cancel_at"].is_null());
        let both = format!("cancel_at_period_end=false&cancel_at={end}");
        assert_eq!(bench.try_ask(&update, &both, &[]).0, 400);
        let dated = bench.ask(&update, &format!("cancel_at={end}"));
        assert_eq!((&dated["cancel_at_period_end"], &dated["cancel_at"]), (&json!(false), &json!(end)));
        assert_eq!(bench.ask(&update, "cancel_at_period_end=true")["cancel_at"], end + 86_400);
    }
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
