//! What a new password, or a way in that goes, puts out.

use chrono::TimeDelta;
use domain::{ErrorCode, billing::ledger::Action, route::ReturnTo};
use service::{
    Ctx,
    testing::people::register,
    upstream::{Intent, Outcome},
};

use super::{World, arrive, code};
use crate::people::{new_user, password};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_the_links_that_are_under_way() {
    let world = World::start().await;
    let services = world.services();
    let ann = register(services, new_user("ann@example.com")).await;
    let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
    let browser = left.browser.expose().to_owned();
    let returned = world.arrive(world.approved(&left)).await.unwrap();
    let Outcome::Prove(ReturnTo::Link { pending }) = returned.outcome else { panic!("{returned:?}") };
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
