//! What random histories once found wrong, each in its smallest form.

use chrono::TimeDelta;
use domain::{
    Currency, ErrorCode,
    application::OnEnd,
    billing::{
        amount::Amount,
        coupon::{BasisPoints, CouponCode, Duration, Off},
        order::{State as OrderState, Status as OrderStatus},
        price::{Interval, NewPrice},
        subscription::{State, Subscription},
    },
    id::UserId,
    page::PageRequest,
};
use service::{
    billing::{
        alerts::AlertKind,
        coupons::NewCoupon,
        orders::{NewOrder, Placed, Started},
        subscriptions::Assignment,
    },
    payment::{MethodKind, sandbox::CardNumber},
    testing::books,
};

use crate::{
    renewals::{GOOD, advance, buy, invoices, monthly, order, pay, payments, shop, start, state, wanted},
    shop::{Shop, key, operator, plan},
    stripe::{Desk, Post},
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

/// Pays the invoice that is made three days before the next period, before that begins.
async fn paid_ahead(shop: &Shop, member: UserId) {
    advance(shop, "28d").await;
    let placed = owed_by_transfer(shop, member).await;
    arrives(shop, placed).await;
}

/// The transfer for the next period has not come before the grace was over.
async fn given_up(shop: &Shop, member: UserId) -> Placed {
    advance(shop, "1mo").await;
    let late = owed_by_transfer(shop, member).await;
    advance(shop, "10d").await;
    assert_eq!((state(shop, member).await, invoices(shop, member).await[1].1), (None, "uncollectible"));
    late
}

/// Gives the newest payment of some money back, all of it.
async fn refund_newest(shop: &Shop, member: UserId) {
    let payments = shop.services().payments();
    let all = payments.of_member(&operator(), shop.application, member).await.unwrap();
    let newest = all.iter().find(|own| !own.payment.amount.is_zero()).unwrap().payment.id;
    payments.refund(&operator(), shop.application, newest, None, None).await.unwrap();
}

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

async fn add_up(shop: &Shop) {
    assert_eq!(books::audit(shop.services()).await.unwrap(), Vec::<String>::new());
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

#[tokio::test(flavor = "multi_thread")]
async fn late_money_begins_no_second_trial() {
    let shop = shop(true, OnEnd::None).await;
    let member = shop.member().await;
    let late = order(&shop, member, "pro").await;
    shop.services().orders().press(late.clone(), "https://here.example/".into()).await.unwrap();
    advance(&shop, "2d").await;
    buy(&shop, member, "pro", GOOD).await;
    assert!(matches!(state(&shop, member).await, Some(State::Trialing { .. })));
    shop.services().changes().cancel_now(&operator(), shop.application, member, None).await.unwrap();
    let card = CardNumber::parse(GOOD).unwrap();
    shop.services().sandbox().enter_card(late.order.id.get(), card).await.unwrap();
    assert!(matches!(look(&shop, &late).await, OrderState::Paid { late: true, .. }));
    assert_eq!(state(&shop, member).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_money_ends_the_order_that_took_its_place() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    let late = transfer(&shop, order(&shop, member, "pro").await).await;
    advance(&shop, "2d").await;
    let newer = order(&shop, member, "pro").await;
    assert_ne!(newer.order.id, late.order.id);
    assert!(matches!(arrives(&shop, late).await, OrderState::Paid { late: true, .. }));
    assert_eq!(look(&shop, &newer).await.status(), OrderStatus::Canceled);
    assert_eq!(held(&shop, member).await.state, State::Active);
}

#[tokio::test(flavor = "multi_thread")]
async fn late_money_for_a_plan_that_is_gone_becomes_credit() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    bought_by_transfer(&shop, member).await;
    let late = given_up(&shop, member).await;
    shop.services().plans().delete(&operator(), shop.application, shop.pro.id).await.unwrap();
    assert!(matches!(arrives(&shop, late).await, OrderState::Paid { late: true, .. }));
    assert_eq!((state(&shop, member).await, credit(&shop, member).await), (None, 1000));
    assert_eq!(invoices(&shop, member).await[1].1, "uncollectible");
    assert_eq!(shop.services().alerts().waiting(shop.application).await.unwrap(), 1);
    add_up(&shop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_behind_a_declined_card_is_awaited() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    let placed = order(&shop, member, "pro").await;
    pay(&shop, placed.clone(), "4000000000000002").await;
    assert_eq!(look(&shop, &placed).await.status(), OrderStatus::Failed);
    let placed = transfer(&shop, placed).await;
    assert_eq!(placed.order.state.status(), OrderStatus::Pending);
    assert_eq!(arrives(&shop, placed).await.status(), OrderStatus::Paid);
}

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
async fn a_refund_takes_the_credit_back_that_the_money_had_become() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    bought_by_transfer(&shop, member).await;
    paid_ahead(&shop, member).await;
    shop.services().changes().pause(&operator(), shop.application, member).await.unwrap();
    assert_eq!(credit(&shop, member).await, 1000, "the next period will not begin as it was paid");
    refund_newest(&shop, member).await;
    assert_eq!(credit(&shop, member).await, 0);
    assert!(matches!(held(&shop, member).await.state, State::Paused { .. }));
    add_up(&shop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_of_what_was_spent_as_credit_is_told() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    bought_by_transfer(&shop, member).await;
    paid_ahead(&shop, member).await;
    shop.services().changes().pause(&operator(), shop.application, member).await.unwrap();
    let taken = Amount::new(-600, Currency::parse("usd").unwrap()).unwrap();
    shop.services().credits().add(&operator(), shop.application, member, taken, None).await.unwrap();
    assert_eq!(
        (credit(&shop, member).await, shop.services().alerts().waiting(shop.application).await.unwrap()),
        (400, 0)
    );
    refund_newest(&shop, member).await;
    assert_eq!(credit(&shop, member).await, 0);
    let open = shop.services().alerts().page(&operator(), shop.application, false, &PageRequest::default()).await;
    let open: Vec<_> = open.unwrap().items.into_iter().map(|alert| (alert.kind, alert.detail)).collect();
    assert_eq!(open, [(AlertKind::CreditSpent, "given back after its credit was spent".to_owned())]);
    add_up(&shop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_of_the_next_period_lets_this_one_be_the_last() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    bought_by_transfer(&shop, member).await;
    paid_ahead(&shop, member).await;
    refund_newest(&shop, member).await;
    let now = held(&shop, member).await;
    assert_eq!((now.state, now.cancel_at), (State::Active, now.period.map(|period| period.end)));
    advance(&shop, "3d").await;
    assert_eq!(state(&shop, member).await, None);
    add_up(&shop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_of_a_period_that_a_pause_has_moved_ends_it() {
    let shop = shop(false, OnEnd::None).await;
    let member = shop.member().await;
    buy(&shop, member, "pro", GOOD).await;
    advance(&shop, "10d").await;
    let changes = shop.services().changes();
    changes.pause(&operator(), shop.application, member).await.unwrap();
    advance(&shop, "2mo").await;
    changes.resume(&operator(), shop.application, member).await.unwrap();
    refund_newest(&shop, member).await;
    assert_eq!(state(&shop, member).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_of_an_upgrade_for_good_ends_it() {
    let shop = shop(false, OnEnd::None).await;
    let life = plan("Life", serde_json::json!({}));
    let life = shop.services().plans().create(&operator(), shop.application, life).await.unwrap();
    let price = NewPrice { interval: Interval::OneTime, ..monthly(50_000, "usd", None) };
    shop.services().plans().add_price(&operator(), shop.application, life.id, price).await.unwrap();
    let member = shop.member().await;
    buy(&shop, member, "pro", GOOD).await;
    advance(&shop, "10d").await;
    buy(&shop, member, "life", GOOD).await;
    assert_eq!((held(&shop, member).await.period, shop.entitlement(member).await.plan), (None, Some(key("life"))));
    refund_newest(&shop, member).await;
    assert_eq!(state(&shop, member).await, None);
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

/// A plan of one price at Stripe's desk, in cents.
async fn once(desk: &Desk, name: &str, cents: i64) {
    let services = &desk.services;
    let made = services.plans().create(&operator(), desk.shop.application, plan(name, serde_json::json!({}))).await;
    let price = NewPrice { interval: Interval::OneTime, ..monthly(cents, "usd", None) };
    services.plans().add_price(&operator(), desk.shop.application, made.unwrap().id, price).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_long_ago_is_paid_once_at_stripe() {
    let desk = Desk::open(Post::InOrder, false).await;
    let member = desk.shop.member().await;
    let placed = desk.buy(member, "pro").await;
    desk.settle().await;
    desk.days(130).await;
    let paid = desk.charged().len();
    assert_eq!(paid, 5, "the first bill is further back than what an agreement tells");
    desk.services.orders().look(placed).await.unwrap();
    assert_eq!(desk.payments(member).await.len(), paid);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_stripe_has_not_kept_begins_no_trial() {
    let desk = Desk::open(Post::InOrder, true).await;
    once(&desk, "Life", 50_000).await;
    let member = desk.shop.member().await;
    desk.buy(member, "life").await;
    desk.settle().await;
    desk.services.changes().cancel_now(&operator(), desk.shop.application, member, None).await.unwrap();
    assert!(matches!(desk.start(member, "pro").await, Started::Order(_)), "nothing could be charged after the trial");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_that_is_being_charged_is_not_paused() {
    let desk = Desk::open(Post::InOrder, false).await;
    let member = desk.shop.member().await;
    desk.buy(member, "pro").await;
    desk.settle().await;
    let end = desk.held(member).await.unwrap().period.unwrap().end;
    desk.shop.test.clock.advance(end - desk.services.now() + TimeDelta::minutes(30));
    let refused = desk.services.changes().pause(&operator(), desk.shop.application, member).await;
    assert_eq!(refused.unwrap_err().code(), ErrorCode::SubscriptionExpired, "Stripe has made the bill");
}

#[tokio::test(flavor = "multi_thread")]
async fn less_than_stripe_takes_is_no_fault_of_the_server() {
    let desk = Desk::open(Post::InOrder, false).await;
    once(&desk, "Sticker", 20).await;
    let member = desk.shop.member().await;
    let Started::Order(placed) = desk.start(member, "sticker").await else { panic!("granted") };
    let refused = desk.services.orders().press(*placed, "https://pay.example/return".into()).await;
    assert_eq!(refused.unwrap_err().code(), ErrorCode::InvalidInput);
}
