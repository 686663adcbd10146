//! The card that Stripe charges, removed in the portal or with its owner's account.

use chrono::TimeDelta;
use domain::{ErrorCode, billing::subscription::Status};
use sea_orm::{ConnectionTrait, Statement};
use service::testing::{fault::Fault, stripe::Entered};

use super::{Desk, GOOD, POSTS, Post};
use crate::shop::operator;

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_removed_at_stripe_too_once_it_pays_for_nothing() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let (methods, application) = (desk.services.methods(), desk.shop.application);
        let remove = async || methods.remove(&operator(), application, member).await.map_err(|error| error.code());
        let current = async || methods.current(&operator(), application, member).await.unwrap();
        let is_needed = async || methods.is_needed(&operator(), application, member).await.unwrap();
        let token = current().await.unwrap().token;
        let is_attached = || !desk.side().get(&token)["customer"].is_null();

        assert!(is_needed().await, "{post:?}");
        assert_eq!(remove().await, Err(ErrorCode::BilledByProvider), "Stripe would charge it: {post:?}");
        assert!(current().await.is_some() && is_attached(), "{post:?}");

        desk.services.changes().cancel(&operator(), application, member, None).await.unwrap();
        desk.settle().await;
        assert!(!is_needed().await, "{post:?}");
        desk.fake.plan(&format!("POST /v1/payment_methods/{token}/detach"), Fault::Unavailable, 3);
        assert_eq!(remove().await, Err(ErrorCode::ProviderUnavailable), "{post:?}");
        assert!(current().await.is_some() && is_attached(), "it stays here as it does there: {post:?}");
        desk.fake.plan(&format!("POST /v1/payment_methods/{token}/detach"), Fault::AnswerLost, 1);
        for _ in 0..2 {
            assert_eq!(remove().await, Ok(()), "{post:?}");
            assert!(current().await.is_none() && !is_attached(), "{post:?}");
        }
        desk.days(33).await;
        assert_eq!((desk.charged(), current().await), (vec![1000], None), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_stripe_has_let_go_already_is_removed_here() {
    let desk = Desk::open(Post::InOrder, false).await;
    let member = desk.shop.member().await;
    desk.buy(member, "pro").await;
    desk.settle().await;
    let (methods, application) = (desk.services.methods(), desk.shop.application);
    let token = methods.current(&operator(), application, member).await.unwrap().unwrap().token;
    desk.services.changes().cancel_now(&operator(), application, member, None).await.unwrap();
    desk.settle().await;
    let path = format!("/v1/payment_methods/{token}/detach");
    assert_eq!(desk.side().call(http::Method::POST, &path, "").0, 200);
    methods.remove(&operator(), application, member).await.unwrap();
    assert_eq!(methods.current(&operator(), application, member).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_access_has_stripe_let_their_card_go() {
    let cases = POSTS.into_iter().flat_map(|post| [(post, true), (post, false)]);
    for ((post, is_down), deleted) in cases.flat_map(|case| [(case, true), (case, false)]) {
        let desk = Desk::open(post, false).await;
        let (member, application) = (desk.shop.member().await, desk.shop.application);
        desk.buy(member, "pro").await;
        desk.settle().await;
        let current = async || desk.services.methods().current(&operator(), application, member).await.unwrap();
        let token = current().await.unwrap().token;
        let is_attached = || !desk.side().get(&token)["customer"].is_null();
        if is_down {
            desk.fake.plan(&format!("POST /v1/payment_methods/{token}/detach"), Fault::Unavailable, 3);
        }
        let memberships = desk.services.memberships();
        if deleted {
            desk.services.admin_users().delete(&operator(), member).await.unwrap();
        } else {
            memberships.revoke(&operator(), application, member).await.unwrap();
        }
        assert_eq!(current().await, None, "{post:?}, deleted: {deleted}");
        assert!(is_attached(), "Stripe is told afterwards: {post:?}");
        desk.settle().await;
        assert_eq!(is_attached(), is_down, "{post:?}");
        desk.shop.test.clock.advance(TimeDelta::minutes(1));
        desk.settle().await;
        assert!(!is_attached(), "{post:?}, down: {is_down}, deleted: {deleted}");
        if !deleted {
            memberships.grant(&operator(), application, member, None).await.unwrap();
            assert_eq!(current().await, None, "who comes back begins without one: {post:?}");
        }
        assert_eq!(desk.subscription()["status"], "canceled", "{post:?}, down: {is_down}");
        let db = desk.services.db.read();
        let query = format!("SELECT count(*) FROM steering WHERE reference = '{token}'");
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), query)).await.unwrap();
        assert_eq!(row.unwrap().try_get_by_index::<i64>(0).unwrap(), 0, "nothing of it stays: {post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_card_that_is_entered_in_the_portal_pays_what_follows() {
    for post in POSTS {
        let desk = Desk::open(post, false).await;
        let member = desk.shop.member().await;
        desk.buy(member, "pro").await;
        desk.settle().await;
        let (methods, application) = (desk.services.methods(), desk.shop.application);
        let first = methods.current(&operator(), application, member).await.unwrap().unwrap();

        let page = methods.change(&operator(), application, member, "https://pay.example/portal").await.unwrap();
        let entered = desk.side().enter_card(page.rsplit('/').next().unwrap(), "5555555555554444");
        let Entered::Paid { redirect } = entered else { panic!("{entered:?}") };
        let token = redirect.strip_prefix("https://pay.example/portal?method=").unwrap();
        let other = methods.changed(token).await.unwrap().expect("another card");
        assert!(other.token != first.token && other.label.contains("4444"), "{other:?}");
        assert_eq!(methods.current(&operator(), application, member).await.unwrap(), Some(other.clone()), "{post:?}");
        desk.days(33).await;
        let charges = desk.side().all("charge");
        let charged: Vec<_> = charges.iter().map(|charge| charge["payment_method"].as_str().unwrap()).collect();
        assert_eq!(charged, [first.token.as_str(), other.token.as_str()], "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_card_counts_although_nobody_comes_back_from_stripe() {
    for post in [Post::InOrder, Post::Backwards, Post::Twice] {
        let desk = Desk::open(post, false).await;
        let (member, application) = (desk.shop.member().await, desk.shop.application);
        desk.buy(member, "pro").await;
        desk.settle().await;
        let methods = desk.services.methods();
        let current = async || methods.current(&operator(), application, member).await.unwrap().unwrap();
        // Another card is entered, and the window closed. What the way back would have named.
        let enter = async |number: &str| {
            let page = methods.change(&operator(), application, member, "https://pay.example/portal").await.unwrap();
            let entered = desk.side().enter_card(page.rsplit('/').next().unwrap(), number);
            let Entered::Paid { redirect } = entered else { panic!("{entered:?}") };
            desk.settle().await;
            redirect.strip_prefix("https://pay.example/portal?method=").unwrap().to_owned()
        };
        let first = current().await;
        desk.cards_become("4000000000000341");
        desk.days(32).await;
        assert_eq!(desk.held(member).await.unwrap().state.status(), Status::PastDue, "{post:?}");

        let back = enter("5555555555554444").await;
        let other = current().await;
        assert!(other.token != first.token && other.label.contains("4444"), "{post:?}: {other:?}");
        assert_eq!(desk.subscription()["default_payment_method"], other.token, "{post:?}");
        desk.days(4).await;
        assert_eq!(desk.held(member).await.unwrap().state.status(), Status::Active, "{post:?}");
        assert_eq!(desk.charged(), [1000, 1000], "{post:?}");
        assert_eq!(methods.changed(&back).await.unwrap(), Some(other.clone()), "who comes back is told so: {post:?}");

        enter(GOOD).await;
        let third = current().await;
        assert_ne!(third.token, other.token, "{post:?}");
        assert_eq!(methods.changed(&back).await.unwrap(), Some(third.clone()), "an old way back: {post:?}");
        assert_eq!(current().await, third, "{post:?}");
        assert_eq!(desk.subscription()["default_payment_method"], third.token, "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_stripe_tells_of_late_takes_the_place_of_no_newer_one() {
    for is_removed in [false, true] {
        let desk = Desk::open(Post::InOrder, false).await;
        let (member, application) = (desk.shop.member().await, desk.shop.application);
        desk.buy(member, "pro").await;
        desk.settle().await;
        let methods = desk.services.methods();
        let enter = async |number: &str| {
            let page = methods.change(&operator(), application, member, "https://pay.example/portal").await.unwrap();
            let entered = desk.side().enter_card(page.rsplit('/').next().unwrap(), number);
            let Entered::Paid { redirect } = entered else { panic!("{entered:?}") };
            redirect.strip_prefix("https://pay.example/portal?method=").unwrap().to_owned()
        };
        // The window is closed, and Stripe does not tell of it yet.
        enter("5555555555554444").await;
        desk.shop.test.clock.advance(TimeDelta::minutes(1));
        let newer = if is_removed {
            desk.services.changes().cancel(&operator(), application, member, None).await.unwrap();
            desk.services.steer().await.unwrap();
            methods.remove(&operator(), application, member).await.unwrap();
            None
        } else {
            let back = enter(GOOD).await;
            Some(methods.changed(&back).await.unwrap().expect("another card"))
        };
        desk.settle().await;
        let current = methods.current(&operator(), application, member).await.unwrap();
        assert_eq!(current, newer, "removed: {is_removed}");
        if let Some(newer) = newer {
            assert_eq!(desk.subscription()["default_payment_method"], newer.token);
        }
    }
}
