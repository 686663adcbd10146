//! The lists of money in the dashboard, without JavaScript: what they are sorted by, and what is done with several of
//! their rows.

use axum::http::StatusCode;
use chrono::TimeDelta;

use crate::{
    admin_money::{Till, has, has_not},
    admin_pages::{admin, application, land},
    support::Answer,
};

/// Where a page leads.
fn links(page: &Answer) -> Vec<String> {
    let links = page.text().split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.map(|href| href.replace("&amp;", "&")).collect()
}

#[track_caller]
fn leads_to(page: &Answer, addresses: &[&str]) {
    let links = links(page);
    for address in addresses {
        let address = format!("/dashboard/acme/{address}");
        assert!(links.contains(&address), "{address} is missing: {links:?}");
    }
}

/// These stand on the page in this order.
#[track_caller]
fn in_order(page: &Answer, parts: &[&str]) {
    has(page, parts);
    let found: Vec<_> = parts.iter().filter_map(|part| page.text().find(part)).collect();
    assert!(found.is_sorted(), "not in this order: {parts:?} {}", page.text());
}

const ANA: &str = "ana@example.com";
const BUDI: &str = "budi@example.com";
const CITRA: &str = "citra@example.com";

/// Three customers, one after the other, of whom Budi has paid the most.
async fn busy() -> Till {
    let till = Till::open().await;
    for (email, plan) in [(ANA, "pro"), (BUDI, "team"), (CITRA, "pro")] {
        till.buyer(email, plan).await;
        till.office.app.clock.advance(TimeDelta::minutes(1));
    }
    till
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_are_sorted_by_links() {
    let till = busy().await;
    let page = till.office.get("payments").await;
    in_order(&page, &["aria-sort=\"descending\"", CITRA, BUDI, ANA]);
    assert_eq!(page.text().matches("aria-sort=").count(), 1, "only what it is sorted by");
    leads_to(&page, &["payments?sort=date", "payments?sort=-amount"]);
    has(&page, &["Sort by", "Date, descending"]);
    in_order(&till.office.get("payments?sort=date").await, &["aria-sort=\"ascending\"", ANA, BUDI, CITRA]);
    in_order(&till.office.get("payments?sort=amount").await, &["aria-sort=\"ascending\"", ANA, CITRA, BUDI]);

    // It stays with what else the address says.
    let page = till.office.get("payments?status=succeeded&q=example&sort=-amount").await;
    in_order(&page, &["aria-sort=\"descending\"", BUDI, CITRA, ANA]);
    has(&page, &["name=\"sort\" value=\"-amount\""]);
    let csv = "payments?q=example&status=succeeded&sort=-amount&format=csv";
    let other = "payments?q=example&status=succeeded&sort=amount";
    leads_to(&page, &[csv, other, "payments?q=example&sort=-amount", "payments?status=succeeded&sort=-amount"]);
    leads_to(&page, &["payments?q=example&status=succeeded"]);
    in_order(&till.office.get(csv).await, &[BUDI, CITRA, ANA]);

    for query in ["sort=status", "sort=", "sort=date&cursor=x", "sort=--date", "cursor=usd.999.x"] {
        let page = till.office.get(&format!("payments?{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        has(&page, &[ANA, BUDI, CITRA]);
    }
    let id = row_of(&till, "payments", BUDI).await;
    let behind = till.office.get(&format!("payments?sort=-amount&cursor=usd.2999.{id}")).await;
    in_order(&behind, &[CITRA, ANA]);
    has_not(&behind, &[BUDI]);
    leads_to(&behind, &["payments?sort=-amount"]);
}

/// The id of the only row of a list that a search finds.
async fn row_of(till: &Till, list: &str, search: &str) -> String {
    till.first(&format!("{list}?q={search}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_are_sorted_by_links() {
    let till = busy().await;
    let page = till.office.get("subscriptions").await;
    in_order(&page, &["aria-sort=\"descending\"", CITRA, BUDI, ANA]);
    leads_to(&page, &["subscriptions?sort=period_end", "subscriptions?sort=started"]);
    let page = till.office.get("subscriptions?plan=pro&status=active&sort=period_end").await;
    in_order(&page, &["aria-sort=\"ascending\"", ANA, CITRA]);
    has(&page, &["Period ends", "Next charge: $9.99 on"]);
    has_not(&page, &[BUDI]);
    leads_to(
        &page,
        &["subscriptions?plan=pro&status=active&sort=-period_end", "subscriptions?plan=pro&sort=period_end"],
    );
    in_order(&till.office.get("subscriptions?sort=-period_end").await, &[CITRA, BUDI, ANA]);
    in_order(&till.office.get("subscriptions?sort=period_end&format=csv").await, &[ANA, BUDI, CITRA]);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_subscriptions_are_canceled_after_a_look() {
    let till = busy().await;
    let page = till.office.get("subscriptions?sort=started").await;
    let address = "action=\"/dashboard/acme/subscriptions/cancel\"";
    has(&page, &[address, "Select the subscription of ana@example.com", "Cancel the selected at period end"]);
    let ids = page.text().split("name=\"id\" value=\"").skip(1).map(|rest| rest[..36].to_owned());
    let [ana, budi, citra]: [String; 3] = ids.collect::<Vec<_>>().try_into().unwrap();
    till.office.post(&format!("subscriptions/{citra}"), &[("action", "cancel_now")]).await;
    let chosen = format!("id={ana}&id={budi}&id={citra}&id=none");

    let look = till.office.get(&format!("subscriptions/cancel?{chosen}")).await;
    has(&look, &["Cancel at period end: 2", "Left as they are: 1", "It has ended already.", "name=\"reason\""]);
    has(&look, &[ANA, BUDI, CITRA, "Ends "]);
    has_not(&till.office.get("subscriptions").await, &["Cancels on"]);

    let send = async |action: &str, reason: &str| {
        let fields = [
            ("action", action),
            ("id", ana.as_str()),
            ("id", budi.as_str()),
            ("id", citra.as_str()),
            ("reason", reason),
        ];
        till.office.post("subscriptions/cancel", &fields).await
    };
    for (action, reason) in [("cancel", "x".repeat(501)), ("nonsense", String::new())] {
        let refused = send(action, &reason).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{action}");
        has(&refused, &["Cancel at period end: 2"]);
    }
    has_not(&till.office.get("subscriptions").await, &["Cancels on"]);
    for _ in 0..2 {
        // The second is the same form, sent twice.
        let done = send("cancel", "We move").await;
        assert_eq!(done.status, StatusCode::OK);
        has(&done, &["Canceled at period end: 2", "Left as they are: 1", "It has ended already."]);
        has_not(&done, &["name=\"reason\""]);
    }
    for who in [ANA, BUDI] {
        has(&till.office.get(&format!("subscriptions?q={who}")).await, &["Cancels on"]);
    }
    has(&till.office.get(&format!("subscriptions/{ana}")).await, &["We move"]);

    has(&till.office.get("subscriptions/cancel").await, &["Nothing selected"]);
    let app = &till.office.app;
    let foreign = app.browser();
    foreign.sign_in(&admin(app, &application(app, "other", "Other").await).await).await;
    let elsewhere = foreign.get(&format!("/dashboard/other/subscriptions/cancel?{chosen}")).await;
    has(&elsewhere, &["Nothing selected"]);
    has_not(&elsewhere, &[ANA]);
    let hidden = foreign.get(&format!("/dashboard/acme/subscriptions/cancel?{chosen}")).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_alerts_are_resolved_at_once() {
    let till = Till::open().await;
    let app = &till.office.app;
    let mut orders = Vec::new();
    for email in [ANA, BUDI, CITRA] {
        let placed = till.order(till.member(email).await, "pro").await;
        app.services.orders().press(placed.clone(), "https://here.example/".into()).await.unwrap();
        orders.push(placed);
    }
    // The bank reports other amounts than were asked for.
    let sql = "UPDATE sandbox_payments SET request = replace(request, '\"amount\":999', '\"amount\":100')";
    app.test.execute(sql).await;
    for placed in orders {
        till.pay(placed).await;
    }
    let page = till.office.get("alerts").await;
    has(&page, &["3 open alerts", "Resolve the selected", "Select: A payment differs from what was shown, "]);
    let boxes = page.text().split("form=\"several\" name=\"alert\" value=\"").skip(1);
    let ids: Vec<_> = boxes.map(|rest| rest[..36].to_owned()).collect();
    assert_eq!(ids.len(), 3);
    let none = till.office.post("alerts", &[("action", "resolve")]).await;
    assert_eq!(none.location(), Some("/dashboard/acme/alerts"));
    has(&till.office.get("alerts").await, &["3 open alerts"]);
    let two = [("action", "resolve"), ("alert", ids[0].as_str()), ("alert", ids[2].as_str())];
    for _ in 0..2 {
        let page = land(app, &till.office.post("alerts", &two).await).await;
        has(&page, &["Resolved.", "1 open alert", &ids[1]]);
        has_not(&page, &[&ids[0], &ids[2], "Resolve the selected"]);
    }
}
