//! Periods that follow: paid, late, on Stripe's own page, at another price, or never.

use chrono::TimeDelta;
use domain::{
    ErrorCode,
    billing::{
        payment::Status as PaymentStatus,
        subscription::{State, Status},
    },
};
use service::{billing::orders::Destination, testing::books};

use super::{Desk, GOOD, POSTS};
use crate::shop::{key, operator};

const FAILS: &str = "4000000000000341";

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_bought_and_renewed() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let bought = desk.entitlement(member).await;
        assert_eq!((bought.plan, &bought.claims["billing_cycle"]), (Some(key("pro")), &"monthly".into()), "{post:?}");
        let first = desk.held(member).await.unwrap().period.unwrap();
        desk.days(33).await;
        let held = desk.held(member).await.unwrap();
        assert_eq!((held.state, held.period.unwrap().start), (State::Active, first.end), "{post:?}");
        assert_eq!(desk.charged(), [1000, 1000], "{post:?}");
        assert_eq!(desk.payments(member).await, [PaymentStatus::Succeeded; 2], "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_turns_paid() {
    for post in POSTS {
        let desk = Desk::open(post, true).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let held = desk.held(member).await.unwrap();
        assert_eq!((held.state.status(), desk.charged().len()), (Status::Trialing, 0), "{post:?}");
        desk.days(16).await;
        let held = desk.held(member).await.unwrap();
        assert_eq!((held.state, desk.charged()), (State::Active, vec![1000]), "{post:?}");
        assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_fails_and_recovers() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        desk.cards_become(FAILS);
        desk.days(32).await;
        let held = desk.held(member).await.unwrap();
        assert_eq!(held.state.status(), Status::PastDue, "{post:?}");
        assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "features stay within the grace: {post:?}");
        desk.cards_become(GOOD);
        desk.days(4).await;
        assert_eq!(desk.held(member).await.unwrap().state, State::Active, "{post:?}");
        assert_eq!(desk.charged(), [1000, 1000], "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_never_comes_ends_it() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        desk.cards_become(FAILS);
        desk.days(50).await;
        assert!(desk.held(member).await.is_none(), "{post:?}");
        assert_eq!(desk.plan(member).await, None, "{post:?}");
        assert_eq!((desk.charged().len(), &desk.subscription()["status"]), (1, &"canceled".into()), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stripe_goes_on_billing_is_paid_on_its_page_only() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        desk.cards_become(FAILS);
        desk.days(32).await;
        assert_eq!(desk.held(member).await.unwrap().state.status(), Status::PastDue, "{post:?}");
        let (invoices, application) = (desk.services.invoices(), desk.shop.application);
        let owed = invoices.of_member(&operator(), application, member).await.unwrap().remove(0);
        let pay = async || {
            let url = || "https://app.example/".to_owned();
            let destination = Destination::Application { success_url: url(), cancel_url: url() };
            invoices.pay(&operator(), application, member, owed.id, destination).await.unwrap_err().code()
        };
        assert_eq!(pay().await, ErrorCode::BilledByProvider, "a second payment beside Stripe's: {post:?}");
        let marked = invoices.mark_paid(&operator(), application, owed.id, None).await.unwrap_err();
        assert_eq!(marked.code(), ErrorCode::BilledByProvider, "{post:?}");
        let page = invoices.page_elsewhere(&operator(), application, member, owed.id).await.unwrap().unwrap();
        let token = invoices.pay_path(owed.id).unwrap().rsplit('/').next().unwrap().to_owned();
        assert_eq!(invoices.page_elsewhere_by_link(&token).await.unwrap(), Some(page.clone()));
        let stranger = desk.shop.member().await;
        assert_eq!(invoices.page_elsewhere(&operator(), application, stranger, owed.id).await.unwrap(), None);

        // They pay there, with another card.
        desk.cards_become(GOOD);
        assert_eq!(desk.side().retry(page.rsplit('/').next().unwrap()), 200, "{post:?}");
        desk.settle().await;
        assert_eq!(desk.held(member).await.unwrap().state, State::Active, "{post:?}");
        desk.days(10).await;
        assert_eq!(desk.charged(), [1000, 1000], "{post:?}");
        assert_eq!(pay().await, ErrorCode::SubscriptionExpired, "{post:?}");
        assert_eq!(invoices.page_elsewhere(&operator(), application, member, owed.id).await.unwrap(), None);
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_of_another_amount_is_behind_and_ends_with_the_grace() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        // Somebody gives a discount in Stripe's own dashboard.
        let coupon = "id=kind&amount_off=300&currency=usd&duration=forever";
        assert_eq!(desk.side().call(http::Method::POST, "/v1/coupons", coupon).0, 200);
        let path = format!("/v1/subscriptions/{}", desk.subscription()["id"].as_str().unwrap());
        assert_eq!(desk.side().call(http::Method::POST, &path, "discounts[0][coupon]=kind").0, 200);
        desk.days(32).await;
        assert_eq!(desk.charged(), [1000, 700], "{post:?}");
        assert_eq!(desk.held(member).await.unwrap().state.status(), Status::PastDue, "it grants nothing: {post:?}");
        assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "features stay within the grace: {post:?}");
        assert!(desk.entitlement(member).await.valid_until.is_some(), "and no token outlives it: {post:?}");
        assert_eq!(desk.services.alerts().waiting(desk.shop.application).await.unwrap(), 1, "{post:?}");
        desk.days(9).await;
        assert_eq!((desk.held(member).await, desk.plan(member).await), (None, None), "{post:?}");
        assert_eq!(desk.subscription()["status"], "canceled", "{post:?}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{post:?}");
    }
}

/// Somebody moves the subscription of Pro to the price of Team, in Stripe's own dashboard.
fn move_to_team(desk: &Desk) {
    let item = |cents: i64| {
        let all = desk.side().all("subscription");
        let found = |own: &&serde_json::Value| own["items"]["data"][0]["price"]["unit_amount"] == cents;
        let own = all.iter().find(found).unwrap();
        (own["id"].clone(), own["items"]["data"][0].clone())
    };
    let (team, (id, pro)) = (item(3000).1, item(1000));
    let (item, price) = (pro["id"].as_str().unwrap(), team["price"]["id"].as_str().unwrap());
    let path = format!("/v1/subscriptions/{}", id.as_str().unwrap());
    let form = format!("items[0][id]={item}&items[0][price]={price}&proration_behavior=none");
    assert_eq!(desk.side().call(http::Method::POST, &path, &form).0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_price_that_stripe_has_billed_already_is_followed() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let (other, member) = (desk.shop.member().await, desk.shop.member().await);
        desk.buy(other, "team").await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        // Nobody hears of it before the next bill.
        move_to_team(&desk);
        desk.shop.test.clock.advance(TimeDelta::days(32));
        desk.settle().await;
        desk.days(9).await;
        let held = desk.held(member).await.unwrap();
        assert_eq!((held.state, desk.plan(member).await.as_deref()), (State::Active, Some("team")), "{post:?}");
        let invoices = desk.services.invoices().of_member(&operator(), desk.shop.application, member).await.unwrap();
        assert!(invoices.iter().all(|own| own.state.status().as_str() != "open"), "nothing is owed: {post:?}");
        assert_eq!(desk.charged(), [3000, 1000, 3000, 3000], "{post:?}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_price_waits_for_the_bill_of_a_period_that_has_begun() {
    for (post, works) in POSTS.into_iter().flat_map(|post| [(post, true), (post, false)]) {
        let desk = Desk::open(post, false).await;
        let (other, member) = (desk.shop.member().await, desk.shop.member().await);
        desk.buy(other, "team").await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let first = desk.held(member).await.unwrap().period.unwrap();
        if !works {
            desk.cards_become(FAILS);
        }
        // The bill of the next period is a draft for an hour.
        desk.shop.test.clock.advance(first.end - desk.services.now() + TimeDelta::minutes(10));
        desk.settle().await;
        move_to_team(&desk);
        desk.settle().await;
        let held = desk.held(member).await.unwrap();
        let what = format!("{post:?}, the card works: {works}");
        assert_eq!((held.state, held.period), (State::Active, Some(first)), "nobody has paid: {what}");
        assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "{what}");
        desk.shop.test.clock.advance(TimeDelta::hours(2));
        desk.settle().await;
        if !works {
            let held = desk.held(member).await.unwrap();
            assert_eq!((held.state.status(), held.period), (Status::PastDue, Some(first)), "{what}");
            assert_eq!(desk.plan(member).await.as_deref(), Some("pro"), "{what}");
            desk.cards_become(GOOD);
            desk.days(4).await;
        }
        let held = desk.held(member).await.unwrap();
        assert_eq!((held.state, held.period.unwrap().start), (State::Active, first.end), "{what}");
        assert_eq!(desk.plan(member).await.as_deref(), Some("team"), "{what}");
        assert_eq!(desk.payments(member).await, [PaymentStatus::Succeeded; 2], "{what}");
        desk.days(31).await;
        assert_eq!(desk.charged().iter().sum::<i64>(), 3000 * 3 + 1000 * 2 + 3000, "{what}");
        assert_eq!(desk.held(member).await.unwrap().state, State::Active, "{what}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_price_that_waits_is_not_put_back() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let (other, member) = (desk.shop.member().await, desk.shop.member().await);
        desk.buy(other, "team").await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let first = desk.held(member).await.unwrap().period.unwrap();
        desk.shop.test.clock.advance(first.end - desk.services.now() + TimeDelta::minutes(10));
        desk.settle().await;
        move_to_team(&desk);
        desk.settle().await;
        // They cancel on Stripe's own page, and think better of it here.
        let path = format!("/v1/subscriptions/{}", desk.subscription()["id"].as_str().unwrap());
        assert_eq!(desk.side().call(http::Method::POST, &path, "cancel_at_period_end=true").0, 200);
        desk.settle().await;
        let held = desk.held(member).await.unwrap();
        assert_eq!((held.cancel_at.is_some(), held.period), (true, Some(first)), "{post:?}");
        desk.services.changes().undo(&operator(), desk.shop.application, member).await.unwrap();
        desk.settle().await;
        let own = desk.subscription();
        assert_eq!(own["cancel_at_period_end"], false, "{post:?}");
        assert_eq!(own["items"]["data"][0]["price"]["unit_amount"], 3000, "{post:?}");
        desk.shop.test.clock.advance(TimeDelta::hours(2));
        desk.settle().await;
        let held = desk.held(member).await.unwrap();
        assert_eq!((held.state, held.period.unwrap().start), (State::Active, first.end), "{post:?}");
        assert_eq!((held.cancel_at, desk.plan(member).await.as_deref()), (None, Some("team")), "{post:?}");
        // From then on it is ours to tell again.
        desk.services.changes().cancel(&operator(), desk.shop.application, member, None).await.unwrap();
        desk.settle().await;
        assert_eq!(desk.subscription()["cancel_at_period_end"], true, "{post:?}");
        assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new(), "{post:?}");
    }
}
