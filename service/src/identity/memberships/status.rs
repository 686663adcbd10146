//! Suspending, reviving and revoking, with everything that ends by it.

use domain::{billing::ledger::Action, identity::membership::MembershipStatus};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use crate::{
    Result,
    billing::{hold, orders},
    entity::{grants, memberships, portal_sessions},
    ledger::Entry,
    tx::Tx,
};

pub(in crate::identity) async fn set_status(
    tx: &Tx<'_>,
    hold: &mut hold::Hold,
    status: MembershipStatus,
) -> Result<()> {
    if hold.membership.status == status.as_str() {
        return Ok(());
    }
    if status == MembershipStatus::Revoked {
        hold::end(tx, hold).await?;
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
    tx.log(entry.from(before).to(status)).await?;
    Ok(())
}
