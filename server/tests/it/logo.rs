//! Logos: shown from this server's own address, and only when they are pixels.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::json;
use service::testing::{
    TestServices,
    http::{Answer as Picture, HttpServer, Reply},
};

use crate::{
    pages_shop::check,
    rest::{REDIRECT, Rest},
    support::Answer,
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
/// The largest logo, in bytes.
const LARGEST: usize = 256 * 1024;

/// A server whose application `acme` has its logo on a host of the test's.
struct Branded {
    rest: Rest,
    host: HttpServer,
    answer: Arc<Mutex<Reply>>,
    asked: Arc<AtomicUsize>,
}

fn picture(kind: &'static str, bytes: impl Into<Vec<u8>>) -> Reply {
    Reply::Answer(Picture::new(StatusCode::OK, kind, bytes.into()))
}

/// What begins as a PNG and has `size` bytes.
fn png_of(size: usize) -> Vec<u8> {
    let mut bytes = PNG.to_vec();
    bytes.resize(size, 0);
    bytes
}

impl Branded {
    async fn start() -> Self {
        let answer = Arc::new(Mutex::new(picture("image/png", PNG)));
        let asked = Arc::new(AtomicUsize::new(0));
        let (shown, count) = (answer.clone(), asked.clone());
        let host = HttpServer::start(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            shown.lock().unwrap().clone()
        })
        .await;
        let branded = Self { rest: Rest::start().await, host, answer, asked };
        branded.set("/logo.png").await;
        branded
    }

    /// Gives the application the logo at a path of the host.
    async fn set(&self, path: &str) {
        let theme = json!({ "themeConfig": { "logo_url": format!("{}{path}", self.host.url()) } });
        let changed = self.rest.admin(Method::PATCH, &self.rest.acme.base(), Some(&theme)).await;
        assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
    }

    async fn page(&self) -> Answer {
        let query = serde_urlencoded::to_string([
            ("client_id", self.rest.acme.client_id.as_str()),
            ("redirect_uri", REDIRECT),
            ("state", "s"),
            ("scope", "openid"),
        ]);
        self.rest.app.follow(&format!("/auth/login?{}", query.unwrap())).await
    }

    /// Where the sign-in page has its logo from.
    async fn path(&self) -> String {
        let page = self.page().await;
        let (_, rest) = page.text().split_once(" src=\"/logo/").expect("a logo");
        format!("/logo/{}", rest.split('"').next().unwrap())
    }

    async fn get(&self, path: &str) -> Answer {
        self.rest.app.get(path).await
    }

    fn answers(&self, reply: Reply) {
        *self.answer.lock().unwrap() = reply;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_asks_nobody_but_this_server() {
    let branded = Branded::start().await;
    let page = branded.page().await;
    check(&page);
    assert!(!page.text().contains(&branded.host.url()), "{}", page.text());
    let path = branded.path().await;
    assert!(path.starts_with(&format!("/logo/{}/", branded.rest.acme.id)), "{path}");
    assert_eq!(branded.asked(), 0, "no page waits for it");

    // What it calls itself does not matter.
    branded.answers(picture("text/html", PNG));
    let (logo, again) = tokio::join!(branded.get(&path), branded.get(&path));
    assert_eq!((logo.status, again.status), (StatusCode::OK, StatusCode::OK));
    assert_eq!(&logo.body[..], PNG);
    for (name, value) in [
        ("content-type", "image/png"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "public, max-age=86400"),
    ] {
        assert_eq!(logo.header(name), Some(value), "{name}");
    }
    let etag = logo.header("etag").expect("an entity tag");
    let known = branded.rest.app.request(Method::GET, &path).header("if-none-match", etag).send().await;
    assert_eq!((known.status, known.body.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(branded.asked(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_present_logo_has_an_address() {
    let branded = Branded::start().await;
    let old = branded.path().await;
    branded.set("/other.png").await;
    let new = branded.path().await;
    assert_ne!(new, old);
    let foreign = new.replace(&branded.rest.acme.id, &branded.rest.other.id);
    for path in [&old, &foreign] {
        assert_eq!(branded.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(branded.asked(), 0);
    assert_eq!(branded.get(&new).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_pixels_is_shown() {
    let branded = Branded::start().await;
    let path = branded.path().await;
    let moved = Picture::new(StatusCode::FOUND, "image/png", PNG).with("location", "/elsewhere.png");
    let bad = [
        picture("image/png", "<!DOCTYPE html><script>alert(1)</script>"),
        picture("image/svg+xml", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"),
        picture("image/png", ""),
        picture("image/png", png_of(LARGEST + 1)),
        Reply::Answer(Picture::new(StatusCode::NOT_FOUND, "image/png", PNG)),
        Reply::Answer(moved),
        Reply::HangUp,
    ];
    for reply in bad {
        branded.rest.app.clock.advance(TimeDelta::seconds(60));
        let before = branded.asked();
        branded.answers(reply.clone());
        // Whoever comes within a minute does not make this server ask again.
        for _ in 0..3 {
            let answer = branded.get(&path).await;
            assert_eq!((answer.status, answer.body.len()), (StatusCode::NOT_FOUND, 0), "{reply:?}");
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        }
        assert_eq!(branded.asked(), before + 1, "{reply:?}");
    }
    branded.answers(picture("image/png", png_of(LARGEST)));
    branded.rest.app.clock.advance(TimeDelta::seconds(60));
    assert_eq!(branded.get(&path).await.body.len(), LARGEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logo_is_fetched_again_and_outlives_its_host() {
    let branded = Branded::start().await;
    let path = branded.path().await;
    assert_eq!(branded.get(&path).await.header("content-type"), Some("image/png"));
    branded.answers(picture("image/gif", "GIF89a"));
    branded.rest.app.clock.advance(TimeDelta::minutes(59));
    assert_eq!(branded.get(&path).await.header("content-type"), Some("image/png"));
    branded.rest.app.clock.advance(TimeDelta::minutes(1));
    assert_eq!(branded.get(&path).await.header("content-type"), Some("image/gif"));
    branded.answers(Reply::HangUp);
    branded.rest.app.clock.advance(TimeDelta::hours(1));
    assert_eq!(branded.get(&path).await.header("content-type"), Some("image/gif"));
    assert_eq!(branded.asked(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logo_is_not_fetched_from_private_networks() {
    let branded = Branded::start().await;
    let path = branded.path().await;
    let version = path.rsplit('/').next().unwrap();
    let mut settings = TestServices::settings();
    settings.private_targets = false;
    let node = branded.rest.app.test.node_with(settings).await;
    assert!(node.logo(branded.rest.acme.id.parse().unwrap(), version).await.is_none());
    assert_eq!(branded.asked(), 0);
    assert_eq!(branded.get(&path).await.status, StatusCode::OK);
}
