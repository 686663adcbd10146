//! What comes many times at once.

use domain::{ErrorCode, billing::ledger::Action};
use service::{Ctx, upstream::Intent};

use super::{World, arrive, signed_in};

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_who_bring_the_same_back_one_gets_in() {
    let world = World::start().await;
    let nodes = [world.services().clone(), world.test.another_node().await];
    let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
    let back = world.approved(&left);
    let tries = (0..50).map(|n| {
        let (services, back) = (nodes[n % 2].clone(), back.clone());
        tokio::spawn(async move { arrive(&services, &Ctx::anonymous(), back).await })
    });
    let mut arrived = 0;
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            Ok(returned) => {
                signed_in(returned.outcome);
                arrived += 1;
            }
            Err(error) => assert_eq!(error.code(), ErrorCode::NoSession),
        }
    }
    assert_eq!(arrived, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_first_sign_ins_at_once_make_one_account() {
    let world = World::start().await;
    let nodes = [world.services().clone(), world.test.another_node().await];
    let mut tries = Vec::new();
    for n in 0..50 {
        let left = world.leave("acme", "corp", Intent::SignIn, &Ctx::anonymous()).await;
        let (services, back) = (nodes[n % 2].clone(), world.approved(&left));
        tries.push(async move { arrive(&services, &Ctx::anonymous(), back).await });
    }
    let mut users = Vec::new();
    for attempt in tries.into_iter().map(tokio::spawn).collect::<Vec<_>>() {
        users.push(signed_in(attempt.await.unwrap().unwrap().outcome).id);
    }
    users.dedup();
    assert_eq!(users.len(), 1);
    assert_eq!((world.actions(Action::UserCreated).await, world.actions(Action::IdentityLinked).await), (1, 1));
}
