//! What time brings: renewals, failures, grace, recovery, trials, downgrades, and the clock that moves them.

mod changing;
mod charging;
mod clock;
mod collecting;

use domain::{
    Money,
    application::{OnEnd, Provider, SettingsPatch},
    billing::{
        clock::ClockStep,
        price::{Interval, NewPrice, PriceName},
        subscription::State,
    },
    id::UserId,
};
use service::{
    application::applications::ApplicationPatch,
    billing::orders::{Destination, NewOrder, Placed, Started},
    payment::sandbox::CardNumber,
};

use crate::shop::{Shop, key, operator, plan};

pub const GOOD: &str = "4242424242424242";

pub const FAILS_LATER: &str = "4000000000000341";

/// The sandbox collects. Pro costs $10 a month (after 14 days when `trial`), Team $30, or Rp 300.000.
pub async fn shop(trial: bool, on_end: OnEnd) -> Shop {
    let shop = Shop::open().await;
    let settings = SettingsPatch { provider: Some(Provider::Sandbox), on_end: Some(on_end), ..Default::default() };
    let patch = ApplicationPatch { settings, ..Default::default() };
    shop.services().applications().update(&operator(), shop.application, patch).await.unwrap();
    let team = plan("Team", serde_json::json!({}));
    let team = shop.services().plans().create(&operator(), shop.application, team).await.unwrap();
    for (plan, cents) in [(shop.pro.id, 1000), (team.id, 3000)] {
        let trial = (trial && plan == shop.pro.id).then_some(14);
        let price = monthly(cents, "usd", trial);
        shop.services().plans().add_price(&operator(), shop.application, plan, price).await.unwrap();
    }
    shop
}

pub fn monthly(amount: i64, currency: &str, trial_days: Option<u16>) -> NewPrice {
    NewPrice {
        name: PriceName::parse("Monthly").unwrap(),
        money: Money::new(amount, currency.parse().unwrap()).unwrap(),
        interval: Interval::Month,
        trial_days,
        stripe_price_id: None,
    }
}

pub fn wanted(plan: &str) -> NewOrder {
    let url = || "https://app.example/".to_owned();
    let destination = Destination::Application { success_url: url(), cancel_url: url() };
    NewOrder { plan: key(plan), price: None, coupon: None, destination, metadata: None, payer: None }
}

pub async fn start(shop: &Shop, member: UserId, plan: &str) -> Started {
    shop.services().orders().start(&operator(), shop.application, member, wanted(plan)).await.unwrap()
}

pub async fn order(shop: &Shop, member: UserId, plan: &str) -> Placed {
    match start(shop, member, plan).await {
        Started::Order(placed) => *placed,
        Started::Granted(held) => panic!("granted: {held:?}"),
    }
}

pub async fn pay(shop: &Shop, placed: Placed, card: &str) {
    let services = shop.services();
    services.orders().press(placed.clone(), "https://here.example/".into()).await.unwrap();
    services.sandbox().enter_card(placed.order.id.get(), CardNumber::parse(card).unwrap()).await.unwrap();
    services.orders().look(placed).await.unwrap();
}

pub async fn buy(shop: &Shop, member: UserId, plan: &str, card: &str) {
    let placed = order(shop, member, plan).await;
    pay(shop, placed, card).await;
}

pub async fn advance(shop: &Shop, by: &str) {
    let step = ClockStep::parse(by).unwrap();
    shop.services().clocks().advance(&operator(), shop.application, step).await.unwrap();
}

pub async fn collects(shop: &Shop, provider: Provider) {
    let settings = SettingsPatch { provider: Some(provider), ..Default::default() };
    let patch = ApplicationPatch { settings, ..Default::default() };
    shop.services().applications().update(&operator(), shop.application, patch).await.unwrap();
}

pub async fn state(shop: &Shop, member: UserId) -> Option<State> {
    let held = shop.services().subscriptions().get(&operator(), shop.application, member).await.unwrap();
    held.map(|held| held.state)
}

pub async fn invoices(shop: &Shop, member: UserId) -> Vec<(String, &'static str, i64)> {
    let all = shop.services().invoices().of_member(&operator(), shop.application, member).await.unwrap();
    let told = |invoice: &domain::billing::invoice::Invoice| {
        (invoice.number.to_string(), invoice.state.status().as_str(), invoice.quote.due.amount())
    };
    all.iter().rev().map(told).collect()
}

pub async fn payments(shop: &Shop, member: UserId) -> Vec<(&'static str, i64)> {
    let all = shop.services().payments().of_member(&operator(), shop.application, member).await.unwrap();
    all.iter().rev().map(|own| (own.payment.state().status().as_str(), own.payment.amount.amount())).collect()
}
