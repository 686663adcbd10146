//! What a visit shows nothing of, and who does not get in.

use axum::http::{Method, StatusCode};
use serde_json::json;
use service::Ctx;

use super::{ask, buy, change, open, press, session, visit};
use crate::{
    pages_shop::{check, check_look},
    support::TestApp,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_sees_nothing_of_another_application_or_user() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    buy(&app, "pro").await;
    // The same person, in the portal of the other application, signed in as an unrelated user.
    app.sign_in(&app.user("second@example.com").await).await;
    let entered = app.get(&session(&app, "other-server", "user@example.com").await).await;
    assert_eq!(entered.location(), Some("/portal"));
    let page = app.get("/portal").await;
    check(&page);
    for part in ["Basic", "Plus", "user@example.com", "Back to Other"] {
        assert!(page.text().contains(part), "{part}");
    }
    for foreign in ["Acme", ">Pro<", "ACME-", "$10", "4242", "second@example.com"] {
        assert!(!page.text().contains(foreign), "{foreign}");
    }
    assert_eq!(app.get("/portal/invoices/ACME-000001").await.status, StatusCode::NOT_FOUND);
    // A page of the other visit, still open in another tab, does nothing in this one.
    for act in ["cancel", "undo", "resume", "remove_method"] {
        let stale = press(&app, act).await;
        assert_eq!(stale.status, StatusCode::CONFLICT, "{act}");
    }
    let ask = async |app: &TestApp, plan: &str| {
        let body = json!({ "plan": plan, "price": null, "text": "en" });
        app.post_json("/portal/rpc/preview", &body).await
    };
    let own = ask(&app, "plus").await;
    assert_eq!(own.json()["title"], "Change to Plus", "{}", own.text());
    let foreign = ask(&app, "pro").await;
    assert_eq!((foreign.status.as_u16(), &foreign.json()["code"]), (404, &json!("SUB_001")));
    let nobody = ask(&app.browser(), "plus").await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    // Granted at once: nobody collects money there.
    let (preview, sent) = change(&app, "plus").await;
    assert!(preview.text().contains("It changes at once. Nothing is charged."));
    assert_eq!(sent.location(), Some("/portal?done=changed"));
    assert!(app.get("/portal").await.text().contains("Plus"));
}

#[tokio::test(flavor = "multi_thread")]
async fn access_that_ends_closes_the_portal_at_once() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    let acme = app.application("acme");
    let id = app.user("user@example.com").await.id;
    let suspended = service::identity::memberships::MembershipPatch {
        status: Some(domain::identity::membership::MembershipStatus::Suspended),
        roles: None,
    };
    app.services.memberships().update(&Ctx::operator(), acme, id, suspended).await.unwrap();
    for path in ["/portal", "/portal/change?plan=pro", "/portal/invoices/ACME-000001"] {
        assert_eq!(app.get(path).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert_eq!(press(&app, "cancel").await.status, StatusCode::UNAUTHORIZED);
    let body = json!({ "plan": "pro", "price": null, "text": "en" });
    assert_eq!(app.post_json("/portal/rpc/preview", &body).await.status, StatusCode::UNAUTHORIZED);
    let refused = ask(&app, "acme-server", json!({ "end_user_id": app.user("user@example.com").await.id })).await;
    assert_eq!(refused.json()["error"]["code"], "APP_005");
}

#[tokio::test(flavor = "multi_thread")]
async fn speaks_indonesian_and_posts_from_elsewhere_are_refused() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    let page = app.get("/portal?lang=id").await;
    check_look(&page);
    for part in ["Paket Anda", "Ganti paket", "Kembali ke Acme", "Belum ada pembayaran."] {
        assert!(page.text().contains(part), "{part}");
    }
    let of = app.get("/portal/change?plan=pro").await.hidden("of");
    let forged = app.request(Method::POST, "/portal").header("sec-fetch-site", "cross-site");
    let forged = forged.form(&[("of", &of), ("act", "cancel")]).send().await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
}
