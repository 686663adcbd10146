//! Suspending, reviving and revoking, with everything that ends by it.

use domain::{billing::ledger::Action, identity::membership::MembershipStatus};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::{
    Result,
    billing::{hold, methods, orders},
    entity::{grants, memberships, portal_sessions},
    identity::erase::ERASED,
    ledger::Entry,
    tx::Tx,
};

/// Gives a membership another status; the same again changes nothing.
pub(in crate::identity) async fn set_status(
    tx: &Tx<'_>,
    hold: &mut hold::Hold,
    status: MembershipStatus,
) -> Result<()> {
    if hold.membership.status == status.as_str() {
        return Ok(());
    }
    put(tx, hold, status, None).await
}

/// Revokes the access of somebody who is being erased. Where it was revoked before, their application hears of this
/// too: what it knows of them has to go.
pub(in crate::identity) async fn revoke_erased(tx: &Tx<'_>, hold: &mut hold::Hold) -> Result<()> {
    put(tx, hold, MembershipStatus::Revoked, Some(ERASED)).await
}

async fn put(tx: &Tx<'_>, hold: &mut hold::Hold, status: MembershipStatus, because: Option<&str>) -> Result<()> {
    if status == MembershipStatus::Revoked {
        hold::end(tx, hold).await?;
        methods::forget(tx, hold).await?;
        grants::Entity::update_many()
            .col_expr(grants::Column::RevokedAt, Expr::value(tx.millis()))
            .filter(grants::Column::MembershipId.eq(hold.membership.id))
            .filter(grants::Column::RevokedAt.is_null())
            .exec(tx.db)
            .await?;
    }
    // Whoever is kept out buys nothing, and looks at nothing.
    if status != MembershipStatus::Active {
        orders::cancel_open(tx, hold).await?;
        let own = portal_sessions::Column::MembershipId.eq(hold.membership.id);
        portal_sessions::Entity::delete_many().filter(own).exec(tx.db).await?;
    }
    memberships::Entity::update_many()
        .col_expr(memberships::Column::Status, Expr::value(status.as_str()))
        .filter(memberships::Column::Id.eq(hold.membership.id))
        .exec(tx.db)
        .await?;
    let before = std::mem::replace(&mut hold.membership.status, status.as_str().into());
    let entry = Entry::new(Action::MembershipUpdated)
        .application(hold.membership.application_id.into())
        .user(hold.membership.user_id.into());
    let entry = entry.from(before).to(status);
    tx.log(if let Some(why) = because { entry.because(why) } else { entry }).await?;
    Ok(())
}
