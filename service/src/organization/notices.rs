//! Who is told by mail what became of somebody's part in an organization. Nobody is whose address is not proved, or who
//! is disabled.

use domain::identity::{organization::OrganizationRole, user::User};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use super::members::all_but;
use crate::{
    Error, Result,
    entity::{organization_members as rows, users},
    identity::sessions::user,
    mail::{
        Kind,
        account::{About, Part},
    },
    tx::Tx,
};

/// Tells the person, and of an owner who comes, goes or becomes less the other owners, one mail each.
pub(super) async fn tell(tx: &Tx<'_>, part: &Part<'_>) -> Result<()> {
    tell_person(tx, part).await?;
    if ![part.before, part.after].contains(&Some(OrganizationRole::Owner)) {
        return Ok(());
    }
    let owners = all_but(part.organization.id, part.person.id)
        .filter(rows::Column::Role.eq(OrganizationRole::Owner.as_str()))
        .order_by_asc(rows::Column::UserId)
        .find_also_related(users::Entity)
        .all(tx.db)
        .await?;
    for (_, owner) in owners {
        let owner = user(owner.ok_or_else(|| Error::internal("a member without a user"))?)?;
        if is_told(&owner) {
            let about = About::owner(tx, &owner, None).await?;
            about.queue(tx, Kind::OrganizationChanged, &about.owner_part(tx, part)).await?;
        }
    }
    Ok(())
}

/// Tells the person alone, unless they have just come.
pub(super) async fn tell_person(tx: &Tx<'_>, part: &Part<'_>) -> Result<()> {
    if part.before.is_none() || !is_told(part.person) {
        return Ok(());
    }
    let about = About::owner(tx, part.person, None).await?;
    about.queue(tx, Kind::OrganizationChanged, &about.own_part(tx, part)).await
}

const fn is_told(user: &User) -> bool {
    user.email_verified && user.disabled_at.is_none()
}
