//! The test clock: how far it runs ahead, and a form that is sent twice.

use super::{Till, has};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_click_moves_the_clock_once() {
    let till = Till::open().await;
    has(&till.office.get("clock").await, &["It runs with real time."]);
    for (by, stands) in [("1h", "1 hour"), ("5h", "6 hours"), ("18h", "1 day"), ("2w", "15 days")] {
        let ahead = till.office.get("clock").await.hidden("ahead");
        for _ in 0..2 {
            // The second is the same form, sent twice.
            let page = till.office.act("clock", &[("action", "advance"), ("ahead", &ahead), ("advance", by)]).await;
            has(&page, &["The clock was moved.", &format!("{stands} ahead of real time")]);
        }
    }
    let page = till.office.act("clock", &[("action", "advance"), ("advance", "1d")]).await;
    has(&page, &["15 days ahead of real time"]);
}
