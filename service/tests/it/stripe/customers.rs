//! Customers at Stripe follow the members whose they are.

use domain::identity::email::Email;
use service::{identity::admin_users::UserPatch, testing::fault::Fault};

use super::{Desk, Post};
use crate::shop::operator;

#[tokio::test(flavor = "multi_thread")]
async fn bills_follow_their_member_to_another_address() {
    let desk = Desk::open(Post::InOrder, false).await;
    let services = &desk.services;
    let member = desk.shop.member().await;
    desk.buy(member, "team").await;
    desk.settle().await;
    while services.tell_counterparts().await.unwrap() > 0 {}
    let customer = || desk.side().all("customer").remove(0);
    assert_eq!(customer()["email"], "user0@example.com");

    let email = Some(Email::parse("elsewhere@example.com").unwrap());
    desk.fake.plan("POST /v1/customers/", Fault::Unavailable, 3);
    services.admin_users().update(&operator(), member, UserPatch { email, ..UserPatch::default() }).await.unwrap();
    assert_eq!((services.tell_counterparts().await.unwrap(), &customer()["email"]), (1, &"user0@example.com".into()));
    desk.shop.test.clock.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(services.tell_counterparts().await.unwrap(), 1);
    assert_eq!(customer()["email"], "elsewhere@example.com");

    services.admin_users().delete(&operator(), member).await.unwrap();
    while services.tell_counterparts().await.unwrap() > 0 {}
    assert_eq!(customer()["email"], format!("{member}@deleted.invalid"));
    assert!(customer()["name"].is_null());
    // One whom an admin has deleted at Stripe is waited for no longer.
    let other = desk.shop.member().await;
    desk.buy(other, "team").await;
    desk.settle().await;
    while services.tell_counterparts().await.unwrap() > 0 {}
    let id = desk.side().all("customer").remove(1)["id"].as_str().unwrap().to_owned();
    desk.side().call(http::Method::DELETE, &format!("/v1/customers/{id}"), "");
    services.admin_users().delete(&operator(), other).await.unwrap();
    let told = services.tell_counterparts().await.unwrap();
    desk.shop.test.clock.advance(chrono::TimeDelta::hours(2));
    assert_eq!((told, services.tell_counterparts().await.unwrap()), (1, 0));
}
