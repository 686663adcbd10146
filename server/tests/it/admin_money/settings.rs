//! Payment settings and the keys of providers.

use axum::http::StatusCode;
use service::Ctx;

use super::{Till, has, has_not};
use crate::admin_pages::{Office, land};

#[tokio::test(flavor = "multi_thread")]
async fn payment_settings_keep_their_secrets() {
    let office = Office::open().await;
    let page = "settings/payments";
    has(
        &office.get(page).await,
        &["every plan is granted without payment", "No keys yet.", "<title>Payment settings ·"],
    );
    let save = [
        ("action", "save"),
        ("provider", "stripe"),
        ("on_end", "default_plan"),
        ("grace_days", "14"),
        ("retries", "2, 4"),
        ("remind_before", ""),
        ("remind_after", "1"),
        ("return_urls", "https://app.example/billing"),
    ];
    let saved = office.act(page, &save).await;
    has(&saved, &["Saved.", "Stripe is chosen but has no keys yet", "value=\"2, 4\""]);
    let entry = office.app.services.directory().by_slug("acme").unwrap().clone();
    let settings = &entry.application.settings;
    assert_eq!((settings.grace_days, settings.dunning.retries(), settings.return_urls.len()), (14, &[2, 4][..], 1));
    let mut bad = save;
    (bad[3].1, bad[4].1, bad[6].1) = ("91", "4, 2", "1, x");
    let refused = office.post(page, &bad).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    has(&refused, &["must be 0 to 90", "growing numbers", "value=\"1, x\""]);

    const SECRET: &str = "sk_test_51abcdefghijklmnopqrstuv9876";
    const FIRST: &str = "whsec_aaaaaaaaaaaaaaaaaaaaaaaa1111";
    const SECOND: &str = "whsec_bbbbbbbbbbbbbbbbbbbbbbbb2222";
    let wrong = [("action", "keys"), ("of", "stripe"), ("stripe_secret_key", "pk_live_nonsense_of_mine")];
    let refused = office.post(page, &wrong).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    has(&refused, &["must begin with sk_test_", "href=\"#stripe_secret_key\""]);
    has_not(&refused, &["pk_live_nonsense_of_mine"]);
    for webhook in [FIRST, SECOND] {
        let keys =
            [("action", "keys"), ("of", "stripe"), ("stripe_secret_key", SECRET), ("stripe_webhook_secret", webhook)];
        let shown = office.act(page, &keys).await;
        has(&shown, &["Test key", "ends in 9876", "Test mode: Stripe"]);
        has_not(&shown, &[SECRET, FIRST, SECOND]);
    }
    let shown = office.get(page).await;
    let url = format!("http://127.0.0.1:8080/api/webhooks/stripe/{}", office.created.application.id);
    has(&shown, &["ends in 1111", "ends in 2222", &url, "http://127.0.0.1:8080/api/webhooks/midtrans"]);
    has(&office.get("plans").await, &["Test mode: Stripe"]);
    let audit = office.app.services.audit();
    let ledger = audit.list(&Ctx::operator(), Default::default(), &Default::default()).await.unwrap();
    let said = serde_json::to_string(&ledger.items).unwrap();
    assert!(said.contains("payment_keys.set") && said.contains("9876"), "{said}");
    assert!(!said.contains(SECRET) && !said.contains(FIRST), "{said}");
    let removed = office.post(page, &[("action", "remove"), ("of", "stripe")]).await;
    has(&land(&office.app, &removed).await, &["The keys are gone.", "Stripe is chosen but has no keys yet"]);
    // Without keys there is nothing to ask.
    let test = office.post(page, &[("action", "test"), ("of", "stripe")]).await;
    assert_eq!(test.status, StatusCode::CONFLICT);
    assert_eq!(office.get("clock").await.status, StatusCode::NOT_FOUND, "a clock without the sandbox");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_a_provider_bills_stays() {
    let till = Till::open().await;
    till.buyer("budi@example.com", "pro").await;
    let (office, test) = (&till.office, &till.office.app.test);
    has(&office.get("settings").await, &["a payment provider renews have to be canceled at once first"]);
    let delete = [("action", "delete"), ("confirm", "acme")];
    test.execute("UPDATE subscriptions SET provider = 'stripe', reference = 'sub_1', mode = 'live'").await;
    let kept = office.post("settings", &delete).await;
    assert_eq!(kept.status, StatusCode::CONFLICT);
    has(&kept, &["goes on charging 1 subscription of this application", "value=\"acme\""]);
    let kept = office.post("settings?lang=id", &delete).await;
    has(&kept, &["terus menagih 1 langganan aplikasi ini"]);

    test.execute("UPDATE subscriptions SET reference = NULL").await;
    test.execute("UPDATE orders SET provider = 'stripe', reference = 'cs_1', mode = 'live', status = 'open'").await;
    let kept = office.post("settings?lang=id", &delete).await;
    has(&kept, &["1 pesanan aplikasi ini masih dapat dibayar"]);
    let kept = office.post("settings?lang=en", &delete).await;
    assert_eq!(kept.status, StatusCode::CONFLICT);
    has(&kept, &["1 order of this application can still be paid"]);
    test.execute("UPDATE orders SET status = 'paid'").await;

    let columns = "(application_id, provider, reference, wanted, attempts, next_at)";
    let row = "SELECT id, 'stripe', 'sub_1', '{}', 0, 0 FROM applications";
    test.execute(&format!("INSERT INTO steering {columns} {row}")).await;
    let kept = office.post("settings?lang=en", &delete).await;
    assert_eq!(kept.status, StatusCode::CONFLICT);
    has(&kept, &["has not been told everything yet"]);
    test.execute("DELETE FROM steering").await;
    has(&office.act("settings", &delete).await, &["Deleted."]);
}
