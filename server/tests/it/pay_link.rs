//! An invoice that is paid by the link of its mail, without a session.

use axum::http::StatusCode;
use domain::{billing::clock::ClockStep, identity::email::Email};
use service::{Ctx, payment::MethodKind};

use crate::{
    pages_shop::{self, check, check_look},
    support::{TestApp, here},
};

/// A member of the application that the sandbox collects for, whose renewal is to be paid: gives the link of the mail.
async fn owed(app: &TestApp) -> String {
    let (services, operator) = (&app.services, Ctx::operator());
    let application = app.application("paid");
    let user = app.user("user@example.com").await.id;
    if services.subscriptions().get(&operator, application, user).await.is_err() {
        services.memberships().grant(&operator, application, user, None).await.unwrap();
    }
    let new = service::billing::orders::NewOrder {
        plan: domain::billing::plan::PlanKey::parse("gold").unwrap(),
        price: None,
        coupon: None,
        destination: service::billing::orders::Destination::Here,
        metadata: None,
        payer: None,
    };
    let started = services.orders().start(&operator, application, user, new).await.unwrap();
    let service::billing::orders::Started::Order(placed) = started else { panic!("granted") };
    let key = placed.order.id.get();
    services.orders().press((*placed).clone(), "https://here.example/".into()).await.unwrap();
    services.sandbox().begin_transfer(key, MethodKind::VirtualAccount).await.unwrap();
    services.sandbox().transfer_arrives(key).await.unwrap();
    services.orders().look(*placed).await.unwrap();
    services.clocks().advance(&operator, application, ClockStep::parse("1mo").unwrap()).await.unwrap();
    let mails = services.mails().latest(&operator).await.unwrap();
    let invoice = mails.iter().find(|mail| mail.kind == "renewal_invoice").expect("an invoice");
    let link = invoice.mail.plain.lines().find(|line| line.contains("/pay/")).expect("a link");
    here(link.trim())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_of_the_mail_is_paid_signed_out() {
    let app = pages_shop::open().await.browser();
    let link = owed(&app).await;
    for _ in 0..2 {
        let page = app.get(&link).await;
        assert_eq!(page.status, StatusCode::OK);
        check_look(&page);
        for part in ["Invoice PAID-000002", "Gold", "Pay $9.99", "Test mode"] {
            assert!(page.text().contains(part), "{part}");
        }
    }
    let pressed = app.post_form(&link, &[]).await;
    assert_eq!(pressed.status, StatusCode::SEE_OTHER, "{}", pressed.text());
    let sandbox = here(pressed.location().unwrap());
    assert!(sandbox.starts_with("/sandbox/pay/"), "{:?}", pressed.location());
    assert_eq!(app.post_form(&link, &[]).await.location(), pressed.location(), "pressed twice, one payment");
    let paid = app.post_form(&sandbox, &[("act", "card"), ("number", "4242424242424242")]).await;
    let back = here(paid.location().unwrap());
    let thanks = app.follow(&back).await;
    assert_eq!(thanks.status, StatusCode::OK);
    check_look(&thanks);
    let again = app.get(&link).await;
    assert_eq!(again.status, StatusCode::OK);
    assert!(!again.text().contains("Pay $9.99") && again.text().contains("Gold"));
    let late = app.post_form(&link, &[]).await;
    assert_eq!(late.location(), Some(link.as_str()), "nothing is left to pay");
    let receipts = app.services.mails().latest(&Ctx::operator()).await.unwrap();
    assert_eq!(receipts.iter().filter(|mail| mail.kind == "receipt").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_that_is_being_charged_says_so() {
    let app = pages_shop::open().await.browser();
    let link = owed(&app).await;
    app.test.execute("UPDATE invoices SET attempts = '{\"started\":1}' WHERE status = 'open'").await;
    let page = app.get(&link).await;
    assert_eq!(page.status, StatusCode::OK);
    check_look(&page);
    assert!(page.text().contains("This invoice is being charged") && !page.text().contains("Pay $9.99"));
    assert_eq!(app.post_form(&link, &[]).await.location(), Some(link.as_str()), "the page says so");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_access_owes_nothing() {
    let app = pages_shop::open().await.browser();
    let link = owed(&app).await;
    let application = app.application("paid");
    let user = app.user("user@example.com").await.id;
    app.services.memberships().revoke(&Ctx::operator(), application, user).await.unwrap();
    let page = app.get(&link).await;
    assert_eq!(page.status, StatusCode::GONE);
    check_look(&page);
    assert!(page.text().contains("This invoice is not open any more") && !page.text().contains("Pay $9.99"));
    assert_eq!(app.post_form(&link, &[]).await.location(), Some(link.as_str()), "the page says so");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bent_link_is_an_error_page() {
    let app = pages_shop::open().await.browser();
    let link = owed(&app).await;
    let mut bent = link.clone();
    bent.replace_range(20..21, if &link[20..21] == "A" { "B" } else { "A" });
    for wrong in [bent.as_str(), "/pay/nothing", &link[..link.len() - 4]] {
        let page = app.get(wrong).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{wrong}");
        check(&page);
        assert_eq!(app.post_form(wrong, &[]).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let id = app.get(&format!("{link}?lang=id")).await;
    assert!(id.text().contains("Faktur PAID-000002"));
}

#[tokio::test(flavor = "multi_thread")]
async fn superadmins_read_what_did_not_leave_the_machine() {
    let app = pages_shop::open().await.browser();
    let empty = app.get("/mailbox").await;
    assert_eq!(empty.location(), Some("/sign-in"));
    let admin = Email::parse("root@example.com").unwrap();
    let password = domain::identity::password::Password::parse(pages_shop::PASSWORD).unwrap();
    let admin = app.services.users().create_superadmin(&Ctx::operator(), admin, password, None).await.unwrap();
    app.sign_in(&admin).await;
    assert!(app.get("/mailbox").await.text().contains("No mails yet"));
    let link = owed(&app).await;
    let page = app.get("/mailbox").await;
    assert_eq!(page.status, StatusCode::OK);
    for part in ["Paid: invoice PAID-000002", "user@example.com", " UTC", link.as_str(), "Open its link"] {
        assert!(page.text().contains(part), "{part}");
    }
    assert!(app.get("/mailbox?lang=id").await.text().contains("Kotak surat"));
    app.sign_in(&app.user("user@example.com").await).await;
    assert_eq!(app.get("/mailbox").await.status, StatusCode::FORBIDDEN);
}
