//! The money of one application, asked for by another: subscriptions, payments, invoices, alerts and notifications that
//! are there. The table of routes has none of them, because they need a purchase.

use std::collections::BTreeSet;

use axum::http::Method;
use domain::billing::plan::PlanKey;
use serde_json::{Value, json};
use service::{
    Ctx,
    billing::orders::{Destination, NewOrder, Placed, Started},
    payment::sandbox::CardNumber,
};

use crate::{
    rest::{Rest, Shop, refused, text, with},
    route_table::{Extra, NOBODYS, body, routes},
};

/// What routes name that only a purchase makes.
pub const PARAMETERS: [&str; 5] = ["{subscriptionId}", "{paymentId}", "{invoiceId}", "{alertId}", "{notificationId}"];

/// What a purchase makes.
pub struct Bought {
    pub subscription: String,
    pub payment: String,
    pub invoice: String,
}

/// A card that pays, and one that does so once.
pub const CARD: &str = "4242424242424242";
pub const ONCE: &str = "4000000000000341";

/// Two applications for which the sandbox collects.
pub async fn start() -> Rest {
    let rest = Rest::start().await;
    for shop in [&rest.acme, &rest.other] {
        let settings = json!({ "paymentProvider": "sandbox", "returnUrls": ["https://app.example/"] });
        let answer = rest.admin(Method::PATCH, &shop.base(), Some(&settings)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    rest
}

/// A member goes to pay for Pro.
pub async fn order(rest: &Rest, shop: &Shop, user: &str) -> Placed {
    let url = || "https://app.example/".to_owned();
    let new = NewOrder {
        plan: PlanKey::parse("pro").unwrap(),
        price: None,
        coupon: None,
        destination: Destination::Application { success_url: url(), cancel_url: url() },
        metadata: None,
        payer: None,
    };
    let orders = rest.app.services.orders();
    let started = orders.start(&Ctx::operator(), shop.id.parse().unwrap(), user.parse().unwrap(), new).await.unwrap();
    let Started::Order(placed) = started else { panic!("{started:?}") };
    orders.press((*placed).clone(), "https://here.example/".into()).await.unwrap();
    *placed
}

async fn pay(rest: &Rest, placed: Placed, card: &str) {
    let services = &rest.app.services;
    let card = CardNumber::parse(card).unwrap();
    services.sandbox().enter_card(placed.order.id.get(), card).await.unwrap();
    services.orders().look(placed).await.unwrap();
}

/// The user of an application buys Pro.
pub async fn buy(rest: &Rest, shop: &Shop, card: &str) -> Bought {
    pay(rest, order(rest, shop, &shop.user).await, card).await;
    let subscriptions = rest.app.services.subscriptions();
    let held = subscriptions.get(&Ctx::operator(), shop.id.parse().unwrap(), shop.user.parse().unwrap()).await.unwrap();
    let subscription = held.expect("a subscription").id.to_string();
    let payments = rest.read(&format!("{}/payments?status=succeeded&search={}", shop.base(), shop.email)).await;
    let invoice = text(&invoice(rest, shop, &subscription).await["id"]);
    Bought { payment: text(&payments["payments"][0]["id"]), invoice, subscription }
}

/// The last invoice of a subscription.
pub async fn invoice(rest: &Rest, shop: &Shop, subscription: &str) -> Value {
    rest.read(&format!("{}/subscriptions/{subscription}", shop.base())).await["invoices"][0].take()
}

/// Somebody pays another amount than was shown, and notifications cannot be handled: gives an alert's id and a
/// notification's.
pub async fn trouble(rest: &Rest, shop: &Shop) -> [String; 2] {
    let placed = order(rest, shop, &rest.member(shop, "late@example.com").await).await;
    let sql = "UPDATE sandbox_payments SET request = replace(request, '\"amount\":999', '\"amount\":100')";
    rest.app.test.execute(sql).await;
    pay(rest, placed, CARD).await;
    rest.app.test.execute("UPDATE inbox SET subject = '\"nonsense\"' WHERE handled_at IS NULL").await;
    assert!(rest.app.services.inbox().work().await.unwrap() > 0, "the sandbox tells of its payments");
    let alerts = rest.read(&format!("{}/alerts", shop.base())).await;
    let failed = rest.read(&format!("{}/notifications", shop.base())).await;
    [text(&alerts["alerts"][0]["id"]), text(&failed["notifications"][0]["id"])]
}

/// Everything that could have changed.
pub async fn dump(rest: &Rest) -> Value {
    let mut all = vec![rest.dump().await];
    for shop in [&rest.acme, &rest.other] {
        for list in ["subscriptions", "payments", "alerts", "notifications"] {
            all.push(rest.read(&format!("{}/{list}", shop.base())).await);
        }
    }
    all.into()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_application_has_is_as_what_nobody_has() {
    let rest = start().await;
    let (acme, other) = (&rest.acme, &rest.other);
    let [alert, notification] = trouble(&rest, other).await;
    let theirs = buy(&rest, other, CARD).await;
    let extra = Extra::make(&rest, acme).await;
    let admin = rest.browser_of(&rest.administrator(acme).await).await;
    let made = [&theirs.subscription, &theirs.payment, &theirs.invoice, &alert, &notification];
    let ids: Vec<_> = PARAMETERS.into_iter().zip(made).collect();
    let before = dump(&rest).await;
    let mut seen = BTreeSet::new();
    for route in routes(&rest.app).await {
        let Some((parameter, id)) = ids.iter().find(|(parameter, _)| route.path.contains(parameter)) else { continue };
        seen.insert(*parameter);
        let nobodys = route.of(acme, &extra);
        let real = nobodys.replace(NOBODYS, id);
        assert_ne!(real, nobodys);
        let body = body(&route.id, acme, &extra);
        let ask = async |path: &str| with(admin.request(route.method.clone(), path), body.as_ref()).send().await;
        let answer = ask(&real).await;
        refused(&answer, 404, "SUB_001");
        assert_eq!(answer.json(), ask(&nobodys).await.json(), "{}", route.id);
        // Whoever may see both finds it only where it belongs.
        refused(&rest.admin(route.method.clone(), &real, body.as_ref()).await, 404, "SUB_001");
    }
    assert_eq!(seen.len(), ids.len(), "{seen:?}");
    assert_eq!(dump(&rest).await, before, "something changed");
    for (list, id) in
        [("subscriptions", &theirs.subscription), ("payments", &theirs.payment), ("invoices", &theirs.invoice)]
    {
        rest.read(&format!("{}/{list}/{id}", other.base())).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_of_the_own_dashboard_reaches_what_another_application_is_alerted_to() {
    let rest = start().await;
    let [alert, notification] = trouble(&rest, &rest.other).await;
    let admin = rest.browser_of(&rest.administrator(&rest.acme).await).await;
    let root = rest.browser_of(&rest.person("root@example.com", "superadmin").await).await;
    let before = dump(&rest).await;
    // An alert that is not there is resolved, as after a second click.
    let forms = [("resolve", "alert", alert.as_str(), 303), ("retry", "notification", notification.as_str(), 404)];
    for (browser, form) in [&admin, &root].into_iter().flat_map(|who| forms.map(|form| (who, form))) {
        let (action, field, theirs, expected) = form;
        let send =
            async |id: &str| browser.post_form("/dashboard/acme/alerts", &[("action", action), (field, id)]).await;
        let (answer, none) = (send(theirs).await, send(NOBODYS).await);
        assert_eq!(answer.status, expected, "{action}: {}", answer.text());
        assert_eq!((answer.status, answer.location()), (none.status, none.location()), "{action}");
        assert_eq!(answer.plain(theirs), none.plain(NOBODYS), "{action}");
    }
    assert_eq!(dump(&rest).await, before, "something changed");
    let own = [("action", "resolve"), ("alert", alert.as_str())];
    assert_eq!(root.post_form("/dashboard/other/alerts", &own).await.status, 303);
    assert_ne!(dump(&rest).await, before, "it could have been resolved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_goes_to_no_plan_or_price_of_another_application() {
    let rest = start().await;
    let (acme, other) = (&rest.acme, &rest.other);
    let own = buy(&rest, acme, CARD).await;
    let admin = rest.browser_of(&rest.administrator(acme).await).await;
    let base = format!("{}/subscriptions/{}", acme.base(), own.subscription);
    let before = dump(&rest).await;
    for act in ["preview", "change"] {
        let path = format!("{base}/{act}");
        let ask = async |body: Value| admin.post_json(&path, &body).await;
        let foreign = ask(json!({ "planId": other.pro })).await;
        refused(&foreign, 400, "APP_001");
        assert_eq!(foreign.json(), ask(json!({ "planId": NOBODYS })).await.json(), "{act}");
        let both = ask(json!({ "planId": other.pro, "priceId": other.price })).await;
        assert_eq!(both.json(), foreign.json(), "{act}");
        let foreign = ask(json!({ "planId": acme.pro, "priceId": other.price })).await;
        refused(&foreign, 404, "SUB_001");
        let nobodys = ask(json!({ "planId": acme.pro, "priceId": NOBODYS })).await;
        assert_eq!(foreign.json(), nobodys.json(), "{act}");
    }
    assert_eq!(dump(&rest).await, before, "something changed");
    let quote = admin.post_json(&format!("{base}/preview"), &json!({ "planId": acme.free })).await;
    assert_eq!(quote.status, 200, "{}", quote.text());
}
