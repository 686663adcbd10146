//! Plan selection for somebody who has bought already.

use axum::http::StatusCode;
use chrono::TimeDelta;
use domain::{
    Currency, Money,
    billing::{
        plan::{NewPlan, PlanName},
        price::{Interval, NewPrice, PriceName},
    },
};
use service::Ctx;

use super::{buy, change, open, visit};
use crate::{
    pages_shop::{authorize, check_look},
    support::{Answer, TestApp},
};

/// Plan selection of a new authorization, and its address.
async fn selection(app: &TestApp, email: &str) -> (String, Answer) {
    app.sign_in(&app.user(email).await).await;
    // What was chosen before this request does not answer it.
    app.clock.advance(TimeDelta::seconds(1));
    let login = authorize("acme-server", "&prompt=select_plan");
    let mut plans = app.get(&login).await.location().expect("a page").to_owned();
    if !plans.starts_with("/plans") {
        plans = app.get(&plans).await.location().expect("plan selection").to_owned();
    }
    let page = app.get(&plans).await;
    check_look(&page);
    (plans, page)
}

/// A price of $200.
fn price(interval: Interval, trial_days: Option<u16>) -> NewPrice {
    NewPrice {
        name: PriceName::parse("Price").unwrap(),
        money: Money::new(20_000, Currency::parse("usd").unwrap()).unwrap(),
        interval,
        trial_days,
        stripe_price_id: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn plan_selection_changes_what_is_billed() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    buy(&app, "team").await;
    let (plans, page) = selection(&app, "user@example.com").await;
    assert!(page.text().contains("plan-team-current") && !page.text().contains("disabled"), "all can be chosen");
    let prices: Vec<String> = page
        .text()
        .split("name=\"price\" value=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    let mut fields = vec![("plan", "pro"), ("cycle", "month")];
    fields.extend(prices.iter().map(|price| ("price", price.as_str())));
    let noted = app.post_form(&plans, &fields).await;
    check_look(&noted);
    for part in ["Your plan changes on", "You keep Team until then. After that you have Pro.", "/oauth2/resume?flow="] {
        assert!(noted.text().contains(part), "{part}: {}", noted.text());
    }
    assert!(app.get("/portal").await.text().contains("Pro from "));
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_are_compared_in_the_currency_that_is_paid() {
    let app = open().await;
    let acme = app.application("acme");
    let team = app.services.directory().by_slug("acme").unwrap().plan_by_key("team").unwrap().id;
    let rupiah = NewPrice {
        name: PriceName::parse("Rupiah").unwrap(),
        money: Money::new(45_000_000, Currency::parse("idr").unwrap()).unwrap(),
        interval: Interval::Month,
        trial_days: None,
        stripe_price_id: None,
    };
    app.services.plans().add_price(&Ctx::operator(), acme, team, rupiah).await.unwrap();
    let indonesian = async || {
        let (plans, _) = selection(&app, "user@example.com").await;
        app.get(&format!("{plans}&lang=id")).await.text().to_owned()
    };
    assert!(indonesian().await.contains("450.000"));
    visit(&app, "user@example.com").await;
    buy(&app, "pro").await;
    let page = indonesian().await;
    assert!(page.contains("plan-team") && !page.contains("450.000"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_is_promised_beside_its_price() {
    let app = open().await;
    let acme = app.application("acme");
    let later = app.services.directory().by_slug("acme").unwrap().plan_by_key("trial").unwrap().id;
    let yearly = price(Interval::Year, None);
    app.services.plans().add_price(&Ctx::operator(), acme, later, yearly).await.unwrap();
    let (_, page) = selection(&app, "user@example.com").await;
    let (_, card) = page.text().split_once("for=\"plan-trial\"").expect("its card");
    let (month, year) = card.split_once("data-for=\"year\"").expect("a price for each cycle");
    assert!(month.contains("Free trial 14 days"), "{month}");
    assert!(!year.contains("Free trial"), "what is paid yearly begins without one: {year}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_of_one_day_is_counted_as_one() {
    let app = open().await;
    let (operator, plans, acme) = (Ctx::operator(), app.services.plans(), app.application("acme"));
    let short = NewPlan::new(PlanName::parse("Short").unwrap());
    let short = plans.create(&operator, acme, short).await.unwrap().id;
    plans.add_price(&operator, acme, short, price(Interval::Month, Some(1))).await.unwrap();
    visit(&app, "user@example.com").await;
    let (_, page) = selection(&app, "user@example.com").await;
    let (_, sent) = change(&app, "short").await;
    let checkout = app.get(sent.location().expect("a checkout")).await;
    for (page, said) in [(page, "Free trial 1 day"), (checkout, "Free trial, 1 day")] {
        assert!(page.text().contains(said) && !page.text().contains("1 days"), "{said}: {}", page.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_is_promised_to_whoever_can_have_one() {
    let app = open().await;
    assert!(selection(&app, "user@example.com").await.1.text().contains("Free trial 14 days"));
    visit(&app, "user@example.com").await;
    buy(&app, "trial").await;
    let (_, page) = selection(&app, "user@example.com").await;
    assert!(!page.text().contains("Free trial"), "it runs: {}", page.text());
    let (acme, user) = (app.application("acme"), app.user("user@example.com").await.id);
    app.services.changes().cancel_now(&Ctx::operator(), acme, user, None).await.unwrap();
    let (_, page) = selection(&app, "user@example.com").await;
    assert!(!page.text().contains("Free trial"), "one is all: {}", page.text());

    let second = app.browser();
    visit(&second, "second@example.com").await;
    buy(&second, "pro").await;
    let (_, page) = selection(&second, "second@example.com").await;
    assert!(!page.text().contains("Free trial"), "what is paid only changes: {}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paused_can_only_be_kept() {
    let app = open().await;
    visit(&app, "user@example.com").await;
    buy(&app, "pro").await;
    let (acme, user) = (app.application("acme"), app.user("user@example.com").await.id);
    app.services.changes().pause(&Ctx::operator(), acme, user).await.unwrap();
    let (plans, page) = selection(&app, "user@example.com").await;
    for part in ["Pro is paused", "Resume it in Acme before you choose another plan", "disabled", "Keep Pro"] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    let refused = app.post_form(&plans, &[("plan", "team"), ("cycle", "month")]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    check_look(&refused);
    assert!(refused.text().contains("Pro is paused"), "the page once more: {}", refused.text());
    let kept = app.post_form(&plans, &[("keep", "true")]).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER);
}
