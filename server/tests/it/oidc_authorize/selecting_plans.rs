//! Plan selection on the way to the code.

use chrono::TimeDelta;

use crate::acme::{CALLBACK, authorize, signed_in};

#[tokio::test(flavor = "multi_thread")]
async fn plan_selection_comes_once_or_when_asked_for() {
    let app = signed_in().await;
    let page = async |changes: &[(&str, &str)]| {
        let answer = authorize(&app, &[&[("client_id", "shop")], changes].concat()).await;
        answer.location().unwrap().split('?').next().unwrap().to_owned()
    };
    assert_eq!(page(&[]).await, "/plans");
    app.clock.advance(TimeDelta::seconds(1));
    let shop = app.application("shop");
    let user = app.user("user@example.com").await;
    let plus = app.services.directory().by_slug("shop").unwrap().plan_by_key("plus").unwrap().id;
    let assignment = service::billing::subscriptions::Assignment { plan_id: plus, expires_at: None, replace: true };
    app.services.subscriptions().assign(&service::Ctx::operator(), shop, user.id, assignment).await.unwrap();
    app.clock.advance(TimeDelta::seconds(1));
    assert_eq!(page(&[]).await, CALLBACK);
    assert_eq!(page(&[("plan", "plus")]).await, CALLBACK);
    assert_eq!(page(&[("plan", "unknown")]).await, CALLBACK);
    assert_eq!(page(&[("plan", "basic")]).await, "/plans");
    assert_eq!(page(&[("prompt", "select_plan")]).await, "/plans");
    // Never is never.
    assert!(authorize(&app, &[("prompt", "select_plan")]).await.location_param("code").is_some());
}
