//! What memberships have to do with what is held.

use domain::{ErrorCode, billing::subscription::State, identity::membership::MembershipStatus};
use service::{Ctx, identity::memberships::MembershipPatch, testing::people::register};

use crate::shop::{Shop, operator};

#[tokio::test(flavor = "multi_thread")]
async fn revoking_ends_what_was_held_and_signing_in_does_not_revive() {
    let shop = Shop::open().await;
    let member = shop.member().await;
    let memberships = shop.services().memberships();
    memberships.revoke(&operator(), shop.application, member).await.unwrap();
    let user = shop.services().users().find(member).await.unwrap().unwrap();
    let refused = memberships.admit(&Ctx::anonymous(), &user, shop.application).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::NoAccess);
    assert_eq!(shop.entitlement(member).await.plan, None);
    let revived = memberships.grant(&operator(), shop.application, member, None).await.unwrap();
    assert_eq!(revived.membership.status, MembershipStatus::Active);
    assert_eq!(revived.subscription, None, "it had a subscription before");
    let suspend = MembershipPatch { status: Some(MembershipStatus::Suspended), roles: None };
    memberships.update(&operator(), shop.application, member, suspend).await.unwrap();
    let refused = memberships.admit(&Ctx::anonymous(), &user, shop.application).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::NoAccess);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_first_sign_in_makes_one_membership() {
    let shop = Shop::open().await;
    let new = crate::people::new_user("new@example.com");
    let user = register(shop.services(), new).await;
    let mut race = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (services, user, application) = (shop.services().clone(), user.clone(), shop.application);
        race.spawn(async move {
            let membership = services.memberships().admit(&Ctx::anonymous(), &user, application).await.unwrap();
            membership.id
        });
    }
    let mut ids = race.join_all().await;
    ids.dedup();
    assert_eq!(ids.len(), 1);
    let held = shop.services().subscriptions().get(&operator(), shop.application, user.id).await.unwrap().unwrap();
    assert_eq!((held.plan_id, held.state), (shop.free.id, State::Active));
}
