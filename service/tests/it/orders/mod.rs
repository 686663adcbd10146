//! Orders from the button to the entitlement: the sandbox collects.

mod buying;
mod differing;
mod late;
mod telling;

use domain::{
    Money,
    application::{Provider, SettingsPatch},
    billing::{
        order::State as OrderState,
        price::{Interval, NewPrice, PriceName},
    },
    id::UserId,
};
use sea_orm::{ConnectionTrait, Statement};
use service::{
    application::applications::ApplicationPatch,
    billing::orders::{Destination, NewOrder, Placed, Pressed, Started},
    payment::sandbox::{CardAnswer, CardNumber},
};

use crate::shop::{Shop, key, operator};

const GOOD: &str = "4242 4242 4242 4242";

/// A shop that the sandbox collects for. Pro costs $9.99 a month, after 14 days when `trial`.
async fn paid_shop(trial: bool) -> Shop {
    let shop = Shop::open().await;
    let settings = SettingsPatch { provider: Some(Provider::Sandbox), ..Default::default() };
    let patch = ApplicationPatch { settings, ..Default::default() };
    shop.services().applications().update(&operator(), shop.application, patch).await.unwrap();
    let price = monthly(999, trial.then_some(14));
    shop.services().plans().add_price(&operator(), shop.application, shop.pro.id, price).await.unwrap();
    shop
}

fn monthly(cents: i64, trial_days: Option<u16>) -> NewPrice {
    NewPrice {
        name: PriceName::parse("Monthly").unwrap(),
        money: Money::new(cents, "usd".parse().unwrap()).unwrap(),
        interval: Interval::Month,
        trial_days,
        stripe_price_id: None,
    }
}

fn pro() -> NewOrder {
    let url = || "https://app.example/".to_owned();
    let destination = Destination::Application { success_url: url(), cancel_url: url() };
    NewOrder { plan: key("pro"), price: None, coupon: None, destination, metadata: None, payer: None }
}

async fn order(shop: &Shop, member: UserId) -> Placed {
    match shop.services().orders().start(&operator(), shop.application, member, pro()).await.unwrap() {
        Started::Order(placed) => *placed,
        Started::Granted(held) => panic!("granted: {held:?}"),
    }
}

/// An order whose payment is open at the sandbox.
async fn opened(shop: &Shop, member: UserId) -> Placed {
    let placed = order(shop, member).await;
    let pressed = shop.services().orders().press(placed.clone(), "https://here.example/".into()).await.unwrap();
    assert!(matches!(pressed, Pressed::Go(url) if url.ends_with(&placed.order.id.to_string())));
    placed
}

async fn card(shop: &Shop, placed: &Placed, number: &str) -> CardAnswer {
    let number = CardNumber::parse(number).unwrap();
    shop.services().sandbox().enter_card(placed.order.id.get(), number).await.unwrap()
}

async fn look(shop: &Shop, placed: &Placed) -> OrderState {
    shop.services().orders().look(placed.clone()).await.unwrap().order.state
}

async fn count(shop: &Shop, sql: &str) -> i64 {
    let db = shop.services().db.read();
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}
