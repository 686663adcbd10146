//! Plans that are bought, changed, canceled and undone, as they were shown.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::{Currency, billing::price::Interval};
use service::Ctx;

use super::{buy, change, check_paid, confirm, open, pay, press, visit};
use crate::pages_shop::{self, check_look};

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_bought_upgraded_downgraded_and_undone() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    let preview = app.get("/portal/change?plan=pro").await;
    check_look(&preview);
    for part in ["Change to Pro", "You gain", "Export enabled", "Max projects: 50 instead of 3", "You pay $10.00 today"]
    {
        assert!(preview.text().contains(part), "{part}");
    }
    buy(&app, "pro").await;
    let page = app.get("/portal?done=paid").await;
    check_look(&page);
    for part in ["The payment has arrived", "Active", "$10.00 per month", "Next charge", "ACME-000001", "Paid"] {
        assert!(page.text().contains(part), "{part}");
    }

    // Half of the period later the rest of it costs half of the difference.
    let (preview, sent) = change(&app, "team").await;
    for part in ["Unused time of Pro", "for the rest of the current period", "Continue to payment"] {
        assert!(preview.text().contains(part), "{part}");
    }
    check_paid(&pay(&app, sent.location().unwrap()).await);

    let (preview, sent) = change(&app, "pro").await;
    for part in ["You lose", "Nothing today. You keep Team until", "then Pro for $10.00", "Change on"] {
        assert!(preview.text().contains(part), "{part}");
    }
    assert_eq!(sent.location(), Some("/portal?done=scheduled"));
    let page = app.get("/portal").await;
    for part in ["Pro from ", "You keep Team until", "After that it is $10.00 per month.", "Planned"] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    assert!(!page.text().contains("Downgrade to Pro"), "{}", page.text());
    assert_eq!(press(&app, "undo").await.location(), Some("/portal?done=undone"));
    let page = app.get("/portal").await;
    assert!(!page.text().contains("Pro from ") && !page.text().contains("Planned"), "{}", page.text());
    assert!(page.text().contains("Downgrade to Pro"), "{}", page.text());
    let again = press(&app, "undo").await;
    assert_eq!(again.status, StatusCode::CONFLICT, "there is nothing left to undo");
    check_look(&again);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_free_is_planned_without_a_price() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    buy(&app, "pro").await;
    let (_, sent) = change(&app, "free").await;
    assert_eq!(sent.location(), Some("/portal?done=scheduled"));
    let page = app.get("/portal").await;
    check_look(&page);
    for part in ["Free from ", "You keep Pro until", "Planned", "Undo"] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    assert!(!page.text().contains("After that") && !page.text().contains("Downgrade to Free"), "{}", page.text());
    assert_eq!(press(&app, "undo").await.location(), Some("/portal?done=undone"));
    assert!(app.get("/portal").await.text().contains("Downgrade to Free"));
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_is_one_step_with_its_date_and_a_way_back() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    buy(&app, "pro").await;
    let page = app.get("/portal").await;
    assert!(page.text().contains("You keep Pro until") && page.text().contains("Cancel Pro"));
    let of = page.hidden("of");
    let sent = app.post_form("/portal", &[("of", &of), ("act", "cancel"), ("reason", "too <b>dear</b>")]).await;
    assert_eq!(sent.location(), Some("/portal?done=canceled"));
    let page = app.get("/portal?done=canceled").await;
    check_look(&page);
    for part in ["Your plan is canceled", "You keep Pro until", "Cancels on", "Ends on", "Resume"] {
        assert!(page.text().contains(part), "{part}");
    }
    assert!(!page.text().contains("Cancel Pro"));
    assert!(!app.get("/portal?done=undone").await.text().contains("Your plan goes on"));
    assert_eq!(press(&app, "undo").await.location(), Some("/portal?done=undone"));
    assert!(app.get("/portal?done=undone").await.text().contains("Undone. Your plan goes on"));
    assert!(app.get("/portal").await.text().contains("Next charge"));
    // Whoever goes back to the address after the cancellation is not told what is no longer so.
    let page = app.get("/portal?done=canceled").await;
    assert!(page.text().contains("Next charge") && !page.text().contains("Your plan is canceled"));
    for nonsense in ["", "drop", "pause"] {
        assert_eq!(press(&app, nonsense).await.status, StatusCode::BAD_REQUEST, "{nonsense}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_shown_is_confirmed() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    buy(&app, "team").await;
    let shown = app.get("/portal/change?plan=pro").await;
    let plan = app.services.directory().by_slug("acme").unwrap().plan_by_key("pro").unwrap().clone();
    let acme = plan.application_id;
    let (services, operator) = (&app.services, Ctx::operator());
    let new = domain::billing::price::NewPrice {
        name: domain::billing::price::PriceName::parse("Dearer").unwrap(),
        money: domain::Money::new(1200, Currency::parse("usd").unwrap()).unwrap(),
        interval: domain::billing::price::Interval::Month,
        trial_days: None,
        stripe_price_id: None,
    };
    services.plans().remove_price(&operator, acme, plan.id, plan.prices[0].id).await.unwrap();
    services.plans().add_price(&operator, acme, plan.id, new).await.unwrap();
    let gone = confirm(&app, &shown).await;
    assert_eq!(gone.status, StatusCode::CONFLICT, "the price is not on offer any more");
    assert!(!app.get("/portal").await.text().contains("Undo"));

    let shown = app.get("/portal/change?plan=pro").await;
    let bent = [
        ("of", shown.hidden("of")),
        ("plan", "pro".into()),
        ("price", shown.hidden("price")),
        ("digest", shown.hidden("digest").replace("1200", "1000")),
        ("at", shown.hidden("at")),
    ];
    let bent: Vec<(&str, &str)> = bent.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let again = app.post_form("/portal/change", &bent).await;
    check_look(&again);
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text().contains("The amount has changed") && again.text().contains("$12.00"));
    assert_eq!(confirm(&app, &again).await.location(), Some("/portal?done=scheduled"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_preview_of_an_upgrade_is_shown_again() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    buy(&app, "pro").await;
    let shown = app.get("/portal/change?plan=team").await;
    app.clock.advance(TimeDelta::minutes(10));
    assert!(confirm(&app, &shown).await.location().unwrap().starts_with("/checkout/"), "the checkout shows the sum");
    let shown = app.get("/portal/change?plan=team").await;
    app.clock.advance(TimeDelta::minutes(16));
    visit(&app, "user@example.com").await;
    app.clock.advance(TimeDelta::minutes(25));
    let again = confirm(&app, &shown).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{:?}", again.location());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_that_unused_time_pays_is_agreed_to_for_a_while() {
    let app = open().await;
    pages_shop::add_rupiah_plan(&app, "acme", "Yearly", 1_200_000, Interval::Year).await;
    pages_shop::add_rupiah_plan(&app, "acme", "Monthly", 110_000, Interval::Month).await;
    visit(&app, "user@example.com").await;
    buy(&app, "yearly").await;
    let shown = app.get("/portal/change?plan=monthly").await;
    app.clock.advance(TimeDelta::minutes(15));
    let again = confirm(&app, &shown).await;
    check_look(&again);
    assert_eq!(again.status, StatusCode::CONFLICT, "too long ago");
    app.clock.advance(TimeDelta::minutes(1));
    let now = app.get("/portal/change?plan=monthly").await;
    assert_ne!(now.hidden("digest"), again.hidden("digest"), "the sum runs by the second");
    assert_eq!(confirm(&app, &again).await.location(), Some("/portal?done=changed"));
}
