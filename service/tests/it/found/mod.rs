//! What random histories once found wrong, each in its smallest form.

mod at_stripe;
mod changes;
mod coupons;
mod late;
mod refunds;

use domain::{
    billing::{order::State as OrderState, subscription::Subscription},
    id::UserId,
};
use service::{billing::orders::Placed, payment::MethodKind, testing::books};

use crate::{
    renewals::{advance, invoices, order, state, wanted},
    shop::{Shop, operator},
};

async fn held(shop: &Shop, member: UserId) -> Subscription {
    shop.services().subscriptions().get(&operator(), shop.application, member).await.unwrap().expect("a subscription")
}

async fn credit(shop: &Shop, member: UserId) -> i64 {
    let balance = shop.services().credits().balance(&operator(), shop.application, member).await.unwrap();
    balance.all().map(|money| money.amount()).sum()
}

/// The page of the sandbox is open, and the customer has chosen to transfer the money.
async fn transfer(shop: &Shop, placed: Placed) -> Placed {
    let services = shop.services();
    services.orders().press(placed.clone(), "https://here.example/".into()).await.unwrap();
    services.sandbox().begin_transfer(placed.order.id.get(), MethodKind::VirtualAccount).await.unwrap();
    services.orders().look(placed).await.unwrap()
}

async fn arrives(shop: &Shop, placed: Placed) -> OrderState {
    shop.services().sandbox().transfer_arrives(placed.order.id.get()).await.unwrap();
    look(shop, &placed).await
}

async fn look(shop: &Shop, placed: &Placed) -> OrderState {
    shop.services().orders().look(placed.clone()).await.unwrap().order.state
}

async fn bought_by_transfer(shop: &Shop, member: UserId) {
    let placed = transfer(shop, order(shop, member, "pro").await).await;
    arrives(shop, placed).await;
}

/// The newest invoice is being paid by a transfer.
async fn owed_by_transfer(shop: &Shop, member: UserId) -> Placed {
    let all = shop.services().invoices().of_member(&operator(), shop.application, member).await.unwrap();
    let destination = wanted("pro").destination;
    let placed = shop.services().invoices().pay(&operator(), shop.application, member, all[0].id, destination).await;
    transfer(shop, placed.unwrap()).await
}

/// The transfer for the next period has not come before the grace was over.
async fn given_up(shop: &Shop, member: UserId) -> Placed {
    advance(shop, "1mo").await;
    let late = owed_by_transfer(shop, member).await;
    advance(shop, "10d").await;
    assert_eq!((state(shop, member).await, invoices(shop, member).await[1].1), (None, "uncollectible"));
    late
}

async fn add_up(shop: &Shop) {
    assert_eq!(books::audit(shop.services()).await.unwrap(), Vec::<String>::new());
}
