//! Payment methods, invoices, trials, and what failed.

use axum::http::StatusCode;
use chrono::TimeDelta;
use service::Ctx;

use super::{advance, buy, change, check_paid, open, pay, pay_with, press, visit};
use crate::{
    pages_shop::{check, check_look},
    support::{Answer, here},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_method_is_changed_at_the_provider_and_removed_here() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    buy(&app, "pro").await;
    let page = app.get("/portal").await;
    for part in ["4242", "Next charge", "Nothing is charged by itself any more"] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    let bank = here(press(&app, "change_method").await.location().expect("the provider's page"));
    let entered = app.post_form(&bank, &[("act", "card"), ("number", "4000000000000341")]).await;
    let back = here(entered.location().expect("back"));
    assert!(back.starts_with("/portal?method="), "{back}");
    assert_eq!(app.get(&back).await.location(), Some("/portal?done=method"));
    let page = app.get("/portal?done=method").await;
    assert!(page.text().contains("0341") && page.text().contains("The payment method is up to date"));
    assert!(!app.get("/portal?done=no_method").await.text().contains("The payment method is removed"));
    assert_eq!(app.get("/portal?method=bent").await.status, StatusCode::CONFLICT);
    assert_eq!(press(&app, "remove_method").await.location(), Some("/portal?done=no_method"));
    let page = app.get("/portal?done=no_method").await;
    check_look(&page);
    for part in ["None is kept", "The payment method is removed", "Next invoice", "you get the invoice with a link"] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    assert!(!page.text().contains("Next charge"));
    assert!(!app.get("/portal?done=method").await.text().contains("The payment method is up to date"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_says_when_it_is_paid() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    let (preview, sent) = change(&app, "trial").await;
    for part in ["Nothing today. Free until", "then $20.00", "Start free trial"] {
        assert!(preview.text().contains(part), "{part}");
    }
    check_paid(&pay(&app, sent.location().unwrap()).await);
    let page = app.get("/portal").await;
    check_look(&page);
    for part in ["First charge after trial", "$20.00", "Trial, 14 days left", "4242"] {
        assert!(page.text().contains(part), "{part}");
    }
    advance(&app, "13d").await;
    visit(&app, "user@example.com").await;
    assert!(app.get("/portal").await.text().contains("Trial, 1 day left"));
    advance(&app, "1d").await;
    visit(&app, "user@example.com").await;
    let page = app.get("/portal").await;
    assert!(page.text().contains("Next charge") && page.text().contains("Active"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_keeps_a_card_and_waits_for_no_transfer_of_nothing() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    let (_, sent) = change(&app, "trial").await;
    let checkout = sent.location().unwrap().to_owned();
    let sandbox = here(app.post_form(&checkout, &[]).await.location().expect("the sandbox"));
    let offers_cards_alone = |page: &Answer| {
        check_look(page);
        assert!(page.text().contains("Save the card"), "{}", page.text());
        for part in ["Pay $0", "or pay by transfer", "QRIS"] {
            assert!(!page.text().contains(part), "{part}: {}", page.text());
        }
    };
    offers_cards_alone(&app.get(&sandbox).await);
    for act in ["va", "qris"] {
        offers_cards_alone(&app.post_form(&sandbox, &[("act", act)]).await);
    }
    assert!(!app.get(&checkout).await.text().contains("Waiting for your payment"));
    let secure = app.post_form(&sandbox, &[("act", "card"), ("number", "4000000000003220")]).await;
    assert!(secure.text().contains("Nothing is paid now.") && !secure.text().contains("$0.00"), "{}", secure.text());
    let passed = app.post_form(&sandbox, &[("act", "pass")]).await;
    check_paid(&app.get(&here(passed.location().expect("back"))).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_can_be_paid_and_what_is_paused_goes_on() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    let (_, sent) = change(&app, "pro").await;
    let checkout = sent.location().unwrap().to_owned();
    check_paid(&pay_with(&app, &checkout, "4000000000000341").await);
    advance(&app, "1mo").await;
    visit(&app, "user@example.com").await;
    let page = app.get("/portal").await;
    check_look(&page);
    for part in ["The last payment did not go through", "Past due", "to keep Pro", "Pay $10.00", "Failed", "Pay now"] {
        assert!(page.text().contains(part), "{part}");
    }
    let address = page.text().split("href=\"/portal/invoices/").nth(1).unwrap().split('"').next().unwrap();
    let address = format!("/portal/invoices/{address}");
    let invoice = app.get(&address).await;
    check_look(&invoice);
    let of = invoice.hidden("of");
    let (first, second) =
        (app.post_form(&address, &[("of", &of)]).await, app.post_form(&address, &[("of", &of)]).await);
    let checkout = first.location().unwrap().to_owned();
    check_look(&app.get(&checkout).await);
    assert!(!app.get(&checkout).await.text().contains("Add a coupon"), "an invoice is what it is");
    let other = second.location().unwrap().to_owned();
    check_paid(&pay(&app, &checkout).await);
    // Twice is once.
    check_paid(&app.get(&other).await);
    let page = app.get("/portal").await;
    assert!(page.text().contains("Active") && !page.text().contains("The last payment did not go through"));

    let acme = app.application("acme");
    let id = app.user("user@example.com").await.id;
    app.services.changes().pause(&Ctx::operator(), acme, id).await.unwrap();
    let page = app.get("/portal").await;
    check_look(&page);
    assert!(page.text().contains("Pro is paused") && page.text().contains("Paused"));
    assert!(page.text().contains("To take another plan, resume first."));
    assert!(!page.text().contains("/portal/change"), "no plan to change to: {}", page.text());
    let refused = app.get("/portal/change?plan=team").await;
    check_look(&refused);
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains("cannot be done any more") && refused.text().contains("Pro is paused"));
    assert_eq!(press(&app, "resume").await.location(), Some("/portal?done=resumed"));
    let page = app.get("/portal").await;
    assert!(page.text().contains("Next charge") && page.text().contains("/portal/change?plan=team"));
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_bought_nothing_is_no_thanks_in_the_portal() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    let (_, sent) = change(&app, "pro").await;
    let checkout = sent.location().unwrap().to_owned();
    let sandbox = here(app.post_form(&checkout, &[]).await.location().expect("the sandbox"));
    let (acme, user) = (app.application("acme"), app.user("user@example.com").await.id);
    app.services.memberships().revoke(&Ctx::operator(), acme, user).await.unwrap();
    let paid = app.post_form(&sandbox, &[("act", "card"), ("number", "4242424242424242")]).await;
    let late = app.get(&here(paid.location().expect("back"))).await;
    assert_eq!(late.status, StatusCode::OK, "{:?}", late.location());
    check_look(&late);
    for part in ["nothing was bought", "href=\"/portal?order=", "Back to your plan"] {
        assert!(late.text().contains(part), "{part}: {}", late.text());
    }
    for path in [way(&late), way(&late).replace('?', "?done=paid&")] {
        let closed = app.get(&path).await;
        check_look(&closed);
        assert_eq!(closed.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(closed.text().contains("Back to Acme") && !closed.text().contains("Payment received"), "{path}");
    }
}

/// Where a page of the checkout leads back to the portal.
#[track_caller]
fn way(page: &Answer) -> String {
    let order = page.text().split("href=\"/portal?order=").nth(1).expect("a way to the portal");
    format!("/portal?order={}", order.split('"').next().expect("a token"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_that_outlasts_the_visit_is_told_all_the_same() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    let (_, sent) = change(&app, "pro").await;
    let checkout = sent.location().unwrap().to_owned();
    let sandbox = here(app.post_form(&checkout, &[]).await.location().expect("the sandbox"));
    let begun = app.post_form(&sandbox, &[("act", "va")]).await;
    assert_eq!(app.get(&here(begun.location().unwrap())).await.location(), Some(checkout.as_str()));
    let left = way(&app.get(&checkout).await);
    let within = app.get(&left).await;
    assert!(within.status == StatusCode::OK && within.text().contains("user@example.com"), "{}", within.text());

    app.clock.advance(TimeDelta::hours(1));
    let early = left.replace('?', "?done=paid&");
    for path in [&left, &early] {
        let closed = app.get(path).await;
        check_look(&closed);
        assert_eq!(closed.status, StatusCode::UNAUTHORIZED, "{path}");
        for part in ["Open your plan from the application", "Back to Acme", "href=\"https://app.example/account\""] {
            assert!(closed.text().contains(part), "{part}: {}", closed.text());
        }
    }
    app.post_form(&sandbox, &[("act", "arrive")]).await;
    let sent = app.get(&checkout).await;
    check_paid(&sent);
    let paid = sent.location().unwrap();
    let page = app.get(paid).await;
    check_look(&page);
    assert_eq!(page.status, StatusCode::OK);
    for part in ["Payment received", "Pro is active in Acme now", "href=\"https://app.example/account\""] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }

    // The token opens nothing, and nobody hears anything without it.
    let query = paid.split_once('?').unwrap().1;
    for path in ["/portal", "/portal?done=paid", "/portal?done=paid&order=bent"] {
        let closed = app.get(path).await;
        check(&closed);
        assert_eq!(closed.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(!closed.text().contains("Acme") && !closed.text().contains("Payment received"), "{path}");
    }
    for path in [format!("/portal/change?plan=team&{query}"), format!("/portal/invoices/ACME-000001?{query}")] {
        assert_eq!(app.get(&path).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let of = app.application("acme").to_string();
    let pressed = app.post_form(paid, &[("of", &of), ("act", "cancel")]).await;
    assert_eq!(pressed.status, StatusCode::UNAUTHORIZED);
    for own in ["user@example.com", "ACME-0", "$10.00"] {
        assert!(!page.text().contains(own), "{own}");
    }
    let indonesian = app.get(&format!("{paid}&lang=id")).await;
    check_look(&indonesian);
    assert!(indonesian.text().contains("Pembayaran diterima") && indonesian.text().contains("Kembali ke Acme"));
    // Another visit says it in its own words.
    visit(&app, "user@example.com").await;
    assert!(app.get(&format!("{paid}&lang=en")).await.text().contains("The payment has arrived"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_that_is_being_charged_says_so() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    let (_, sent) = change(&app, "pro").await;
    pay_with(&app, sent.location().unwrap(), "4000000000000341").await;
    advance(&app, "1mo").await;
    visit(&app, "user@example.com").await;
    let address = "/portal/invoices/ACME-000002";
    let of = app.application("acme").to_string();
    let placed = app.post_form(address, &[("of", &of)]).await;
    let checkout = placed.location().unwrap();
    assert!(app.get(checkout).await.text().contains("Pay $10.00"));
    app.test.execute("UPDATE invoices SET attempts = '{\"started\":9}' WHERE status = 'open'").await;
    assert_eq!(app.post_form(checkout, &[]).await.location(), Some(checkout), "the page says so");
    let portal = app.get("/portal").await;
    check_look(&portal);
    assert_eq!(portal.text().matches("This invoice is being charged").count(), 2, "above, and in the history");
    assert!(portal.text().contains(&format!("href=\"{address}\"")));
    for part in ["Pay $10.00", "Pay now", "The last payment did not go through"] {
        assert!(!portal.text().contains(part), "{part}");
    }
    let refused = app.post_form(address, &[("of", &of)]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    for page in [app.get(address).await, refused, app.get(checkout).await] {
        check_look(&page);
        assert!(page.text().contains("This invoice is being charged") && !page.text().contains("Pay $10.00"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invoices_can_be_printed_by_their_owner() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    buy(&app, "pro").await;
    let invoice = app.get("/portal/invoices/ACME-000001").await;
    check_look(&invoice);
    for part in
        ["Invoice ACME-000001", "Billed to", "Example user", "user@example.com", "Pro", "$10.00", "Paid", "4242"]
    {
        assert!(invoice.text().contains(part), "{part}");
    }
    let second = app.browser();
    visit(&second, "second@example.com").await;
    for foreign in ["/portal/invoices/ACME-000001", "/portal/invoices/ACME-999999", "/portal/invoices/%00"] {
        assert_eq!(second.get(foreign).await.status, StatusCode::NOT_FOUND, "{foreign}");
    }
    let of = app.application("acme").to_string();
    let paid = app.post_form("/portal/invoices/ACME-000001", &[("of", &of)]).await;
    assert_eq!(paid.status, StatusCode::CONFLICT, "nobody owes it");
    let foreign = second.post_form("/portal/invoices/ACME-000001", &[("of", &of)]).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_keeps_the_name_of_a_plan_that_is_deleted() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    buy(&app, "team").await;
    let (acme, user) = (app.application("acme"), app.user("user@example.com").await.id);
    let (services, operator) = (&app.services, Ctx::operator());
    let team = services.directory().by_slug("acme").unwrap().plan_by_key("team").unwrap().id;
    services.changes().cancel_now(&operator, acme, user, None).await.unwrap();
    services.plans().delete(&operator, acme, team).await.unwrap();
    for page in [app.get("/portal").await, app.get("/portal/invoices/ACME-000001").await] {
        check_look(&page);
        for part in ["ACME-000001", "Team", "$30.00"] {
            assert!(page.text().contains(part), "{part}: {}", page.text());
        }
    }
    assert_ne!(app.get("/portal/change?plan=team").await.status, StatusCode::OK, "nobody can have it");
}
