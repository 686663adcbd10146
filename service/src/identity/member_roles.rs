//! The roles of one member, inside a transaction that has locked the membership.

use domain::{
    ErrorCode,
    billing::ledger::Action,
    id::{MembershipId, RoleId},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    Result,
    entity::{membership_roles, memberships},
    ledger::Entry,
    tx::Tx,
};

/// Writes down roles that a member has not had so far.
pub(super) async fn add_roles(tx: &Tx<'_>, id: MembershipId, roles: Vec<RoleId>) -> Result<()> {
    for role in roles {
        let row = membership_roles::ActiveModel { membership_id: Set(id.get()), role_id: Set(role.get()) };
        membership_roles::Entity::insert(row).exec_without_returning(tx.db).await?;
    }
    Ok(())
}

/// Gives a member one role more. One that they have changes nothing.
pub(super) async fn add_role(tx: &Tx<'_>, id: MembershipId, role: RoleId) -> Result<()> {
    let row = memberships::Entity::find_by_id(id.get()).one(tx.db).await?.ok_or(ErrorCode::UserNotFound)?;
    let mut roles: Vec<RoleId> = held_roles(tx, id).await?.into_iter().map(Into::into).collect();
    roles.push(role);
    set_roles(tx, &row, roles).await?;
    Ok(())
}

/// The ids of a member's roles, in their order.
async fn held_roles(tx: &Tx<'_>, id: MembershipId) -> Result<Vec<uuid::Uuid>> {
    let rows = membership_roles::Entity::find()
        .filter(membership_roles::Column::MembershipId.eq(id.get()))
        .order_by_asc(membership_roles::Column::RoleId)
        .all(tx.db)
        .await?;
    Ok(rows.into_iter().map(|role| role.role_id).collect())
}

/// Gives a member these roles and no others, and says whether they had others. Those that they have change nothing.
pub(super) async fn set_roles(tx: &Tx<'_>, row: &memberships::Model, mut roles: Vec<RoleId>) -> Result<bool> {
    roles.sort();
    roles.dedup();
    let before = held_roles(tx, row.id.into()).await?;
    let after: Vec<uuid::Uuid> = roles.iter().map(|role| role.get()).collect();
    if before == after {
        return Ok(false);
    }
    membership_roles::Entity::delete_many()
        .filter(membership_roles::Column::MembershipId.eq(row.id))
        .exec(tx.db)
        .await?;
    add_roles(tx, row.id.into(), roles).await?;
    let entry = Entry::new(Action::MembershipUpdated)
        .application(row.application_id.into())
        .user(row.user_id.into())
        .because("roles");
    tx.log(entry.from(before).to(after)).await?;
    Ok(true)
}
