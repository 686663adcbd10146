//! Ends of subscriptions at Stripe: with the period, or at a date.

use chrono::TimeDelta;
use domain::Timestamp;
use http::Method as Verb;
use serde_json::json;

use super::Desk;
use crate::payment::{Ending, PaymentProvider, Wanted};

impl Desk {
    async fn steer(&self, reference: &str, wanted: &Wanted) {
        self.provider.steer(reference, wanted, None).await.unwrap();
    }

    /// Steers to what needs nothing but a look.
    async fn only_look(&self, reference: &str, wanted: &Wanted) {
        let requests = self.fake.requests();
        self.steer(reference, wanted).await;
        assert_eq!(self.fake.requests(), requests + 1, "{wanted:?}");
    }

    /// Somebody sets a date in the dashboard.
    fn set_date(&self, reference: &str, at: Timestamp) {
        let form = format!("cancel_at={}", at.timestamp());
        assert_eq!(self.side().call(Verb::POST, &format!("/v1/subscriptions/{reference}"), &form).0, 200);
    }

    /// Whether it ends with its period, and when it ends.
    fn end(&self, reference: &str) -> (bool, Option<i64>) {
        let own = self.side().get(reference);
        (own["cancel_at_period_end"] == true, own["cancel_at"].as_i64())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_in_the_portal_is_told_kept_and_taken_back() {
    for classic in [false, true] {
        let desk = Desk::open().await;
        desk.fake.choose(|rules| rules.classic = classic);
        let reference = desk.subscribed().await;
        let goes_on = desk.as_it_is(&reference).await;
        let end = goes_on.bills_at.unwrap();
        desk.side().cancel_in_portal(&reference);
        assert_eq!(desk.end(&reference), (classic, Some(end.timestamp())));
        let told = desk.provider.agreement(&reference).await.unwrap().unwrap();
        assert_eq!(told.cancel_at, Some(end));
        // Our moments have parts of a second.
        for ends_at in [None, Some(end), Some(end - TimeDelta::milliseconds(300)), Some(end + TimeDelta::seconds(1))] {
            desk.only_look(&reference, &Wanted { ending: Ending::AtPeriodEnd, ends_at, ..goes_on.clone() }).await;
        }
        desk.steer(&reference, &goes_on).await;
        let own = desk.side().get(&reference);
        let fields = ["cancel_at_period_end", "cancel_at", "canceled_at"].map(|name| own[name].clone());
        assert_eq!(fields, [json!(false), json!(null), json!(null)], "classic: {classic}");
        desk.only_look(&reference, &goes_on).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_in_the_portal_moves_with_what_is_paid() {
    for classic in [false, true] {
        let desk = Desk::open().await;
        desk.fake.choose(|rules| rules.classic = classic);
        let reference = desk.subscribed().await;
        let goes_on = desk.as_it_is(&reference).await;
        desk.side().cancel_in_portal(&reference);
        let later = goes_on.bills_at.map(|end| end + TimeDelta::days(10));
        let wanted = Wanted { ending: Ending::AtPeriodEnd, bills_at: later, ends_at: later, ..goes_on };
        desk.steer(&reference, &wanted).await;
        assert_eq!(desk.end(&reference), (true, later.map(|at| at.timestamp())), "classic: {classic}");
        desk.only_look(&reference, &wanted).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_behind_the_period_is_not_cut_short() {
    let desk = Desk::open().await;
    let reference = desk.subscribed().await;
    let goes_on = desk.as_it_is(&reference).await;
    let end = goes_on.bills_at.unwrap();
    let (far, farther) = (end + TimeDelta::days(150), end + TimeDelta::days(180));
    let dated = Wanted { ending: Ending::AtPeriodEnd, ends_at: Some(far), ..goes_on.clone() };
    for there in [far, far - TimeDelta::seconds(1), farther, end] {
        desk.set_date(&reference, there);
        desk.only_look(&reference, &dated).await;
        assert_eq!(desk.end(&reference), (false, Some(there.timestamp())));
    }
    desk.set_date(&reference, far);
    let soon = Wanted { ends_at: Some(end), ..dated.clone() };
    desk.steer(&reference, &soon).await;
    assert_eq!(desk.end(&reference), (true, Some(end.timestamp())));
    // It was canceled for an earlier moment than the date that is known.
    desk.only_look(&reference, &dated).await;
    desk.steer(&reference, &goes_on).await;
    assert_eq!(desk.end(&reference), (false, None));
    desk.steer(&reference, &dated).await;
    assert_eq!(desk.end(&reference), (false, Some(far.timestamp())));
    desk.steer(&reference, &goes_on).await;
    assert_eq!(desk.end(&reference), (false, None));
}
