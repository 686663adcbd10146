//! Whole lives of subscriptions that Stripe bills: notifications in any order, twice, or not at all end the same.

mod accounts;
mod buying;
mod cards;
mod catalogue;
mod changing;
mod coupons;
mod credit;
mod customers;
mod ending;
mod gone;
mod kept;
mod modes;
mod neighbours;
mod refunds;
mod renewing;
mod silence;

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{
    Money, Secret,
    application::{Provider, SettingsPatch},
    billing::{
        entitlement::Entitlement,
        payment::Status as PaymentStatus,
        price::{Interval, NewPrice, PriceName},
        subscription::Subscription,
    },
    id::{ApplicationId, PriceId, UserId},
};
use service::{
    Services, Settings,
    application::applications::ApplicationPatch,
    billing::orders::{Destination, NewOrder, Placed, Pressed, Started},
    payment::keys::NewKeys,
    testing::{
        http::HttpServer,
        stripe::{Delivery, Entered, FakeStripe, Side, TEST_KEY, WEBHOOK_SECRET},
    },
};

use crate::shop::{Shop, key, operator, plan};

const GOOD: &str = "4242424242424242";

/// How notifications arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Post {
    InOrder,
    Backwards,
    Twice,
    /// None arrives; the reconciler has to find everything.
    Lost,
}

const POSTS: [Post; 4] = [Post::InOrder, Post::Backwards, Post::Twice, Post::Lost];

pub struct Desk {
    pub shop: Shop,
    pub services: Services,
    fake: FakeStripe,
    post: Post,
    _server: HttpServer,
}

/// What somebody asks for who wants a plan.
fn wish(plan: &str) -> NewOrder {
    let url = || "https://app.example/".to_owned();
    let destination = Destination::Application { success_url: url(), cancel_url: url() };
    NewOrder { plan: key(plan), price: None, coupon: None, destination, metadata: None, payer: None }
}

impl Desk {
    /// Pro costs $10 a month (after 14 days when `trial`), Team $30, and Team a year $300.
    pub async fn open(post: Post, trial: bool) -> Self {
        let shop = Shop::open().await;
        let fake = FakeStripe::new(Arc::new(shop.test.clock.clone()));
        let server = fake.serve().await;
        let mut settings = Settings::new("https://pay.example");
        settings.stripe_url = Some(server.url());
        settings.provider_timeout = std::time::Duration::from_millis(800);
        let services = shop.test.node_with(settings).await;
        let patch = SettingsPatch { provider: Some(Provider::Stripe), ..Default::default() };
        let patch = ApplicationPatch { settings: patch, ..Default::default() };
        services.applications().update(&operator(), shop.application, patch).await.unwrap();
        let keys = NewKeys { secret: Some(Secret::new(TEST_KEY)), webhook: Some(Secret::new(WEBHOOK_SECRET)) };
        services.payment_keys().set(&operator(), shop.application, Provider::Stripe, keys).await.unwrap();
        let team = plan("Team", serde_json::json!({ "maxProjects": 500 }));
        let team = services.plans().create(&operator(), shop.application, team).await.unwrap();
        let prices = [
            (shop.pro.id, 1000, Interval::Month, trial.then_some(14)),
            (team.id, 3000, Interval::Month, None),
            (team.id, 30_000, Interval::Year, None),
        ];
        for (plan, cents, interval, trial_days) in prices {
            let money = Money::new(cents, "usd".parse().unwrap()).unwrap();
            let name = PriceName::parse(interval.as_str()).unwrap();
            let price = NewPrice { name, money, interval, trial_days, stripe_price_id: None };
            services.plans().add_price(&operator(), shop.application, plan, price).await.unwrap();
        }
        Self { shop, services, fake, post, _server: server }
    }

    fn side(&self) -> Side<'_> {
        self.fake.test()
    }

    pub async fn start(&self, member: UserId, plan: &str) -> Started {
        self.start_at(member, plan, None).await
    }

    async fn start_at(&self, member: UserId, plan: &str, price: Option<PriceId>) -> Started {
        let new = NewOrder { price, ..wish(plan) };
        self.services.orders().start(&operator(), self.shop.application, member, new).await.unwrap()
    }

    /// Orders a plan and opens Stripe's page for it.
    async fn page(&self, member: UserId, plan: &str) -> (Placed, String) {
        let placed = self.order(member, plan).await;
        let session = self.opened(&placed).await;
        (placed, session)
    }

    async fn opened(&self, placed: &Placed) -> String {
        let Pressed::Go(url) = self.press(placed).await.unwrap() else { panic!("nothing to pay") };
        url.rsplit('/').next().unwrap().to_owned()
    }

    async fn order(&self, member: UserId, plan: &str) -> Placed {
        let Started::Order(placed) = self.start(member, plan).await else { panic!("granted without payment") };
        *placed
    }

    async fn press(&self, placed: &Placed) -> service::Result<Pressed> {
        self.services.orders().press(placed.clone(), "https://pay.example/return".into()).await
    }

    /// Orders a plan and pays for it at Stripe; nobody comes back, and no notification has arrived.
    pub async fn buy(&self, member: UserId, plan: &str) -> Placed {
        self.pay(self.start(member, plan).await).await
    }

    async fn pay(&self, started: Started) -> Placed {
        let Started::Order(placed) = started else { panic!("granted without payment") };
        let session = self.opened(&placed).await;
        assert!(matches!(self.side().enter_card(&session, GOOD), Entered::Paid { .. }));
        *placed
    }

    /// Delivers what Stripe has to tell, or lets the reconciler find it, and tells Stripe what is wanted.
    pub async fn settle(&self) {
        for _ in 0..4 {
            let mut told = self.side().deliveries();
            let silent = told.is_empty();
            match self.post {
                Post::InOrder => {}
                Post::Backwards => told.reverse(),
                Post::Twice => told = told.iter().chain(&told).cloned().collect(),
                Post::Lost => told.clear(),
            }
            for delivery in &told {
                self.deliver(delivery).await;
            }
            while self.services.inbox().work().await.unwrap() > 0 {}
            if self.post == Post::Lost {
                self.services.reconcile(&operator(), self.shop.application).await.unwrap();
            }
            self.services.engine().tick().await.unwrap();
            if self.services.steer().await.unwrap() == 0 && silent {
                break;
            }
        }
    }

    async fn deliver(&self, delivery: &Delivery) {
        self.deliver_to(self.shop.application, delivery).await;
    }

    async fn deliver_to(&self, application: ApplicationId, delivery: &Delivery) {
        let (body, header) = delivery.signed(self.services.now());
        let headers = vec![("stripe-signature".to_owned(), header)];
        let inbox = self.services.inbox();
        inbox.receive(application, Provider::Stripe, &headers, body.as_bytes()).await.unwrap();
    }

    /// Time passes, a day at a time, as it does for a server that runs.
    pub async fn days(&self, days: i64) {
        for _ in 0..days {
            self.shop.test.clock.advance(TimeDelta::days(1));
            self.settle().await;
        }
    }

    pub async fn held(&self, member: UserId) -> Option<Subscription> {
        self.services.subscriptions().get(&operator(), self.shop.application, member).await.unwrap()
    }

    async fn entitlement(&self, member: UserId) -> Entitlement {
        self.services.entitlements().of(&operator(), self.shop.application, member).await.unwrap()
    }

    async fn plan(&self, member: UserId) -> Option<String> {
        self.entitlement(member).await.plan.map(|plan| plan.as_str().to_owned())
    }

    /// What was charged, oldest first.
    pub fn charged(&self) -> Vec<i64> {
        let charges = self.side().all("charge");
        let paid = charges.iter().filter(|charge| charge["paid"] == true);
        paid.map(|charge| charge["amount"].as_i64().unwrap()).collect()
    }

    pub async fn payments(&self, member: UserId) -> Vec<PaymentStatus> {
        let found = self.services.payments().of_member(&operator(), self.shop.application, member).await.unwrap();
        found.iter().map(|found| found.payment.state().status()).collect()
    }

    /// How many subscriptions Stripe goes on billing.
    fn billed(&self) -> usize {
        self.side().all("subscription").iter().filter(|own| own["status"] != "canceled").count()
    }

    /// How many pages can still be paid on.
    fn open_pages(&self) -> usize {
        self.side().all("checkout.session").iter().filter(|own| own["status"] == "open").count()
    }

    /// A member's credit, in cents.
    async fn credit(&self, member: UserId) -> i64 {
        let balance = self.services.credits().balance(&operator(), self.shop.application, member).await.unwrap();
        balance.available("usd".parse().unwrap()).amount()
    }

    fn price(&self, plan: &str, interval: Interval) -> PriceId {
        let directory = self.services.directory();
        let plan = directory.application(self.shop.application).unwrap().plan_by_key(plan).unwrap();
        plan.prices.iter().find(|price| price.interval == interval).unwrap().id
    }

    fn subscription(&self) -> serde_json::Value {
        self.side().all("subscription").pop().unwrap()
    }

    fn cards_become(&self, number: &str) {
        let customer = self.subscription()["customer"].as_str().unwrap().to_owned();
        self.side().cards_become(&customer, number);
    }
}
