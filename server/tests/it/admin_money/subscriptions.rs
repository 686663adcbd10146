//! Subscriptions: what an admin does with one, and what the clock brings.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::{
    Timestamp,
    billing::{clock::ClockStep, price::Interval, quote::Seen},
};
use service::Ctx;

use super::{Till, has, has_not};
use crate::{admin_pages::land, pages_shop, support::Answer};

/// What a preview lets somebody agree to; nothing where there is none.
fn agreed_to(preview: &Answer) -> String {
    let text = preview.text();
    let field = text.split("name=\"agreed\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    field.unwrap_or_default().to_owned()
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
    let paused = post(&[("action", "pause")]).await;
    has(&paused, &["Paused", "resume it first, then the plan can be changed"]);
    has_not(&paused, &["New plan and price"]);
    has(&post(&[("action", "resume")]).await, &["It goes on.", "New plan and price"]);

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
    assert_eq!(late.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_click_is_told_how_it_stands() {
    let till = Till::open().await;
    till.debtor("ana@example.com", "pro").await;
    let page = format!("subscriptions/{}", till.first("subscriptions").await);
    let twice = async |fields: &[(&str, &str)], first: &str| {
        has(&till.office.act(&page, fields).await, &[first]);
        let second = till.office.post(&page, fields).await;
        assert_eq!(second.status, StatusCode::CONFLICT, "{fields:?}");
        has(&second, &["That is done already, or cannot be done any more.", "Subscription of ana@example.com"]);
        has_not(&second, &["has expired"]);
    };
    till.office.act(&page, &[("action", "cancel")]).await;
    twice(&[("action", "undo")], "Undone").await;
    twice(&[("action", "pause")], "Paused").await;
    twice(&[("action", "resume")], "It goes on.").await;

    let month = ClockStep::parse("1mo").unwrap();
    till.office.app.services.clocks().advance(&Ctx::operator(), till.application, month).await.unwrap();
    let invoice = till.office.get(&page).await.hidden("invoice");
    twice(&[("action", "mark_paid"), ("invoice", invoice.as_str())], "Marked as paid.").await;
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
    let again = change(&shown).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    has(&again, &["That is done already"]);
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
    let moved = till.office.post("clock", &[("action", "advance"), ("ahead", "0"), ("advance", "1mo")]).await;
    let moved = land(&till.office.app, &moved).await;
    has(&moved, &["The clock was moved.", "What happened", "Invoice paid", "days ahead of real time"]);
    has(&till.office.get("payments").await, &["$19.99"]);
    has(&till.office.get(&page).await, &["$19.99 per month", "Active"]);
}
