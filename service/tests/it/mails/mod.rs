//! Mails about money: queued with what they are about, sent once, in both languages, through files and SMTP.

mod billing;
mod sending;

use std::path::PathBuf;

use domain::{
    Locale, Money,
    application::{Provider, SettingsPatch},
    billing::{
        clock::ClockStep,
        price::{Interval, NewPrice, PriceName},
    },
    id::UserId,
    theme::Theme,
};
use serde_json::json;
use service::{
    application::applications::ApplicationPatch,
    billing::orders::{Destination, NewOrder, Placed, Started},
    identity::users::NewUser,
    payment::{MethodKind, sandbox::CardNumber},
    testing::people::register,
};

use crate::{
    people,
    shop::{Shop, key, operator},
};

const GOOD: &str = "4242424242424242";

const FAILS_LATER: &str = "4000000000000341";

/// The sandbox collects Rp 99.000 a month for Pro.
async fn shop() -> Shop {
    let shop = Shop::open().await;
    let theme = Theme::parse(json!({"brand": "#0f766e", "logo_url": "https://acme.example/logo.png"})).unwrap();
    let settings = SettingsPatch {
        name: Some(domain::text::Name::parse("Acme & <b>Co</b>").unwrap()),
        provider: Some(Provider::Sandbox),
        theme: Some(theme),
        ..Default::default()
    };
    let patch = ApplicationPatch { settings, ..Default::default() };
    shop.services().applications().update(&operator(), shop.application, patch).await.unwrap();
    let price = NewPrice {
        name: PriceName::parse("Monthly").unwrap(),
        money: Money::new(9_900_000, "idr".parse().unwrap()).unwrap(),
        interval: Interval::Month,
        trial_days: None,
        stripe_price_id: None,
    };
    shop.services().plans().add_price(&operator(), shop.application, shop.pro.id, price).await.unwrap();
    shop
}

async fn member(shop: &Shop, locale: Option<Locale>) -> UserId {
    let new = NewUser { locale, ..people::new_user("payer@example.com") };
    let user = register(shop.services(), new).await;
    shop.services().memberships().grant(&operator(), shop.application, user.id, None).await.unwrap();
    user.id
}

async fn order(shop: &Shop, member: UserId) -> Placed {
    let new = NewOrder {
        plan: key("pro"),
        price: None,
        coupon: None,
        destination: Destination::Here,
        metadata: None,
        payer: None,
    };
    match shop.services().orders().start(&operator(), shop.application, member, new).await.unwrap() {
        Started::Order(placed) => *placed,
        Started::Granted(held) => panic!("granted: {held:?}"),
    }
}

/// Pays by bank transfer, which nobody can charge again: renewals are collected by a link.
async fn transfer(shop: &Shop, placed: Placed) {
    let (services, key) = (shop.services(), placed.order.id.get());
    services.orders().press(placed.clone(), "https://here.example/".into()).await.unwrap();
    services.sandbox().begin_transfer(key, MethodKind::VirtualAccount).await.unwrap();
    services.sandbox().transfer_arrives(key).await.unwrap();
    services.orders().look(placed).await.unwrap();
}

async fn card(shop: &Shop, placed: Placed, number: &str) {
    let services = shop.services();
    services.orders().press(placed.clone(), "https://here.example/".into()).await.unwrap();
    services.sandbox().enter_card(placed.order.id.get(), CardNumber::parse(number).unwrap()).await.unwrap();
    services.orders().look(placed).await.unwrap();
}

async fn advance(shop: &Shop, by: &str) {
    let step = ClockStep::parse(by).unwrap();
    shop.services().clocks().advance(&operator(), shop.application, step).await.unwrap();
}

/// What was queued, oldest first: what it is about, its subject and its plain text.
async fn queued(shop: &Shop) -> Vec<(String, String, String)> {
    let mut all = shop.services().mails().latest(&operator()).await.unwrap();
    all.reverse();
    all.into_iter().map(|queued| (queued.kind, queued.mail.subject, queued.mail.plain)).collect()
}

async fn kinds(shop: &Shop) -> Vec<String> {
    queued(shop).await.into_iter().map(|(kind, ..)| kind).collect()
}

fn files(shop: &Shop) -> Vec<PathBuf> {
    let read = std::fs::read_dir(shop.test.path().join("mail"));
    read.map(|entries| entries.map(|entry| entry.unwrap().path()).collect()).unwrap_or_default()
}
