//! Upgrades, downgrades, and trials that are extended.

use chrono::TimeDelta;
use domain::{
    application::OnEnd,
    billing::{order::Status as OrderStatus, subscription::State},
};
use service::billing::{orders::Started, subscriptions::Assignment};

use super::{held, look};
use crate::{
    renewals::{GOOD, advance, buy, invoices, order, pay, payments, shop, start},
    shop::{key, operator},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_of_a_period_that_is_over_is_not_to_be_had() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    buy(&shop, member, "pro", GOOD).await;
    advance(&shop, "29d").await;
    advance(&shop, "12h").await;
    let upgrade = order(&shop, member, "team").await;
    advance(&shop, "11h").await;
    assert!(look(&shop, &upgrade).await.is_open());
    advance(&shop, "2h").await;
    assert_eq!(look(&shop, &upgrade).await.status(), OrderStatus::Canceled);
    assert_eq!(payments(&shop, member).await, [("succeeded", 1000); 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_in_the_moment_of_a_renewal_keeps_its_period() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    buy(&shop, member, "pro", GOOD).await;
    let end = held(&shop, member).await.period.unwrap().end;
    shop.test.clock.advance(end - shop.services().now());
    shop.services().engine().tick().await.unwrap();
    let renewed = held(&shop, member).await.period;
    assert_eq!(renewed.unwrap().start, shop.services().now());
    let upgrade = order(&shop, member, "team").await;
    shop.test.clock.advance(TimeDelta::minutes(5));
    pay(&shop, upgrade, GOOD).await;
    assert_eq!((held(&shop, member).await.period, shop.entitlement(member).await.plan), (renewed, Some(key("team"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_free_plan_after_a_downgrade_is_billed_by_nobody() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    buy(&shop, member, "pro", GOOD).await;
    assert!(matches!(start(&shop, member, "free").await, Started::Granted(_)));
    advance(&shop, "1mo").await;
    let now = held(&shop, member).await;
    assert_eq!((now.plan_id, now.is_billed()), (shop.free.id, false));
    let assignment = Assignment { plan_id: shop.pro.id, expires_at: None, replace: true };
    let assigned = shop.services().subscriptions().assign(&operator(), shop.application, member, assignment).await;
    assert_eq!(assigned.unwrap().plan_id, shop.pro.id, "an admin may assign what nobody bills");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_that_is_extended_takes_its_invoice_back() {
    let shop = shop(true, OnEnd::None).await;
    let member = shop.member().await;
    buy(&shop, member, "pro", GOOD).await;
    let services = shop.services();
    services.methods().remove(&operator(), shop.application, member).await.unwrap();
    advance(&shop, "12d").await;
    assert_eq!(invoices(&shop, member).await.last().unwrap().1, "open");
    let until = services.billing_now(shop.application) + TimeDelta::days(30);
    services.changes().extend_trial(&operator(), shop.application, member, until).await.unwrap();
    assert_eq!(invoices(&shop, member).await.last().unwrap().1, "void");
    advance(&shop, "5d").await;
    assert_eq!(held(&shop, member).await.state, State::Trialing { ends_at: until });
    advance(&shop, "23d").await;
    assert_eq!(invoices(&shop, member).await.last().unwrap().1, "open", "asked for again before the new end");
}
