//! The membership itself: made with what belongs to it, or revived.

use domain::{
    ErrorCode,
    billing::ledger::Action,
    id::{ApplicationId, MembershipId, RoleId, UserId},
    identity::membership::MembershipStatus,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, SqlErr};

use super::set_status;
use crate::{
    Error, Result,
    billing::hold,
    entity::memberships,
    identity::{admin_users::locked, member_roles::add_roles},
    ledger::Entry,
    tx::Tx,
};

/// Makes a membership with `roles`, or revives one with those that it has, inside a transaction. The same again changes
/// nothing.
///
/// # Errors
/// `USR_001` for an unknown user, or one who is gone.
pub(crate) async fn grant(
    tx: &Tx<'_>,
    application: ApplicationId,
    user: UserId,
    roles: Vec<RoleId>,
) -> Result<MembershipId> {
    // Whoever erases them waits, or is done: nobody who is gone becomes a member.
    locked(tx, user).await?;
    let found = memberships::Entity::find()
        .filter(memberships::Column::ApplicationId.eq(application.get()))
        .filter(memberships::Column::UserId.eq(user.get()))
        .one(tx.db)
        .await?;
    let Some(row) = found else {
        let id = tx.id();
        insert(tx, id, application, user).await?;
        complete(tx, id, roles).await?;
        return Ok(id);
    };
    let id = MembershipId::from(row.id);
    let mut hold = hold::lock(tx, id).await?;
    if !hold.is_active() {
        set_status(tx, &mut hold, MembershipStatus::Active).await?;
        hold::grant_default(tx, &mut hold).await?;
    }
    Ok(id)
}

pub(super) async fn insert(tx: &Tx<'_>, id: MembershipId, application: ApplicationId, user: UserId) -> Result<()> {
    let row = memberships::ActiveModel {
        id: Set(id.get()),
        user_id: Set(user.get()),
        application_id: Set(application.get()),
        status: Set(MembershipStatus::Active.as_str().into()),
        claims: Set("{}".into()),
        overrides: Set("{}".into()),
        ent_ver: Set(1),
        chosen_at: Set(None),
        created_at: Set(tx.millis()),
    };
    memberships::Entity::insert(row).exec_without_returning(tx.db).await.map_err(|error| match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => ErrorCode::NoAccess.into(),
        _ => Error::from(error),
    })?;
    Ok(())
}

/// What belongs to a new membership: roles, a ledger entry, the default plan.
pub(super) async fn complete(tx: &Tx<'_>, id: MembershipId, roles: Vec<RoleId>) -> Result<()> {
    let mut hold = hold::lock(tx, id).await?;
    add_roles(tx, id, roles).await?;
    let (application, user) = (hold.membership.application_id.into(), hold.membership.user_id.into());
    tx.log(Entry::new(Action::MembershipCreated).application(application).user(user)).await?;
    hold::grant_default(tx, &mut hold).await
}
