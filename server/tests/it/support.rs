//! The whole server in a test: the real router over services on a database of their own, and a browser's cookies.

use std::{collections::BTreeMap, net::SocketAddr, ops::Deref, sync::Mutex};

use axum::{
    Extension, Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use domain::{
    id::ApplicationId,
    identity::{email::Email, proof::Proof, user::User},
};
use leptos::config::LeptosOptions;
use serde_json::Value;
use server::{http::peer::Network, state::AppState};
use service::{Ctx, Services, Settings, catalog::Catalog, clock::ManualClock, testing::TestServices};
use tower::ServiceExt;

/// The path of an address of the server; one of somebody else stays as it is.
pub fn here(url: &str) -> String {
    url.strip_prefix("http://127.0.0.1:8080").unwrap_or(url).to_owned()
}

/// One server with one browser. `browser()` opens another browser of the same server.
pub struct TestApp {
    pub test: std::sync::Arc<TestServices>,
    pub services: Services,
    pub clock: ManualClock,
    router: Router,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::of(TestServices::start().await)
    }

    /// The server over services that a test has prepared.
    pub fn of(test: TestServices) -> Self {
        let services = test.services.clone();
        Self::over(std::sync::Arc::new(test), services)
    }

    fn over(test: std::sync::Arc<TestServices>, services: Services) -> Self {
        let leptos = LeptosOptions::builder().output_name("turnpike").build();
        let router = server::router(AppState::new(services.clone(), leptos));
        Self { clock: test.clock.clone(), test, services, router, cookies: Mutex::default() }
    }

    /// The server of `turnpike demo`.
    pub async fn demo() -> Self {
        let mut app = Self::start().await;
        let leptos = LeptosOptions::builder().output_name("turnpike").build();
        let state = AppState::new(app.services.clone(), leptos).with_home(domain::route::DEMO);
        (app.router, _) = server::demo::add(server::router(state.clone()), state).await.expect("the demo");
        app
    }

    /// Another browser, without cookies, of the same server.
    pub fn browser(&self) -> Self {
        Self::over(self.test.clone(), self.services.clone())
    }

    /// A second node on the same database, asked by a new browser.
    pub async fn another_node(&self) -> Self {
        Self::over(self.test.clone(), self.test.another_node().await)
    }

    /// Another node that goes by another name: what it signs, the same keys sign.
    pub async fn node_called(&self, issuer: &str) -> Self {
        let settings = Settings { issuer: issuer.into(), ..self.services.settings.clone() };
        Self::over(self.test.clone(), self.test.node_with(settings).await)
    }

    /// Another browser, whose requests arrive from `peer` at a server that trusts the proxies of `10.0.0.0/8`.
    pub fn behind(&self, peer: [u8; 4]) -> Self {
        let mut app = self.browser();
        let leptos = LeptosOptions::builder().output_name("turnpike").build();
        let proxies: [Network; 1] = ["10.0.0.0/8".parse().expect("a network")];
        let state = AppState::new(app.services.clone(), leptos).with_trusted_proxies(&proxies);
        let peer = ConnectInfo(SocketAddr::from((peer, 40_000)));
        app.router = server::router(state).layer(Extension(peer));
        app
    }

    /// To serve on a real connection.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    pub fn request(&self, method: Method, path: &str) -> TestRequest<'_> {
        TestRequest { app: self, method, path: path.to_owned(), headers: Vec::new(), body: Body::empty() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).send().await
    }

    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.request(Method::POST, path).form(fields).send().await
    }

    pub async fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.request(Method::POST, path).json(body).send().await
    }

    /// GETs `path` and goes after redirects that stay on this server; the last answer may send elsewhere.
    pub async fn follow(&self, path: &str) -> Answer {
        let mut answer = self.get(path).await;
        for _ in 0..10 {
            match answer.location().map(str::to_owned) {
                Some(next) if next.starts_with('/') => answer = self.get(&next).await,
                _ => return answer,
            }
        }
        panic!("redirected in a circle at {path}");
    }

    /// Puts what a catalog names on the server.
    pub async fn apply(&self, catalog: &str) {
        let catalog = Catalog::parse(catalog, "catalog.toml").unwrap_or_else(|e| panic!("{e}"));
        self.services.catalog().apply(&Ctx::operator(), catalog, false).await.expect("the catalog");
    }

    /// The user with an address.
    pub async fn user(&self, email: &str) -> User {
        let email = Email::parse(email).unwrap();
        self.services.users().find_by_email(&email).await.unwrap().expect("a user")
    }

    pub fn application(&self, slug: &str) -> ApplicationId {
        self.services.directory().by_slug(slug).expect("an application").application.id
    }

    /// Signs the browser in without a page.
    pub async fn sign_in(&self, user: &User) {
        let (_, token) =
            self.services.sessions().start(&Ctx::anonymous(), user, Proof::Password).await.expect("a session");
        self.set_cookie("turnpike_session", token.expose());
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.into(), value.into());
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    fn remember(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap();
        for value in headers.get_all(header::SET_COOKIE) {
            let text = value.to_str().expect("a cookie in ASCII");
            let (name, value) = text.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie's pair");
            if text.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.into(), value.into());
            }
        }
    }
}

/// A request that is being put together.
pub struct TestRequest<'a> {
    app: &'a TestApp,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Body,
}

impl TestRequest<'_> {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// HTTP Basic with both parts form-encoded, as RFC 6749 wants it.
    pub fn basic(self, id: &str, secret: &str) -> Self {
        use base64::{Engine, prelude::BASE64_STANDARD};
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        self.header(
            "authorization",
            &format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", encode(id), encode(secret)))),
        )
    }

    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        self.text_body(serde_urlencoded::to_string(fields).expect("a form"), "application/x-www-form-urlencoded")
    }

    pub fn json(self, body: &Value) -> Self {
        self.text_body(body.to_string(), "application/json")
    }

    /// Any text as a body, with its length as a client would send it.
    pub fn text_body(mut self, text: String, kind: &str) -> Self {
        let length = text.len().to_string();
        self.body = text.into();
        self.header("content-type", kind).header("content-length", &length)
    }

    /// Any bytes as a body, without a length, as a stream.
    pub fn raw_body(mut self, bytes: Vec<u8>, kind: &str) -> Self {
        self.body = bytes.into();
        self.header("content-type", kind)
    }

    pub async fn send(self) -> Answer {
        let mut request = Request::builder().method(self.method).uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let cookies: Vec<_> = self.app.cookies.lock().unwrap().iter().map(|(k, v)| format!("{k}={v}")).collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let request = request.body(self.body).expect("a request");
        let response = self.app.router.clone().oneshot(request).await.expect("an answer");
        self.app.remember(response.headers());
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a header in ASCII"))
    }

    pub fn location(&self) -> Option<&str> {
        self.header("location")
    }

    /// A parameter of the redirect's query.
    pub fn location_param(&self, name: &str) -> Option<String> {
        let url = url::Url::parse("http://127.0.0.1/").unwrap().join(self.location()?).expect("a URL");
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// The value of a hidden field of the page.
    #[track_caller]
    pub fn hidden(&self, name: &str) -> String {
        let marker = format!("name=\"{name}\" value=\"");
        let rest = self.text().split(&marker).nth(1).unwrap_or_else(|| panic!("no {name}: {}", self.text()));
        rest.split('"').next().expect("a value").to_owned()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    /// The page without what differs from answer to answer: its nonce, and `own`, the address or the id that was asked
    /// about.
    pub fn plain(&self, own: &str) -> String {
        let policy = self.header("content-security-policy").unwrap_or_default();
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next());
        let text = nonce.map_or_else(|| self.text().to_owned(), |nonce| self.text().replace(nonce, "NONCE"));
        text.replace(own, "OWN")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("no JSON ({e}): {} {}", self.status, self.text()))
    }
}

impl Deref for Answer {
    type Target = StatusCode;

    fn deref(&self) -> &StatusCode {
        &self.status
    }
}
