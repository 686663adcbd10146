//! The test clock: how far it runs ahead, and a form that is sent twice.

use axum::http::StatusCode;

use super::{Till, has, has_not};
use crate::admin_pages::land;

#[tokio::test(flavor = "multi_thread")]
async fn a_second_click_moves_the_clock_once() {
    let till = Till::open().await;
    has(&till.office.get("clock").await, &["It runs with real time."]);
    for (by, stands) in [("1h", "1 hour"), ("5h", "6 hours"), ("18h", "1 day"), ("2w", "15 days")] {
        let ahead = till.office.get("clock").await.hidden("ahead");
        let form = [("action", "advance"), ("ahead", ahead.as_str()), ("advance", by)];
        let stands = format!("{stands} ahead of real time");
        has(&till.office.act("clock", &form).await, &["The clock was moved.", &stands]);
        // The same form, sent twice. That of somebody who was slower is no other.
        let stale = till.office.post("clock", &form).await;
        assert_eq!(stale.location(), Some("/dashboard/acme/clock"));
        let page = land(&till.office.app, &stale).await;
        has(&page, &[&stands]);
        has_not(&page, &["The clock was moved."]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_has_not_seen_the_clock_does_not_move_it() {
    let till = Till::open().await;
    let step = [("action", "advance"), ("advance", "1d")];
    for ahead in [None, Some(("ahead", "")), Some(("ahead", "far")), Some(("ahead", "9223372036854775807"))] {
        let form: Vec<_> = step.into_iter().chain(ahead).collect();
        let refused = till.office.post("clock", &form).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{ahead:?}");
        has(&refused, &["is not known to this page", "It runs with real time."]);
    }
}
