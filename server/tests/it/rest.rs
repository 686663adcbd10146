//! Two applications with plans and people, and somebody for every role, for the tests of the REST API.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::Method;
use domain::{Secret, text::Name};
use serde_json::{Value, json};
use service::Ctx;

use crate::support::{Answer, TestApp, TestRequest};

/// What a test works with.
pub struct Rest {
    pub app: TestApp,
    /// An admin API key.
    pub key: Secret,
    pub acme: Shop,
    pub other: Shop,
}

/// One application: Free is the default plan, Pro costs something; `user` is a member on Free.
pub struct Shop {
    pub id: String,
    pub client_id: String,
    pub client_secret: String,
    pub free: String,
    pub pro: String,
    pub price: String,
    pub user: String,
    pub email: String,
    pub admin_role: String,
}

pub const REDIRECT: &str = "http://127.0.0.1:9300/callback";

impl Rest {
    pub async fn start() -> Self {
        let app = TestApp::start().await;
        let key = app.services.api_keys().create(&Ctx::operator(), Name::parse("tests").unwrap()).await.unwrap();
        let none = || Shop {
            id: String::new(),
            client_id: String::new(),
            client_secret: String::new(),
            free: String::new(),
            pro: String::new(),
            price: String::new(),
            user: String::new(),
            email: String::new(),
            admin_role: String::new(),
        };
        let mut rest = Self { app, key, acme: none(), other: none() };
        rest.acme = rest.shop("acme").await;
        rest.other = rest.shop("other").await;
        rest
    }

    async fn shop(&self, slug: &str) -> Shop {
        let settings = json!({
            "name": slug, "slug": slug, "redirectUris": [REDIRECT], "skipConsent": true, "planSelection": "never",
        });
        let made = self.made("/api/admin/applications", &settings).await;
        let id = text(&made["application"]["id"]);
        let base = format!("/api/admin/applications/{id}");
        let free = json!({ "name": "Free", "isDefault": true, "features": { "maxProjects": 3 } });
        let free = self.made(&format!("{base}/plans"), &free).await;
        let pro = json!({ "name": "Pro", "features": { "maxProjects": 50, "exportEnabled": true } });
        let pro = text(&self.made(&format!("{base}/plans"), &pro).await["plan"]["id"]);
        let price = json!({ "name": "Monthly", "amount": 999, "currency": "usd" });
        let price = self.made(&format!("{base}/plans/{pro}/prices"), &price).await;
        let roles = self.admin(Method::GET, &format!("{base}/roles"), None).await.json();
        let admin = roles["roles"].as_array().unwrap().iter().find(|role| role["name"] == "admin").unwrap();
        let email = format!("user@{slug}.example");
        let mut shop = Shop {
            id,
            client_id: text(&made["clientId"]),
            client_secret: text(&made["clientSecret"]),
            free: text(&free["plan"]["id"]),
            pro,
            price: text(&price["price"]["id"]),
            user: String::new(),
            email: email.clone(),
            admin_role: text(&admin["id"]),
        };
        shop.user = self.member(&shop, &email).await;
        shop
    }

    /// A new user with access to `shop`.
    pub async fn member(&self, shop: &Shop, email: &str) -> String {
        let id = self.person(email, "user").await;
        self.made(&format!("{}/users", shop.base()), &json!({ "userId": id })).await;
        id
    }

    /// A new user of the server.
    pub async fn person(&self, email: &str, role: &str) -> String {
        let made = self.made("/api/admin/users", &json!({ "email": email, "role": role })).await;
        text(&made["user"]["id"])
    }

    /// A new user who has the global role `admin` and administers `shop`.
    pub async fn administrator(&self, shop: &Shop) -> String {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let email = format!("admin{}@example.com", COUNT.fetch_add(1, Ordering::SeqCst));
        let id = self.person(&email, "admin").await;
        let grant = json!({ "userId": id, "roleId": shop.admin_role });
        self.made(&format!("{}/users", shop.base()), &grant).await;
        id
    }

    /// Another browser, signed in as that user.
    pub async fn browser_of(&self, user: &str) -> TestApp {
        let browser = self.app.browser();
        let user = self.app.services.users().find(user.parse().unwrap()).await.unwrap().expect("a user");
        browser.sign_in(&user).await;
        browser
    }

    /// An access token of a user of `shop`, through the whole flow.
    pub async fn access_token(&self, shop: &Shop, user: &str) -> String {
        let browser = self.browser_of(user).await;
        let query = serde_urlencoded::to_string([
            ("client_id", shop.client_id.as_str()),
            ("redirect_uri", REDIRECT),
            ("state", "s"),
            ("scope", "openid profile email phone address org"),
        ]);
        let answer = browser.follow(&format!("/auth/login?{}", query.unwrap())).await;
        let code = answer.location_param("code").unwrap_or_else(|| panic!("no code: {answer:?}"));
        let redeem = json!({
            "grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT,
            "client_id": shop.client_id, "client_secret": shop.client_secret,
        });
        let tokens = browser.post_json("/api/platform/token", &redeem).await.json();
        text(&tokens["access_token"])
    }

    /// A request with the admin API key.
    pub async fn admin(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let request = self.app.request(method, path).bearer(self.key.expose());
        with(request, body).send().await
    }

    /// A request of a shop's client, by HTTP Basic.
    pub async fn platform(&self, shop: &Shop, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let request = self.app.request(method, path).basic(&shop.client_id, &shop.client_secret);
        with(request, body).send().await
    }

    /// GETs with the admin API key.
    pub async fn read(&self, path: &str) -> Value {
        let answer = self.admin(Method::GET, path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// POSTs with the admin API key what must succeed.
    pub async fn made(&self, path: &str, body: &Value) -> Value {
        let answer = self.admin(Method::POST, path, Some(body)).await;
        assert_eq!(answer.status, 201, "{path}: {}", answer.text());
        answer.json()
    }

    /// Everything that the API shows, the ledger included: equal before and after what must change nothing.
    pub async fn dump(&self) -> Value {
        let mut all = vec![
            self.read("/api/admin/audit?limit=100").await,
            self.read("/api/admin/applications").await,
            self.read("/api/admin/users").await,
        ];
        for shop in [&self.acme, &self.other] {
            for list in ["clients", "plans", "users", "roles", "permissions", "webhooks"] {
                all.push(self.read(&format!("{}/{list}", shop.base())).await);
            }
            all.push(self.read(&format!("{}/claims", shop.user())).await);
        }
        all.into()
    }
}

impl Shop {
    pub fn base(&self) -> String {
        format!("/api/admin/applications/{}", self.id)
    }

    pub fn user(&self) -> String {
        format!("{}/users/{}", self.base(), self.user)
    }

    pub fn subscription(&self) -> String {
        format!("{}/subscription", self.user())
    }
}

pub fn with<'a>(request: TestRequest<'a>, body: Option<&Value>) -> TestRequest<'a> {
    match body {
        Some(body) => request.json(body),
        None => request,
    }
}

/// The text of a JSON string.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// Checks status and code of a refusal.
#[track_caller]
pub fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.json()["error"]["code"], code, "{}", answer.text());
    // RFC 9110, section 15.5.2; with 403 where it is for an access token's sake (RFC 6750, section 3.1).
    let is_challenged = answer.header("www-authenticate").is_some();
    assert!(status == 403 || is_challenged == (status == 401), "{}", answer.text());
}
