//! What members hold: assigned, chosen, claimed, and its end.

mod assigning;
mod choosing;
mod claims;
mod memberships;

use domain::{billing::ledger::Actor, id::UserId, identity::proof::Proof};
use service::{Ctx, billing::subscriptions::Assignment};

use crate::shop::Shop;

pub async fn signed_in(shop: &Shop, user: UserId) -> Ctx {
    let user = shop.services().users().find(user).await.unwrap().unwrap();
    let (session, _) = shop.services().sessions().start(&Ctx::anonymous(), &user, Proof::Password).await.unwrap();
    Ctx { actor: Actor::User(user.id), session: Some(session), ..Ctx::anonymous() }
}

fn to(plan: &domain::billing::plan::Plan) -> Assignment {
    Assignment { plan_id: plan.id, expires_at: None, replace: false }
}
