//! The adapter against the stand-in: every call, and every way in which a call goes wrong.

mod accounts;
mod agreements;
mod charges;
mod customers;
mod endings;
mod modes;
mod notifications;
mod pages;
mod refunds;

use std::{sync::Arc, time::Duration};

use domain::{
    Money, Secret,
    application::Provider,
    billing::{
        payment::Fact,
        plan::{NewPlan, Plan, PlanName},
        price::{Interval, NewPrice, Price, PriceName},
    },
};
use uuid::Uuid;

use super::Stripe;
use crate::{
    Ctx, Services, Settings,
    payment::{Customer, Ending, Handle, PaymentProvider, PaymentRequest, Renewal, Report, Wanted, keys::Keys},
    testing::{
        TestServices,
        http::HttpServer,
        stripe::{Entered, FakeStripe, Side, TEST_KEY, WEBHOOK_SECRET},
    },
};

const GOOD: &str = "4242424242424242";

struct Desk {
    test: TestServices,
    services: Services,
    fake: FakeStripe,
    provider: Stripe,
    plan: Plan,
    server: HttpServer,
}

impl Desk {
    async fn open() -> Self {
        let test = TestServices::start().await;
        let fake = FakeStripe::new(Arc::new(test.clock.clone()));
        let server = fake.serve().await;
        let mut settings = Settings::new("https://pay.example");
        settings.stripe_url = Some(server.url());
        settings.provider_timeout = Duration::from_millis(400);
        let services = test.node_with(settings).await;
        let catalog = "[[applications]]\nslug = \"acme\"\nname = \"Acme\"\npayment_provider = \"stripe\"\n";
        let catalog = crate::catalog::Catalog::parse(catalog, "test").unwrap();
        services.catalog().apply(&Ctx::operator(), catalog, false).await.unwrap();
        let application = services.applications().by_slug(&Ctx::operator(), "acme").await.unwrap().application.id;
        let new = NewPlan {
            prices: vec![price("Monthly", 2000, Interval::Month), price("Yearly", 20_000, Interval::Year)],
            ..NewPlan::new(PlanName::parse("Pro").unwrap())
        };
        let plan = services.plans().create(&Ctx::operator(), application, new).await.unwrap();
        let provider = Stripe::new(&services, application, keys(TEST_KEY)).unwrap();
        Self { test, services, fake, provider, plan, server }
    }

    fn side(&self) -> Side<'_> {
        self.fake.test()
    }

    fn request(&self, cents: i64) -> PaymentRequest {
        PaymentRequest {
            key: self.services.id(),
            application: self.provider.application,
            customer: Customer {
                membership: Uuid::from_u128(7).into(),
                email: "budi@example.com".into(),
                name: Some("Budi".into()),
            },
            payer: None,
            money: usd(cents),
            price: None,
            description: "Acme \u{b7} Pro".into(),
            keep_method: true,
            renewal: None,
            return_url: "https://pay.example/checkout/x/return".into(),
        }
    }

    fn monthly(&self) -> &Price {
        &self.plan.prices[0]
    }

    fn subscribing(&self) -> PaymentRequest {
        let renewal =
            Renewal { plan: self.plan.clone(), price: self.monthly().clone(), trial_ends: None, coupon: None };
        PaymentRequest { renewal: Some(renewal), ..self.request(2000) }
    }

    /// Opens what is asked for and pays it with a good card.
    async fn paid(&self, request: &PaymentRequest) -> Report {
        let opened = self.provider.open(request).await.unwrap();
        assert!(matches!(self.side().enter_card(&opened.reference, GOOD), Entered::Paid { .. }));
        self.look(request.key).await
    }

    async fn look(&self, key: Uuid) -> Report {
        self.provider.inquire(&Handle { key, reference: None }).await.unwrap().unwrap()
    }

    /// A subscription to $20 a month, and what Stripe calls it.
    async fn subscribed(&self) -> String {
        self.paid(&self.subscribing()).await.agreement.unwrap().reference
    }

    fn charged(&self) -> Vec<i64> {
        let charges = self.side().all("charge");
        let paid = charges.iter().filter(|charge| charge["paid"] == true);
        paid.map(|charge| charge["amount"].as_i64().unwrap()).collect()
    }

    /// What is wanted of a subscription that goes on as it is.
    async fn as_it_is(&self, reference: &str) -> Wanted {
        let found = self.provider.agreement(reference).await.unwrap().unwrap();
        Wanted {
            price: found.prices.first().copied(),
            bills_at: found.period.map(|period| period.end),
            ending: Ending::GoesOn,
            ends_at: None,
            paused: false,
            discount: None,
            mode: None,
        }
    }
}

fn price(name: &str, cents: i64, interval: Interval) -> NewPrice {
    let name = PriceName::parse(name).unwrap();
    NewPrice { name, money: usd(cents), interval, trial_days: None, stripe_price_id: None }
}

fn usd(cents: i64) -> Money {
    Money::new(cents, "usd".parse().unwrap()).unwrap()
}

fn keys(secret: &str) -> Keys {
    let webhook = vec![Secret::new("whsec_new"), Secret::new(WEBHOOK_SECRET)];
    let (provider, updated_at) = (Provider::Stripe, TestServices::epoch());
    Keys { provider, secret: Secret::new(secret), webhook, rolled_at: None, updated_at }
}

const fn succeeded(cents: Money) -> Fact {
    Fact::Succeeded { amount: cents }
}
