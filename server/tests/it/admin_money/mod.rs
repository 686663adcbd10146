//! Payments, subscriptions, coupons, alerts, the clock and payment settings in the dashboard, without JavaScript.

mod alerts;
mod api;
mod clock;
mod coupons;
mod kept_out;
mod payments;
mod settings;
mod subscriptions;

use domain::{
    billing::plan::PlanKey,
    id::{ApplicationId, UserId},
};
use serde_json::Value;
use service::{
    Ctx,
    billing::orders::{Destination, NewOrder, Placed, Started},
    payment::sandbox::CardNumber,
};

use crate::{
    admin_pages::{Office, user},
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

    /// A member whose card pays for a plan, and for nothing after that.
    async fn debtor(&self, email: &str, plan: &str) {
        let placed = self.order(self.member(email).await, plan).await;
        self.enter(&placed, "4000000000000341").await;
        self.office.app.services.orders().look(placed).await.unwrap();
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
        self.enter(placed, "4242424242424242").await;
    }

    async fn enter(&self, placed: &Placed, card: &str) {
        let services = &self.office.app.services;
        services.orders().press(placed.clone(), "https://here.example/".into()).await.unwrap();
        services.sandbox().enter_card(placed.order.id.get(), CardNumber::parse(card).unwrap()).await.unwrap();
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

#[track_caller]
pub fn has_not(answer: &Answer, parts: &[&str]) {
    for part in parts {
        assert!(!answer.text().contains(part), "{part} is there: {}", answer.text());
    }
}
