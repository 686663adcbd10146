//! The users in a catalog: made when missing, never taken away.

use std::collections::HashMap;

use domain::{
    application::RoleName,
    id::{ApplicationId, RoleId, UserId},
    identity::{
        email::Email,
        user::{GlobalRole, User},
    },
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Changes, UserItem, Verb};
use crate::{
    Result,
    entity::{memberships, roles, users as rows},
    identity::{
        admin_users,
        memberships::grant,
        sessions,
        users::{self, UserRow},
    },
    tx::{LOCK, Tx},
};

/// Locks those of a file whom there are, the superadmins first and everybody else by their id, as everywhere.
pub(super) async fn lock(tx: &Tx<'_>, items: &[UserItem]) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    admin_users::reigning(tx).await?;
    let named = rows::Column::Email.is_in(items.iter().map(|item| item.email.as_str()));
    rows::Entity::find().filter(named).order_by_asc(rows::Column::Id).lock(LOCK).all(tx.db).await?;
    Ok(())
}

pub(super) async fn apply(
    tx: &Tx<'_>,
    item: &UserItem,
    applications: &HashMap<String, ApplicationId>,
    hashes: &HashMap<Email, String>,
    changes: &mut Changes,
) -> Result<()> {
    let mut wanted = Vec::new();
    for (place, slug) in &item.applications {
        let id = applications.get(slug.as_str()).copied();
        let unknown = || place.problem("users.applications", format!("there is no application {slug}"));
        wanted.push((slug, id.ok_or_else(unknown)?));
    }
    let row = rows::Entity::find().filter(rows::Column::Email.eq(item.email.as_str())).one(tx.db).await?;
    let user = match row {
        Some(row) => update(tx, item, sessions::user(row)?, changes).await?,
        None => create(tx, item, hashes, changes).await?,
    };
    for (slug, application) in wanted {
        let found = memberships::Entity::find()
            .filter(memberships::Column::UserId.eq(user.id.get()))
            .filter(memberships::Column::ApplicationId.eq(application.get()))
            .count(tx.db)
            .await?;
        // One that an admin has suspended, revoked or given other roles stays as it is.
        if found == 0 {
            let role = role(tx, application, user.role).await?;
            grant(tx, application, user.id, role.into_iter().collect()).await?;
            changes.note(Verb::Create, format!("membership {slug}/{}", user.email));
        }
    }
    Ok(())
}

async fn create(tx: &Tx<'_>, item: &UserItem, hashes: &HashMap<Email, String>, changes: &mut Changes) -> Result<User> {
    let user = User {
        id: tx.id::<UserId>(),
        email: item.email.clone(),
        email_verified: item.email_verified.unwrap_or(false),
        name: item.name.clone(),
        role: item.role.unwrap_or_default(),
        locale: item.locale,
        disabled_at: None,
        created_at: tx.now,
        profile: item.profile.clone().unwrap_or_default(),
        updated_at: tx.now,
        organization: None,
    };
    let hash = hashes.get(&item.email).cloned().unwrap_or_default();
    let row = UserRow { user, hash: Some(hash), identity: None, application: None };
    let made = users::insert(tx.db, &tx.services, &tx.ctx, &row).await;
    made.map_err(|error| item.place.blame("users", error))?;
    changes.note(Verb::Create, format!("user {}", row.user.email));
    Ok(row.user)
}

async fn update(tx: &Tx<'_>, item: &UserItem, before: User, changes: &mut Changes) -> Result<User> {
    let after = User {
        name: item.name.clone().or_else(|| before.name.clone()),
        email_verified: item.email_verified.unwrap_or(before.email_verified),
        role: item.role.unwrap_or(before.role),
        locale: item.locale.or(before.locale),
        profile: item.profile.clone().unwrap_or_else(|| before.profile.clone()),
        ..before.clone()
    };
    if after == before {
        return Ok(after);
    }
    let reigning = admin_users::reigning(tx).await?;
    let saved = admin_users::save(tx, &reigning, &before, after).await;
    let after = saved.map_err(|error| item.place.blame("users.role", error))?;
    changes.note(Verb::Update, format!("user {}", after.email));
    Ok(after)
}

/// Admins of the dashboard are admins of the applications that the file gives them.
async fn role(tx: &Tx<'_>, application: ApplicationId, global: GlobalRole) -> Result<Option<RoleId>> {
    let name = if global == GlobalRole::Admin { RoleName::ADMIN } else { RoleName::USER };
    let row = roles::Entity::find()
        .filter(roles::Column::ApplicationId.eq(application.get()))
        .filter(roles::Column::Name.eq(name))
        .one(tx.db)
        .await?;
    Ok(row.map(|row| row.id.into()))
}
