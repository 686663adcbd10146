//! A payment provider that does not answer: people stay where they are and are told so, nothing is lost, and the same
//! button works again as soon as it answers.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::http::{Method, StatusCode, header::AUTHORIZATION};
use domain::{Secret, application::Provider, billing::plan::PlanKey, id::ApplicationId, identity::user::User};
use serde_json::json;
use service::{
    Ctx,
    billing::orders::{Destination, NewOrder, Placed, Started},
    clock::ManualClock,
    payment::keys::NewKeys,
    testing::{
        TestServices,
        http::{Answer as Told, HttpServer, Reply, Request},
        midtrans::{FakeMidtrans, GOOD_CARD, Means},
        stripe::{FakeStripe, TEST_KEY},
    },
};

use crate::{
    pages_shop::check,
    support::{Answer, TestApp, here},
};

const MIDTRANS_KEY: &str = "SB-Mid-server-of-the-shop";
const SECRET: &str = "a-secret-of-32-characters-or-more";

/// How a provider is out of reach.
#[derive(Clone, Copy, Debug)]
enum Outage {
    Silence,
    Error,
    /// It does not know our key any more.
    Refused,
}

enum Fake {
    Stripe(FakeStripe),
    Midtrans(FakeMidtrans),
}

/// A shop whose provider can be switched off.
struct Shop {
    app: TestApp,
    fake: Arc<Fake>,
    application: ApplicationId,
    budi: User,
    down: Arc<AtomicBool>,
    _server: HttpServer,
}

fn catalog(provider: Provider) -> String {
    let (amount, currency) = if provider == Provider::Midtrans { (9_900_000, "idr") } else { (999, "usd") };
    let provider = provider.as_str();
    format!(
        r#"
[[applications]]
slug = "shop"
name = "Shop"
payment_provider = "{provider}"
return_urls = ["https://app.example/"]
[[applications.clients]]
name = "Server"
client_id = "shop-server"
client_secret = "{SECRET}"
redirect_uris = ["http://127.0.0.1:9300/callback"]
[[applications.plans]]
key = "pro"
name = "Pro"
[[applications.plans.prices]]
name = "Monthly"
amount = {amount}
currency = "{currency}"
interval = "month"
[[users]]
email = "budi@example.com"
password = "correct horse battery staple"
name = "Budi"
applications = ["shop"]
"#
    )
}

impl Shop {
    async fn open(provider: Provider, outage: Outage) -> Self {
        let clock = ManualClock::new(TestServices::epoch());
        let fake = Arc::new(match provider {
            Provider::Midtrans => Fake::Midtrans(FakeMidtrans::new(Arc::new(clock.clone()), MIDTRANS_KEY)),
            _ => Fake::Stripe(FakeStripe::new(Arc::new(clock.clone()))),
        });
        let down = Arc::new(AtomicBool::new(false));
        let (behind, is_down) = (fake.clone(), down.clone());
        let server = HttpServer::start(move |mut request: Request| {
            if is_down.load(Ordering::SeqCst) {
                match outage {
                    Outage::Silence => return Reply::Silence,
                    Outage::Error => {
                        return Reply::Answer(Told::new(StatusCode::BAD_GATEWAY, "text/html", "<h1>Bad gateway</h1>"));
                    }
                    Outage::Refused => drop(request.headers.remove(AUTHORIZATION)),
                }
            }
            match &*behind {
                Fake::Stripe(fake) => fake.answer(request),
                Fake::Midtrans(fake) => fake.answer(&request),
            }
        })
        .await;
        if let Fake::Stripe(fake) = &*fake {
            fake.pages_at(&server.url());
        }
        let mut settings = TestServices::settings();
        (settings.stripe_url, settings.midtrans_url) = (Some(server.url()), Some(server.url()));
        settings.provider_timeout = Duration::from_millis(400);
        let app = TestApp::of(TestServices::start_at(clock, settings).await);
        let (services, operator) = (&app.services, Ctx::operator());
        app.apply(&catalog(provider)).await;
        let application = services.applications().by_slug(&operator, "shop").await.unwrap().application.id;
        let secret = if provider == Provider::Midtrans { MIDTRANS_KEY } else { TEST_KEY };
        let keys = NewKeys { secret: Some(Secret::new(secret)), webhook: None };
        services.payment_keys().set(&operator, application, provider, keys).await.unwrap();
        let budi = app.user("budi@example.com").await;
        Self { app: app.browser(), fake, application, budi, down, _server: server }
    }

    fn is_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    /// An order of Budi's, and the path of its page.
    async fn order(&self) -> (Placed, String) {
        let url = || "https://app.example/".to_owned();
        let new = NewOrder {
            plan: PlanKey::parse("pro").unwrap(),
            price: None,
            coupon: None,
            destination: Destination::Application { success_url: url(), cancel_url: url() },
            metadata: None,
            payer: None,
        };
        let orders = self.app.services.orders();
        let started = orders.start(&Ctx::operator(), self.application, self.budi.id, new).await.unwrap();
        let Started::Order(placed) = started else { panic!("granted") };
        let path = orders.path(placed.order.id).unwrap();
        (*placed, path)
    }

    fn pay(&self, placed: &Placed, page: &str) {
        match &*self.fake {
            Fake::Stripe(fake) => {
                fake.test().enter_card(page.rsplit('/').next().unwrap(), "4242424242424242");
            }
            Fake::Midtrans(fake) => fake.pay(&placed.order.id.to_string(), Means::Qris),
        }
    }

    /// Opens Budi's portal in the browser.
    async fn enter_portal(&self) {
        let request = self.app.request(Method::POST, "/api/platform/portal/sessions").basic("shop-server", SECRET);
        let made = request.json(&json!({ "end_user_id": self.budi.id })).send().await;
        self.app.get(&here(made.json()["portal_url"].as_str().unwrap())).await;
    }

    async fn plan(&self) -> Option<String> {
        let entitlements = self.app.services.entitlements();
        let now = entitlements.of(&Ctx::operator(), self.application, self.budi.id).await.unwrap();
        now.plan.map(|plan| plan.as_str().to_owned())
    }

    async fn bill(&self) -> Answer {
        let body = json!({ "end_user_id": self.budi.id, "customer_email": "budi@example.com", "plan_id": "pro" });
        let request = self.app.request(Method::POST, "/api/platform/payment").basic("shop-server", SECRET);
        request.header("idempotency-key", "bill-1").json(&body).send().await
    }
}

const OUTAGES: [Outage; 3] = [Outage::Silence, Outage::Error, Outage::Refused];

const BOTH: [(Provider, Outage); 6] = [
    (Provider::Stripe, Outage::Silence),
    (Provider::Stripe, Outage::Error),
    (Provider::Stripe, Outage::Refused),
    (Provider::Midtrans, Outage::Silence),
    (Provider::Midtrans, Outage::Error),
    (Provider::Midtrans, Outage::Refused),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_button_of_a_checkout_works_again() {
    for (provider, outage) in BOTH {
        let shop = Shop::open(provider, outage).await;
        let (placed, path) = shop.order().await;
        shop.is_down(true);
        let page = shop.app.post_form(&path, &[]).await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{provider:?} {outage:?}");
        check(&page);
        for part in ["The payment page cannot be reached right now", "Nothing was charged", "Pay "] {
            assert!(page.text().contains(part), "{part}: {provider:?} {outage:?}");
        }
        let indonesian = shop.app.post_form(&format!("{path}?lang=id"), &[]).await;
        assert!(indonesian.text().contains("Halaman pembayaran sedang tidak dapat dijangkau"));

        shop.is_down(false);
        let pressed = shop.app.post_form(&path, &[]).await;
        assert_eq!(pressed.status, StatusCode::SEE_OTHER, "{provider:?} {outage:?}");
        shop.pay(&placed, pressed.location().unwrap());
        let back = format!("/checkout/return?order={}", path.rsplit('/').next().unwrap());
        assert_eq!(shop.app.get(&back).await.location(), Some("https://app.example/"));
        assert_eq!(shop.plan().await.as_deref(), Some("pro"), "{provider:?} {outage:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_waits_and_does_not_pay_twice() {
    for (provider, outage) in BOTH {
        let shop = Shop::open(provider, outage).await;
        let (placed, path) = shop.order().await;
        let pressed = shop.app.post_form(&path, &[]).await;
        shop.pay(&placed, pressed.location().unwrap());
        shop.is_down(true);
        let back = format!("/checkout/return?order={}", path.rsplit('/').next().unwrap());
        let page = shop.app.get(&back).await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{provider:?} {outage:?}");
        check(&page);
        assert!(
            page.text().contains("We are still checking your payment")
                && !page.text().contains("<form method=\"post\"")
        );
        assert_eq!(page.header("refresh"), Some("5"));
        assert!(shop.app.get(&format!("{back}&lang=id")).await.text().contains("Kami masih memeriksa pembayaran Anda"));
        assert_eq!(shop.plan().await, None);

        shop.is_down(false);
        assert_eq!(shop.app.get(&back).await.location(), Some("https://app.example/"));
        assert_eq!(shop.plan().await.as_deref(), Some("pro"), "{provider:?} {outage:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_awaited_is_awaited_on() {
    let shop = Shop::open(Provider::Midtrans, Outage::Error).await;
    let (placed, path) = shop.order().await;
    let pressed = shop.app.post_form(&path, &[]).await;
    let Fake::Midtrans(fake) = &*shop.fake else { panic!("Midtrans") };
    fake.act(&placed.order.id.to_string(), service::testing::midtrans::Step::Begin(Means::Va("bca"))).unwrap();
    let back = format!("/checkout/return?order={}", path.rsplit('/').next().unwrap());
    assert!(shop.app.get(&back).await.location().unwrap().ends_with(&path));
    shop.is_down(true);
    let page = shop.app.get(&path).await;
    assert_eq!((page.status, page.header("refresh")), (StatusCode::OK, Some("5")));
    check(&page);
    for part in ["Waiting for your payment", "Show how to pay", "href=\"https://app.example/\"", "Not now"] {
        assert!(page.text().contains(part), "{part}");
    }
    // Its button leads back to where the number of the account is.
    assert!(page.text().contains(&format!("<form method=\"post\" action=\"{path}\"")));
    assert_eq!(shop.app.post_form(&path, &[]).await.location(), pressed.location());
    assert!(shop.app.get(&format!("{path}?lang=id")).await.text().contains("Tampilkan cara membayar"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_portal_says_so_and_its_button_works_again() {
    for outage in OUTAGES {
        let shop = Shop::open(Provider::Stripe, outage).await;
        shop.enter_portal().await;
        let application = shop.application.to_string();
        let fields = [("of", application.as_str()), ("act", "change_method")];
        shop.is_down(true);
        let page = shop.app.post_form("/portal", &fields).await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{outage:?}");
        check(&page);
        assert!(page.text().contains("The payment provider does not answer at the moment"), "{outage:?}");
        shop.is_down(false);
        let pressed = shop.app.post_form("/portal", &fields).await;
        assert_eq!(pressed.status, StatusCode::SEE_OTHER, "{outage:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_is_told_by_a_code_and_asks_again() {
    for (provider, outage) in BOTH {
        let shop = Shop::open(provider, outage).await;
        shop.is_down(true);
        for _ in 0..2 {
            let refused = shop.bill().await;
            assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{provider:?} {outage:?}");
            let error = &refused.json()["error"];
            assert_eq!(
                (&error["code"], &error["message"]),
                (&json!("SRV_003"), &json!("The provider does not answer"))
            );
        }
        shop.is_down(false);
        let made = shop.bill().await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        assert_eq!(shop.bill().await.json(), made.json(), "kept now, and answered again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_card_of_what_renews_stays_and_another_leaves_once_the_provider_answers() {
    for outage in OUTAGES {
        let shop = Shop::open(Provider::Stripe, outage).await;
        let (placed, path) = shop.order().await;
        let pressed = shop.app.post_form(&path, &[]).await;
        shop.pay(&placed, pressed.location().unwrap());
        shop.app.get(&format!("/checkout/return?order={}", path.rsplit('/').next().unwrap())).await;
        shop.enter_portal().await;
        let application = shop.application.to_string();
        let press = async |act: &str| shop.app.post_form("/portal", &[("of", &application), ("act", act)]).await;

        let page = shop.app.get("/portal").await;
        check(&page);
        assert!(page.text().contains("4242") && page.text().contains("It pays for your plan."), "{outage:?}");
        assert!(!page.text().contains("remove_method"), "Stripe would go on charging it: {outage:?}");
        let refused = press("remove_method").await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{outage:?}");
        assert!(refused.text().contains("A payment provider bills this subscription"), "{outage:?}");

        assert_eq!(press("cancel").await.status, StatusCode::SEE_OTHER, "{outage:?}");
        assert!(shop.app.get("/portal").await.text().contains("remove_method"), "{outage:?}");
        shop.is_down(true);
        let silent = press("remove_method").await;
        assert_eq!(silent.status, StatusCode::SERVICE_UNAVAILABLE, "{outage:?}");
        assert!(silent.text().contains("does not answer at the moment") && silent.text().contains("4242"));
        shop.is_down(false);
        assert_eq!(press("remove_method").await.location(), Some("/portal?done=no_method"), "{outage:?}");
        assert!(shop.app.get("/portal").await.text().contains("None is kept"), "{outage:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_method_is_kept_with_a_payment_only_the_portal_says_so() {
    let shop = Shop::open(Provider::Midtrans, Outage::Error).await;
    let (placed, path) = shop.order().await;
    shop.app.post_form(&path, &[]).await;
    let Fake::Midtrans(fake) = &*shop.fake else { panic!("Midtrans") };
    fake.pay(&placed.order.id.to_string(), Means::Card(GOOD_CARD.into()));
    shop.app.get(&format!("/checkout/return?order={}", path.rsplit('/').next().unwrap())).await;
    let inbox = shop.app.services.inbox();
    for told in fake.notifications() {
        inbox.receive_from_midtrans(&Vec::new(), told.body.as_bytes()).await.unwrap();
    }
    while inbox.work().await.unwrap() > 0 {}
    shop.enter_portal().await;
    let page = shop.app.get("/portal").await;
    check(&page);
    for part in ["1114", "remove_method", "To use another one, remove this one", "Test mode: no real money"] {
        assert!(page.text().contains(part), "{part}");
    }
    assert!(!page.text().contains("change_method"));
    assert!(shop.app.get("/portal?lang=id").await.text().contains("Untuk memakai yang lain, hapus yang ini"));

    let application = shop.application.to_string();
    let press = async |act: &str| shop.app.post_form("/portal", &[("of", &application), ("act", act)]).await;
    assert_eq!(press("change_method").await.status, StatusCode::BAD_REQUEST);
    assert!(shop.app.get("/portal").await.text().contains("1114"));
    assert_eq!(press("remove_method").await.location(), Some("/portal?done=no_method"));
    let page = shop.app.get("/portal?lang=en").await;
    assert!(page.text().contains("None is kept. What is due is paid by link."));
    assert!(!page.text().contains("change_method") && !page.text().contains("To use another one"));
}
