//! Discounts: redeemed, left, and kept.

use domain::{
    application::OnEnd,
    billing::coupon::{BasisPoints, CouponCode, Duration, Off},
    id::UserId,
};
use service::billing::{
    coupons::NewCoupon,
    orders::{NewOrder, Started},
};

use super::{arrives, given_up, transfer};
use crate::{
    renewals::{GOOD, advance, buy, invoices, shop, wanted},
    shop::{Shop, operator},
};

async fn coupon(shop: &Shop, code: &str, duration: Duration) -> CouponCode {
    let code = CouponCode::parse(code).unwrap();
    let off = Off::Percent(BasisPoints::parse(5_000).unwrap());
    let new = NewCoupon { code: code.clone(), off, duration, cap: Some(1), expires_at: None, plans: vec![] };
    shop.services().coupons().create(&operator(), shop.application, new).await.unwrap();
    code
}

/// Pro, by transfer and with a coupon over a half.
async fn bought_for_half(shop: &Shop, member: UserId, duration: Duration) {
    let new = NewOrder { coupon: Some(coupon(shop, "HALF", duration).await), ..wanted("pro") };
    let started = shop.services().orders().start(&operator(), shop.application, member, new).await.unwrap();
    let Started::Order(placed) = started else { panic!("granted") };
    let placed = transfer(shop, *placed).await;
    arrives(shop, placed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_coupon_of_a_downgrade_is_redeemed() {
    let shop = shop(false, OnEnd::None).await;
    let code = coupon(&shop, "HALF", Duration::Once).await;
    let (one, other) = (shop.member().await, shop.member().await);
    for member in [one, other] {
        buy(&shop, member, "team", GOOD).await;
    }
    let down = async |member| {
        let new = NewOrder { coupon: Some(code.clone()), ..wanted("pro") };
        shop.services().orders().start(&operator(), shop.application, member, new).await
    };
    assert!(matches!(down(one).await.unwrap(), Started::Granted(_)));
    assert!(down(other).await.is_err(), "it may be redeemed once");
    advance(&shop, "1mo").await;
    assert_eq!(invoices(&shop, one).await[1].2, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_that_is_taken_back_leaves_its_discount() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    bought_for_half(&shop, member, Duration::Months(2)).await;
    advance(&shop, "28d").await;
    assert_eq!(invoices(&shop, member).await[1].1, "open", "three days before");
    let changes = shop.services().changes();
    changes.pause(&operator(), shop.application, member).await.unwrap();
    changes.resume(&operator(), shop.application, member).await.unwrap();
    let told: Vec<_> = invoices(&shop, member).await.into_iter().map(|(_, status, due)| (status, due)).collect();
    assert_eq!(told, [("paid", 500), ("void", 500), ("open", 500)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_money_keeps_the_discount_of_what_comes_back() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    bought_for_half(&shop, member, Duration::Forever).await;
    let late = given_up(&shop, member).await;
    arrives(&shop, late).await;
    advance(&shop, "1mo").await;
    let told: Vec<_> = invoices(&shop, member).await.into_iter().map(|(_, status, due)| (status, due)).collect();
    assert_eq!(told, [("paid", 500), ("paid", 500), ("open", 500)]);
}
