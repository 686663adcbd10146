//! From plan selection through the sandbox to the tokens, and by link.

mod links;
mod paying;
mod platform;

use axum::http::StatusCode;
use domain::{
    billing::{
        plan::{NewPlan, PlanName},
        subscription::Subscription,
    },
    id::{ApplicationId, UserId},
};
use service::Ctx;

use crate::{
    pages_shop::{check_look, plan_page},
    support::{Answer, TestApp, here},
};

/// The hidden price of the page's only plan.
fn price(page: &Answer) -> String {
    page.hidden("price")
}

/// Where the links of [`Link`] lead back to.
const WELCOME: &str = "https://paid.example/billing/welcome";

/// A checkout by redirect for the shop's user.
struct Link<'a> {
    app: &'a TestApp,
    application: ApplicationId,
    user: UserId,
    path: String,
}

impl<'a> Link<'a> {
    async fn to(app: &'a TestApp, slug: &str, plan: &str) -> Self {
        let application = app.application(slug);
        let user = app.user("user@example.com").await.id;
        let base = "https%3A%2F%2Fpaid.example%2Fbilling";
        let path = format!(
            "/checkout?project_id={application}&plan={plan}&user_id={user}&success_url={base}%2Fwelcome&cancel_url={base}"
        );
        Self { app, application, user, path }
    }

    async fn open(&self) -> Answer {
        self.app.get(&self.path).await
    }

    /// Presses the button of the page that shows these terms.
    async fn agree(&self, digest: &str) -> Answer {
        self.app.post_form(&self.path, &[("digest", digest)]).await
    }

    /// Presses the button of this page.
    async fn confirm(&self, page: &Answer) -> Answer {
        let (digest, at) = (page.hidden("digest"), page.hidden("at"));
        self.app.post_form(&self.path, &[("digest", &digest), ("at", &at)]).await
    }

    async fn held(&self) -> Option<Subscription> {
        let subscriptions = self.app.services.subscriptions();
        subscriptions.get(&Ctx::operator(), self.application, self.user).await.unwrap()
    }
}

/// Adds a plan that costs nothing to the application that the sandbox collects for.
async fn add_basic(app: &TestApp) {
    let paid = app.application("paid");
    let basic = NewPlan::new(PlanName::parse("Basic").unwrap());
    app.services.plans().create(&Ctx::operator(), paid, basic).await.unwrap();
}

/// Chooses Gold of the application that the sandbox collects for: gives the address of the checkout.
async fn choose(app: &TestApp) -> String {
    let (plans, page) = plan_page(app, "paid-web", "").await;
    check_look(&page);
    choose_at(app, &plans, &page).await
}

/// As [`choose`], on the page of plans at an address.
async fn choose_at(app: &TestApp, plans: &str, page: &Answer) -> String {
    let sent = app.post_form(plans, &[("plan", "gold"), ("price", &price(page)), ("cycle", "month")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    let checkout = sent.location().expect("checkout").to_owned();
    assert!(checkout.starts_with("/checkout/"), "{checkout}");
    checkout
}

/// Presses the button of the checkout: gives the sandbox's page.
async fn press(app: &TestApp, checkout: &str) -> String {
    let sent = app.post_form(checkout, &[]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    here(sent.location().expect("the sandbox"))
}
