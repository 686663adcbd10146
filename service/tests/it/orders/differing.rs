//! Payments that are not what was asked for.

use domain::billing::order::{Difference, State as OrderState};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{GOOD, card, count, look, opened, paid_shop};
use crate::shop::key;

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_differs_grants_nothing_and_raises_an_alert() {
    let shop = paid_shop(false).await;
    let member = shop.member().await;
    let placed = opened(&shop, member).await;
    let db = shop.services().db.read();
    for (old, new) in [("\"amount\":999", "\"amount\":100")] {
        let sql = format!("UPDATE sandbox_payments SET request = replace(request, '{old}', '{new}')");
        db.execute_unprepared(&sql).await.unwrap();
    }
    card(&shop, &placed, GOOD).await;
    for _ in 0..2 {
        assert_eq!(look(&shop, &placed).await, OrderState::Open);
    }
    assert_eq!(shop.entitlement(member).await.plan, Some(key("free")));
    assert_eq!(count(&shop, "SELECT count(*) FROM alerts WHERE resolved_at IS NULL").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_of_or_for_another_grants_nothing_and_raises_an_alert() {
    for differs in [Difference::Order, Difference::User, Difference::Plan] {
        let shop = paid_shop(false).await;
        let member = shop.member().await;
        let placed = opened(&shop, member).await;
        let (name, own) = match differs {
            Difference::Order => ("key", placed.order.id.get()),
            Difference::User => ("member", placed.order.membership_id.get()),
            _ => ("price", placed.order.quote.price_id.unwrap().get()),
        };
        let (old, new) = (format!("\"{name}\":\"{own}\""), format!("\"{name}\":\"{}\"", Uuid::max()));
        shop.test.execute(&format!("UPDATE sandbox_payments SET request = replace(request, '{old}', '{new}')")).await;
        card(&shop, &placed, GOOD).await;
        for _ in 0..2 {
            assert_eq!(look(&shop, &placed).await, OrderState::Open, "{differs}");
        }
        assert_eq!(shop.entitlement(member).await.plan, Some(key("free")), "{differs}");
        let raised = format!("SELECT count(*) FROM alerts WHERE resolved_at IS NULL AND detail = '{differs}'");
        assert_eq!(
            (count(&shop, &raised).await, count(&shop, "SELECT count(*) FROM alerts").await),
            (1, 1),
            "{differs}"
        );
    }
}
