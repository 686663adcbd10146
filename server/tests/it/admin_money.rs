//! Payments, subscriptions, coupons, alerts, the clock and payment settings in the dashboard, without JavaScript.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use domain::{
    Timestamp,
    billing::{plan::PlanKey, price::Interval, quote::Seen},
    id::{ApplicationId, UserId},
    text::Name,
};
use serde_json::{Value, json};
use service::{
    Ctx,
    billing::orders::{Destination, NewOrder, Placed, Started},
    payment::sandbox::CardNumber,
};

use crate::{
    admin_pages::{Office, admin, application, land, user},
    pages_shop,
    rest::{refused, with},
    support::Answer,
};

const CATALOG: &str = r#"
[[applications]]
slug = "acme"
name = "Acme"
payment_provider = "sandbox"
return_urls = ["https://app.example/"]
[[applications.plans]]
key = "pro"
name = "Pro"
[[applications.plans.prices]]
name = "Monthly"
amount = 999
currency = "usd"
[[applications.plans]]
key = "team"
name = "Team"
[[applications.plans.prices]]
name = "Monthly"
amount = 2999
currency = "usd"
[[applications.plans]]
key = "slow"
name = "Slow"
[[applications.plans.prices]]
name = "Monthly"
amount = 1999
currency = "usd"
trial_days = 14
"#;

/// What an application in Indonesia sells besides.
const RUPIAH: &str = r#"
[[applications.plans]]
key = "lokal"
name = "Lokal"
[[applications.plans.prices]]
name = "Monthly"
amount = 9900000
currency = "idr"
"#;

/// An office whose application collects in the sandbox.
pub struct Till {
    pub office: Office,
    pub application: ApplicationId,
}

impl Till {
    pub async fn open() -> Self {
        let office = Office::open().await;
        office.app.apply(CATALOG).await;
        let application = office.created.application.id;
        Self { office, application }
    }

    pub async fn member(&self, email: &str) -> UserId {
        let user = user(&self.office.app, email).await;
        let services = &self.office.app.services;
        services.memberships().grant(&Ctx::operator(), self.application, user.id, None).await.unwrap();
        user.id
    }

    /// A member who has bought a plan with a test card.
    pub async fn buyer(&self, email: &str, plan: &str) -> UserId {
        let user = self.member(email).await;
        self.pay(self.order(user, plan).await).await;
        user
    }

    pub async fn order(&self, user: UserId, plan: &str) -> Placed {
        self.order_with(user, plan, None).await
    }

    async fn order_with(&self, user: UserId, plan: &str, metadata: Option<Value>) -> Placed {
        let services = &self.office.app.services;
        let url = || "https://app.example/".to_owned();
        let destination = Destination::Application { success_url: url(), cancel_url: url() };
        let new = NewOrder {
            plan: PlanKey::parse(plan).unwrap(),
            price: None,
            coupon: None,
            destination,
            metadata: metadata.and_then(|metadata| metadata.as_object().cloned()),
            payer: None,
        };
        let started = services.orders().start(&Ctx::operator(), self.application, user, new).await.unwrap();
        let Started::Order(placed) = started else { panic!("{started:?}") };
        *placed
    }

    pub async fn pay(&self, placed: Placed) {
        self.pay_unheard(&placed).await;
        self.office.app.services.orders().look(placed).await.unwrap();
    }

    /// Pays without anybody coming back from the bank's page.
    async fn pay_unheard(&self, placed: &Placed) {
        let services = &self.office.app.services;
        services.orders().press(placed.clone(), "https://here.example/".into()).await.unwrap();
        let card = CardNumber::parse("4242424242424242").unwrap();
        services.sandbox().enter_card(placed.order.id.get(), card).await.unwrap();
    }

    /// The id of the first link of a list, such as `payments`.
    pub async fn first(&self, list: &str) -> String {
        let page = self.office.get(list).await;
        let text = page.text();
        let mark = format!("href=\"/dashboard/acme/{}/", list.split('?').next().unwrap());
        let id = text.split(&mark).nth(1).unwrap_or_else(|| panic!("no link in {list}"));
        id[..36].to_owned()
    }
}

#[track_caller]
pub fn has(answer: &Answer, parts: &[&str]) {
    for part in parts {
        assert!(answer.text().contains(part), "{part} is missing: {}", answer.text());
    }
}

/// What a preview lets somebody agree to; nothing where there is none.
fn agreed_to(preview: &Answer) -> String {
    let text = preview.text();
    let field = text.split("name=\"agreed\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    field.unwrap_or_default().to_owned()
}

#[track_caller]
pub fn has_not(answer: &Answer, parts: &[&str]) {
    for part in parts {
        assert!(!answer.text().contains(part), "{part} is there: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_money_pages_are_for_the_admins_of_the_application() {
    let till = Till::open().await;
    till.buyer("ana@example.com", "pro").await;
    let payment = till.first("payments").await;
    let subscription = till.first("subscriptions").await;
    let app = &till.office.app;
    let other = application(app, "other", "Other").await;
    let foreign = app.browser();
    foreign.sign_in(&admin(app, &other).await).await;
    let nobody = app.browser();
    let plain = app.browser();
    plain.sign_in(&user(app, "plain@example.com").await).await;
    let pages = [
        "payments".to_owned(),
        "payments?format=csv".to_owned(),
        format!("payments/{payment}"),
        "subscriptions".to_owned(),
        "subscriptions?format=csv".to_owned(),
        format!("subscriptions/{subscription}"),
        "coupons".to_owned(),
        "alerts".to_owned(),
        "clock".to_owned(),
        "settings/payments".to_owned(),
    ];
    for page in &pages {
        let path = format!("/dashboard/acme/{page}");
        assert_eq!(app.get(&path).await.status, StatusCode::OK, "{path}");
        assert_eq!(nobody.get(&path).await.location(), Some("/sign-in"), "{path}");
        assert_eq!(plain.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(foreign.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        let post = foreign.post_form(&path, &[("action", "save")]).await;
        assert!([404, 405].contains(&post.status.as_u16()), "{path}: {}", post.status);
        // What belongs to Acme is nothing of another application's.
        if page.contains('/') && !page.starts_with("settings") {
            let path = format!("/dashboard/other/{page}");
            assert_eq!(foreign.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
            let post = foreign.post_form(&path, &[("action", "refund"), ("refunded", "0")]).await;
            assert_eq!(post.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_are_found_filtered_and_exported() {
    let till = Till::open().await;
    let empty = till.office.get("payments").await;
    has(&empty, &["No payments yet", "/dashboard/acme/settings/payments"]);
    let ana = till.buyer("ana@example.com", "pro").await;
    till.buyer("=cmd@example.com", "team").await;
    let all = till.office.get("payments").await;
    has(&all, &["$9.99", "$29.99", "ana@example.com", "New subscription", "Test mode"]);
    let id = till.first("payments?q=ana@example.com").await;
    for query in ["q=ana", "status=succeeded&q=ana%40example.com", &format!("q={id}")] {
        let found = till.office.get(&format!("payments?{query}")).await;
        has(&found, &["$9.99"]);
        has_not(&found, &["$29.99"]);
    }
    has(&till.office.get("payments?status=failed").await, &["Nothing matches"]);
    let file = till.office.get("payments?format=csv&q=cmd").await;
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    has(&file, &["id,createdAt,status,amount", ",29.99,USD,0.00,", "\"'=cmd@example.com\"", ",team,new,"]);
    has_not(&file, &["ana@example.com"]);
    till.office.app.apply(&format!("{CATALOG}{RUPIAH}")).await;
    till.buyer("citra@example.com", "lokal").await;
    let file = till.office.get("payments?format=csv&q=citra").await;
    has(&file, &[",99000,IDR,0,citra@example.com,"]);
    let file = till.office.get("subscriptions?format=csv").await;
    assert_eq!(file.text().lines().count(), 4, "{}", file.text());
    has(&file, &[&ana.to_string(), ",pro,", ",provider,sandbox,"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_shows_what_the_application_wants_to_find_again() {
    let till = Till::open().await;
    let (ana, budi) = (till.member("ana@example.com").await, till.member("budi@example.com").await);
    let metadata = json!({ "cart": 4711, "note": "<b>now</b>", "tags": ["a", { "b": null }] });
    let placed = till.order_with(ana, "pro", Some(metadata.clone())).await;
    till.pay(placed).await;
    till.pay(till.order(budi, "pro").await).await;
    let app = &till.office.app;
    let all = app.get(&format!("/api/admin/applications/{}/payments", till.application)).await.json();
    let all = all["payments"].as_array().unwrap();
    let of = |email: &str| all.iter().find(|payment| payment["email"] == email).unwrap();
    assert_eq!(of("ana@example.com")["metadata"], metadata);
    assert_eq!(of("budi@example.com")["metadata"], Value::Null);
    let page = async |email: &str| till.office.get(&format!("payments/{}", of(email)["id"].as_str().unwrap())).await;
    let shown = page("ana@example.com").await;
    has(&shown, &["Metadata of the application", "4711", "&lt;b&gt;now&lt;/b&gt;"]);
    has_not(&shown, &["<b>now"]);
    has_not(&page("budi@example.com").await, &["Metadata of the application"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_shows_everything_and_goes_back_once() {
    let till = Till::open().await;
    till.buyer("ana@example.com", "pro").await;
    let page = format!("payments/{}", till.first("payments").await);
    let shown = till.office.get(&page).await;
    has(&shown, &["Payment of $9.99", "Money arrived", "4242", "ACME-000001", "Payment arrived", "Up to $9.99"]);
    for (typed, flaw) in [("10", "must be more than 0"), ("9.999", "2 decimals"), ("x", "must be written like")] {
        let refused = till.office.post(&page, &[("action", "refund"), ("refunded", "0"), ("refund", typed)]).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{typed}");
        has(&refused, &[flaw, &format!("value=\"{typed}\"")]);
    }
    let part = [("action", "refund"), ("refunded", "0"), ("refund", "4.00"), ("reason", "Sorry")];
    for _ in 0..2 {
        // The second is the same form, sent twice.
        let page = till.office.act(&page, &part).await;
        has(&page, &["Refunded.", "Partly refunded", "Up to $5.99"]);
    }
    let rest = [("action", "refund"), ("refunded", "400"), ("refund", "")];
    let gone = till.office.act(&page, &rest).await;
    has(&gone, &["Nothing can be refunded now.", "Payment refunded"]);
    let subscription = format!("subscriptions/{}", till.first("subscriptions").await);
    has(&till.office.get(&subscription).await, &["Canceled", "It has ended"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_canceled_undone_paused_and_changed() {
    let till = Till::open().await;
    let user = till.buyer("ana@example.com", "pro").await;
    let page = format!("subscriptions/{}", till.first("subscriptions").await);
    let post = async |fields: &[(&str, &str)]| {
        let answer = till.office.post(&page, fields).await;
        land(&till.office.app, &answer).await
    };
    let shown = till.office.get(&page).await;
    has(&shown, &["Subscription of ana@example.com", "$9.99 per month", "ACME-000001", "Cancel at period end", "4242"]);
    let canceled = post(&[("action", "cancel"), ("reason", "too dear")]).await;
    has(&canceled, &["Cancels on", "too dear", "Takes back the cancellation"]);
    has_not(&canceled, &["Cancel at period end"]);
    has(&post(&[("action", "undo")]).await, &["Undone", "Cancel at period end"]);
    has(&post(&[("action", "pause")]).await, &["Paused"]);
    has(&post(&[("action", "resume")]).await, &["It goes on."]);

    let directory = till.office.app.services.directory();
    let entry = directory.application(till.application).unwrap();
    let price = entry.plan_by_key("team").unwrap().prices[0].id.to_string();
    let preview = till.office.get(&format!("{page}?to=team/{price}")).await;
    has(&preview, &["Change to Team", "Upgrade", "Unused time of Pro", "The user has to pay", "It takes effect now."]);
    let digest = agreed_to(&preview);
    let stale = [("action", "change"), ("plan", "team"), ("price", price.as_str()), ("agreed", "1/new/other")];
    let refused = till.office.post(&page, &stale).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    has(&refused, &["costs something else by now"]);
    let agreed = [("action", "change"), ("plan", "team"), ("price", price.as_str()), ("agreed", digest.as_str())];
    let link = till.office.post(&page, &agreed).await;
    assert_eq!(link.status, StatusCode::OK);
    has(&link, &["This change must be paid", "/checkout/"]);
    let path = link.text().split("http://127.0.0.1:8080/checkout/").nth(1).unwrap();
    let path = path.split(['"', '<', '&']).next().unwrap();
    let placed = till.office.app.services.orders().find(path).await.unwrap();
    till.pay(placed).await;
    has(&till.office.get(&page).await, &["$29.99 per month"]);
    assert_eq!(till.office.post(&page, &[("action", "nonsense")]).await.status, StatusCode::BAD_REQUEST);
    has(&post(&[("action", "cancel_now")]).await, &["It has ended", "Canceled."]);
    let services = &till.office.app.services;
    assert!(services.subscriptions().get(&Ctx::operator(), till.application, user).await.unwrap().is_none());
    // A page that was left open changes nothing of what comes after.
    let late = till.office.post(&page, &[("action", "cancel_now")]).await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_unused_time_pays_is_agreed_to_for_a_while() {
    let till = Till::open().await;
    let app = &till.office.app;
    pages_shop::add_rupiah_plan(app, "acme", "Yearly", 1_200_000, Interval::Year).await;
    pages_shop::add_rupiah_plan(app, "acme", "Monthly", 110_000, Interval::Month).await;
    till.buyer("ana@example.com", "yearly").await;
    let page = format!("subscriptions/{}", till.first("subscriptions").await);
    let entry = app.services.directory().application(till.application).unwrap().clone();
    let price = entry.plan_by_key("monthly").unwrap().prices[0].id.to_string();
    let look = async || agreed_to(&till.office.get(&format!("{page}?to=monthly/{price}")).await);
    let change = async |agreed: &str| {
        let fields = [("action", "change"), ("plan", "monthly"), ("price", price.as_str()), ("agreed", agreed)];
        till.office.post(&page, &fields).await
    };
    let long_ago = look().await;
    app.clock.advance(TimeDelta::minutes(15));
    let refused = change(&long_ago).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    has(&refused, &["costs something else by now"]);
    let shown = look().await;
    app.clock.advance(TimeDelta::minutes(1));
    let sums = |seen: &str| Seen::parse(seen).digest;
    assert_ne!(sums(&look().await), sums(&shown), "the sum runs by the second");
    land(app, &change(&shown).await).await;
    let after = look().await;
    assert!(after.is_empty(), "it is the plan by now: {after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_is_extended_and_the_clock_brings_its_end() {
    let till = Till::open().await;
    till.buyer("ana@example.com", "slow").await;
    let page = format!("subscriptions/{}", till.first("subscriptions").await);
    has(&till.office.get(&page).await, &["Trial, 14 days left", "Extend the trial", "$19.99 on"]);
    let past = till.office.post(&page, &[("action", "extend"), ("until", "2020-01-01T00:00")]).await;
    assert_eq!(past.status, StatusCode::BAD_REQUEST);
    has(&past, &["must lie in the future"]);
    let now: Timestamp = till.office.app.services.now();
    let until = (now + TimeDelta::days(20)).format("%Y-%m-%dT%H:%M").to_string();
    let extended = till.office.post(&page, &[("action", "extend"), ("until", &until)]).await;
    has(&land(&till.office.app, &extended).await, &["The trial ends later now.", "Trial extended"]);

    till.office.app.clock.advance(TimeDelta::seconds(5));
    let wrong = till.office.post("clock", &[("action", "advance"), ("advance", "soon")]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    has(&wrong, &["12h, 3d, 2w, 1mo or 1y", "value=\"soon\""]);
    let moved = till.office.post("clock", &[("action", "advance"), ("advance", "1mo")]).await;
    let moved = land(&till.office.app, &moved).await;
    has(&moved, &["The clock was moved.", "What happened", "Invoice paid", "days ahead of real time"]);
    has(&till.office.get("payments").await, &["$19.99"]);
    has(&till.office.get(&page).await, &["$19.99 per month", "Active"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn coupons_are_made_and_archived() {
    let till = Till::open().await;
    has(&till.office.get("coupons").await, &["No coupons yet"]);
    let bad = [
        ("action", "create"),
        ("code", "<b>"),
        ("off", "percent"),
        ("percent", "101"),
        ("lasts", "months"),
        ("months", "0"),
        ("cap", "none"),
        ("expiry", "never"),
        ("plan", "nobody"),
    ];
    let refused = till.office.post("coupons", &bad).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    has(&refused, &["value=\"&lt;b&gt;\"", "at most 100", "must be 1 to 120", "is not a plan", "must be a date"]);
    let good = [("action", "create"), ("code", "spring"), ("off", "percent"), ("percent", "12.5"), ("lasts", "once")];
    has(&till.office.act("coupons", &good).await, &["SPRING", "12.5 %", "One charge"]);
    assert_eq!(till.office.post("coupons", &good).await.status, StatusCode::BAD_REQUEST);
    let amount = [
        ("action", "create"),
        ("code", "MINUS5"),
        ("off", "amount"),
        ("off_amount", "5"),
        ("currency", "usd"),
        ("lasts", "forever"),
        ("cap", "10"),
    ];
    let made = till.office.act("coupons", &amount).await;
    has(&made, &["MINUS5", "$5.00", "For ever", "0 of 10", "every plan"]);
    let services = &till.office.app.services;
    let all = services.coupons().list(&Ctx::operator(), till.application).await.unwrap();
    let id = all[0].coupon.id.to_string();
    let gone = till.office.post("coupons", &[("action", "archive"), ("coupon", &id)]).await;
    has(&land(&till.office.app, &gone).await, &["Archived: nobody can redeem it any more."]);
    let other = application(&till.office.app, "other", "Other").await;
    assert_ne!(other.application.id, till.application);
    let foreign =
        till.office.app.post_form("/dashboard/other/coupons", &[("action", "archive"), ("coupon", &id)]).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
}

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

#[tokio::test(flavor = "multi_thread")]
async fn payment_settings_keep_their_secrets() {
    let office = Office::open().await;
    let page = "settings/payments";
    has(&office.get(page).await, &["every plan is granted without payment", "No keys yet."]);
    let save = [
        ("action", "save"),
        ("provider", "stripe"),
        ("on_end", "default_plan"),
        ("grace_days", "14"),
        ("retries", "2, 4"),
        ("remind_before", ""),
        ("remind_after", "1"),
        ("return_urls", "https://app.example/billing"),
    ];
    let saved = office.act(page, &save).await;
    has(&saved, &["Saved.", "Stripe is chosen but has no keys yet", "value=\"2, 4\""]);
    let entry = office.app.services.directory().by_slug("acme").unwrap().clone();
    let settings = &entry.application.settings;
    assert_eq!((settings.grace_days, settings.dunning.retries(), settings.return_urls.len()), (14, &[2, 4][..], 1));
    let mut bad = save;
    (bad[3].1, bad[4].1, bad[6].1) = ("91", "4, 2", "1, x");
    let refused = office.post(page, &bad).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    has(&refused, &["must be 0 to 90", "growing numbers", "value=\"1, x\""]);

    const SECRET: &str = "sk_test_51abcdefghijklmnopqrstuv9876";
    const FIRST: &str = "whsec_aaaaaaaaaaaaaaaaaaaaaaaa1111";
    const SECOND: &str = "whsec_bbbbbbbbbbbbbbbbbbbbbbbb2222";
    let wrong = [("action", "keys"), ("of", "stripe"), ("stripe_secret_key", "pk_live_nonsense_of_mine")];
    let refused = office.post(page, &wrong).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    has(&refused, &["must begin with sk_test_", "href=\"#stripe_secret_key\""]);
    has_not(&refused, &["pk_live_nonsense_of_mine"]);
    for webhook in [FIRST, SECOND] {
        let keys =
            [("action", "keys"), ("of", "stripe"), ("stripe_secret_key", SECRET), ("stripe_webhook_secret", webhook)];
        let shown = office.act(page, &keys).await;
        has(&shown, &["Test key", "ends in 9876", "Test mode: Stripe"]);
        has_not(&shown, &[SECRET, FIRST, SECOND]);
    }
    let shown = office.get(page).await;
    let url = format!("http://127.0.0.1:8080/api/webhooks/stripe/{}", office.created.application.id);
    has(&shown, &["ends in 1111", "ends in 2222", &url, "http://127.0.0.1:8080/api/webhooks/midtrans"]);
    has(&office.get("plans").await, &["Test mode: Stripe"]);
    let audit = office.app.services.audit();
    let ledger = audit.list(&Ctx::operator(), Default::default(), &Default::default()).await.unwrap();
    let said = serde_json::to_string(&ledger.items).unwrap();
    assert!(said.contains("payment_keys.set") && said.contains("9876"), "{said}");
    assert!(!said.contains(SECRET) && !said.contains(FIRST), "{said}");
    let removed = office.post(page, &[("action", "remove"), ("of", "stripe")]).await;
    has(&land(&office.app, &removed).await, &["The keys are gone.", "Stripe is chosen but has no keys yet"]);
    // Without keys there is nothing to ask.
    let test = office.post(page, &[("action", "test"), ("of", "stripe")]).await;
    assert_eq!(test.status, StatusCode::CONFLICT);
    assert_eq!(office.get("clock").await.status, StatusCode::NOT_FOUND, "a clock without the sandbox");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_admin_api_does_what_the_pages_do() {
    let till = Till::open().await;
    till.buyer("ana@example.com", "pro").await;
    let app = &till.office.app;
    let key = app.services.api_keys().create(&Ctx::operator(), Name::parse("tests").unwrap()).await.unwrap();
    let base = format!("/api/admin/applications/{}", till.application);
    let ask = async |method: Method, path: &str, body: Option<Value>| {
        let request = app.request(method, &format!("{base}/{path}")).bearer(key.expose());
        let answer = with(request, body.as_ref()).send().await;
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.text());
        if answer.status == 204 { Value::Null } else { answer.json() }
    };
    let refuse = async |method: Method, path: &str, body: Option<Value>, status: u16, code: &str| {
        let request = app.request(method, &format!("{base}/{path}")).bearer(key.expose());
        refused(&with(request, body.as_ref()).send().await, status, code);
    };
    let get = async |path: &str| ask(Method::GET, path, None).await;
    let post = async |path: &str, body: Value| ask(Method::POST, path, Some(body)).await;

    let list = get("payments?status=succeeded&search=ana").await;
    let payment = &list["payments"][0];
    assert_eq!((&payment["amount"], &payment["refundableAmount"]), (&json!(999), &json!(999)), "{list}");
    let payment = payment["id"].as_str().unwrap().to_owned();
    assert_eq!(get(&format!("payments/{payment}")).await["payment"]["method"], "Visa •••• 4242");
    refuse(Method::GET, "payments?status=nonsense", None, 400, "APP_001").await;
    refuse(Method::GET, "payments?format=xml", None, 400, "APP_001").await;
    let subscription = get("subscriptions").await["subscriptions"][0].clone();
    let path = format!("subscriptions/{}", subscription["id"].as_str().unwrap());
    assert_eq!(get(&path).await["invoices"][0]["number"], "ACME-000001");
    let canceled = ask(Method::POST, &format!("{path}/cancel"), Some(json!({ "reason": "test" }))).await;
    assert_eq!(canceled["subscription"]["cancelAt"], subscription["currentPeriodEnd"]);
    let again = post(&format!("{path}/cancel"), json!({})).await;
    assert_eq!(again, canceled);
    let undone = ask(Method::POST, &format!("{path}/undo"), None).await;
    assert_eq!(undone["subscription"]["cancelAt"], Value::Null);
    assert_eq!(ask(Method::POST, &format!("{path}/pause"), None).await["subscription"]["status"], "paused");
    assert_eq!(ask(Method::POST, &format!("{path}/resume"), None).await["subscription"]["status"], "active");
    refuse(
        Method::POST,
        &format!("{path}/extend-trial"),
        Some(json!({ "until": "2030-01-01T00:00:00Z" })),
        400,
        "SUB_004",
    )
    .await;
    let entry = app.services.directory().application(till.application).unwrap().clone();
    let team = entry.plan_by_key("team").unwrap().id.to_string();
    let quote = post(&format!("{path}/preview"), json!({ "planId": team })).await;
    assert_eq!((&quote["quote"]["kind"], &quote["quote"]["currency"]), (&json!("upgrade"), &json!("usd")), "{quote}");
    let agreed = quote["quote"]["agreed"].clone();
    refuse(Method::POST, &format!("{path}/change"), Some(json!({ "planId": team, "agreed": "x" })), 400, "APP_001")
        .await;
    let change = post(&format!("{path}/change"), json!({ "planId": team, "agreed": agreed })).await;
    assert!(change["checkoutUrl"].as_str().unwrap().starts_with("http://127.0.0.1:8080/checkout/"), "{change}");

    let refund = json!({ "amount": 400, "refundedAmount": 0, "reason": "Sorry" });
    for _ in 0..2 {
        let refunded = post(&format!("payments/{payment}/refund"), refund.clone()).await;
        assert_eq!(
            (&refunded["payment"]["status"], &refunded["payment"]["refundedAmount"]),
            (&json!("partially_refunded"), &json!(400))
        );
    }
    refuse(Method::POST, &format!("payments/{payment}/refund"), Some(json!({ "amount": 600 })), 400, "APP_001").await;

    let clock = get("clock").await["clock"].clone();
    assert_eq!(clock["aheadSeconds"], 0);
    app.clock.advance(TimeDelta::seconds(5));
    let moved = post("clock", json!({ "advance": "1mo" })).await;
    assert!(moved["clock"]["aheadSeconds"].as_i64().unwrap() >= 28 * 86_400, "{moved}");
    assert!(moved["entries"].to_string().contains("invoice.paid"), "{moved}");
    refuse(Method::POST, "clock", Some(json!({ "advance": "soon" })), 400, "APP_001").await;
    assert_eq!(get(&path).await["invoices"].as_array().unwrap().len(), 2);

    let coupon =
        json!({ "code": "spring", "basisPoints": 1250, "duration": "months", "months": 3, "maxRedemptions": 5 });
    let made = post("coupons", coupon.clone()).await;
    assert_eq!((&made["coupon"]["code"], &made["coupon"]["basisPoints"]), (&json!("SPRING"), &json!(1250)));
    refuse(Method::POST, "coupons", Some(coupon), 400, "APP_001").await;
    for bad in [
        json!({ "code": "X1X" }),
        json!({ "code": "X1X", "basisPoints": 1, "amount": 1, "currency": "usd" }),
        json!({ "code": "X1X", "amount": 0, "currency": "usd" }),
        json!({ "code": "X1X", "basisPoints": 1, "duration": "months" }),
        json!({ "code": "X1X", "basisPoints": 1, "planIds": ["0192f0c1-2b7a-7c3e-9d41-5a6b7c8d9e0f"] }),
    ] {
        refuse(Method::POST, "coupons", Some(bad), 400, "APP_001").await;
    }
    let archive = format!("coupons/{}/archive", made["coupon"]["id"].as_str().unwrap());
    for _ in 0..2 {
        assert_eq!(ask(Method::POST, &archive, None).await["coupon"]["archived"], true);
    }
    assert_eq!(get("alerts").await["alerts"], json!([]));
    assert_eq!(get("notifications").await["notifications"], json!([]));

    let keys = json!({ "secretKey": "sk_live_51abcdefghijklmnop9876", "webhookSecret": "whsec_aaaaaaaaaaaa1111" });
    let set = ask(Method::PUT, "payment-settings/stripe", Some(keys)).await;
    assert_eq!(set, get("payment-settings").await);
    assert_eq!(set["paymentSettings"]["keys"][0]["mode"], "live");
    assert_eq!(set["paymentSettings"]["keys"][0]["secretKeyLast4"], "9876");
    let services = app.get("/api/admin/services").await;
    for text in [set.to_string(), services.text().to_owned()] {
        assert!(!text.contains("sk_live") && !text.contains("whsec"), "{text}");
    }
    assert!(
        services.text().contains("\"provider\":\"stripe\",\"mode\":\"live\",\"chosen\":false"),
        "{}",
        services.text()
    );
    assert_eq!(ask(Method::DELETE, "payment-settings/stripe", None).await, Value::Null);
    refuse(Method::POST, "payment-settings/stripe/test", None, 409, "SRV_002").await;
    refuse(Method::PUT, "payment-settings/sandbox", Some(json!({})), 404, "SUB_001").await;
    refuse(Method::PUT, "payment-settings/stripe", Some(json!({ "secretKey": "pk_x" })), 400, "APP_001").await;
}
