//! Prices, also those of Stripe, and dunning.

use domain::{Money, billing::price::Interval};
use service::{Ctx, Error, catalog::Catalog, testing::TestServices};

use super::{CATALOG, acme, apply, lines};

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_amount_makes_a_new_price() {
    let test = TestServices::start().await;
    apply(&test, CATALOG).await;
    let version = acme(&test).plan_by_key("pro").unwrap().version;
    let dearer = CATALOG.replace("amount = 999", "amount = 1299");
    assert_eq!(
        lines(&apply(&test, &dearer).await),
        ["archive price acme/pro/Monthly ($9.99 monthly)", "create price acme/pro/Monthly"]
    );
    let pro = acme(&test).plan_by_key("pro").cloned().unwrap();
    assert_eq!((pro.prices.len(), pro.current_prices().count()), (2, 1));
    assert_eq!(pro.shown_price().unwrap().money.amount(), 1299);
    assert!(pro.version > version);
    assert!(apply(&test, &dearer).await.is_empty());
    let tried = dearer.replace("trial_days = 14", "trial_days = 7");
    assert_eq!(lines(&apply(&test, &tried).await), ["update price acme/pro/Monthly"]);
    assert_eq!(acme(&test).plan_by_key("pro").unwrap().shown_price().unwrap().trial_days, Some(7));
}

/// The catalog with a second price of Pro; each has a link where one is given.
fn linked(monthly: &str, yearly: &str) -> String {
    let yearly = format!(
        "trial_days = 14\nstripe_price_id = \"{monthly}\"\n[[applications.plans.prices]]\nname = \"Yearly\"\n\
         amount = 9990\ncurrency = \"usd\"\ninterval = \"year\"\nstripe_price_id = \"{yearly}\"\n"
    );
    CATALOG.replacen("trial_days = 14\n", &yearly, 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_at_stripe_is_linked_once() {
    let test = TestServices::start().await;
    let twice = Catalog::parse(&linked("price_a", "price_a"), "catalog.toml").unwrap_err();
    let place = "catalog.toml:37: applications.plans.prices.stripe_price_id: price_a stands at catalog.toml:30 already";
    assert_eq!(twice.message, place);
    apply(&test, &linked("price_a", "price_b")).await;
    // Links that change places, and one that another price takes over, are free when all is done.
    apply(&test, &linked("price_b", "price_a")).await;
    let renamed = linked("price_c", "price_b").replace("name = \"Yearly\"", "name = \"By the year\"");
    apply(&test, &renamed).await;
    let links = |plan: &domain::billing::plan::Plan| -> Vec<Option<String>> {
        plan.current_prices().map(|price| price.stripe_price_id.clone()).collect()
    };
    assert_eq!(links(acme(&test).plan_by_key("pro").unwrap()), [Some("price_c".into()), Some("price_b".into())]);
    // One of the dashboard's keeps its own.
    let name = domain::billing::price::PriceName::parse("Mine").unwrap();
    let new = domain::billing::price::NewPrice {
        name,
        money: Money::new(500, "usd".parse().unwrap()).unwrap(),
        interval: Interval::Month,
        trial_days: None,
        stripe_price_id: Some("price_mine".into()),
    };
    let (application, free) = (acme(&test).application.id, acme(&test).plan_by_key("free").unwrap().id);
    test.services.plans().add_price(&Ctx::operator(), application, free, new).await.unwrap();
    let catalog = Catalog::parse(&linked("price_mine", "price_b"), "catalog.toml").unwrap();
    let Err(Error::Problem(problem)) = test.services.catalog().apply(&Ctx::operator(), catalog, false).await else {
        panic!("another price's link was taken");
    };
    let place = "catalog.toml:30: applications.plans.prices.stripe_price_id: is linked to another price";
    assert!(problem.message.starts_with(place), "{}", problem.message);
    assert_eq!(links(acme(&test).plan_by_key("pro").unwrap())[0].as_deref(), Some("price_c"), "nothing is applied");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_does_not_take_is_not_sold_by_a_file() {
    let test = TestServices::start().await;
    let kronur = CATALOG.replacen("\"usd\"", "\"isk\"", 1);
    apply(&test, &kronur).await;
    let stripe = |text: &str| text.replacen("\"none\"", "\"stripe\"", 1);
    let refused = async |text: &str| {
        let catalog = Catalog::parse(text, "catalog.toml").unwrap();
        let Err(Error::Problem(problem)) = test.services.catalog().apply(&Ctx::operator(), catalog, false).await else {
            panic!("it was taken");
        };
        problem.message
    };
    let why = "cannot be sold through Stripe, which counts ISK in other units than ISO 4217";
    let held = format!("catalog.toml:3: applications.payment_provider: Monthly {why}");
    assert_eq!(refused(&stripe(&kronur)).await, held);
    // Another price takes its place in the same file.
    apply(&test, &stripe(CATALOG)).await;
    let new = format!("catalog.toml:30: applications.plans.prices: {why}");
    assert_eq!(refused(&stripe(&kronur)).await, new);
}

#[tokio::test(flavor = "multi_thread")]
async fn dunning_is_read_and_refused_by_its_key() {
    let test = TestServices::start().await;
    let text =
        "[[applications]]\nslug = \"acme\"\nname = \"Acme\"\ndunning = { retries = [2, 4], remind_after = [] }\n";
    let catalog = Catalog::parse(text, "catalog.toml").unwrap();
    test.services.catalog().apply(&Ctx::operator(), catalog, false).await.unwrap();
    let entry = test.services.directory().by_slug("acme").unwrap().clone();
    let dunning = &entry.application.settings.dunning;
    let days = (dunning.retries(), dunning.remind_before(), dunning.remind_after());
    assert_eq!(days, (&[2, 4][..], &[3, 0][..], &[][..]));
    let refused = Catalog::parse(&text.replace("[2, 4]", "[4, 2]"), "catalog.toml").unwrap_err();
    assert!(refused.message.contains("catalog.toml:4: applications.dunning.retries: must be"), "{}", refused.message);
}
