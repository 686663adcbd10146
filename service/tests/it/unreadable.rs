//! Rows that cannot be read: they are left out, and stop nobody else.

use domain::{
    Money,
    application::{Settings, SettingsPatch},
    billing::{
        plan::PlanPatch,
        price::{Interval, NewPrice, PriceName},
    },
    id::ApplicationId,
    oauth::{
        client::{ClientSettings, ClientType},
        resource::Resource,
    },
    text::Name,
};
use serde_json::json;
use service::{
    Services,
    application::clients::NewClient,
    testing::{TestServices, people::register},
};

use crate::{
    people,
    shop::{Shop, application, key, operator},
};

/// Changes something of an application, as anybody's change: it reads the directory again.
async fn changes(services: &Services, application: ApplicationId, name: &str) {
    let patch = SettingsPatch { name: Some(Name::parse(name).unwrap()), ..SettingsPatch::default() };
    services.applications().update(&operator(), application, patch.into()).await.unwrap();
    let directory = services.directory();
    assert_eq!(directory.application(application).unwrap().application.settings.name.as_str(), name);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_that_cannot_be_read_stops_no_other() {
    let shop = Shop::open().await;
    let (test, services) = (&shop.test, shop.services());
    let other = application(services, "other").await;
    let broken = test.literal(shop.application.get());
    test.execute(&format!("UPDATE applications SET settings = '{{\"name\":\"Acme\"}}' WHERE id = {broken}")).await;
    changes(services, other, "Still here").await;
    // Nor one that looks through all of them.
    let resources = Some(vec![Resource::parse("https://api.other.example").unwrap()]);
    let patch = SettingsPatch { resources, ..SettingsPatch::default() };
    services.applications().update(&operator(), other, patch.into()).await.unwrap();
    let started = test.another_node().await;
    changes(&started, other, "Started").await;
    let directory = started.directory();
    assert!(directory.application(shop.application).is_none() && directory.by_slug("acme").is_none());
    assert!(directory.clients.values().all(|entry| entry.client.application_id == other));
    // It comes back as it was.
    let settings = serde_json::to_string(&Settings::new(Name::parse("Acme").unwrap())).unwrap();
    test.execute(&format!("UPDATE applications SET settings = '{settings}' WHERE id = {broken}")).await;
    started.reload_directory().await.unwrap();
    assert_eq!(started.directory().application(shop.application).unwrap().plans.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_read_leaves_the_rest_of_its_application() {
    let shop = Shop::open().await;
    let (test, services) = (&shop.test, shop.services());
    let new = NewClient {
        client_id: None,
        kind: ClientType::Confidential,
        settings: ClientSettings::new(Name::parse("Second").unwrap()),
    };
    let client = services.clients().create(&operator(), shop.application, new).await.unwrap().0.id;
    let price = NewPrice {
        name: PriceName::parse("Monthly").unwrap(),
        money: Money::new(999, "usd".parse().unwrap()).unwrap(),
        interval: Interval::Month,
        trial_days: None,
        stripe_price_id: None,
    };
    let patch = PlanPatch { shown_price: Some(Some(price)), ..PlanPatch::default() };
    services.plans().update(&operator(), shop.application, shop.pro.id, patch).await.unwrap();
    let [pro, free, client_row] = [shop.pro.id.get(), shop.free.id.get(), client.get()].map(|id| test.literal(id));
    test.execute(&format!("UPDATE plans SET features = '[1]' WHERE id = {free}")).await;
    test.execute(&format!("UPDATE prices SET currency = 'zzz' WHERE plan_id = {pro}")).await;
    test.execute(&format!("UPDATE clients SET settings = '{{}}' WHERE id = {client_row}")).await;
    changes(services, shop.application, "Still here").await;
    let started = test.another_node().await;
    let directory = started.directory();
    let entry = directory.application(shop.application).unwrap();
    // What costs something is not given away.
    assert!(entry.plan_by_key("pro").is_none() && entry.plan_by_key("free").is_none());
    assert!(directory.client_of_row(client).is_none());
    assert_eq!(directory.clients.len(), 1);
    test.execute(&format!("UPDATE plans SET features = '{{}}' WHERE id = {free}")).await;
    started.reload_directory().await.unwrap();
    assert_eq!(started.directory().application(shop.application).unwrap().plan(shop.free.id).unwrap().key, key("free"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_read_whatever_rule_holds_now() {
    let test = TestServices::start().await;
    let user = register(&test.services, people::new_user("ann@example.com")).await.id;
    let website = format!("https://a.example/{}", "x".repeat(3000));
    let profile = json!({ "website": website, "zoneinfo": "a b" });
    let id = test.literal(user.get());
    test.execute(&format!("UPDATE users SET profile = '{profile}' WHERE id = {id}")).await;
    let read = test.services.users().find(user).await.unwrap().unwrap();
    assert_eq!(read.profile.website.unwrap().as_str(), website);
}
