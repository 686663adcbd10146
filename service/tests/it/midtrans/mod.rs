//! Midtrans from the button to the entitlement: the stand-in collects, and tells as a test lets it.

mod buying;
mod closing;
mod failing;
mod keeping;
mod keys;
mod methods;
mod notifications;
mod refunds;
mod renewing;
mod transfers;
mod trials;
mod under_way;

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use domain::{
    Money, Secret,
    application::{Provider, SettingsPatch},
    billing::{
        order::State as OrderState,
        payment::Status as PaymentStatus,
        price::{Interval, NewPrice, PriceName},
        subscription::Subscription,
    },
    id::UserId,
};
use sea_orm::{ConnectionTrait, Statement};
use service::{
    Services,
    application::applications::ApplicationPatch,
    billing::orders::{Destination, NewOrder, Placed, Pressed, Started},
    payment::keys::NewKeys,
    testing::{
        TestServices,
        http::HttpServer,
        midtrans::{FakeMidtrans, GOOD_CARD, Means, Notification, Step},
    },
};

use crate::shop::{Shop, key, operator};

const KEY: &str = "SB-Mid-server-of-the-shop";

/// A shop that Midtrans collects for. Pro costs Rp 99.000 a month.
struct Bazaar {
    shop: Shop,
    fake: FakeMidtrans,
    _server: HttpServer,
}

fn idr(rupiah: i64) -> Money {
    Money::new(rupiah * 100, "idr".parse().unwrap()).unwrap()
}

fn good_card() -> Means {
    Means::Card(GOOD_CARD.into())
}

async fn bazaar() -> Bazaar {
    with_trial(None).await
}

async fn with_trial(trial_days: Option<u16>) -> Bazaar {
    // The stand-in tells the time of the services, which ask where it is.
    let clock = service::clock::ManualClock::new(TestServices::epoch());
    let fake = FakeMidtrans::new(Arc::new(clock.clone()), KEY);
    let server = fake.serve().await;
    let mut settings = TestServices::settings();
    settings.midtrans_url = Some(server.url());
    settings.provider_timeout = Duration::from_secs(1);
    let shop = Shop::over(TestServices::start_at(clock, settings).await).await;
    let new = NewKeys { secret: Some(Secret::new(KEY)), webhook: None };
    let services = shop.services();
    services.payment_keys().set(&operator(), shop.application, Provider::Midtrans, new).await.unwrap();
    let settings = SettingsPatch { provider: Some(Provider::Midtrans), ..Default::default() };
    let patch = ApplicationPatch { settings, ..Default::default() };
    services.applications().update(&operator(), shop.application, patch).await.unwrap();
    let price = NewPrice {
        name: PriceName::parse("Monthly").unwrap(),
        money: idr(99_000),
        interval: Interval::Month,
        trial_days,
        stripe_price_id: None,
    };
    services.plans().add_price(&operator(), shop.application, shop.pro.id, price).await.unwrap();
    Bazaar { shop, fake, _server: server }
}

fn destination() -> Destination {
    let url = || "https://app.example/".to_owned();
    Destination::Application { success_url: url(), cancel_url: url() }
}

impl Bazaar {
    fn services(&self) -> &Services {
        self.shop.services()
    }

    async fn start(&self, member: UserId) -> Started {
        let new = NewOrder {
            plan: key("pro"),
            price: None,
            coupon: None,
            destination: destination(),
            metadata: None,
            payer: None,
        };
        self.services().orders().start(&operator(), self.shop.application, member, new).await.unwrap()
    }

    /// An order whose page is open at Midtrans.
    async fn opened(&self, member: UserId) -> Placed {
        let Started::Order(placed) = self.start(member).await else { panic!("granted") };
        assert_eq!(placed.order.quote.due, idr(99_000));
        self.press(&placed).await;
        *placed
    }

    async fn press(&self, placed: &Placed) -> String {
        let back = "https://here.example/return".to_owned();
        match self.services().orders().press(placed.clone(), back).await.unwrap() {
            Pressed::Go(url) => url,
            Pressed::Done(placed) => panic!("{placed:?}"),
        }
    }

    fn pay(&self, placed: &Placed, means: Means) {
        self.fake.pay(&placed.order.id.to_string(), means);
    }

    fn act(&self, placed: &Placed, step: Step) {
        self.fake.act(&placed.order.id.to_string(), step).unwrap();
    }

    /// What Midtrans has to tell arrives, in its order.
    async fn deliver(&self) {
        let told = self.fake.notifications();
        self.post(&told).await;
    }

    async fn post(&self, told: &[Notification]) {
        for notification in told {
            let body = notification.body.as_bytes();
            self.services().inbox().receive_from_midtrans(&Vec::new(), body).await.unwrap();
        }
        while self.services().inbox().work().await.unwrap() > 0 {}
    }

    async fn state(&self, placed: &Placed) -> OrderState {
        let path = self.services().orders().path(placed.order.id).unwrap();
        self.services().orders().find(path.rsplit('/').next().unwrap()).await.unwrap().order.state
    }

    async fn plan(&self, member: UserId) -> String {
        self.shop.entitlement(member).await.plan.map(|plan| plan.as_str().to_owned()).unwrap_or_default()
    }

    async fn held(&self, member: UserId) -> Subscription {
        let held = self.services().subscriptions().get(&operator(), self.shop.application, member).await.unwrap();
        held.expect("a subscription")
    }

    async fn pass(&self, time: TimeDelta) {
        self.shop.test.clock.advance(time);
        self.services().engine().tick().await.unwrap();
    }

    /// The member's payments, newest first.
    async fn payments(&self, member: UserId) -> Vec<(PaymentStatus, Money)> {
        let payments = self.services().payments().of_member(&operator(), self.shop.application, member).await.unwrap();
        payments.iter().map(|seen| (seen.payment.state().status(), seen.payment.amount)).collect()
    }

    async fn refund(&self, member: UserId, part: Option<Money>) -> service::Result<PaymentStatus> {
        let payments = self.services().payments();
        let newest = payments.of_member(&operator(), self.shop.application, member).await.unwrap().remove(0);
        let refunded = payments.refund(&operator(), self.shop.application, newest.payment.id, part, None).await?;
        Ok(refunded.state().status())
    }

    async fn count(&self, sql: &str) -> i64 {
        let db = self.services().db.read();
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }
}
