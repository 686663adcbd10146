//! Deliveries of webhooks: tried again until they are taken or given up, once each, and forgotten in time.

use std::time::Duration;

use chrono::TimeDelta;
use domain::{
    ErrorCode, Secret,
    billing::ledger::Action,
    page::PageRequest,
    webhook::{
        delivery::{Delivery, DeliveryState, DeliveryStatus, MAX_ANSWER},
        endpoint::{DisabledBy, Endpoint, EndpointChange, EndpointState, NewEndpoint},
        event::EventType,
        schedule::WAITS,
    },
};
use http::StatusCode;
use serde_json::json;
use service::{
    Settings,
    audit::AuditFilter,
    billing::{alerts::AlertKind, lists::alerts::Alert},
    testing::{
        TestServices,
        http::{Answer, HttpServer, Reply},
    },
};

use tokio::{runtime::Handle, task::block_in_place};

use crate::{
    shop::{Shop, operator},
    webhooks::{Receiver, deliveries, endpoint, is_signed, now, signatures, status, switch, work},
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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_taken_is_tried_again_until_it_is_given_up() {
    let told = Told::start().await;
    let long = "x".repeat(2 * MAX_ANSWER);
    told.receiver.answer(Reply::Answer(Answer::new(StatusCode::SERVICE_UNAVAILABLE, "text/plain", long)));
    let queued = told.test().await;
    assert_eq!(queued.state, DeliveryState::Waiting { next_at: told.shop.services().now() });
    assert_eq!((queued.attempts, &queued.last), (0, &None));
    for (made, wait) in (1..).zip(WAITS) {
        assert_eq!(work(&told.shop).await, 1);
        let tried = told.delivery(&queued).await;
        let now = told.shop.services().now();
        assert_eq!(tried.state, DeliveryState::Waiting { next_at: now + TimeDelta::seconds(wait.into()) });
        let last = tried.last.unwrap();
        assert_eq!((tried.attempts, last.at, last.status, last.error), (made, now, Some(503), None));
        assert_eq!(last.answer, "x".repeat(MAX_ANSWER));
        told.pass(wait - 1);
        assert_eq!(work(&told.shop).await, 0);
        assert_eq!(told.alerts().await.len(), 0);
        told.pass(1);
    }
    assert_eq!(work(&told.shop).await, 1);
    let failed = told.delivery(&queued).await;
    assert_eq!((failed.state, failed.attempts), (DeliveryState::Failed, 10));
    told.pass(1_000_000);
    assert_eq!(work(&told.shop).await, 0);
    // One message, signed anew each time.
    let heard = told.receiver.heard();
    assert_eq!(heard.len(), 10);
    let mut moments: Vec<_> = heard.iter().map(|own| own.header("webhook-timestamp").to_owned()).collect();
    moments.dedup();
    assert_eq!(moments.len(), 10);
    for request in &heard {
        assert_eq!(request.header("webhook-id"), queued.event_id.to_string());
        assert!(is_signed(request, signatures(request)[0], &told.secret));
    }
    let alerts = told.alerts().await;
    assert_eq!((alerts.len(), alerts[0].kind), (1, AlertKind::WebhookFailed));
    assert_eq!(alerts[0].subject, told.endpoint.id.to_string());
    assert_eq!(alerts[0].detail, format!("{} answers 503", told.endpoint.url));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_alert_is_not_raised_again_and_a_resolved_one_is() {
    let told = Told::start().await;
    told.receiver.answer(status(StatusCode::INTERNAL_SERVER_ERROR));
    for _ in 0..2 {
        told.test().await;
        told.give_up().await;
        assert_eq!(told.alerts().await.len(), 1);
    }
    let first = told.alerts().await.remove(0);
    told.shop.services().alerts().resolve(&operator(), told.shop.application, first.id).await.unwrap();
    assert_eq!(told.alerts().await.len(), 0);
    told.test().await;
    told.give_up().await;
    assert_eq!(told.alerts().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_tells_of_every_cause() {
    let told = Told::start().await;
    let url = &told.endpoint.url;
    let mut raised = Vec::new();
    for answer in [StatusCode::INTERNAL_SERVER_ERROR, StatusCode::NOT_FOUND, StatusCode::INTERNAL_SERVER_ERROR] {
        told.receiver.answer(status(answer));
        told.test().await;
        told.give_up().await;
        raised.push(told.alerts().await.remove(0));
    }
    assert_eq!(raised[0].detail, format!("{url} answers 500"));
    assert_eq!(raised[1].detail, format!("{url} answers 500; {url} answers 404"));
    assert_eq!((&raised[2], told.alerts().await.len()), (&raised[1], 1), "said already");
    // Whoever has seen the first cause alone resolves nothing.
    let (alerts, app) = (told.shop.services().alerts(), told.shop.application);
    assert!(alerts.resolve(&operator(), app, raised[0].id).await.is_err());
    alerts.resolve(&operator(), app, raised[1].id).await.unwrap();
    assert_eq!(told.alerts().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_goes_with_its_endpoint() {
    let told = Told::start().await;
    told.receiver.answer(status(StatusCode::INTERNAL_SERVER_ERROR));
    told.test().await;
    told.give_up().await;
    let raised = told.alerts().await.remove(0);
    let (webhooks, app) = (told.shop.services().webhooks(), told.shop.application);
    webhooks.delete(&operator(), app, told.endpoint.id).await.unwrap();
    let (alerts, page) = (told.shop.services().alerts(), PageRequest::default());
    assert_eq!(alerts.waiting(app).await.unwrap(), 0);
    // Nor is it among those that are resolved: what it leads to is no more.
    assert_eq!(alerts.page(&operator(), app, true, &page).await.unwrap().items.len(), 0);
    let filter = AuditFilter { action: Some(Action::AlertResolved), ..AuditFilter::default() };
    let resolved = told.shop.services().audit().list(&operator(), filter, &page).await.unwrap().items;
    assert_eq!((resolved.len(), &resolved[0].reason), (1, &Some(told.endpoint.id.to_string())));
    assert_eq!(resolved[0].to, Some(json!(["webhook_failed", raised.detail])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_or_no_answer_is_no_delivery() {
    let told = Told::start().await;
    let elsewhere = Receiver::start().await;
    let found = Answer::new(StatusCode::FOUND, "text/plain", "").with("location", &elsewhere.url());
    told.receiver.answer(Reply::Answer(found));
    let queued = told.test().await;
    assert_eq!((work(&told.shop).await, elsewhere.heard().len()), (1, 0));
    let tried = told.delivery(&queued).await;
    assert_eq!((tried.state.status(), tried.last.unwrap().status), (DeliveryStatus::Waiting, Some(302)));
    told.pass(WAITS[0]);
    told.receiver.answer(Reply::HangUp);
    assert_eq!(work(&told.shop).await, 1);
    let last = told.delivery(&queued).await.last.unwrap();
    assert!(last.status.is_none() && last.answer.is_empty() && last.error.is_some(), "{last:?}");
    told.pass(WAITS[1]);
    // What PostgreSQL cannot keep, and what is no text.
    let odd = Answer::new(StatusCode::ACCEPTED, "text/plain", b"a\0b\xff".to_vec());
    told.receiver.answer(Reply::Answer(odd));
    assert_eq!(work(&told.shop).await, 1);
    let done = told.delivery(&queued).await;
    assert_eq!(done.state, DeliveryState::Delivered { at: told.shop.services().now() });
    let last = done.last.unwrap();
    assert_eq!((last.status, last.answer.as_str(), last.error), (Some(202), "a\u{fffd}b\u{fffd}", None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_gone_is_told_no_more() {
    let told = Told::start().await;
    told.receiver.answer(status(StatusCode::GONE));
    let first = told.test().await;
    told.test().await;
    assert_eq!(work(&told.shop).await, 2);
    let gone = now(&told.shop, &told.endpoint).await;
    let since = EndpointState::Disabled { at: told.shop.services().now(), cause: DisabledBy::Gone };
    assert_eq!(gone.state, since);
    told.pass(WAITS[0]);
    assert_eq!(work(&told.shop).await, 0);
    assert_eq!(deliveries(&told.shop, &gone, Some(DeliveryStatus::Waiting)).await.len(), 2);
    // Nothing new is written for it, and nothing can be asked of it.
    told.shop.member().await;
    assert_eq!(deliveries(&told.shop, &gone, None).await.len(), 2);
    let (webhooks, app) = (told.shop.services().webhooks(), told.shop.application);
    assert_eq!(webhooks.test(&operator(), app, gone.id).await.unwrap_err().code(), ErrorCode::InvalidInput);
    assert_eq!(told.resend(&first).await.unwrap_err().code(), ErrorCode::InvalidInput);
    told.receiver.answer(status(StatusCode::OK));
    assert_eq!(webhooks.update(&operator(), app, gone.id, switch(true)).await.unwrap().state, EndpointState::Enabled);
    assert_eq!(work(&told.shop).await, 2);
    assert_eq!(deliveries(&told.shop, &gone, Some(DeliveryStatus::Delivered)).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_gone_where_it_was_sought_is_sought_elsewhere() {
    let (shop, elsewhere) = (Shop::open().await, Receiver::start().await);
    let (services, app, url) = (shop.services().clone(), shop.application, elsewhere.url());
    // An admin changes its URL before it has answered.
    let left = HttpServer::start(move |_| {
        let moves = async {
            let own = services.webhooks().list(&operator(), app).await.unwrap().remove(0);
            let change = EndpointChange::parse(Some(&url), None, None, None).unwrap();
            services.webhooks().update(&operator(), app, own.id, change).await.unwrap();
        };
        block_in_place(|| Handle::current().block_on(moves));
        status(StatusCode::GONE)
    })
    .await;
    let new = NewEndpoint::parse(&left.url(), "", &[]).unwrap();
    let webhooks = shop.services().webhooks();
    let (made, _) = webhooks.create(&operator(), app, new).await.unwrap();
    webhooks.test(&operator(), app, made.id).await.unwrap();
    assert_eq!(work(&shop).await, 1);
    let moved = now(&shop, &made).await;
    assert_eq!((moved.state, moved.url.as_str()), (EndpointState::Enabled, elsewhere.url().as_str()));
    shop.test.clock.advance(TimeDelta::seconds(WAITS[0].into()));
    assert_eq!((work(&shop).await, elsewhere.events()), (1, vec!["webhook.test".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_sent_again_when_somebody_asks() {
    let told = Told::start().await;
    let first = told.test().await;
    assert_eq!(work(&told.shop).await, 1);
    told.pass(100);
    let again = told.resend(&first).await.unwrap();
    assert_eq!((again.state.status(), again.attempts), (DeliveryStatus::Waiting, 0));
    assert_eq!((work(&told.shop).await, work(&told.shop).await), (1, 0));
    let ids: Vec<_> = told.receiver.heard().iter().map(|own| own.header("webhook-id").to_owned()).collect();
    assert_eq!(ids, vec![first.event_id.to_string(); 2]);
    assert_eq!(told.delivery(&first).await.state, DeliveryState::Delivered { at: told.shop.services().now() });
    // One that was given up has its whole schedule again.
    told.receiver.answer(status(StatusCode::BAD_REQUEST));
    let second = told.test().await;
    told.give_up().await;
    assert_eq!(deliveries(&told.shop, &told.endpoint, Some(DeliveryStatus::Failed)).await.len(), 1);
    told.resend(&second).await.unwrap();
    told.give_up().await;
    assert_eq!(told.delivery(&second).await.state, DeliveryState::Failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_secret_signs_for_a_day() {
    let told = Told::start().await;
    let (services, app) = (told.shop.services(), told.shop.application);
    let new = services.webhooks().rotate_secret(&operator(), app, told.endpoint.id).await.unwrap();
    assert_ne!(now(&told.shop, &told.endpoint).await.hint, told.endpoint.hint);
    told.pass(24 * 3600 - 1);
    told.test().await;
    work(&told.shop).await;
    told.pass(1);
    told.test().await;
    work(&told.shop).await;
    let heard = told.receiver.heard();
    let [by_new, by_old] = signatures(&heard[0])[..] else { panic!("two signatures") };
    assert!(is_signed(&heard[0], by_new, &new) && is_signed(&heard[0], by_old, &told.secret));
    let [by_new] = signatures(&heard[1])[..] else { panic!("one signature") };
    assert!(is_signed(&heard[1], by_new, &new));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_send_each_message_once() {
    let told = Told::start().await;
    let other = told.shop.test.another_node().await;
    for _ in 0..5 {
        for _ in 0..8 {
            told.test().await;
        }
        let (here, there) = (told.shop.services().deliveries(), other.deliveries());
        let (one, two, three) = tokio::join!(here.work(), there.work(), here.work());
        assert_eq!(one.unwrap() + two.unwrap() + three.unwrap(), 8);
        let mut ids: Vec<_> = told.receiver.heard().iter().map(|own| own.header("webhook-id").to_owned()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 8);
    }
    assert_eq!(deliveries(&told.shop, &told.endpoint, Some(DeliveryStatus::Delivered)).await.len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stopped_on_the_way_is_followed_by_another() {
    let told = Told::start().await;
    told.receiver.answer(Reply::Silence);
    let queued = told.test().await;
    let services = told.shop.services().clone();
    let stopped = tokio::spawn(async move { services.deliveries().work().await });
    while told.receiver.heard().is_empty() {
        tokio::task::yield_now().await;
    }
    stopped.abort();
    assert!(stopped.await.unwrap_err().is_cancelled());
    assert_eq!((told.delivery(&queued).await.attempts, work(&told.shop).await), (0, 0));
    told.receiver.answer(status(StatusCode::OK));
    told.pass(60);
    assert_eq!((work(&told.shop).await, told.receiver.heard().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_hangs_does_not_hold_up_another() {
    let short = Settings { provider_timeout: Duration::from_millis(300), ..TestServices::settings() };
    let told = Told::start_with(short).await;
    told.receiver.answer(Reply::Silence);
    for _ in 0..15 {
        told.test().await;
    }
    told.pass(1);
    let quick = Receiver::start().await;
    endpoint(&told.shop, &quick, &[EventType::ClaimsUpdated]).await;
    let member = told.shop.member().await;
    told.shop.claims(member, json!({ "tier": "gold" })).await.unwrap();
    assert_eq!(work(&told.shop).await, 11);
    assert_eq!(quick.events(), ["claims.updated"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn looks_do_not_wait_for_a_receiver_that_hangs() {
    let told = Told::start().await;
    told.receiver.answer(Reply::Silence);
    let quick = Receiver::start().await;
    let (also, _) = endpoint(&told.shop, &quick, &[EventType::ClaimsUpdated]).await;
    let (webhooks, app) = (told.shop.services().webhooks(), told.shop.application);
    for _ in 0..15 {
        told.test().await;
        webhooks.test(&operator(), app, also.id).await.unwrap();
    }
    let sending = tokio::spawn(told.shop.services().clone().send_webhooks_forever());
    let mut heard = 0;
    while heard < 15 {
        heard += quick.heard().len();
        tokio::task::yield_now().await;
    }
    // All that, while the first messages to who hangs were still on their way.
    let hanging = deliveries(&told.shop, &told.endpoint, Some(DeliveryStatus::Waiting)).await;
    assert_eq!((hanging.len(), hanging.iter().filter(|own| own.last.is_some()).count()), (15, 0));
    // And it is not told more in the meantime.
    assert!(told.receiver.heard().len() <= 10);
    sending.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_is_forgotten_after_a_month() {
    let told = Told::start().await;
    let services = told.shop.services();
    let taken = told.test().await;
    work(&told.shop).await;
    told.receiver.answer(status(StatusCode::GONE));
    let waiting = told.test().await;
    work(&told.shop).await;
    told.shop.test.clock.advance(TimeDelta::days(30) - TimeDelta::milliseconds(1));
    services.purge().await.unwrap();
    assert_eq!(deliveries(&told.shop, &told.endpoint, None).await.len(), 2);
    told.pass(1);
    services.purge().await.unwrap();
    let left: Vec<_> = deliveries(&told.shop, &told.endpoint, None).await.iter().map(|own| own.id).collect();
    assert_eq!(left, [waiting.id]);
    assert_ne!(taken.id, waiting.id);
    // Its endpoint is off: what waits is forgotten a month after it was due.
    for (seconds, left) in [(WAITS[0] - 1, 1), (1, 0)] {
        told.pass(seconds);
        services.purge().await.unwrap();
        assert_eq!(deliveries(&told.shop, &told.endpoint, None).await.len(), left);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_erased_is_forgotten_and_the_end_is_told() {
    let told = Told::start().await;
    let (member, other) = (told.shop.member().await, told.shop.member().await);
    told.shop.claims(member, json!({ "tier": "gold" })).await.unwrap();
    assert_eq!(work(&told.shop).await, 5);
    told.receiver.heard();
    told.shop.services().admin_users().delete(&operator(), member).await.unwrap();
    assert_eq!(deliveries(&told.shop, &told.endpoint, Some(DeliveryStatus::Delivered)).await.len(), 2, "{other}'s");
    assert_eq!(work(&told.shop).await, 3);
    assert_eq!(told.receiver.events(), ["claims.updated", "membership.updated", "subscription.canceled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn users_and_endpoints_end_together() {
    for _ in 0..5 {
        let told = Told::start().await;
        let (services, app) = (told.shop.services(), told.shop.application);
        let other = told.shop.test.another_node().await;
        let mut members = Vec::new();
        for _ in 0..4 {
            members.push(told.shop.member().await);
        }
        let erase = |user| async move { services.admin_users().delete(&operator(), user).await.unwrap() };
        let erased = futures::future::join_all(members.into_iter().map(erase));
        let deleted = async { other.webhooks().delete(&operator(), app, told.endpoint.id).await.unwrap() };
        let sent = async { other.deliveries().work().await.unwrap() };
        tokio::join!(erased, deleted, sent);
        assert_eq!((work(&told.shop).await, other.deliveries().work().await.unwrap()), (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_has_pages_and_filters() {
    let told = Told::start().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(told.test().await.id);
    }
    made.reverse();
    let (deliveries, app) = (told.shop.services().deliveries(), told.shop.application);
    let mut seen = Vec::new();
    let mut page = PageRequest { after: None, limit: 2 };
    loop {
        let part = deliveries.page(&operator(), app, told.endpoint.id, None, &page).await.unwrap();
        seen.extend(part.items.iter().map(|own| own.id));
        match part.next_cursor {
            Some(cursor) => page = PageRequest::parse(Some(&cursor), Some("2")).unwrap(),
            None => break,
        }
    }
    assert_eq!(seen, made);
    assert_eq!(work(&told.shop).await, 5);
    for (status, count) in [(DeliveryStatus::Waiting, 0), (DeliveryStatus::Delivered, 5), (DeliveryStatus::Failed, 0)] {
        let found = deliveries.page(&operator(), app, told.endpoint.id, Some(status), &PageRequest::default()).await;
        assert_eq!(found.unwrap().items.len(), count, "{}", status.as_str());
    }
}
