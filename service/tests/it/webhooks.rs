//! Outgoing webhooks: who is told of what, by whose hand, and that what is told has happened.

use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::TimeDelta;
use domain::{
    ErrorCode, Flaw, Problem, Secret,
    application::OnEnd,
    billing::ledger::Action,
    id::{ApplicationId, UserId, WebhookDeliveryId},
    identity::membership::MembershipStatus,
    page::PageRequest,
    route::ReturnTo,
    webhook::{
        delivery::{Delivery, DeliveryStatus},
        endpoint::{DisabledBy, Endpoint, EndpointChange, EndpointState, NewEndpoint},
        event::EventType,
    },
};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use service::{
    Ctx, Error, Services, Settings,
    audit::AuditFilter,
    identity::{mail_links::Origin, memberships::MembershipPatch},
    testing::{
        TestServices,
        http::{Answer, HttpServer, Reply, Request},
        people::mailed_token,
    },
    webhook::endpoints::MOST,
};

use crate::{
    people::{email, newcomer, password},
    renewals::{self, FAILS_LATER, GOOD, advance, buy},
    shop::{Shop, application, operator},
};

/// An application's own server that notes what it is told, and answers as a test wants.
pub struct Receiver {
    server: HttpServer,
    heard: Arc<Mutex<Vec<Request>>>,
    reply: Arc<Mutex<Reply>>,
}

impl Receiver {
    pub async fn start() -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let reply = Arc::new(Mutex::new(status(StatusCode::OK)));
        let (noting, answering) = (heard.clone(), reply.clone());
        let server = HttpServer::start(move |request| {
            noting.lock().unwrap().push(request);
            answering.lock().unwrap().clone()
        })
        .await;
        Self { server, heard, reply }
    }

    pub fn url(&self) -> String {
        format!("{}/hook", self.server.url())
    }

    pub fn answer(&self, reply: Reply) {
        *self.reply.lock().unwrap() = reply;
    }

    /// What it was told since it was asked last.
    pub fn heard(&self) -> Vec<Request> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }

    /// The kinds of events that it was told of since then, in their order.
    pub fn events(&self) -> Vec<String> {
        let mut events: Vec<_> = self.heard().iter().map(|own| own.header("x-turnpike-event").to_owned()).collect();
        events.sort();
        events
    }
}

pub fn status(status: StatusCode) -> Reply {
    Reply::Answer(Answer::new(status, "text/plain", "as it is"))
}

/// Lets a receiver be told of `events`, or of all.
pub async fn endpoint(shop: &Shop, receiver: &Receiver, events: &[EventType]) -> (Endpoint, Secret) {
    endpoint_of(shop.services(), shop.application, receiver, events).await
}

async fn endpoint_of(
    services: &Services,
    application: ApplicationId,
    receiver: &Receiver,
    events: &[EventType],
) -> (Endpoint, Secret) {
    let names: Vec<_> = events.iter().map(|event| event.as_str().to_owned()).collect();
    let new = NewEndpoint::parse(&receiver.url(), "", &names).unwrap();
    services.webhooks().create(&operator(), application, new).await.unwrap()
}

pub async fn work(shop: &Shop) -> usize {
    shop.services().deliveries().work().await.unwrap()
}

/// An endpoint's deliveries, newest first.
pub async fn deliveries(shop: &Shop, endpoint: &Endpoint, status: Option<DeliveryStatus>) -> Vec<Delivery> {
    let (deliveries, page) = (shop.services().deliveries(), PageRequest::default());
    deliveries.page(&operator(), shop.application, endpoint.id, status, &page).await.unwrap().items
}

pub async fn now(shop: &Shop, endpoint: &Endpoint) -> Endpoint {
    shop.services().webhooks().get(&operator(), shop.application, endpoint.id).await.unwrap()
}

pub fn switch(enabled: bool) -> EndpointChange {
    EndpointChange { enabled: Some(enabled), ..EndpointChange::default() }
}

pub fn signatures(request: &Request) -> Vec<&str> {
    request.header("webhook-signature").split(' ').collect()
}

/// Whether a signature of a message is made by a secret, as its receiver finds out.
pub fn is_signed(request: &Request, signature: &str, secret: &Secret) -> bool {
    let key = BASE64_STANDARD.decode(secret.expose().strip_prefix("whsec_").unwrap()).unwrap();
    let tag = BASE64_STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
    let (id, timestamp) = (request.header("webhook-id"), request.header("webhook-timestamp"));
    let signed = [id.as_bytes(), timestamp.as_bytes(), &request.body[..]].join(&b'.');
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &key), &signed, &tag).is_ok()
}

pub fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn problem<T>(result: Result<T, Error>) -> Problem {
    match result.err().expect("refused") {
        Error::Problem(problem) => problem,
        error => panic!("{error:?}"),
    }
}

fn code<T>(result: Result<T, Error>) -> ErrorCode {
    result.err().expect("refused").code()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_signed_and_says_what_has_happened() {
    let (shop, receiver) = (Shop::open().await, Receiver::start().await);
    let (_, secret) = endpoint(&shop, &receiver, &[]).await;
    let user = shop.member().await;
    assert_eq!(work(&shop).await, 2);
    assert_eq!(work(&shop).await, 0);
    let heard = receiver.heard();
    for request in &heard {
        let said = body(request);
        assert_eq!((&request.method, request.path.as_str()), (&Method::POST, "/hook"));
        assert_eq!(request.header("content-type"), "application/json");
        assert_eq!(request.header("webhook-timestamp"), shop.services().now().timestamp().to_string());
        assert_eq!(said["type"], request.header("x-turnpike-event"));
        assert_eq!(said["data"]["id"], request.header("webhook-id"));
        let [signature] = signatures(request)[..] else { panic!("one signature") };
        assert!(is_signed(request, signature, &secret));
        assert!(!is_signed(request, signature, &Secret::new(format!("whsec_{}", "A".repeat(44)))));
    }
    let created = heard.iter().find(|own| own.header("x-turnpike-event") == "subscription.created").unwrap();
    let filter = AuditFilter { user: Some(user), action: Some(Action::SubscriptionCreated), application: None };
    let entries = shop.services().audit().list(&operator(), filter, &PageRequest::default()).await.unwrap().items;
    let expected = json!({
        "type": "subscription.created",
        "timestamp": entries[0].at,
        "data": {
            "id": entries[0].id,
            "change": "subscription.created",
            "project_id": shop.application,
            "end_user_id": user,
            "plan": "free",
            "before": null,
            "after": entries[0].to,
        },
    });
    assert_eq!(body(created), expected);
    assert!(heard.iter().any(|own| body(own)["type"] == "membership.created"));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_told_of_its_own_application_and_of_what_it_asked_for() {
    let shop = Shop::open().await;
    let other = application(shop.services(), "other").await;
    let user = shop.member().await;
    let [claims, plans, all, foreign] =
        [Receiver::start().await, Receiver::start().await, Receiver::start().await, Receiver::start().await];
    endpoint(&shop, &claims, &[EventType::ClaimsUpdated]).await;
    endpoint(&shop, &plans, &[EventType::SubscriptionUpdated, EventType::SubscriptionCanceled]).await;
    endpoint(&shop, &all, &[]).await;
    endpoint_of(shop.services(), other, &foreign, &[]).await;
    shop.claims(user, json!({ "tier": "gold" })).await.unwrap();
    shop.claims(user, json!({ "plan": "pro" })).await.unwrap();
    shop.services().subscriptions().end(&operator(), shop.application, user).await.unwrap();
    while work(&shop).await > 0 {}
    assert_eq!(claims.events(), ["claims.updated"]);
    let told = plans.heard();
    let pro = told.iter().find(|own| own.header("x-turnpike-event") == "subscription.updated").unwrap();
    assert_eq!((told.len(), &body(pro)["data"]["plan"]), (2, &json!("pro")));
    let ids: Vec<_> = told.iter().map(|own| own.header("webhook-id").to_owned()).collect();
    let heard = all.heard();
    assert_eq!(heard.len(), 3);
    // An event is the same for everybody who is told of it.
    assert!(ids.iter().all(|id| heard.iter().any(|own| own.header("webhook-id") == id)));
    assert_eq!(foreign.heard().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn money_and_time_are_told_in_billing_time() {
    let shop = renewals::shop(false, OnEnd::None).await;
    let receiver = Receiver::start().await;
    let money = [EventType::PaymentSettled, EventType::PaymentFailed, EventType::PaymentRefunded];
    let told: Vec<_> = money.into_iter().chain([EventType::SubscriptionUpdated]).collect();
    endpoint(&shop, &receiver, &told).await;
    let (payer, debtor) = (shop.member().await, shop.member().await);
    buy(&shop, payer, "pro", GOOD).await;
    buy(&shop, debtor, "pro", FAILS_LATER).await;
    advance(&shop, "1mo").await;
    let payments = shop.services().payments();
    let paid = payments.of_member(&operator(), shop.application, payer).await.unwrap()[0].payment.id;
    payments.refund(&operator(), shop.application, paid, None, None).await.unwrap();
    while work(&shop).await > 0 {}
    let heard: Vec<_> = receiver.heard().iter().map(body).collect();
    let has = |user: UserId, event: &str, change: &str| {
        let of = |own: &&Value| own["data"]["end_user_id"] == json!(user) && own["data"]["change"] == change;
        assert!(heard.iter().filter(of).any(|own| own["type"] == event), "{event} {change}: {heard:?}");
    };
    has(payer, "payment.settled", "payment.settled");
    has(payer, "subscription.updated", "subscription.updated");
    has(payer, "subscription.updated", "subscription.renewed");
    has(payer, "payment.refunded", "payment.refunded");
    has(debtor, "payment.failed", "payment.failed");
    has(debtor, "subscription.updated", "subscription.past_due");
    let renewed = heard.iter().find(|own| own["data"]["change"] == "subscription.renewed").unwrap();
    let at: domain::Timestamp = serde_json::from_value(renewed["timestamp"].clone()).unwrap();
    assert!(at > shop.services().now() + TimeDelta::days(27), "{at}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_registers_at_an_application_is_told_to_it() {
    let (shop, receiver) = (Shop::open().await, Receiver::start().await);
    endpoint(&shop, &receiver, &[EventType::UserCreated]).await;
    for (address, at) in [("ann@example.com", Some(shop.application)), ("bob@example.com", None)] {
        let (links, nobody) = (shop.services().mail_links(), Ctx::anonymous());
        let origin = Origin { to: ReturnTo::Flow("abc".into()), application: at };
        links.register(&nobody, newcomer(address), origin).await.unwrap();
        let token = mailed_token(shop.services(), &email(address)).await.unwrap();
        links.finish_registration(&nobody, &token, password("correct horse battery")).await.unwrap();
    }
    assert_eq!(work(&shop).await, 1);
    let said = body(&receiver.heard()[0]);
    assert_eq!((&said["type"], &said["data"]["after"]["email"]), (&json!("user.created"), &json!("ann@example.com")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_wants_or_never_happened_is_not_written() {
    let (shop, receiver) = (Shop::open().await, Receiver::start().await);
    let services = shop.services();
    let user = shop.member().await;
    let (own, _) = endpoint(&shop, &receiver, &[]).await;
    assert_eq!(deliveries(&shop, &own, None).await.len(), 0);
    services.webhooks().update(&operator(), shop.application, own.id, switch(false)).await.unwrap();
    shop.claims(user, json!({ "tier": "gold" })).await.unwrap();
    services.webhooks().update(&operator(), shop.application, own.id, switch(true)).await.unwrap();
    assert_eq!(deliveries(&shop, &own, None).await.len(), 0);
    // The status changes and is told; then the role is not there, and nothing of it stays.
    let admin = services.directory().application(shop.application).unwrap().role_named("admin").unwrap().id;
    shop.test.execute("DELETE FROM roles WHERE name = 'admin'").await;
    let patch = |roles| MembershipPatch { status: Some(MembershipStatus::Suspended), roles };
    let memberships = services.memberships();
    let broken = memberships.update(&operator(), shop.application, user, patch(Some(vec![admin]))).await;
    assert_eq!(code(broken), ErrorCode::Internal);
    assert_eq!((deliveries(&shop, &own, None).await.len(), work(&shop).await), (0, 0));
    memberships.update(&operator(), shop.application, user, patch(None)).await.unwrap();
    assert_eq!(deliveries(&shop, &own, None).await.len(), 1);
    assert_eq!((work(&shop).await, receiver.events()), (1, vec!["membership.updated".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_does_not_know_of_an_end_goes_on() {
    let (shop, receiver) = (Shop::open().await, Receiver::start().await);
    let user = shop.member().await;
    let (own, _) = endpoint(&shop, &receiver, &[]).await;
    let other = shop.test.another_node().await;
    shop.services().webhooks().delete(&operator(), shop.application, own.id).await.unwrap();
    other.claims().merge(&operator(), shop.application, user, json!({ "tier": "gold" })).await.unwrap();
    assert_eq!(other.deliveries().work().await.unwrap(), 0);
    assert_eq!(receiver.heard().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_set_up_changed_and_deleted() {
    let (shop, receiver) = (Shop::open().await, Receiver::start().await);
    let (services, app) = (shop.services(), shop.application);
    let (made, secret) = endpoint(&shop, &receiver, &[EventType::PaymentFailed]).await;
    assert_eq!(services.webhooks().list(&operator(), app).await.unwrap(), std::slice::from_ref(&made));
    let tail = &secret.expose()[secret.expose().len() - 4..];
    assert_eq!((made.hint.as_str(), made.state), (format!("whsec_…{tail}").as_str(), EndpointState::Enabled));
    let change = EndpointChange::parse(None, Some("Books"), Some(&[]), Some(false)).unwrap();
    let changed = services.webhooks().update(&operator(), app, made.id, change.clone()).await.unwrap();
    let state = EndpointState::Disabled { at: services.now(), cause: DisabledBy::Admin };
    let expected = Endpoint { description: "Books".into(), events: vec![], state, ..made.clone() };
    assert_eq!((&changed, &now(&shop, &made).await), (&expected, &expected));
    services.webhooks().update(&operator(), app, made.id, change).await.unwrap();
    let rolled = services.webhooks().rotate_secret(&operator(), app, made.id).await.unwrap();
    assert_ne!(rolled, secret);
    services.webhooks().delete(&operator(), app, made.id).await.unwrap();
    assert_eq!(services.webhooks().list(&operator(), app).await.unwrap().len(), 0);
    let filter = AuditFilter { application: Some(app), ..AuditFilter::default() };
    let entries = services.audit().list(&operator(), filter, &PageRequest::default()).await.unwrap().items;
    let done: Vec<_> = entries.iter().map(|entry| entry.action.as_str()).filter(|own| own.starts_with("web")).collect();
    assert_eq!(done, ["webhook.deleted", "webhook.secret_rotated", "webhook.updated", "webhook.created"]);
    let told = serde_json::to_string(&entries).unwrap();
    assert!(!told.contains(&secret.expose()[6..]) && !told.contains(&rolled.expose()[6..]), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_has_so_many_endpoints() {
    let (shop, receiver) = (Shop::open().await, Receiver::start().await);
    for _ in 0..MOST {
        endpoint(&shop, &receiver, &[]).await;
    }
    let one_more = NewEndpoint::parse(&receiver.url(), "", &[]).unwrap();
    let refused = shop.services().webhooks().create(&operator(), shop.application, one_more).await;
    assert_eq!(problem(refused).code, ErrorCode::InvalidInput);
    let other = application(shop.services(), "other").await;
    endpoint_of(shop.services(), other, &receiver, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_another_application_s_is_not_found() {
    let (shop, receiver) = (Shop::open().await, Receiver::start().await);
    let services = shop.services();
    let (own, _) = endpoint(&shop, &receiver, &[]).await;
    let other = application(services, "other").await;
    let (foreign, _) = endpoint_of(services, other, &receiver, &[]).await;
    let sent = services.webhooks().test(&operator(), other, foreign.id).await.unwrap();
    let (ctx, app, page) = (operator(), shop.application, PageRequest::default());
    let (webhooks, deliveries) = (services.webhooks(), services.deliveries());
    let gone = ErrorCode::ApplicationNotFound;
    assert_eq!(code(webhooks.get(&ctx, app, foreign.id).await), gone);
    assert_eq!(code(webhooks.update(&ctx, app, foreign.id, switch(false)).await), gone);
    assert_eq!(code(webhooks.rotate_secret(&ctx, app, foreign.id).await), gone);
    assert_eq!(code(webhooks.test(&ctx, app, foreign.id).await), gone);
    assert_eq!(code(webhooks.delete(&ctx, app, foreign.id).await), gone);
    assert_eq!(code(deliveries.page(&ctx, app, foreign.id, None, &page).await), gone);
    for (endpoint, id) in [(foreign.id, sent.id), (own.id, sent.id), (own.id, WebhookDeliveryId::from(own.id.get()))] {
        assert_eq!(code(deliveries.get(&ctx, app, endpoint, id).await), gone);
        assert_eq!(code(deliveries.resend(&ctx, app, endpoint, id).await), gone);
    }
    let detail = deliveries.get(&ctx, other, foreign.id, sent.id).await.unwrap();
    assert_eq!((detail.delivery, body_of(&detail.body)), (sent.clone(), json!("webhook.test")));
    assert!(detail.headers.contains(&("webhook-id".into(), sent.event_id.to_string())), "{:?}", detail.headers);
    assert_eq!(webhooks.list(&ctx, other).await.unwrap(), [foreign]);
    assert_eq!(code(webhooks.list(&Ctx::anonymous(), app).await), ErrorCode::NoSession);
}

fn body_of(text: &str) -> Value {
    serde_json::from_str::<Value>(text).unwrap()["type"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn private_addresses_are_for_those_who_allow_them() {
    let (shop, receiver) = (Shop::open().await, Receiver::start().await);
    let (own, _) = endpoint(&shop, &receiver, &[]).await;
    let strict = Settings { private_targets: false, ..TestServices::settings() };
    let strict = shop.test.node_with(strict).await;
    let (webhooks, app) = (strict.webhooks(), shop.application);
    for url in ["https://10.0.0.1/hook", "https://localhost/hook", "http://127.0.0.1:9/", "https://[::1]/"] {
        let refused = problem(webhooks.create(&operator(), app, NewEndpoint::parse(url, "", &[]).unwrap()).await);
        let (field, flaw) = (refused.fields[0].field.as_str(), &refused.fields[0].flaw);
        assert_eq!((field, flaw), ("url", &Flaw::PrivateAddress), "{url}");
        let change = EndpointChange::parse(Some(url), None, None, None).unwrap();
        assert_eq!(problem(webhooks.update(&operator(), app, own.id, change).await).fields[0].field, "url");
    }
    let public = NewEndpoint::parse("https://app.example/hook", "", &[EventType::UserCreated.as_str().into()]);
    webhooks.create(&operator(), app, public.unwrap()).await.unwrap();
    // What stood there before is not reached either.
    webhooks.test(&operator(), app, own.id).await.unwrap();
    assert_eq!(strict.deliveries().work().await.unwrap(), 1);
    let last = deliveries(&shop, &own, None).await[0].last.clone().unwrap();
    assert_eq!((last.status, receiver.heard().len()), (None, 0));
    assert_eq!(last.error.as_deref(), Some("there is no such address on the public internet"));
}
