//! Deliveries of webhooks: tried again until they are taken or given up, once each, and forgotten in time.

mod kept;
mod nodes;
mod trying;

use chrono::TimeDelta;
use domain::{
    Secret,
    page::PageRequest,
    webhook::{delivery::Delivery, endpoint::Endpoint, schedule::WAITS},
};
use service::{Settings, billing::lists::alerts::Alert, testing::TestServices};

use crate::{
    shop::{Shop, operator},
    webhooks::{Receiver, endpoint, work},
};

/// A shop, and a receiver that is told of everything.
struct Told {
    shop: Shop,
    receiver: Receiver,
    endpoint: Endpoint,
    secret: Secret,
}

impl Told {
    async fn start() -> Self {
        Self::start_with(TestServices::settings()).await
    }

    async fn start_with(settings: Settings) -> Self {
        let shop = Shop::over(TestServices::start_with(settings).await).await;
        let receiver = Receiver::start().await;
        let (endpoint, secret) = endpoint(&shop, &receiver, &[]).await;
        Self { shop, receiver, endpoint, secret }
    }

    async fn test(&self) -> Delivery {
        let webhooks = self.shop.services().webhooks();
        webhooks.test(&operator(), self.shop.application, self.endpoint.id).await.unwrap()
    }

    async fn delivery(&self, delivery: &Delivery) -> Delivery {
        let (deliveries, app) = (self.shop.services().deliveries(), self.shop.application);
        deliveries.get(&operator(), app, self.endpoint.id, delivery.id).await.unwrap().delivery
    }

    async fn resend(&self, delivery: &Delivery) -> service::Result<Delivery> {
        let (deliveries, app) = (self.shop.services().deliveries(), self.shop.application);
        deliveries.resend(&operator(), app, self.endpoint.id, delivery.id).await
    }

    fn pass(&self, seconds: u32) {
        self.shop.test.clock.advance(TimeDelta::seconds(seconds.into()));
    }

    /// Lets time pass until what waits is given up.
    async fn give_up(&self) {
        for wait in WAITS {
            assert_eq!(work(&self.shop).await, 1);
            self.pass(wait);
        }
        assert_eq!(work(&self.shop).await, 1);
    }

    async fn alerts(&self) -> Vec<Alert> {
        let (alerts, page) = (self.shop.services().alerts(), PageRequest::default());
        alerts.page(&operator(), self.shop.application, false, &page).await.unwrap().items
    }
}
