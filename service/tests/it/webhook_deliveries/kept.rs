//! What is kept of deliveries, listed and forgotten.

use chrono::TimeDelta;
use domain::{
    page::PageRequest,
    webhook::{delivery::DeliveryStatus, endpoint::Endpoint, schedule::WAITS},
};
use http::StatusCode;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use uuid::Uuid;

use super::Told;
use crate::{
    shop::operator,
    webhooks::{body, deliveries, endpoint, status, work},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_is_forgotten_after_a_month() {
    let told = Told::start().await;
    let services = told.shop.services();
    let taken = told.test().await;
    work(&told.shop).await;
    told.receiver.answer(status(StatusCode::GONE));
    let waiting = told.test().await;
    work(&told.shop).await;
    told.shop.test.clock.advance(TimeDelta::days(30) - TimeDelta::milliseconds(1));
    services.purge().await.unwrap();
    assert_eq!(deliveries(&told.shop, &told.endpoint, None).await.len(), 2);
    told.pass(1);
    services.purge().await.unwrap();
    let left: Vec<_> = deliveries(&told.shop, &told.endpoint, None).await.iter().map(|own| own.id).collect();
    assert_eq!(left, [waiting.id]);
    assert_ne!(taken.id, waiting.id);
    // Its endpoint is off: what waits is forgotten a month after it was due.
    for (seconds, left) in [(WAITS[0] - 1, 1), (1, 0)] {
        told.pass(seconds);
        services.purge().await.unwrap();
        assert_eq!(deliveries(&told.shop, &told.endpoint, None).await.len(), left);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_erased_is_forgotten_and_the_end_is_told() {
    let all = ["claims.updated", "membership.updated", "subscription.canceled"];
    for (was_revoked, events) in [(false, &all[..]), (true, &all[..2])] {
        let told = Told::start().await;
        let (member, other) = (told.shop.member().await, told.shop.member().await);
        told.shop.claims(member, json!({ "tier": "gold" })).await.unwrap();
        if was_revoked {
            told.shop.services().memberships().revoke(&operator(), told.shop.application, member).await.unwrap();
        }
        assert_eq!(work(&told.shop).await, if was_revoked { 7 } else { 5 });
        assert!(told.receiver.heard().iter().any(|own| body(own).to_string().contains("gold")));
        told.shop.services().admin_users().delete(&operator(), member).await.unwrap();
        assert_eq!(deliveries(&told.shop, &told.endpoint, Some(DeliveryStatus::Delivered)).await.len(), 2, "{other}'s");
        assert_eq!(work(&told.shop).await, events.len());
        let mut heard: Vec<_> = told.receiver.heard().iter().map(body).collect();
        heard.sort_by_key(|own| own["type"].to_string());
        assert_eq!(heard.iter().map(|own| &own["type"]).collect::<Vec<_>>(), events);
        let (claims, membership) = (&heard[0]["data"], &heard[1]["data"]);
        assert_eq!((&claims["before"], &claims["after"]), (&json!(null), &json!({})), "they are not told once more");
        assert_eq!((&membership["end_user_id"], &membership["after"]), (&json!(member), &json!("revoked")));
        assert_eq!(membership["reason"], "the account was deleted", "revoked before: {was_revoked}");
        let kept = "SELECT count(*) FROM webhook_deliveries WHERE body LIKE '%gold%'";
        let db = told.shop.services().db.read();
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), kept)).await.unwrap().unwrap();
        assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_and_endpoints_end_together() {
    for _ in 0..5 {
        let told = Told::start().await;
        let (services, app) = (told.shop.services(), told.shop.application);
        let other = told.shop.test.another_node().await;
        let mut members = Vec::new();
        for _ in 0..4 {
            members.push(told.shop.member().await);
        }
        let erase = |user| async move { services.admin_users().delete(&operator(), user).await.unwrap() };
        let erased = futures::future::join_all(members.into_iter().map(erase));
        let deleted = async { other.webhooks().delete(&operator(), app, told.endpoint.id).await.unwrap() };
        let sent = async { other.deliveries().work().await.unwrap() };
        tokio::join!(erased, deleted, sent);
        assert_eq!((work(&told.shop).await, other.deliveries().work().await.unwrap()), (0, 0));
    }
}

/// What it was told is forgotten in several writes.
#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_was_told_much_ends() {
    let told = Told::start().await;
    let (services, app) = (told.shop.services(), told.shop.application);
    let other = endpoint(&told.shop, &told.receiver, &[]).await.0;
    let row = |of: &Endpoint, n: u128| {
        let (id, of) = (told.shop.test.literal(Uuid::from_u128(n)), told.shop.test.literal(of.id.get()));
        format!("({id}, {of}, {id}, 'webhook.test', '{{}}', 0, 1, 0)")
    };
    let rows: Vec<_> = (1..=1100).map(|n| row(&told.endpoint, n)).chain([row(&other, 1101)]).collect();
    let columns = "id, endpoint_id, event_id, event, body, created_at, attempts, delivered_at";
    told.shop.test.execute(&format!("INSERT INTO webhook_deliveries ({columns}) VALUES {}", rows.join(", "))).await;
    told.test().await;
    services.webhooks().delete(&operator(), app, told.endpoint.id).await.unwrap();
    assert_eq!(services.webhooks().list(&operator(), app).await.unwrap(), std::slice::from_ref(&other));
    let db = services.db.read();
    let all = Statement::from_string(db.get_database_backend(), "SELECT id FROM webhook_deliveries");
    assert_eq!(db.query_all_raw(all).await.unwrap().len(), 1, "the other one's");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_has_pages_and_filters() {
    let told = Told::start().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(told.test().await.id);
    }
    made.reverse();
    let (deliveries, app) = (told.shop.services().deliveries(), told.shop.application);
    let mut seen = Vec::new();
    let mut page = PageRequest { after: None, limit: 2 };
    loop {
        let part = deliveries.page(&operator(), app, told.endpoint.id, None, &page).await.unwrap();
        seen.extend(part.items.iter().map(|own| own.id));
        match part.next_cursor {
            Some(cursor) => page = PageRequest::parse(Some(&cursor), Some("2")).unwrap(),
            None => break,
        }
    }
    assert_eq!(seen, made);
    assert_eq!(work(&told.shop).await, 5);
    for (status, count) in [(DeliveryStatus::Waiting, 0), (DeliveryStatus::Delivered, 5), (DeliveryStatus::Failed, 0)] {
        let found = deliveries.page(&operator(), app, told.endpoint.id, Some(status), &PageRequest::default()).await;
        assert_eq!(found.unwrap().items.len(), count, "{}", status.as_str());
    }
}
