//! What payment providers post.

use std::{sync::Arc, time::Duration};

use axum::http::{Method, StatusCode};
use domain::{Secret, application::Provider, billing::plan::PlanKey};
use service::{
    Ctx,
    billing::orders::{Destination, NewOrder, Placed, Started},
    clock::ManualClock,
    payment::keys::NewKeys,
    testing::{
        TestServices,
        http::HttpServer,
        midtrans::{FakeMidtrans, Means},
    },
};

use crate::support::{Answer, TestApp};

const KEY: &str = "SB-Mid-server-of-the-shop";
const SHOP: &str = r#"
[[applications]]
slug = "toko"
name = "Toko"
payment_provider = "midtrans"
[[applications.plans]]
key = "pro"
name = "Pro"
[[applications.plans.prices]]
name = "Monthly"
amount = 9900000
currency = "idr"
interval = "month"
[[users]]
email = "budi@example.com"
password = "correct horse battery staple"
name = "Budi"
applications = ["toko"]
"#;

/// An order of Budi's whose page is open at Midtrans.
async fn shop() -> (TestApp, FakeMidtrans, HttpServer, Placed) {
    let clock = ManualClock::new(TestServices::epoch());
    let fake = FakeMidtrans::new(Arc::new(clock.clone()), KEY);
    let midtrans = fake.serve().await;
    let mut settings = TestServices::settings();
    settings.midtrans_url = Some(midtrans.url());
    settings.provider_timeout = Duration::from_secs(2);
    let app = TestApp::of(TestServices::start_at(clock, settings).await);
    let (services, ctx) = (&app.services, Ctx::operator());
    app.apply(SHOP).await;
    let application = services.applications().by_slug(&ctx, "toko").await.unwrap().application.id;
    let keys = NewKeys { secret: Some(Secret::new(KEY)), webhook: None };
    services.payment_keys().set(&ctx, application, Provider::Midtrans, keys).await.unwrap();
    let budi = app.user("budi@example.com").await;
    let url = || "https://app.example/".to_owned();
    let destination = Destination::Application { success_url: url(), cancel_url: url() };
    let new = NewOrder {
        plan: PlanKey::parse("pro").unwrap(),
        price: None,
        coupon: None,
        destination,
        metadata: None,
        payer: None,
    };
    let Started::Order(placed) = services.orders().start(&ctx, application, budi.id, new).await.unwrap() else {
        panic!("granted")
    };
    services.orders().press(*placed.clone(), url()).await.unwrap();
    (app, fake, midtrans, *placed)
}

async fn post(app: &TestApp, body: &str) -> Answer {
    let request = app.request(Method::POST, "/api/webhooks/midtrans").header("origin", "https://api.midtrans.com");
    request.text_body(body.to_owned(), "application/json").send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn midtrans_is_heard_when_it_signs() {
    let (app, fake, _midtrans, placed) = shop().await;
    fake.pay(&placed.order.id.to_string(), Means::Qris);
    let told = fake.notifications().pop().unwrap();

    let unsigned = told.forged(|body| drop(body.insert("gross_amount".into(), "1.00".into())));
    let answer = post(&app, &unsigned.body).await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (StatusCode::UNAUTHORIZED, Some("AUTH_003")));
    let foreign =
        told.forged(|body| drop(body.insert("order_id".into(), "0197f326-973a-743c-b0a9-77cfc3c95d53".into())));
    assert_eq!(post(&app, &foreign.body).await.status, StatusCode::NOT_FOUND);
    assert_eq!(post(&app, "<xml/>").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(post(&app, r#"{"order_id":"payment_notif_test_G1_2"}"#).await.status, StatusCode::OK);
    assert_eq!(app.services.inbox().work().await.unwrap(), 0, "nothing of that was stored");

    for _ in 0..2 {
        assert_eq!(post(&app, &told.body).await.status, StatusCode::OK);
    }
    assert_eq!(app.services.inbox().work().await.unwrap(), 1);
    let path = app.services.orders().path(placed.order.id).unwrap();
    let paid = app.services.orders().find(path.rsplit('/').next().unwrap()).await.unwrap();
    assert_eq!(paid.order.state.status().as_str(), "paid");
    assert_eq!(app.get("/api/webhooks/midtrans").await.status, StatusCode::METHOD_NOT_ALLOWED);
}
