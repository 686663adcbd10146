//! Requests that race: one winner, on both databases.

use std::sync::Arc;

use axum::http::Method;
use serde_json::json;

use crate::rest::Rest;

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_plan_against_assigning_it() {
    let rest = Arc::new(Rest::start().await);
    let mut users = Vec::new();
    for i in 0..25 {
        users.push(rest.member(&rest.acme, &format!("u{i}@race.example")).await);
    }
    let (mut by_deletion, mut by_assignment) = (0, 0);
    for round in 0..4 {
        let new = json!({ "name": format!("Round {round}") });
        let plan = rest.made(&format!("{}/plans", rest.acme.base()), &new).await;
        let plan = plan["plan"]["id"].as_str().unwrap().to_owned();
        let mut tasks = tokio::task::JoinSet::new();
        for (i, user) in users.iter().enumerate() {
            let assign = (format!("{}/users/{user}/subscription", rest.acme.base()), json!({ "planId": plan }));
            let delete = format!("{}/plans/{plan}", rest.acme.base());
            let rest = rest.clone();
            tasks.spawn(async move {
                let assigned = rest.admin(Method::PUT, &assign.0, Some(&assign.1));
                let deleted = rest.admin(Method::DELETE, &delete, None);
                if (i + round) % 2 == 0 {
                    futures::join!(assigned, deleted)
                } else {
                    let (deleted, assigned) = futures::join!(deleted, assigned);
                    (assigned, deleted)
                }
            });
        }
        let (mut assigned, mut deleted) = (0, 0);
        for (assign, delete) in tasks.join_all().await {
            match assign.status.as_u16() {
                200 => assigned += 1,
                404 => assert_eq!(assign.json()["error"]["code"], "SUB_001"),
                status => panic!("{status}: {}", assign.text()),
            }
            match delete.status.as_u16() {
                204 => deleted += 1,
                400 => assert_eq!(delete.json()["error"]["code"], "SUB_003"),
                404 => assert_eq!(delete.json()["error"]["code"], "SUB_001"),
                status => panic!("{status}: {}", delete.text()),
            }
        }
        assert!(deleted <= 1, "deleted {deleted} times");
        assert!((deleted == 1) != (assigned > 0), "deleted {deleted} times, assigned {assigned} times");
        by_deletion += deleted;
        by_assignment += usize::from(assigned > 0);
    }
    assert_eq!(by_deletion + by_assignment, 4);
}
