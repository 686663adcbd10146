//! What a new password, or a way in that goes, puts out.

use chrono::TimeDelta;
use domain::{ErrorCode, billing::ledger::Action};
use service::{Ctx, testing::people::register, upstream::Intent};

use super::{World, arrive, code, signed_in};
use crate::people::{new_user, password};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_the_links_that_are_under_way() {
    let world = World::start().await;
    let services = world.services();
    let ann = register(services, new_user("ann@example.com")).await;
    let (pending, browser) = world.unproved().await;
    world.test.clock.advance(TimeDelta::seconds(1));
    let anns = world.signed_in(&ann).await;
    let left = world.leave("acme", "corp", Intent::Link(ann.id), &anns).await;
    let new = password("four unrelated plain words");
    services.users().reset_password(&Ctx::operator(), &ann.email, new).await.unwrap();
    // Who was signed in when it was asked is so no more when it is done.
    assert_eq!(code(arrive(services, &anns, world.approved(&left)).await), ErrorCode::NoSession);
    assert_eq!(code(services.upstreams().link(&anns, &pending, Some(&browser)).await), ErrorCode::NoSession);
    let own = world.signed_in(&ann).await;
    assert!(services.identities().list(&own).await.unwrap().is_empty());
    assert_eq!(world.actions(Action::IdentityLinked).await, 0);
    services.upstreams().link(&own, &pending, Some(&browser)).await.expect("nothing else stood in the way");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_unlinked_takes_the_other_sessions_along() {
    let world = World::start().await;
    let services = world.services();
    let ann = register(services, new_user("ann@example.com")).await;
    let own = world.signed_in(&ann).await;
    let link = async || {
        let left = world.leave("acme", "corp", Intent::Link(ann.id), &own).await;
        arrive(services, &own, world.approved(&left)).await.unwrap();
        services.identities().list(&own).await.unwrap()[0].id
    };
    let sessions = async || services.account().sessions(&own).await.unwrap();
    let linked = link().await;
    assert_eq!(signed_in(world.visit("acme", "corp").await), ann);
    world.signed_in(&ann).await;
    assert_eq!(sessions().await.len(), 2);
    services.identities().unlink(&own, linked).await.unwrap();
    let left = sessions().await;
    assert!(left.len() == 1 && left[0].is_current, "{left:?}");
    world.signed_in(&ann).await;
    services.identities().unlink(&own, linked).await.unwrap();
    assert_eq!(sessions().await.len(), 2, "there was nothing to unlink");
    // Who was put out meanwhile unlinks nothing.
    let linked = link().await;
    services.sessions().end(&own, own.session.as_ref().unwrap().id).await.unwrap();
    assert_eq!(code(services.identities().unlink(&own, linked).await), ErrorCode::NoSession);
    assert_eq!((services.identities().list(&own).await.unwrap().len(), sessions().await.len()), (1, 1));
}
