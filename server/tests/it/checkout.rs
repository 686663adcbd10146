//! From plan selection through the sandbox to the tokens, and by link.

use axum::http::StatusCode;

use crate::{
    pages_shop::{self, check, plan_page},
    support::{Answer, TestApp},
};

/// The hidden price of the page's only plan.
fn price(page: &Answer) -> String {
    let rest = page.text().split("name=\"price\" value=\"").nth(1).expect("a price").to_owned();
    rest.split('"').next().expect("an id").to_owned()
}

fn path(url: &str) -> String {
    url.strip_prefix("http://127.0.0.1:8080").unwrap_or(url).to_owned()
}

/// Chooses Gold of the application that the sandbox collects for: gives the address of the checkout.
async fn choose(app: &TestApp) -> String {
    let (plans, page) = plan_page(app, "paid-web", "").await;
    let sent = app.post_form(&plans, &[("plan", "gold"), ("price", &price(&page)), ("cycle", "month")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    let checkout = sent.location().expect("checkout").to_owned();
    assert!(checkout.starts_with("/checkout/"), "{checkout}");
    checkout
}

/// Presses the button of the checkout: gives the sandbox's page.
async fn press(app: &TestApp, checkout: &str) -> String {
    let sent = app.post_form(checkout, &[]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    path(sent.location().expect("the sandbox"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_plan_is_in_the_code_that_follows() {
    let app = pages_shop::open().await;
    let checkout = choose(&app).await;
    let page = app.get(&checkout).await;
    check(&page);
    for part in ["Subscribe to Gold", "Due today", "$9.99", "Pay $9.99", "Test mode", "Renews every month"] {
        assert!(page.text().contains(part), "{part}");
    }
    let sandbox = press(&app, &checkout).await;
    assert_eq!(press(&app, &checkout).await, sandbox, "a second click opens the same payment");
    check(&app.get(&sandbox).await);

    let declined = app.post_form(&sandbox, &[("act", "card"), ("number", "4000000000000002")]).await;
    check(&declined);
    assert!(declined.text().contains("The card was declined"));
    let secure = app.post_form(&sandbox, &[("act", "card"), ("number", "4000 0000 0000 3220")]).await;
    check(&secure);
    assert!(secure.text().contains("3-D Secure"));
    let passed = app.post_form(&sandbox, &[("act", "pass")]).await;
    let back = path(passed.location().expect("back to the checkout"));
    let on = app.get(&back).await;
    assert!(on.location().unwrap().starts_with("/oauth2/resume?flow="), "{:?}", on.location());
    let client = app.follow(on.location().unwrap()).await;
    assert!(client.location_param("code").is_some(), "{:?}", client.location());
    let again = app.get(&checkout).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "a paid order goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_is_awaited_on_its_page() {
    let app = pages_shop::open().await;
    let checkout = choose(&app).await;
    let sandbox = press(&app, &checkout).await;
    let begun = app.post_form(&sandbox, &[("act", "va")]).await;
    let back = path(begun.location().unwrap());
    let waiting = app.get(&back).await;
    assert_eq!(waiting.location(), Some(checkout.as_str()));
    let page = app.get(&checkout).await;
    check(&page);
    assert!(page.text().contains("Waiting for your payment") && page.header("refresh") == Some("5"));
    app.post_form(&sandbox, &[("act", "arrive")]).await;
    let done = app.get(&checkout).await;
    assert!(done.location().unwrap().starts_with("/oauth2/resume"), "the page finds out by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_needs_its_user_and_registered_addresses() {
    let app = pages_shop::open().await;
    choose(&app).await;
    let directory = app.services.directory();
    let project = directory.by_slug("paid").unwrap().application.id;
    let email = domain::identity::email::Email::parse("user@example.com").unwrap();
    let user = app.services.users().find_by_email(&email).await.unwrap().unwrap().id;
    let link = |user: &str, url: &str| {
        format!("/checkout?project_id={project}&plan=gold&user_id={user}&success_url={url}&cancel_url={url}")
    };
    let good = "https%3A%2F%2Fpaid.example%2Fbilling%2Fdone";
    let right = app.get(&link(&user.to_string(), good)).await;
    assert!(right.location().unwrap().starts_with("/checkout/"), "{:?}", right.location());
    for wrong in [
        link(&user.to_string(), "https%3A%2F%2Fevil.example%2F"),
        link(&project.to_string(), good),
        link("nobody", good),
        "/checkout".to_owned(),
        "/checkout/bent".to_owned(),
        "/checkout/return?order=bent".to_owned(),
        "/checkout/return".to_owned(),
    ] {
        let page = app.get(&wrong).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{wrong}");
        check(&page);
    }
    let missing = app.get("/sandbox/pay/0198b5a4-0000-7000-8000-000000000000").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_products_server_begins_a_checkout() {
    let app = pages_shop::open().await;
    choose(&app).await;
    let ask = async |success_url: &str, user: &str| {
        let body = serde_json::json!({
            "client_id": "paid-server", "client_secret": "a-secret-of-32-characters-or-more", "end_user_id": user,
            "plan": "gold", "success_url": success_url, "cancel_url": "https://paid.example/billing",
        });
        app.post_json("/api/platform/checkout/sessions", &body).await
    };
    let email = domain::identity::email::Email::parse("user@example.com").unwrap();
    let user = app.services.users().find_by_email(&email).await.unwrap().unwrap().id.to_string();
    let made = ask("https://paid.example/billing/done", &user).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let made = made.json();
    assert_eq!(made["expires_in"], 24 * 3600);
    assert_eq!(ask("https://paid.example/billing/done", &user).await.json()["order_id"], made["order_id"]);
    let checkout = path(made["checkout_url"].as_str().unwrap());
    let sandbox = press(&app, &checkout).await;
    let paid = app.post_form(&sandbox, &[("act", "card"), ("number", "4242424242424242")]).await;
    let on = app.get(&path(paid.location().unwrap())).await;
    assert_eq!(on.location(), Some("https://paid.example/billing/done"));
    assert_eq!(ask("https://paid.example/billing/done", &user).await.json()["error"]["code"], "SUB_002");
    assert_eq!(ask("https://evil.example/", &user).await.json()["error"]["code"], "APP_001");
    assert_eq!(ask("https://paid.example/billing", "nobody").await.json()["error"]["code"], "USR_001");
}
