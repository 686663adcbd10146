//! `ent_ver`: grows with every change of what a membership is entitled to.

use domain::billing::entitlement::next_ent_ver;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::Hold;
use crate::{Result, entity::memberships, tx::Tx};

/// Lets `ent_ver` grow while the plan's number goes to `plan_version`.
pub(crate) async fn grow(tx: &Tx<'_>, hold: &mut Hold, plan_version: i64) -> Result<()> {
    hold.membership.ent_ver = next_ent_ver(hold.membership.ent_ver, hold.plan_version, plan_version);
    hold.plan_version = plan_version;
    memberships::Entity::update_many()
        .col_expr(memberships::Column::EntVer, Expr::value(hold.membership.ent_ver))
        .filter(memberships::Column::Id.eq(hold.membership.id))
        .exec(tx.db)
        .await?;
    Ok(())
}

/// Lets `ent_ver` grow while the plan stays.
pub(crate) async fn grow_alone(tx: &Tx<'_>, hold: &mut Hold) -> Result<()> {
    grow(tx, hold, hold.plan_version).await
}
