//! An application with plans, for tests.

use domain::{
    application::Settings,
    billing::feature::Features,
    billing::plan::{NewPlan, Plan, PlanKey, PlanName},
    id::{ApplicationId, UserId},
    oauth::client::ClientSettings,
    text::{Name, Slug},
};
use serde_json::{Value, json};
use service::{
    Ctx, Services,
    application::applications::NewApplication,
    testing::{TestServices, people::register},
};

use crate::people;

/// An application "acme" with Free (the default) and Pro.
pub struct Shop {
    pub test: TestServices,
    pub application: ApplicationId,
    pub free: Plan,
    pub pro: Plan,
    people: std::sync::atomic::AtomicU32,
}

pub fn operator() -> Ctx {
    Ctx::operator()
}

pub fn plan(name: &str, features: Value) -> NewPlan {
    NewPlan { features: Features::parse(features).unwrap(), ..NewPlan::new(PlanName::parse(name).unwrap()) }
}

pub fn key(text: &str) -> PlanKey {
    PlanKey::parse(text).unwrap()
}

pub async fn application(services: &Services, slug: &str) -> ApplicationId {
    let name = Name::parse(slug).unwrap();
    let new = NewApplication {
        slug: Slug::parse(slug).unwrap(),
        settings: Settings::new(name.clone()),
        client: ClientSettings::new(name),
    };
    services.applications().create(&operator(), new).await.unwrap().application.id
}

impl Shop {
    pub async fn open() -> Self {
        Self::over(TestServices::start().await).await
    }

    /// On services that a test has prepared.
    pub async fn over(test: TestServices) -> Self {
        let application = application(&test.services, "acme").await;
        let plans = test.services.plans();
        let free = NewPlan { is_default: true, ..plan("Free", json!({"maxProjects": 3})) };
        let free = plans.create(&operator(), application, free).await.unwrap();
        let pro = plan("Pro", json!({"maxProjects": 50, "exportEnabled": true}));
        let pro = plans.create(&operator(), application, pro).await.unwrap();
        Self { test, application, free, pro, people: Default::default() }
    }

    pub fn services(&self) -> &Services {
        &self.test.services
    }

    /// A new user with access.
    pub async fn member(&self) -> UserId {
        let number = self.people.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let new = people::new_user(&format!("user{number}@example.com"));
        let user = register(self.services(), new).await;
        self.services().memberships().grant(&operator(), self.application, user.id, None).await.unwrap();
        user.id
    }

    pub async fn entitlement(&self, user: UserId) -> domain::billing::entitlement::Entitlement {
        self.services().entitlements().of(&operator(), self.application, user).await.unwrap()
    }

    pub async fn claims(&self, user: UserId, claims: Value) -> service::Result<service::billing::claims::ClaimsView> {
        self.services().claims().merge(&operator(), self.application, user, claims).await
    }
}
