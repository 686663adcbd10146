//! Two applications that sell on one account of Stripe's.

use chrono::TimeDelta;
use domain::{
    Secret,
    application::{Provider, SettingsPatch},
    billing::{order::State as OrderState, subscription::State},
    id::ApplicationId,
};
use service::{
    application::applications::ApplicationPatch,
    payment::keys::NewKeys,
    testing::{
        books,
        stripe::{TEST_KEY, WEBHOOK_SECRET},
    },
};

use super::{Desk, Post};
use crate::shop::{application, operator};

/// Another application that sells on the desk's account.
async fn neighbour(desk: &Desk) -> ApplicationId {
    let services = &desk.services;
    let other = application(services, "other").await;
    let settings = SettingsPatch { provider: Some(Provider::Stripe), ..Default::default() };
    let patch = ApplicationPatch { settings, ..Default::default() };
    services.applications().update(&operator(), other, patch).await.unwrap();
    let keys = NewKeys { secret: Some(Secret::new(TEST_KEY)), webhook: Some(Secret::new(WEBHOOK_SECRET)) };
    services.payment_keys().set(&operator(), other, Provider::Stripe, keys).await.unwrap();
    other
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_application_sold_is_nobodys_business() {
    let desk = Desk::open(Post::InOrder, false).await;
    let (member, services) = (desk.shop.member().await, &desk.services);
    let other = neighbour(&desk).await;
    desk.buy(member, "pro").await;
    desk.settle().await;
    let first = desk.held(member).await.unwrap().period.unwrap();

    desk.shop.test.clock.advance(first.end - services.now() + TimeDelta::hours(3));
    let told = desk.side().deliveries();
    assert_eq!(desk.charged(), [1000, 1000]);
    for delivery in &told {
        desk.deliver_to(other, delivery).await;
    }
    while services.inbox().work().await.unwrap() > 0 {}
    assert_eq!(desk.held(member).await.unwrap().period, Some(first), "it is not for the other to tell");
    assert_eq!(services.alerts().waiting(other).await.unwrap(), 0, "it is acknowledged");
    for delivery in &told {
        desk.deliver(delivery).await;
    }
    while services.inbox().work().await.unwrap() > 0 {}
    let held = desk.held(member).await.unwrap();
    assert_eq!((held.state, held.period.unwrap().start), (State::Active, first.end));
    assert_eq!(services.alerts().waiting(desk.shop.application).await.unwrap(), 0);
    assert_eq!(books::audit(services).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_told_of_another_applications_order_asks_nobody() {
    for keys_stay in [true, false] {
        let desk = Desk::open(Post::InOrder, false).await;
        let (member, services) = (desk.shop.member().await, &desk.services);
        let other = neighbour(&desk).await;
        let placed = desk.buy(member, "pro").await;
        if !keys_stay {
            services.payment_keys().remove(&operator(), desk.shop.application, Provider::Stripe).await.unwrap();
        }
        let told = desk.side().deliveries();
        let completed = told.iter().find(|own| own.kind() == "checkout.session.completed").unwrap();
        desk.deliver_to(other, completed).await;
        assert_eq!(services.inbox().work().await.unwrap(), 1);
        desk.shop.test.clock.advance(TimeDelta::minutes(1));
        assert_eq!(services.inbox().work().await.unwrap(), 0, "nothing waits, keys stay: {keys_stay}");
        let token = services.orders().token(placed.order.id).unwrap();
        let found = services.orders().find(&token).await.unwrap();
        assert_eq!(found.order.state, OrderState::Open, "keys stay: {keys_stay}");
        assert_eq!((desk.plan(member).await.as_deref(), desk.payments(member).await), (Some("free"), vec![]));
    }
}
