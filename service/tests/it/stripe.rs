//! Whole lives of subscriptions that Stripe bills: notifications in any order, twice, or not at all end the same.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{
    ErrorCode, Flaw, Money, Secret,
    application::{Provider, SettingsPatch},
    billing::{
        amount::Amount,
        coupon::{BasisPoints, CouponCode, Duration, Off},
        entitlement::Entitlement,
        ledger::Action,
        order::{Difference, State as OrderState},
        payment::{Mode, State as PaymentState, Status as PaymentStatus},
        plan::{NewPlan, PlanName, PlanPatch},
        price::{Interval, NewPrice, PriceName},
        subscription::{State, Status, Subscription},
    },
    id::{PriceId, UserId},
    identity::email::Email,
    page::PageRequest,
    text::Description,
};
use service::{
    Services, Settings,
    application::applications::ApplicationPatch,
    audit::AuditFilter,
    billing::{
        alerts::AlertKind,
        coupons::NewCoupon,
        orders::{Destination, NewOrder, Payer, Placed, Pressed, Started},
    },
    payment::keys::NewKeys,
    portal::Exchange,
    testing::{
        books,
        fault::Fault,
        http::HttpServer,
        stripe::{Delivery, Entered, FakeStripe, LIVE_KEY, Side, TEST_KEY, WEBHOOK_SECRET},
    },
};

use crate::shop::{Shop, key, operator, plan};

const GOOD: &str = "4242424242424242";
const FAILS: &str = "4000000000000341";

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
        let url = || "https://app.example/".to_owned();
        let destination = Destination::Application { success_url: url(), cancel_url: url() };
        let new = NewOrder { plan: key(plan), price, coupon: None, destination, metadata: None, payer: None };
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
            self.services.steer().await.unwrap();
        }
    }

    async fn deliver(&self, delivery: &Delivery) {
        let (body, header) = delivery.signed(self.services.now());
        let headers = vec![("stripe-signature".to_owned(), header)];
        let inbox = self.services.inbox();
        inbox.receive(self.shop.application, Provider::Stripe, &headers, body.as_bytes()).await.unwrap();
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

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_bought_and_renewed() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let bought = desk.entitlement(member).await;
        assert_eq!((bought.plan, &bought.claims["billing_cycle"]), (Some(key("pro")), &"monthly".into()), "{post:?}");
        let first = desk.held(member).await.unwrap().period.unwrap();
        desk.days(33).await;
        let held = desk.held(member).await.unwrap();
        assert_eq!((held.state, held.period.unwrap().start), (State::Active, first.end), "{post:?}");
        assert_eq!(desk.charged(), [1000, 1000], "{post:?}");
        assert_eq!(desk.payments(member).await, [PaymentStatus::Succeeded; 2], "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_return_asks_and_needs_no_notification() {
    let desk = Desk::open(Post::InOrder, false).await;
    let member = desk.shop.member().await;
    let placed = desk.buy(member, "pro").await;
    assert_eq!(desk.plan(member).await.as_deref(), Some("free"));
    let seen = desk.services.orders().look(placed).await.unwrap();
    assert!(matches!(seen.order.state, OrderState::Paid { late: false, .. }));
    assert_eq!(desk.plan(member).await.as_deref(), Some("pro"));
    let before = desk.entitlement(member).await.ent_ver;
    desk.settle().await;
    assert_eq!(desk.entitlement(member).await.ent_ver, before, "notifications say nothing new");
    assert_eq!(desk.subscription()["status"], "active", "nothing was steered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_turns_paid() {
    for post in POSTS {
        let desk = Desk::open(post, true).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let held = desk.held(member).await.unwrap();
        assert_eq!((held.state.status(), desk.charged().len()), (Status::Trialing, 0), "{post:?}");
        desk.days(16).await;
        let held = desk.held(member).await.unwrap();
        assert_eq!((held.state, desk.charged()), (State::Active, vec![1000]), "{post:?}");
        assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_fails_and_recovers() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        desk.cards_become(FAILS);
        desk.days(32).await;
        let held = desk.held(member).await.unwrap();
        assert_eq!(held.state.status(), Status::PastDue, "{post:?}");
        assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "features stay within the grace: {post:?}");
        desk.cards_become(GOOD);
        desk.days(4).await;
        assert_eq!(desk.held(member).await.unwrap().state, State::Active, "{post:?}");
        assert_eq!(desk.charged(), [1000, 1000], "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_never_comes_ends_it() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        desk.cards_become(FAILS);
        desk.days(50).await;
        assert!(desk.held(member).await.is_none(), "{post:?}");
        assert_eq!(desk.plan(member).await, None, "{post:?}");
        assert_eq!((desk.charged().len(), &desk.subscription()["status"]), (1, &"canceled".into()), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_costs_what_was_quoted_and_bills_the_next_period() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let period = desk.held(member).await.unwrap().period;
        desk.days(10).await;
        let placed = desk.buy(member, "team").await;
        desk.settle().await;
        let due = placed.order.quote.due.amount();
        assert!((1..2000).contains(&due), "{due}");
        let held = desk.held(member).await.unwrap();
        assert_eq!((desk.plan(member).await.as_deref(), held.period), (Some("team"), period), "{post:?}");
        assert_eq!(desk.charged(), [1000, due], "{post:?}");
        desk.days(23).await;
        assert_eq!(desk.charged(), [1000, due, 3000], "{post:?}");
        assert_eq!(desk.held(member).await.unwrap().state, State::Active, "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_gone_is_billed_no_more() {
    for (post, deleted) in POSTS.into_iter().flat_map(|post| [(post, true), (post, false)]) {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        desk.days(10).await;
        if deleted {
            desk.services.admin_users().delete(&operator(), member).await.unwrap();
        } else {
            desk.services.memberships().revoke(&operator(), desk.shop.application, member).await.unwrap();
        }
        desk.settle().await;
        assert_eq!(desk.subscription()["status"], "canceled", "{post:?}, deleted: {deleted}");
        desk.days(40).await;
        assert_eq!(
            (desk.charged(), desk.payments(member).await),
            (vec![1000], vec![PaymentStatus::Succeeded]),
            "{post:?}, deleted: {deleted}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkout_of_whoever_is_gone_brings_nothing_back() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        let (_, page) = desk.page(member, "pro").await;
        desk.services.memberships().revoke(&operator(), desk.shop.application, member).await.unwrap();
        // Nobody has told Stripe yet.
        assert!(matches!(desk.side().enter_card(&page, GOOD), Entered::Paid { .. }));
        desk.settle().await;
        assert_eq!((desk.billed(), desk.held(member).await), (0, None), "{post:?}");
        desk.days(33).await;
        assert_eq!((desk.charged(), desk.credit(member).await), (vec![1000], 1000), "{post:?}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_beside_another_is_billed_no_more() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        let (_, old) = desk.page(member, "pro").await;
        let bought = desk.buy(member, "team").await;
        desk.services.orders().look(bought).await.unwrap();
        // The old tab is still open, and nobody has told Stripe yet.
        assert!(matches!(desk.side().enter_card(&old, GOOD), Entered::Paid { .. }));
        desk.settle().await;
        assert_eq!((desk.billed(), desk.plan(member).await.as_deref()), (1, Some("team")), "{post:?}");
        desk.days(33).await;
        let (charged, credit) = (desk.charged(), desk.credit(member).await);
        assert_eq!((charged, credit), (vec![3000, 1000, 2000], 0), "the renewal takes it off: {post:?}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_closes_with_its_order() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (member, gone, slow) = (desk.shop.member().await, desk.shop.member().await, desk.shop.member().await);
    let (_, page) = desk.page(member, "pro").await;
    let newer = desk.order(member, "team").await;
    assert_eq!((desk.services.steer().await.unwrap(), desk.open_pages()), (1, 0), "another order took its place");
    assert_eq!(desk.side().enter_card(&page, GOOD), Entered::Declined);

    desk.order(member, "pro").await;
    let refused = desk.press(&newer).await.unwrap_err();
    assert_eq!((refused.code(), desk.open_pages()), (ErrorCode::SubscriptionExpired, 1), "given up meanwhile");
    assert_eq!((desk.services.steer().await.unwrap(), desk.open_pages()), (1, 0));

    desk.page(gone, "pro").await;
    desk.services.memberships().revoke(&operator(), desk.shop.application, gone).await.unwrap();
    assert_eq!((desk.services.steer().await.unwrap(), desk.open_pages()), (1, 0), "nobody has access");

    // An order that was pressed late closes before Stripe's page would.
    let placed = desk.order(slow, "pro").await;
    desk.shop.test.clock.advance(TimeDelta::hours(5));
    desk.press(&placed).await.unwrap();
    desk.shop.test.clock.advance(TimeDelta::hours(20));
    desk.services.engine().tick().await.unwrap();
    assert_eq!((desk.services.steer().await.unwrap(), desk.open_pages()), (1, 0), "it has run out");

    let done = desk.buy(member, "pro").await;
    desk.settle().await;
    assert!(matches!(
        desk.services.orders().look(done).await.unwrap().order.state,
        OrderState::Paid { late: false, .. }
    ));
    assert_eq!((desk.charged(), desk.services.steer().await.unwrap()), (vec![1000], 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_says_otherwise_grants_nothing() {
    for differs in [Difference::Order, Difference::User, Difference::Plan] {
        let desk = Desk::open(Post::InOrder, false).await;
        let (other, member) = (desk.shop.member().await, desk.shop.member().await);
        let elsewhere = desk.buy(other, "team").await.order.id;
        desk.settle().await;
        let theirs = desk.subscription();
        let (placed, page) = desk.page(member, "pro").await;
        assert!(matches!(desk.side().enter_card(&page, GOOD), Entered::Paid { .. }));
        let own = desk.subscription()["id"].as_str().unwrap().to_owned();
        match differs {
            Difference::Order => {
                let key = elsewhere.to_string();
                desk.side().bend(&page, |session| session["metadata"]["turnpike_key"] = key.into());
            }
            Difference::User => {
                desk.side().bend(&page, |session| session["customer"] = theirs["customer"].clone());
            }
            _ => {
                let price = theirs["items"]["data"][0]["price"]["id"].clone();
                desk.side().bend(&own, |own| own["items"]["data"][0]["price"]["id"] = price);
            }
        }
        desk.settle().await;
        let found = desk.services.orders().look(placed).await.unwrap().order;
        assert_eq!((found.state, desk.plan(member).await.as_deref()), (OrderState::Open, Some("free")), "{differs}");
        let first = PageRequest::default();
        let alerts =
            desk.services.alerts().page(&operator(), desk.shop.application, false, &first).await.unwrap().items;
        assert_eq!(alerts.len(), 1, "{differs}: {alerts:?}");
        assert_eq!(
            (alerts[0].kind, &alerts[0].subject),
            (AlertKind::PaymentDiffers, &found.id.to_string()),
            "{differs}"
        );
        assert_eq!(alerts[0].detail, differs.to_string());
        assert_eq!((&desk.side().get(&own)["status"], desk.billed()), (&"canceled".into(), 1), "{differs}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_bought_for_good_is_billed_no_more() {
    for (post, trial) in POSTS.into_iter().flat_map(|post| [(post, false), (post, true)]) {
        let desk = Desk::open(post, trial).await;
        let plans = desk.services.plans();
        let life = plan("Life", serde_json::json!({ "maxProjects": 5000 }));
        let life = plans.create(&operator(), desk.shop.application, life).await.unwrap();
        let (name, money) = (PriceName::parse("Once").unwrap(), Money::new(50_000, "usd".parse().unwrap()).unwrap());
        let price = NewPrice { name, money, interval: Interval::OneTime, trial_days: None, stripe_price_id: None };
        plans.add_price(&operator(), desk.shop.application, life.id, price).await.unwrap();
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        desk.days(5).await;
        let due = desk.buy(member, "life").await.order.quote.due.amount();
        desk.settle().await;
        assert_eq!(desk.subscription()["status"], "canceled", "{post:?}");
        desk.days(40).await;
        let charged = if trial { vec![due] } else { vec![1000, due] };
        assert_eq!((desk.charged(), desk.plan(member).await.as_deref()), (charged, Some("life")), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_at_stripe_follows_its_plan() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (services, application) = (&desk.services, desk.shop.application);
    let (plans, clock) = (services.plans(), &desk.shop.test.clock);
    let member = desk.shop.member().await;
    desk.buy(member, "team").await;
    desk.settle().await;
    let held = desk.held(member).await.unwrap();
    let product = || desk.side().all("product").into_iter().next().unwrap();
    let monthly = || desk.side().all("price").into_iter().find(|price| price["unit_amount"] == 3000).unwrap();
    while services.tell_wares().await.unwrap() > 0 {}
    assert_eq!((&product()["name"], &product()["active"]), (&"Team".into(), &true.into()));
    assert_eq!((&monthly()["active"], desk.side().all("price").len()), (&true.into(), 1));

    // Another name, while Stripe does not answer.
    let update = async |patch: PlanPatch| {
        plans.update(&operator(), application, held.plan_id, patch).await.unwrap();
    };
    let name = PlanName::parse("Crew").unwrap();
    let description = Description::parse("For everybody").unwrap();
    update(PlanPatch { name: Some(name), description: Some(description), ..PlanPatch::default() }).await;
    desk.fake.plan("POST /v1/products/", Fault::Unavailable, 3);
    assert_eq!((services.tell_wares().await.unwrap(), &product()["name"]), (1, &"Team".into()));
    assert_eq!(services.tell_wares().await.unwrap(), 0, "it is tried again later");
    clock.advance(TimeDelta::minutes(1));
    assert_eq!(services.tell_wares().await.unwrap(), 1);
    assert_eq!((&product()["name"], &product()["description"]), (&"Crew".into(), &"For everybody".into()));
    let requests = desk.fake.requests();
    update(PlanPatch { is_listed: Some(false), ..PlanPatch::default() }).await;
    update(PlanPatch { is_listed: Some(true), ..PlanPatch::default() }).await;
    assert_eq!((services.tell_wares().await.unwrap(), desk.fake.requests()), (0, requests), "Stripe knows all of it");

    // A price that is over: who was offered it may pay it, who holds it keeps it, and can come back to it.
    let late = desk.shop.member().await;
    let Started::Order(offered) = desk.start(late, "team").await else { panic!("granted without payment") };
    plans.remove_price(&operator(), application, held.plan_id, held.price_id.unwrap()).await.unwrap();
    assert_eq!((services.tell_wares().await.unwrap(), &monthly()["active"]), (1, &false.into()));
    assert_eq!(product()["active"], true);
    let pressed = services.orders().press(*offered, "https://pay.example/return".into()).await.unwrap();
    assert!(matches!(pressed, Pressed::Go(_)));
    clock.advance(TimeDelta::hours(25));
    assert_eq!((services.tell_wares().await.unwrap(), &monthly()["active"]), (1, &false.into()));
    let billed = || desk.subscription()["items"]["data"][0]["price"]["unit_amount"].clone();
    assert!(matches!(desk.start(member, "pro").await, Started::Granted(_)));
    desk.settle().await;
    assert_eq!(billed(), 1000);
    services.changes().undo(&operator(), application, member).await.unwrap();
    desk.settle().await;
    assert_eq!(billed(), 3000);
    clock.advance(TimeDelta::hours(25));
    while services.tell_wares().await.unwrap() > 0 {}
    assert_eq!(monthly()["active"], false);
    desk.days(32).await;
    assert_eq!(desk.charged(), [3000, 3000]);

    for archived in [true, false] {
        update(PlanPatch { archived: Some(archived), ..PlanPatch::default() }).await;
        assert_eq!(services.tell_wares().await.unwrap(), 1);
        assert_eq!(product()["active"], !archived);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_admin_has_linked_is_left_alone() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (services, application) = (&desk.services, desk.shop.application);
    let member = desk.shop.member().await;
    desk.buy(member, "pro").await;
    desk.settle().await;
    while services.tell_wares().await.unwrap() > 0 {}
    let (product, price) = (desk.side().all("product").remove(0), desk.side().all("price").remove(0));
    let id = |object: &serde_json::Value| object["id"].as_str().unwrap().to_owned();
    // What was made for one price is another's by now.
    let held = desk.held(member).await.unwrap();
    let linked = NewPlan {
        prices: vec![NewPrice {
            name: PriceName::parse("Monthly").unwrap(),
            money: Money::new(1000, "usd".parse().unwrap()).unwrap(),
            interval: Interval::Month,
            trial_days: None,
            stripe_price_id: Some(id(&price)),
        }],
        stripe_product_id: Some(id(&product)),
        ..plan("Linked", serde_json::json!({}))
    };
    let plans = services.plans();
    let linked = plans.create(&operator(), application, linked).await.unwrap();
    plans.remove_price(&operator(), application, held.plan_id, held.price_id.unwrap()).await.unwrap();
    for plan in [held.plan_id, linked.id] {
        let name = PlanName::parse(&format!("Other {plan}")).unwrap();
        let patch = PlanPatch { name: Some(name), archived: Some(true), ..PlanPatch::default() };
        plans.update(&operator(), application, plan, patch).await.unwrap();
    }
    let requests = desk.fake.requests();
    while services.tell_wares().await.unwrap() > 0 {}
    assert_eq!(desk.fake.requests(), requests);
    assert_eq!((desk.side().get(&id(&product)), desk.side().get(&id(&price))), (product, price));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_pays_one_bill_is_not_the_customer() {
    let desk = Desk::open(Post::InOrder, false).await;
    let life = NewPlan {
        prices: vec![NewPrice {
            name: PriceName::parse("Once").unwrap(),
            money: Money::new(50_000, "usd".parse().unwrap()).unwrap(),
            interval: Interval::OneTime,
            trial_days: None,
            stripe_price_id: None,
        }],
        ..plan("Life", serde_json::json!({}))
    };
    desk.services.plans().create(&operator(), desk.shop.application, life).await.unwrap();
    let member = desk.shop.member().await;
    let new = NewOrder {
        plan: key("life"),
        price: None,
        coupon: None,
        destination: Destination::Here,
        metadata: None,
        payer: Some(Payer { email: Email::parse("boss@example.com").unwrap(), name: None }),
    };
    let started = desk.services.orders().start(&operator(), desk.shop.application, member, new).await.unwrap();
    let Started::Order(placed) = started else { panic!("granted without payment") };
    let placed = desk.services.orders().open(*placed).await.unwrap();
    assert!(matches!(desk.side().enter_card(&placed.reference.unwrap(), GOOD), Entered::Paid { .. }));
    desk.settle().await;
    assert_eq!(desk.plan(member).await.as_deref(), Some("life"));
    assert_eq!(desk.side().all("charge")[0]["receipt_email"], "boss@example.com");
    let customer = &desk.side().all("customer")[0];
    assert_ne!(customer["email"], "boss@example.com");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_downgrade_waits_and_bills_less() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "team").await;
        desk.settle().await;
        desk.days(10).await;
        assert!(matches!(desk.start(member, "pro").await, Started::Granted(_)));
        desk.settle().await;
        assert_eq!(desk.plan(member).await.as_deref(), Some("team"), "{post:?}");
        assert_eq!(desk.subscription()["items"]["data"][0]["price"]["unit_amount"], 1000, "{post:?}");
        desk.days(23).await;
        assert_eq!((desk.plan(member).await.as_deref(), desk.charged()), (Some("pro"), vec![3000, 1000]), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_waits_and_can_be_undone() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let (changes, application) = (desk.services.changes(), desk.shop.application);
        changes.cancel(&operator(), application, member, None).await.unwrap();
        desk.settle().await;
        assert_eq!(desk.subscription()["cancel_at_period_end"], true, "{post:?}");
        changes.undo(&operator(), application, member).await.unwrap();
        desk.settle().await;
        assert_eq!(desk.subscription()["cancel_at_period_end"], false, "{post:?}");
        changes.cancel(&operator(), application, member, None).await.unwrap();
        desk.days(33).await;
        assert!(desk.held(member).await.is_none(), "{post:?}");
        assert_eq!((desk.charged().len(), &desk.subscription()["status"]), (1, &"canceled".into()), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_of_both_sides_are_known() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let (payments, application) = (desk.services.payments(), desk.shop.application);
        let id = payments.of_member(&operator(), application, member).await.unwrap()[0].payment.id;
        let part = Money::new(300, "usd".parse().unwrap()).unwrap();
        payments.refund(&operator(), application, id, Some(part), None).await.unwrap();
        desk.settle().await;
        let found = payments.of_member(&operator(), application, member).await.unwrap();
        let state = found[0].payment.state();
        assert!(matches!(state, PaymentState::PartiallyRefunded { refunded, .. } if refunded == part), "{post:?}");
        assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "{post:?}");
        // The rest goes back in Stripe's own dashboard.
        let intent = desk.side().all("payment_intent")[0]["id"].as_str().unwrap().to_owned();
        desk.side().call(http::Method::POST, "/v1/refunds", &format!("payment_intent={intent}"));
        desk.settle().await;
        assert_eq!(desk.payments(member).await, [PaymentStatus::Refunded], "{post:?}");
        assert_ne!(desk.plan(member).await.as_deref(), Some("pro"), "{post:?}");
        assert_eq!(desk.subscription()["status"], "canceled", "nothing is billed any more: {post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_that_is_lost_ends_it() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let intent = desk.side().all("payment_intent")[0]["id"].as_str().unwrap().to_owned();
        let dispute = desk.side().dispute(&intent);
        desk.settle().await;
        assert_eq!(desk.payments(member).await, [PaymentStatus::Disputed], "{post:?}");
        assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "{post:?}");
        desk.side().decide(&dispute, false);
        desk.settle().await;
        assert_eq!(desk.payments(member).await, [PaymentStatus::ChargedBack], "{post:?}");
        assert_ne!(desk.plan(member).await.as_deref(), Some("pro"), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_that_is_won_is_no_second_payment() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let intent = desk.side().all("payment_intent")[0]["id"].as_str().unwrap().to_owned();
        let dispute = desk.side().dispute(&intent);
        desk.settle().await;
        assert_eq!(desk.payments(member).await, [PaymentStatus::Disputed], "{post:?}");
        desk.side().decide(&dispute, true);
        desk.settle().await;
        assert_eq!(desk.payments(member).await, [PaymentStatus::Succeeded], "{post:?}");
        assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "{post:?}");
        for action in [Action::PaymentSettled, Action::PaymentDisputed, Action::PaymentDisputeWon] {
            let filter = AuditFilter { user: Some(member), action: Some(action), application: None };
            let told = desk.services.audit().list(&operator(), filter, &PageRequest::default()).await.unwrap();
            assert_eq!(told.items.len(), 1, "{action:?}, {post:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_one_price_s_and_whoever_had_it_before_stays() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let (plans, application) = (desk.services.plans(), desk.shop.application);
        let (_, product) = desk.side().call(http::Method::POST, "/v1/products", "name=Old");
        let product = product["id"].as_str().unwrap().to_owned();
        let form = format!("product={product}&currency=usd&unit_amount=1500&recurring[interval]=month");
        let (_, linked) = desk.side().call(http::Method::POST, "/v1/prices", &form);
        let linked = linked["id"].as_str().unwrap().to_owned();
        let new = |name: &str| NewPlan {
            prices: vec![NewPrice {
                name: PriceName::parse("Monthly").unwrap(),
                money: Money::new(1500, "usd".parse().unwrap()).unwrap(),
                interval: Interval::Month,
                trial_days: None,
                stripe_price_id: Some(linked.clone()),
            }],
            ..plan(name, serde_json::json!({}))
        };
        let first = plans.create(&operator(), application, new("First")).await.unwrap();
        let early = desk.shop.member().await;
        desk.buy(early, "first").await;
        desk.settle().await;
        let refused = plans.create(&operator(), application, new("Second")).await.unwrap_err();
        let service::Error::Problem(problem) = refused else { panic!("{refused}") };
        assert_eq!((problem.code, problem.fields[0].field.as_str()), (ErrorCode::InvalidInput, "stripePriceId"));

        // A price that is over leaves its link to another.
        plans.remove_price(&operator(), application, first.id, first.prices[0].id).await.unwrap();
        plans.create(&operator(), application, new("Second")).await.unwrap();
        let late = desk.shop.member().await;
        desk.buy(late, "second").await;
        desk.settle().await;
        desk.days(33).await;
        for (member, plan) in [(early, "first"), (late, "second")] {
            assert_eq!(desk.plan(member).await.as_deref(), Some(plan), "{post:?}");
            assert_eq!(desk.payments(member).await, [PaymentStatus::Succeeded; 2], "{post:?}");
        }
        assert_eq!(desk.charged(), [1500; 4], "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_would_take_for_another_sum_is_not_sold() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (services, application) = (&desk.services, desk.shop.application);
    let price = |amount: i64, code: &str| NewPrice {
        name: PriceName::parse(code).unwrap(),
        money: Money::new(amount, code.parse().unwrap()).unwrap(),
        interval: Interval::Month,
        trial_days: None,
        stripe_price_id: None,
    };
    let flaw = |error: service::Error| match error {
        service::Error::Problem(problem) => (problem.fields[0].field.clone(), problem.fields[0].flaw.clone()),
        error => panic!("{error}"),
    };
    let far = plan("Far", serde_json::json!({}));
    let far = services.plans().create(&operator(), application, far).await.unwrap();
    let add = async |new: NewPrice| services.plans().add_price(&operator(), application, far.id, new).await;
    let units = Flaw::StripeUnits { code: "ISK".into() };
    assert_eq!(flaw(add(price(100, "isk")).await.unwrap_err()), ("currency".into(), units.clone()));
    let step = Flaw::StripeStep { code: "KWD".into() };
    assert_eq!(flaw(add(price(1015, "kwd")).await.unwrap_err()), ("amount".into(), step.clone()));
    add(price(1010, "kwd")).await.unwrap();

    // What a coupon leaves of it, too.
    let coupon = NewCoupon {
        code: CouponCode::parse("HALF").unwrap(),
        off: Off::Percent(BasisPoints::parse(5000).unwrap()),
        duration: Duration::Once,
        cap: None,
        expires_at: None,
        plans: vec![],
    };
    services.coupons().create(&operator(), application, coupon).await.unwrap();
    let member = desk.shop.member().await;
    let order = |coupon| NewOrder {
        plan: key("far"),
        price: None,
        coupon,
        destination: Destination::Here,
        metadata: None,
        payer: None,
    };
    let half = order(Some(CouponCode::parse("HALF").unwrap()));
    let refused = services.orders().start(&operator(), application, member, half).await.unwrap_err();
    assert_eq!(flaw(refused), ("amount".into(), step));
    let whole = services.orders().start(&operator(), application, member, order(None)).await.unwrap();
    assert!(matches!(whole, Started::Order(_)));

    // Another provider counts as ISO does, until Stripe is to collect.
    let collect = async |provider: Provider| {
        let patch = SettingsPatch { provider: Some(provider), ..Default::default() };
        let patch = ApplicationPatch { settings: patch, ..Default::default() };
        services.applications().update(&operator(), application, patch).await
    };
    collect(Provider::Sandbox).await.unwrap();
    let made = add(price(100, "isk")).await.unwrap();
    let named = ("paymentProvider".to_owned(), units.of("isk"));
    assert_eq!(flaw(collect(Provider::Stripe).await.unwrap_err()), named);
    services.plans().remove_price(&operator(), application, far.id, made.id).await.unwrap();
    collect(Provider::Stripe).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_goes_on_billing_is_paid_on_its_page_only() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        desk.cards_become(FAILS);
        desk.days(32).await;
        assert_eq!(desk.held(member).await.unwrap().state.status(), Status::PastDue, "{post:?}");
        let (invoices, application) = (desk.services.invoices(), desk.shop.application);
        let owed = invoices.of_member(&operator(), application, member).await.unwrap().remove(0);
        let pay = async || {
            let url = || "https://app.example/".to_owned();
            let destination = Destination::Application { success_url: url(), cancel_url: url() };
            invoices.pay(&operator(), application, member, owed.id, destination).await.unwrap_err().code()
        };
        assert_eq!(pay().await, ErrorCode::BilledByProvider, "a second payment beside Stripe's: {post:?}");
        let marked = invoices.mark_paid(&operator(), application, owed.id, None).await.unwrap_err();
        assert_eq!(marked.code(), ErrorCode::BilledByProvider, "{post:?}");
        let page = invoices.page_elsewhere(&operator(), application, member, owed.id).await.unwrap().unwrap();
        let token = invoices.pay_path(owed.id).unwrap().rsplit('/').next().unwrap().to_owned();
        assert_eq!(invoices.page_elsewhere_by_link(&token).await.unwrap(), Some(page.clone()));
        let stranger = desk.shop.member().await;
        assert_eq!(invoices.page_elsewhere(&operator(), application, stranger, owed.id).await.unwrap(), None);

        // They pay there, with another card.
        desk.cards_become(GOOD);
        assert_eq!(desk.side().retry(page.rsplit('/').next().unwrap()), 200, "{post:?}");
        desk.settle().await;
        assert_eq!(desk.held(member).await.unwrap().state, State::Active, "{post:?}");
        desk.days(10).await;
        assert_eq!(desk.charged(), [1000, 1000], "{post:?}");
        assert_eq!(pay().await, ErrorCode::SubscriptionExpired, "{post:?}");
        assert_eq!(invoices.page_elsewhere(&operator(), application, member, owed.id).await.unwrap(), None);
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_pays_what_stripe_bills_next() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let (member, application) = (desk.shop.member().await, desk.shop.application);
        desk.pay(desk.start_at(member, "team", Some(desk.price("team", Interval::Year))).await).await;
        desk.settle().await;
        desk.days(1).await;

        // More comes back for the year than the month costs.
        let monthly = Some(desk.price("team", Interval::Month));
        let changes = desk.services.changes();
        let quote = changes.preview(&operator(), application, member, key("team"), monthly, None).await.unwrap();
        let (_, next) = quote.next.unwrap();
        assert_eq!((quote.due.amount(), next.amount()), (0, 0), "{post:?}");
        let added = quote.credit_added.amount();
        assert!(added > 26_000, "{added}");
        assert!(matches!(desk.start_at(member, "team", monthly).await, Started::Granted(_)));
        desk.settle().await;
        assert_eq!(desk.credit(member).await, added, "{post:?}");

        let portal = desk.services.portal();
        let opened = portal.open(&operator(), application, member, None).await.unwrap();
        let Exchange::Entered(visit) = portal.exchange(opened.token.expose(), None).await.unwrap() else {
            panic!("no visit");
        };
        let visitor = portal.visitor(visit.expose()).await.unwrap().unwrap();
        let (_, upcoming) = portal.upcoming(&operator(), &visitor, &[]).await.unwrap().unwrap();
        assert_eq!(upcoming, next, "{post:?}");
        desk.days(33).await;
        assert_eq!((desk.charged(), desk.credit(member).await), (vec![30_000], added - 3000), "{post:?}");
        let held = desk.held(member).await.unwrap();
        assert_eq!((held.state, desk.plan(member).await.as_deref()), (State::Active, Some("team")), "{post:?}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_pays_a_part_and_no_first_period() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let (member, application) = (desk.shop.member().await, desk.shop.application);
        let given = Amount::new(400, "usd".parse().unwrap()).unwrap();
        desk.services.credits().add(&operator(), application, member, given, None).await.unwrap();
        let quote = desk.buy(member, "pro").await.order.quote;
        assert_eq!((quote.due.amount(), quote.next.unwrap().1.amount()), (1000, 600), "{post:?}");
        desk.settle().await;
        assert_eq!(desk.credit(member).await, 400, "{post:?}");
        desk.days(33).await;
        assert_eq!((desk.charged(), desk.credit(member).await), (vec![1000, 600], 0), "{post:?}");
        let invoices = desk.services.invoices().of_member(&operator(), application, member).await.unwrap();
        let sums = (invoices[0].quote.due.amount(), invoices[0].quote.credit_used.amount());
        assert_eq!((sums, desk.payments(member).await), ((600, 400), vec![PaymentStatus::Succeeded; 2]), "{post:?}");
        desk.days(30).await;
        assert_eq!(desk.charged(), [1000, 600, 1000], "{post:?}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn credit_leaves_what_stripe_charges() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (member, application) = (desk.shop.member().await, desk.shop.application);
    let given = Amount::new(980, "usd".parse().unwrap()).unwrap();
    desk.services.credits().add(&operator(), application, member, given, None).await.unwrap();
    desk.buy(member, "pro").await;
    desk.settle().await;
    desk.days(33).await;
    assert_eq!((desk.charged(), desk.credit(member).await), (vec![1000, 50], 30));
    assert_eq!(desk.held(member).await.unwrap().state, State::Active);
    assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_of_another_amount_is_behind_and_ends_with_the_grace() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        // Somebody gives a discount in Stripe's own dashboard.
        let coupon = "id=kind&amount_off=300&currency=usd&duration=forever";
        assert_eq!(desk.side().call(http::Method::POST, "/v1/coupons", coupon).0, 200);
        let path = format!("/v1/subscriptions/{}", desk.subscription()["id"].as_str().unwrap());
        assert_eq!(desk.side().call(http::Method::POST, &path, "discounts[0][coupon]=kind").0, 200);
        desk.days(32).await;
        assert_eq!(desk.charged(), [1000, 700], "{post:?}");
        assert_eq!(desk.held(member).await.unwrap().state.status(), Status::PastDue, "it grants nothing: {post:?}");
        assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "features stay within the grace: {post:?}");
        assert!(desk.entitlement(member).await.valid_until.is_some(), "and no token outlives it: {post:?}");
        assert_eq!(desk.services.alerts().waiting(desk.shop.application).await.unwrap(), 1, "{post:?}");
        desk.days(9).await;
        assert_eq!((desk.held(member).await, desk.plan(member).await), (None, None), "{post:?}");
        assert_eq!(desk.subscription()["status"], "canceled", "{post:?}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_price_that_stripe_has_billed_already_is_followed() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let (other, member) = (desk.shop.member().await, desk.shop.member().await);
        desk.buy(other, "team").await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        // Somebody changes the price in Stripe's own dashboard, and nobody hears of it before the next bill.
        let item = |cents: i64| {
            let all = desk.side().all("subscription");
            let found = |own: &&serde_json::Value| own["items"]["data"][0]["price"]["unit_amount"] == cents;
            let own = all.iter().find(found).unwrap();
            (own["id"].clone(), own["items"]["data"][0].clone())
        };
        let (team, (id, pro)) = (item(3000).1, item(1000));
        let (item, price) = (pro["id"].as_str().unwrap(), team["price"]["id"].as_str().unwrap());
        let path = format!("/v1/subscriptions/{}", id.as_str().unwrap());
        let form = format!("items[0][id]={item}&items[0][price]={price}&proration_behavior=none");
        assert_eq!(desk.side().call(http::Method::POST, &path, &form).0, 200);
        desk.shop.test.clock.advance(TimeDelta::days(32));
        desk.settle().await;
        desk.days(9).await;
        let held = desk.held(member).await.unwrap();
        assert_eq!((held.state, desk.plan(member).await.as_deref()), (State::Active, Some("team")), "{post:?}");
        let invoices = desk.services.invoices().of_member(&operator(), desk.shop.application, member).await.unwrap();
        assert!(invoices.iter().all(|own| own.state.status().as_str() != "open"), "nothing is owed: {post:?}");
        assert_eq!(desk.charged(), [3000, 1000, 3000, 3000], "{post:?}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{post:?}");
    }
}

/// Time passes and nothing is heard: no notification, and nobody reconciles.
async fn silence(desk: &Desk, days: i64) {
    for _ in 0..days {
        desk.shop.test.clock.advance(TimeDelta::days(1));
        desk.services.engine().tick().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stripe_is_asked_when_it_says_nothing() {
    let desk = Desk::open(Post::InOrder, false).await;
    let member = desk.shop.member().await;
    desk.buy(member, "pro").await;
    desk.settle().await;
    let first = desk.held(member).await.unwrap().period.unwrap();
    silence(&desk, 35).await;
    assert_eq!(desk.held(member).await.unwrap().period, Some(first), "nobody has told");
    silence(&desk, 5).await;
    let held = desk.held(member).await.unwrap();
    assert_eq!((held.state, held.period.unwrap().start), (State::Active, first.end));
    // A server that was away for weeks ends nobody.
    desk.shop.test.clock.advance(TimeDelta::days(50));
    desk.services.engine().tick().await.unwrap();
    let held = desk.held(member).await.unwrap();
    assert_eq!(held.state, State::Active);
    assert!(held.period.unwrap().end > desk.services.now());
    assert_eq!(desk.payments(member).await, [PaymentStatus::Succeeded; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_not_heard_of_renews_nothing() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (member, application) = (desk.shop.member().await, desk.shop.application);
    desk.buy(member, "pro").await;
    desk.settle().await;
    desk.services.payment_keys().remove(&operator(), application, Provider::Stripe).await.unwrap();
    silence(&desk, 39).await;
    assert_eq!(desk.held(member).await.unwrap().state.status(), Status::PastDue);
    assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "features stay within the grace");
    assert!(desk.entitlement(member).await.valid_until.is_some());

    // The keys are back, and what was paid meanwhile is heard of.
    let keys = || NewKeys { secret: Some(Secret::new(TEST_KEY)), webhook: Some(Secret::new(WEBHOOK_SECRET)) };
    desk.services.payment_keys().set(&operator(), application, Provider::Stripe, keys()).await.unwrap();
    desk.settle().await;
    let held = desk.held(member).await.unwrap();
    assert_eq!((held.state, desk.charged()), (State::Active, vec![1000, 1000]));
    assert!(held.period.unwrap().end > desk.services.now());

    desk.services.payment_keys().remove(&operator(), application, Provider::Stripe).await.unwrap();
    silence(&desk, 45).await;
    assert_eq!((desk.held(member).await, desk.plan(member).await), (None, None), "it ends with the grace");
    assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_test_key_sold_is_asked_for_by_the_live_one() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (member, application) = (desk.shop.member().await, desk.shop.application);
    desk.buy(member, "pro").await;
    desk.settle().await;
    let first = desk.held(member).await.unwrap().period.unwrap();
    let keys = NewKeys { secret: Some(Secret::new(LIVE_KEY)), webhook: None };
    desk.services.payment_keys().set(&operator(), application, Provider::Stripe, keys).await.unwrap();
    silence(&desk, 31).await;
    assert_eq!(desk.held(member).await.unwrap().state.status(), Status::PastDue, "nobody has paid real money");
    assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "features stay within the grace");

    let invoices = desk.services.invoices();
    let owed = invoices.of_member(&operator(), application, member).await.unwrap().remove(0);
    let url = || "https://app.example/".to_owned();
    let destination = Destination::Application { success_url: url(), cancel_url: url() };
    let placed = invoices.pay(&operator(), application, member, owed.id, destination).await.unwrap();
    assert_eq!((placed.order.mode, placed.order.quote.due.amount()), (Mode::Live, 1000));
    let pressed = desk.services.orders().press(placed.clone(), "https://pay.example/return".into()).await.unwrap();
    let Pressed::Go(url) = pressed else { panic!("nothing to pay") };
    let session = url.rsplit('/').next().unwrap();
    assert!(matches!(desk.fake.live().enter_card(session, GOOD), Entered::Paid { .. }));
    desk.services.orders().look(placed).await.unwrap();
    let held = desk.held(member).await.unwrap();
    assert_eq!((held.state, held.period.unwrap().start), (State::Active, first.end));
    assert_eq!(desk.fake.live().all("charge").len(), 1);
    assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new());
}
