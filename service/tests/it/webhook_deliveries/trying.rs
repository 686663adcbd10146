//! What is tried again, given up, told and sent once more.

use chrono::TimeDelta;
use domain::{
    ErrorCode,
    billing::ledger::Action,
    page::PageRequest,
    webhook::{
        delivery::{DeliveryState, DeliveryStatus, MAX_ANSWER},
        endpoint::{DisabledBy, EndpointChange, EndpointState, NewEndpoint},
        schedule::WAITS,
    },
};
use http::StatusCode;
use serde_json::json;
use service::{
    audit::AuditFilter,
    billing::alerts::AlertKind,
    testing::http::{Answer, HttpServer, Reply},
};
use tokio::{runtime::Handle, task::block_in_place};

use super::Told;
use crate::{
    shop::{Shop, operator},
    webhooks::{Receiver, deliveries, is_signed, now, signatures, status, switch, work},
};

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
    let url = told.receiver.url();
    // What its owner keeps secret is not told.
    let change = EndpointChange::parse(Some(&format!("{url}?token=secret")), None, None, None).unwrap();
    let webhooks = told.shop.services().webhooks();
    webhooks.update(&operator(), told.shop.application, told.endpoint.id, change).await.unwrap();
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
