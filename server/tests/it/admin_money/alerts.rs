//! What needs somebody to look: alerts, drift, notifications that failed.

use axum::http::StatusCode;
use chrono::TimeDelta;

use super::{Till, has, has_not};

#[tokio::test(flavor = "multi_thread")]
async fn alerts_count_in_the_sidebar_until_they_are_resolved() {
    let till = Till::open().await;
    has(&till.office.get("alerts").await, &["Nothing to look at"]);
    // The bank reports another amount than was asked for.
    let placed = till.order(till.member("ana@example.com").await, "pro").await;
    let services = &till.office.app.services;
    services.orders().press(placed.clone(), "https://here.example/".into()).await.unwrap();
    let sql = "UPDATE sandbox_payments SET request = replace(request, '\"amount\":999', '\"amount\":100')";
    till.office.app.test.execute(sql).await;
    till.pay(placed.clone()).await;
    let page = till.office.get("alerts").await;
    let subject = format!("q={}", placed.order.id);
    has(&page, &["A payment differs from what was shown", "another amount", "1 open alert", &subject]);
    has(&till.office.get("plans").await, &["1 open alert"]);
    till.office.app.test.execute("UPDATE alerts SET kind = 'credit_spent'").await;
    let spent = till.office.get("alerts").await;
    has(&spent, &["Money went back after its credit was spent", "Settle with the user what is missing", &subject]);
    has_not(&spent, &["Money came for what could not be had any more"]);
    till.office.app.test.execute("UPDATE alerts SET kind = 'refund_failed'").await;
    has(&till.office.get("alerts").await, &["A refund has failed", "send it to the customer another way", &subject]);
    till.office.app.test.execute("UPDATE alerts SET kind = 'payment_differs'").await;
    let id = page.text().split("name=\"alert\" value=\"").nth(1).unwrap()[..36].to_owned();
    let resolve = [("action", "resolve"), ("alert", id.as_str())];
    for _ in 0..2 {
        let page = till.office.act("alerts", &resolve).await;
        has(&page, &["Resolved.", "Nothing to look at"]);
        has_not(&page, &["1 open alert"]);
    }
    has(&till.office.get("alerts?state=resolved").await, &["A payment differs from what was shown"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_is_looked_for_put_right_and_shown() {
    let till = Till::open().await;
    let list = "alerts?state=drift";
    let empty = till.office.get(list).await;
    has(&empty, &["No drift", "Check now", "value=\"check\"", "alerts?state=resolved"]);
    till.pay_unheard(&till.order(till.member("ana@example.com").await, "pro").await).await;
    has(&till.office.get("payments").await, &["No payments yet"]);

    let found = till.office.act(list, &[("action", "check")]).await;
    let payment = till.first("payments").await;
    let see = format!("href=\"/dashboard/acme/payments/{payment}\"");
    let body = "It has been put right; nothing is left to do.";
    has(&found, &["what differed has been put right.", "The provider and this server disagreed", body, &see]);
    has_not(&found, &["value=\"resolve\"", "1 open alert"]);
    assert_eq!(till.office.get(&format!("payments/{payment}")).await.status, StatusCode::OK);
    has(&till.office.get("alerts").await, &["Nothing to look at"]);
    has(&till.office.act(list, &[("action", "check")]).await, &["everything agrees.", body]);

    // What nobody could repair is open, and about a subscription.
    let subscription = till.first("subscriptions").await;
    let about = |id: &str| format!("UPDATE alerts SET resolved_at = NULL, subject = '{id}' WHERE kind = 'drift'");
    till.office.app.test.execute(&about(&subscription)).await;
    let open = till.office.get(list).await;
    let see = format!("href=\"/dashboard/acme/subscriptions/{subscription}\"");
    has(&open, &["Compare both.", "1 open alert", "value=\"resolve\"", &see]);
    assert_eq!(till.office.get(&format!("subscriptions/{subscription}")).await.status, StatusCode::OK);
    let id = open.hidden("alert");
    till.office.app.clock.advance(TimeDelta::minutes(1));
    let resolved = till.office.act(list, &[("action", "resolve"), ("alert", &id)]).await;
    has(&resolved, &["Resolved.", "Check now", "Compare both."]);
    has_not(&resolved, &["1 open alert"]);
    // What is gone has no link.
    till.office.app.test.execute(&about("0198b5a4-0000-7000-8000-000000000000")).await;
    has_not(&till.office.get(list).await, &["See the subscription", "See the payment"]);
    // Known causes are told in the reader's language, what nobody knows as it stands there.
    let causes =
        "UPDATE alerts SET detail = 'a paused subscription is billed at the provider; what a later node wrote'";
    till.office.app.test.execute(&format!("{causes} WHERE kind = 'drift'")).await;
    has(&till.office.get(list).await, &["a paused subscription is billed at the provider; what a later node wrote"]);
    let told = "langganan yang dijeda ditagih oleh penyedia; what a later node wrote";
    has(&till.office.get(&format!("{list}&lang=id")).await, &["Penyimpangan", "Periksa sekarang", told]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_checked_is_said() {
    let till = Till::open().await;
    till.pay_unheard(&till.order(till.member("ana@example.com").await, "pro").await).await;
    till.office.app.test.execute("UPDATE sandbox_payments SET request = 'bent'").await;
    let found = till.office.act("alerts?state=drift", &[("action", "check")]).await;
    has(&found, &["Not everything could be asked about.", "No drift"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_that_failed_is_handled_again() {
    let till = Till::open().await;
    till.pay_unheard(&till.order(till.member("ana@example.com").await, "pro").await).await;
    let sql = "UPDATE inbox SET error = 'SRV_003', attempts = 3, next_at = NULL, handled_at = NULL";
    till.office.app.test.execute(sql).await;
    let page = till.office.get("alerts").await;
    let failed = ["Notifications that failed", "SRV_003", "3 attempts", "given up", "Handle again", "1 open alert"];
    has(&page, &failed);
    has_not(&till.office.get("alerts?state=resolved").await, &["Notifications that failed"]);
    for wrong in ["bent", "0198b5a4-0000-7000-8000-000000000000"] {
        let refused = till.office.post("alerts", &[("action", "retry"), ("notification", wrong)]).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{wrong}");
        has(&refused, &failed);
    }
    till.office.app.test.execute("UPDATE inbox SET attempts = 1").await;
    let once = till.office.get("alerts").await;
    has(&once, &["1 attempt"]);
    has_not(&once, &["1 attempts"]);
    has(&till.office.get("payments").await, &["No payments yet"]);
    let id = page.hidden("notification");
    let retry = [("action", "retry"), ("notification", id.as_str())];
    for _ in 0..2 {
        let done = till.office.act("alerts", &retry).await;
        has(&done, &["It is handled again.", "Nothing to look at"]);
        has_not(&done, &["Notifications that failed", "1 open alert"]);
    }
    has(&till.office.get("payments").await, &["ana@example.com", "$9.99"]);
}
