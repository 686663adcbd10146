//! The token endpoint: what it gives, to whom, and what its tokens say.

mod clients;
mod redeeming;
mod saying;

use chrono::TimeDelta;
use domain::id::{ApplicationId, UserId};
use serde_json::Value;
use service::{Ctx, billing::subscriptions::Assignment};

use crate::support::TestApp;

async fn assign(app: &TestApp, plan: &str, expires_in: Option<TimeDelta>) {
    let (application, user) = who(app).await;
    let plan_id = app.services.directory().by_slug("acme").unwrap().plan_by_key(plan).unwrap().id;
    let expires_at = expires_in.map(|time| app.services.now() + time);
    let assignment = Assignment { plan_id, expires_at, replace: true };
    app.services.subscriptions().assign(&Ctx::operator(), application, user, assignment).await.unwrap();
}

async fn who(app: &TestApp) -> (ApplicationId, UserId) {
    (app.application("acme"), app.user("user@example.com").await.id)
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}
