//! Behind a reverse proxy: whose failures are counted, by the address that a trusted proxy names and by no other.

use axum::http::{Method, StatusCode};

use crate::{pages_shop, support::TestApp};

const PROXY: [u8; 4] = [10, 0, 0, 1];
const STRANGER: [u8; 4] = [192, 0, 2, 66];
/// So many failures of one account are free for one address.
const FREE: usize = 5;

/// Fails to sign in, with the header `X-Forwarded-For`.
async fn fail(browser: &TestApp, forwarded: &str) -> StatusCode {
    let form = [("email", "user@example.com"), ("password", "not the password")];
    let request = browser.request(Method::POST, "/sign-in").header("x-forwarded-for", forwarded);
    request.form(&form).send().await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_tells_who_fails() {
    let proxy = pages_shop::open().await.behind(PROXY);
    for _ in 0..FREE {
        assert_eq!(fail(&proxy, "198.51.100.7").await, StatusCode::UNAUTHORIZED);
    }
    // What stands before the last address that is not a proxy's was written by whoever it is.
    for same in ["198.51.100.7", "203.0.113.9, 198.51.100.7", "203.0.113.9,198.51.100.7, 10.0.0.9"] {
        assert_eq!(fail(&proxy, same).await, StatusCode::TOO_MANY_REQUESTS, "{same}");
    }
    for other in ["198.51.100.8", "198.51.100.7, 198.51.100.9", "2001:db8::1"] {
        assert_eq!(fail(&proxy, other).await, StatusCode::UNAUTHORIZED, "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_is_believed() {
    let app = pages_shop::open().await;
    let (stranger, proxy) = (app.behind(STRANGER), app.behind(PROXY));
    for last in 0..FREE {
        assert_eq!(fail(&stranger, &format!("198.51.100.{last}")).await, StatusCode::UNAUTHORIZED);
    }
    for forwarded in ["198.51.100.200", "10.0.0.1", "127.0.0.1"] {
        assert_eq!(fail(&stranger, forwarded).await, StatusCode::TOO_MANY_REQUESTS, "{forwarded}");
    }
    // Whom the stranger named has failed at nothing, and the stranger is the same one through the proxy.
    for _ in 0..FREE {
        assert_eq!(fail(&proxy, "198.51.100.0").await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(fail(&proxy, "192.0.2.66").await, StatusCode::TOO_MANY_REQUESTS);
}
