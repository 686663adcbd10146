//! Keys of another account of the same mode, which knows nothing of what is there.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use service::{
    Settings,
    testing::{books, stripe::FakeStripe},
};

use super::{Desk, Post};
use crate::shop::operator;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wanted_waits_for_the_account_that_knows_it() {
    let desk = Desk::open(Post::Lost, false).await;
    let (member, application, test) = (desk.shop.member().await, desk.shop.application, &desk.shop.test);
    desk.buy(member, "pro").await;
    desk.settle().await;
    // This node talks to another account, as all do while its key is typed in.
    let other = FakeStripe::new(Arc::new(test.clock.clone()));
    let server = other.serve().await;
    let mut settings = Settings::new("https://pay.example");
    (settings.stripe_url, settings.provider_timeout) = (Some(server.url()), Duration::from_millis(800));
    let node = test.node_with(settings).await;
    node.changes().cancel(&operator(), application, member, None).await.unwrap();
    assert_eq!(node.steer().await.unwrap(), 1);
    assert_eq!(desk.subscription()["cancel_at_period_end"], false);

    test.clock.advance(TimeDelta::minutes(1));
    desk.settle().await;
    assert_eq!(desk.subscription()["cancel_at_period_end"], true);
    assert!(desk.held(member).await.unwrap().cancel_at.is_some(), "nobody has taken it back");
    desk.days(40).await;
    assert_eq!((desk.charged(), desk.held(member).await), (vec![1000], None));
    assert_eq!(desk.subscription()["status"], "canceled");
    assert_eq!(books::audit(&desk.services).await.unwrap(), Vec::<String>::new());
}
