//! Many at once, on two nodes: one winner, and the books add up.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use domain::{
    Money,
    application::{Provider, SettingsPatch},
    billing::{
        coupon::{BasisPoints, CouponCode, Duration, Off},
        price::{Interval, NewPrice, PriceName},
    },
    id::UserId,
};
use futures::future::join_all;
use sea_orm::{ConnectionTrait, Statement};
use service::{
    Services,
    application::applications::ApplicationPatch,
    billing::{
        coupons::NewCoupon,
        orders::{Destination, NewOrder, Placed, Started},
    },
    payment::sandbox::CardNumber,
    testing::books,
};

use crate::shop::{Shop, key, operator, plan};

const MANY: usize = 50;

/// A shop in the sandbox with two nodes. Pro costs $10 a month, Team $30.
struct Market {
    shop: Shop,
    nodes: [Services; 2],
    turn: AtomicUsize,
}

impl Market {
    async fn open() -> Arc<Self> {
        let shop = Shop::open().await;
        let settings = SettingsPatch { provider: Some(Provider::Sandbox), ..Default::default() };
        let patch = ApplicationPatch { settings, ..Default::default() };
        shop.services().applications().update(&operator(), shop.application, patch).await.unwrap();
        let team = plan("Team", serde_json::json!({}));
        let team = shop.services().plans().create(&operator(), shop.application, team).await.unwrap();
        for (plan, cents) in [(shop.pro.id, 1000), (team.id, 3000)] {
            let price = NewPrice {
                name: PriceName::parse("Monthly").unwrap(),
                money: usd(cents),
                interval: Interval::Month,
                trial_days: None,
                stripe_price_id: None,
            };
            shop.services().plans().add_price(&operator(), shop.application, plan, price).await.unwrap();
        }
        let nodes = [shop.services().clone(), shop.test.another_node().await];
        Arc::new(Self { shop, nodes, turn: AtomicUsize::new(0) })
    }

    /// One of the nodes, in turn.
    fn node(&self) -> &Services {
        &self.nodes[self.turn.fetch_add(1, Ordering::SeqCst) % 2]
    }

    async fn start(&self, member: UserId, plan: &str, coupon: Option<&str>) -> service::Result<Started> {
        let url = || "https://app.example/".to_owned();
        let destination = Destination::Application { success_url: url(), cancel_url: url() };
        let coupon = coupon.map(|code| CouponCode::parse(code).unwrap());
        let new = NewOrder { plan: key(plan), price: None, coupon, destination, payer: None, metadata: None };
        self.node().orders().start(&operator(), self.shop.application, member, new).await
    }

    /// Presses, pays and returns, as one impatient person with many hands.
    async fn click(&self, member: UserId, plan: &str) {
        let Ok(Started::Order(placed)) = self.start(member, plan, None).await else { return };
        self.finish(*placed).await;
    }

    async fn finish(&self, placed: Placed) {
        if self.node().orders().press(placed.clone(), "https://here.example/".into()).await.is_err() {
            return;
        }
        let card = CardNumber::parse("4242424242424242").unwrap();
        self.node().sandbox().enter_card(placed.order.id.get(), card).await.unwrap();
        self.node().orders().look(placed).await.unwrap();
    }

    async fn buyer(&self, plan: &str) -> UserId {
        let member = self.shop.member().await;
        self.click(member, plan).await;
        assert_eq!(self.shop.entitlement(member).await.plan, Some(key(plan)));
        member
    }

    /// To the end of the period that a subscription which was bought now has.
    fn a_month_passes(&self) {
        self.shop.test.clock.advance(chrono::TimeDelta::days(31));
    }

    async fn number(&self, sql: &str) -> i64 {
        let db = self.shop.services().db.read();
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    /// Payments that came, and those that the provider knows of.
    async fn payments(&self) -> (i64, i64) {
        let ours = self.number("SELECT count(*) FROM payments WHERE status <> 'pending' AND status <> 'failed'").await;
        let paid = "SELECT count(*) FROM sandbox_payments WHERE facts LIKE '%succeeded%'";
        (ours, self.number(paid).await)
    }

    async fn books_add_up(&self) {
        assert_eq!(books::audit(self.shop.services()).await.unwrap(), Vec::<String>::new());
    }
}

fn usd(cents: i64) -> Money {
    Money::new(cents, "usd".parse().unwrap()).unwrap()
}

/// Does `work` many times at once.
async fn many<F: Future<Output = T> + Send + 'static, T: Send + 'static>(work: impl Fn(usize) -> F) -> Vec<T> {
    let tasks: Vec<_> = (0..MANY).map(|n| tokio::spawn(work(n))).collect();
    join_all(tasks).await.into_iter().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_clicks_on_pay_are_one_charge() {
    let market = Market::open().await;
    let member = market.shop.member().await;
    for (plan, charges) in [("pro", 1), ("team", 2)] {
        many(|_| {
            let market = market.clone();
            async move { market.click(member, plan).await }
        })
        .await;
        assert_eq!(market.payments().await, (charges, charges), "{plan}");
        assert_eq!(market.shop.entitlement(member).await.plan, Some(key(plan)));
        assert_eq!(market.number("SELECT count(*) FROM orders WHERE status = 'paid'").await, charges);
        market.shop.test.clock.advance(chrono::TimeDelta::days(7));
    }
    market.books_add_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_looks_at_one_renewal_are_one_charge() {
    let market = Market::open().await;
    let member = market.buyer("pro").await;
    market.a_month_passes();
    many(|_| {
        let market = market.clone();
        async move { market.node().engine().tick().await.unwrap() }
    })
    .await;
    assert_eq!(market.payments().await, (2, 2));
    assert_eq!(market.number("SELECT count(*) FROM invoices WHERE status = 'paid'").await, 2);
    assert_eq!(market.shop.entitlement(member).await.status.unwrap().as_str(), "active");
    market.books_add_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_refunds_no_more_goes_back_than_one() {
    let market = Market::open().await;
    let member = market.buyer("pro").await;
    let all = market.shop.services().payments().of_member(&operator(), market.shop.application, member).await.unwrap();
    let id = all[0].payment.id;
    // A second one of the same would be more than came.
    many(|_| {
        let market = market.clone();
        async move {
            let payments = market.node().payments();
            _ = payments.refund(&operator(), market.shop.application, id, Some(usd(600)), None).await;
        }
    })
    .await;
    let all = market.shop.services().payments().of_member(&operator(), market.shop.application, member).await.unwrap();
    assert_eq!(all[0].payment.refunded(), usd(600));
    let facts = "SELECT count(*) FROM sandbox_payments WHERE facts LIKE '%\"total\":{\"amount\":600%'";
    assert_eq!(market.number(facts).await, 1);
    let more = "SELECT count(*) FROM ledger WHERE action = 'payment.refunded'";
    assert_eq!(market.number(more).await, 1);
    market.books_add_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coupon_is_redeemed_as_often_as_it_may_be() {
    let market = Market::open().await;
    for (code, points) in [("HALF", 5_000), ("WHOLE", 10_000)] {
        let coupon = NewCoupon {
            code: CouponCode::parse(code).unwrap(),
            off: Off::Percent(BasisPoints::parse(points).unwrap()),
            duration: Duration::Once,
            cap: Some(10),
            expires_at: None,
            plans: vec![],
        };
        market.shop.services().coupons().create(&operator(), market.shop.application, coupon).await.unwrap();
        let mut members = Vec::new();
        for _ in 0..MANY {
            members.push(market.shop.member().await);
        }
        let got = many(|n| {
            let (market, member) = (market.clone(), members[n]);
            async move { market.start(member, "pro", Some(code)).await.is_ok() }
        })
        .await;
        assert_eq!(got.into_iter().filter(|got| *got).count(), 10, "{code}");
    }
    assert_eq!(market.number("SELECT count(*) FROM redemptions").await, 20);
    market.books_add_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancellation_comes_before_the_renewal_or_after_it() {
    let market = Market::open().await;
    let mut members = Vec::new();
    for _ in 0..MANY {
        members.push(market.buyer("pro").await);
    }
    market.a_month_passes();
    let before = market.shop.services().now() - chrono::TimeDelta::days(1);
    many(|n| {
        let (market, member) = (market.clone(), members[n]);
        async move {
            if n % 5 == 0 {
                market.node().engine().tick().await.unwrap();
            }
            market.node().changes().cancel(&operator(), market.shop.application, member, None).await.map(|_| ())
        }
    })
    .await;
    market.node().engine().tick().await.unwrap();
    let held = market.shop.services().subscriptions();
    let mut renewed = 0;
    for member in members {
        let all = market.shop.services().payments().of_member(&operator(), market.shop.application, member).await;
        let charges = all.unwrap().len();
        let live = held.get(&operator(), market.shop.application, member).await.unwrap();
        match live.filter(|held| held.is_billed()) {
            Some(held) => {
                assert_eq!((charges, held.cancel_at), (2, held.period.map(|period| period.end)));
                assert!(held.period.unwrap().start >= before);
                renewed += 1;
            }
            None => assert_eq!(charges, 1, "ended, and charged all the same"),
        }
    }
    assert_eq!(market.payments().await.0, MANY as i64 + renewed);
    market.books_add_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_and_its_notifications_are_one_payment() {
    let market = Market::open().await;
    let member = market.shop.member().await;
    let Ok(Started::Order(placed)) = market.start(member, "pro", None).await else { panic!("no order") };
    market.node().orders().press(*placed.clone(), "https://here.example/".into()).await.unwrap();
    let card = CardNumber::parse("4242424242424242").unwrap();
    market.node().sandbox().enter_card(placed.order.id.get(), card).await.unwrap();
    many(|n| {
        let (market, placed) = (market.clone(), *placed.clone());
        async move {
            match n % 2 {
                0 => _ = market.node().orders().look(placed).await.unwrap(),
                _ => _ = market.node().inbox().work().await.unwrap(),
            }
        }
    })
    .await;
    assert_eq!(market.payments().await, (1, 1));
    assert_eq!(market.number("SELECT count(*) FROM ledger WHERE action = 'order.paid'").await, 1);
    assert_eq!(market.number("SELECT count(*) FROM inbox WHERE handled_at IS NULL").await, 0);
    assert_eq!(market.shop.entitlement(member).await.plan, Some(key("pro")));
    market.books_add_up().await;
}
