//! From plan selection to the tokens: a card, a transfer, a coupon.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::{Locale, oauth::client::ClientPatch};
use service::Ctx;

use super::{Link, choose, choose_at, press};
use crate::{
    pages_shop::{self, PASSWORD, arrive, check_look},
    support::{TestApp, here},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_plan_is_in_the_code_that_follows() {
    let app = pages_shop::open().await;
    let checkout = choose(&app).await;
    let page = app.get(&checkout).await;
    check_look(&page);
    for part in ["Subscribe to Gold", "Due today", "$9.99", "Pay $9.99", "Test mode", "Renews every month"] {
        assert!(page.text().contains(part), "{part}");
    }
    let sandbox = press(&app, &checkout).await;
    assert_eq!(press(&app, &checkout).await, sandbox, "a second click opens the same payment");
    check_look(&app.get(&sandbox).await);

    let declined = app.post_form(&sandbox, &[("act", "card"), ("number", "4000000000000002")]).await;
    check_look(&declined);
    assert!(declined.text().contains("The card was declined") && declined.text().contains(" autofocus"));
    let secure = app.post_form(&sandbox, &[("act", "card"), ("number", "4000 0000 0000 3220")]).await;
    check_look(&secure);
    assert!(secure.text().contains("3-D Secure"));
    let passed = app.post_form(&sandbox, &[("act", "pass")]).await;
    let back = here(passed.location().expect("back to the checkout"));
    let on = app.get(&back).await;
    assert!(on.location().unwrap().starts_with("/oauth2/resume?flow="), "{:?}", on.location());
    let client = app.follow(on.location().unwrap()).await;
    assert!(client.location_param("code").is_some(), "{:?}", client.location());
    let again = app.get(&checkout).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "a paid order goes on");
}

/// The address of a paid order is no way to an account for whoever is made to open it, nor past the consent page.
#[tokio::test(flavor = "multi_thread")]
async fn a_paid_order_goes_on_with_who_placed_it() {
    let app = TestApp::start().await;
    app.apply(&format!("[[users]]\nemail = \"other@example.com\"\npassword = \"{PASSWORD}\"\n")).await;
    let app = pages_shop::stock(app).await;
    let client = app.services.directory().client("paid-web").unwrap().client.clone();
    let asks = ClientPatch { skip_consent: Some(false), ..ClientPatch::default() };
    app.services.clients().update(&Ctx::operator(), client.application_id, client.id, asks).await.unwrap();
    let (user, other) = (app.user("user@example.com").await, app.user("other@example.com").await);
    let (early, late, nobody, again) = (app.browser(), app.browser(), app.browser(), app.browser());
    early.sign_in(&other).await;
    app.clock.advance(TimeDelta::seconds(1));

    let (page, _) = arrive(&app, "paid-web", "").await;
    let sent = app.post_form(&page, &[("email", "user@example.com"), ("password", PASSWORD)]).await;
    let consent = app.get(sent.location().unwrap()).await.location().expect("consent").to_owned();
    let allowed = app.post_form(&consent, &[("decision", "allow")]).await;
    let plans = allowed.location().expect("plan selection");
    let checkout = choose_at(&app, plans, &app.get(plans).await).await;
    let sandbox = press(&app, &checkout).await;
    let paid = app.post_form(&sandbox, &[("act", "card"), ("number", "4242424242424242")]).await;
    let back = here(paid.location().unwrap());
    assert!(app.get(&back).await.location().unwrap().starts_with("/oauth2/resume?flow="));
    app.clock.advance(TimeDelta::minutes(31));
    late.sign_in(&other).await;
    again.sign_in(&user).await;

    let resumed = async |browser: &TestApp| {
        let on = browser.get(&back).await;
        browser.get(on.location().expect("the way on")).await
    };
    for (browser, page) in [(&early, "/sign-in?flow="), (&nobody, "/sign-in?flow="), (&again, "/consent?flow=")] {
        let answer = resumed(browser).await;
        assert!(answer.location().unwrap().starts_with(page), "{page}: {:?}", answer.location());
    }
    let refused = resumed(&late).await;
    assert_eq!(refused.location_param("error").as_deref(), Some("login_required"), "{:?}", refused.location());
    assert!(resumed(&app).await.location_param("code").is_some(), "who has paid is asked nothing again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_is_awaited_on_its_page() {
    let app = pages_shop::open().await;
    let checkout = choose(&app).await;
    let sandbox = press(&app, &checkout).await;
    let begun = app.post_form(&sandbox, &[("act", "va")]).await;
    let back = here(begun.location().unwrap());
    let waiting = app.get(&back).await;
    assert_eq!(waiting.location(), Some(checkout.as_str()));
    let page = app.get(&checkout).await;
    check_look(&page);
    assert!(page.text().contains("Waiting for your payment") && page.header("refresh") == Some("5"));
    assert!(page.text().contains("Open the test bank") && !page.text().contains("Show how to pay"));
    assert!(page.text().contains("href=\"/plans?flow=") && page.text().contains("Not now"), "the way back");
    let until = app.services.now() + TimeDelta::hours(24);
    for part in [format!("Pay before {}", Locale::En.date_time(until)), "Time left: 1 day 0:00:00".into()] {
        assert!(page.text().contains(&part), "{part}: {}", page.text());
    }
    app.clock.advance(TimeDelta::hours(1) + TimeDelta::seconds(5));
    let later = app.get(&format!("{checkout}?lang=id")).await;
    check_look(&later);
    for part in [format!("Bayar sebelum {}", Locale::Id.date_time(until)), "Sisa waktu: 22:59:55".into()] {
        assert!(later.text().contains(&part), "{part}: {}", later.text());
    }
    app.post_form(&sandbox, &[("act", "arrive")]).await;
    let done = app.get(&checkout).await;
    assert!(done.location().unwrap().starts_with("/oauth2/resume"), "the page finds out by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_is_scanned_is_awaited_too() {
    let app = pages_shop::open().await;
    let checkout = choose(&app).await;
    let sandbox = press(&app, &checkout).await;
    let begun = app.post_form(&sandbox, &[("act", "qris")]).await;
    let waiting = app.get(&here(begun.location().unwrap())).await;
    assert_eq!(waiting.location(), Some(checkout.as_str()));
    let page = app.get(&checkout).await;
    check_look(&page);
    assert!(page.text().contains("Waiting for your payment") && page.header("refresh") == Some("5"));
    assert!(page.text().contains("Time left: 1 day 0:00:00"), "{}", page.text());
    let bank = app.get(&sandbox).await;
    check_look(&bank);
    assert_eq!(bank.hidden("act"), "arrive");
    assert!(bank.text().contains("QRIS") && !bank.text().contains("VA 8808"), "{}", bank.text());
    let arrived = app.post_form(&sandbox, &[("act", "arrive")]).await;
    let on = app.get(&here(arrived.location().unwrap())).await;
    assert!(on.location().unwrap().starts_with("/oauth2/resume?flow="), "{:?}", on.location());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checkout_of_whoever_lost_access_is_over() {
    let app = pages_shop::open().await;
    let checkout = choose(&app).await;
    let link = Link::to(&app, "paid", "gold").await;
    app.services.memberships().revoke(&Ctx::operator(), link.application, link.user).await.unwrap();
    for answer in [app.get(&checkout).await, app.post_form(&checkout, &[]).await] {
        assert_eq!(answer.status, StatusCode::GONE);
        check_look(&answer);
        assert!(answer.text().contains("This checkout has ended"), "{}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_bought_nothing_is_told_wherever_somebody_came_from() {
    for (by_link, way) in [(false, "href=\"/plans?flow="), (true, "href=\"https://paid.example/billing\"")] {
        let app = pages_shop::open().await;
        let chosen = choose(&app).await;
        let link = Link::to(&app, "paid", "gold").await;
        let checkout = match by_link {
            true => link.open().await.location().expect("a checkout").to_owned(),
            false => chosen,
        };
        let sandbox = press(&app, &checkout).await;
        app.services.memberships().revoke(&Ctx::operator(), link.application, link.user).await.unwrap();
        let paid = app.post_form(&sandbox, &[("act", "card"), ("number", "4242424242424242")]).await;
        for address in [here(paid.location().unwrap()), checkout] {
            let late = app.get(&address).await;
            assert_eq!(late.status, StatusCode::OK, "{address}: {:?}", late.location());
            check_look(&late);
            for part in ["Payment received", "nothing was bought", way] {
                assert!(late.text().contains(part), "{part}: {}", late.text());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coupon_takes_off_what_the_page_then_shows() {
    use domain::billing::coupon::{BasisPoints, CouponCode, Duration, Off};
    let app = pages_shop::open().await;
    let checkout = choose(&app).await;
    let paid = app.application("paid");
    let coupon = |code: &str, expires_at| service::billing::coupons::NewCoupon {
        code: CouponCode::parse(code).unwrap(),
        off: Off::Percent(BasisPoints::parse(2500).unwrap()),
        duration: Duration::Once,
        cap: None,
        expires_at,
        plans: vec![],
    };
    let operator = service::Ctx::operator();
    app.services.coupons().create(&operator, paid, coupon("QUARTER", None)).await.unwrap();
    app.services.coupons().create(&operator, paid, coupon("LATE", Some(app.services.now()))).await.unwrap();
    let shop = app.application("acme");
    app.services.coupons().create(&operator, shop, coupon("ELSEWHERE", None)).await.unwrap();
    let page = app.get(&checkout).await;
    assert!(page.text().contains("Add a coupon"));
    let apply = async |at: &str, code: &str| app.post_form(at, &[("act", "coupon"), ("coupon", code)]).await;
    for (typed, why) in [
        ("no \"such\" <b>", "This is no coupon code"),
        ("NOBODYS", "This is no coupon code"),
        ("ELSEWHERE", "This is no coupon code"),
        ("late", "This coupon has expired."),
    ] {
        let refused = apply(&checkout, typed).await;
        check_look(&refused);
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{typed}");
        assert!(refused.text().contains(why) && refused.text().contains("Pay $9.99"), "{typed}");
        assert!(refused.text().contains("aria-invalid=\"true\"") && !refused.text().contains("<b>"), "{typed}");
        let kept = typed.replace('"', "&quot;").replace('<', "&lt;");
        assert!(refused.text().contains(&kept[..4]), "{typed}");
    }
    let applied = apply(&checkout, " quarter ").await;
    let cheaper = applied.location().expect("the order anew").to_owned();
    let page = app.get(&cheaper).await;
    check_look(&page);
    for part in ["Discount QUARTER", "-$2.50", "Pay $7.49", "Coupon QUARTER", "Remove", "Then $9.99"] {
        assert!(page.text().contains(part), "{part}");
    }
    assert_eq!(app.get(&checkout).await.status, StatusCode::GONE, "the dearer order is over");
    let dear = apply(&cheaper, "").await.location().expect("the order without it").to_owned();
    assert!(app.get(&dear).await.text().contains("Pay $9.99"));
    let cheaper = apply(&dear, "QUARTER").await.location().unwrap().to_owned();
    let sandbox = press(&app, &cheaper).await;
    let paid = app.post_form(&sandbox, &[("act", "card"), ("number", "4242424242424242")]).await;
    let on = app.get(&here(paid.location().unwrap())).await;
    assert!(on.location().unwrap().starts_with("/oauth2/resume?flow="), "{:?}", on.location());
}
