//! What Stripe posts.

use std::{sync::Arc, time::Duration};

use axum::http::{Method, StatusCode};
use domain::{
    Secret,
    application::{Provider, SettingsPatch},
    billing::plan::PlanKey,
    id::ApplicationId,
};
use service::{
    Ctx,
    billing::orders::{Destination, NewOrder, Placed, Pressed, Started},
    clock::ManualClock,
    payment::keys::NewKeys,
    testing::{
        TestServices,
        http::HttpServer,
        stripe::{Delivery, Entered, FakeStripe, TEST_KEY, WEBHOOK_SECRET},
    },
};

use crate::support::{Answer, TestApp};

const SHOP: &str = r#"
[[applications]]
slug = "shop"
name = "Shop"
payment_provider = "stripe"
[[applications.plans]]
key = "pro"
name = "Pro"
[[applications.plans.prices]]
name = "Monthly"
amount = 999
currency = "usd"
interval = "month"
[[users]]
email = "budi@example.com"
password = "correct horse battery staple"
name = "Budi"
applications = ["shop"]
"#;

struct Desk {
    app: TestApp,
    fake: FakeStripe,
    application: ApplicationId,
    _stripe: HttpServer,
}

impl Desk {
    async fn open() -> Self {
        let clock = ManualClock::new(TestServices::epoch());
        let fake = FakeStripe::new(Arc::new(clock.clone()));
        let stripe = fake.serve().await;
        let mut settings = TestServices::settings();
        settings.stripe_url = Some(stripe.url());
        settings.provider_timeout = Duration::from_secs(2);
        let app = TestApp::of(TestServices::start_at(clock, settings).await);
        app.apply(SHOP).await;
        let application = app.services.applications().by_slug(&Ctx::operator(), "shop").await.unwrap().application.id;
        let keys = NewKeys { secret: Some(Secret::new(TEST_KEY)), webhook: Some(Secret::new(WEBHOOK_SECRET)) };
        app.services.payment_keys().set(&Ctx::operator(), application, Provider::Stripe, keys).await.unwrap();
        Self { app, fake, application, _stripe: stripe }
    }

    /// An order of Budi's that is paid at Stripe, and that nobody has come back from.
    async fn bought(&self) -> Placed {
        let (services, ctx) = (&self.app.services, Ctx::operator());
        let budi = self.app.user("budi@example.com").await;
        let url = || "https://app.example/".to_owned();
        let new = NewOrder {
            plan: PlanKey::parse("pro").unwrap(),
            price: None,
            coupon: None,
            destination: Destination::Application { success_url: url(), cancel_url: url() },
            metadata: None,
            payer: None,
        };
        let Started::Order(placed) = services.orders().start(&ctx, self.application, budi.id, new).await.unwrap()
        else {
            panic!("granted")
        };
        let Pressed::Go(page) = services.orders().press(*placed.clone(), url()).await.unwrap() else { panic!("done") };
        let session = page.rsplit('/').next().unwrap();
        assert!(matches!(self.fake.test().enter_card(session, "4242424242424242"), Entered::Paid { .. }));
        *placed
    }

    async fn post(&self, path: &str, signature: &str, body: &str) -> Answer {
        let request = self.app.request(Method::POST, path).header("stripe-signature", signature);
        request.text_body(body.to_owned(), "application/json").send().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stripe_is_heard_when_it_signs() {
    let desk = Desk::open().await;
    let placed = desk.bought().await;
    let told = desk.fake.test().deliveries();
    let completed = told.iter().find(|told| told.kind() == "checkout.session.completed").unwrap();
    let signed = |told: &Delivery| told.signed(TestServices::epoch());
    let path = format!("/api/webhooks/stripe/{}", desk.application);

    let (body, signature) = signed(completed);
    let forged = desk.post(&path, &signature, &body.replace("999", "1")).await;
    assert_eq!((forged.status, forged.json()["error"]["code"].as_str()), (StatusCode::UNAUTHORIZED, Some("AUTH_003")));
    assert_eq!(desk.post(&path, "", &body).await.status, StatusCode::UNAUTHORIZED);
    for nobody in ["0197f326-973a-743c-b0a9-77cfc3c95d53", "x"] {
        let answer = desk.post(&format!("/api/webhooks/stripe/{nobody}"), &signature, &body).await;
        assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (StatusCode::NOT_FOUND, Some("APP_002")));
    }
    assert_eq!(desk.app.services.inbox().work().await.unwrap(), 0, "nothing of that was stored");

    for _ in 0..2 {
        assert_eq!(desk.post(&path, &signature, &body).await.status, StatusCode::OK);
    }
    assert_eq!(desk.app.services.inbox().work().await.unwrap(), 1);
    let orders = desk.app.services.orders();
    let paid = orders.find(orders.path(placed.order.id).unwrap().rsplit('/').next().unwrap()).await.unwrap();
    assert_eq!(paid.order.state.status().as_str(), "paid");
    assert_eq!(desk.app.get(&path).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_application_can_verify_needs_no_name() {
    let desk = Desk::open().await;
    desk.bought().await;
    let told = desk.fake.test().deliveries();
    let (body, signature) = told.last().unwrap().signed(TestServices::epoch());
    assert_eq!(desk.post("/api/webhooks/stripe", &signature, &body).await.status, StatusCode::OK);
    // Nor does it with another beside it, which could not read it.
    let (services, operator) = (&desk.app.services, Ctx::operator());
    desk.app.apply("[[applications]]\nslug = \"second\"\nname = \"Second\"\npayment_provider = \"stripe\"\n").await;
    assert_eq!(desk.post("/api/webhooks/stripe", &signature, &body).await.status, StatusCode::OK);
    let bent = format!("{signature}0");
    assert_eq!(desk.post("/api/webhooks/stripe", &bent, &body).await.status, StatusCode::UNAUTHORIZED);
    for entry in services.applications().list(&operator).await.unwrap() {
        let patch = SettingsPatch { provider: Some(Provider::None), ..SettingsPatch::default() };
        services.applications().update(&operator, entry.application.id, patch.into()).await.unwrap();
    }
    let answer = desk.post("/api/webhooks/stripe", &signature, &body).await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (StatusCode::NOT_FOUND, Some("APP_002")));
}
