//! Roles and permissions of an application. The roles `user` and `admin` exist from the start and stay.

use domain::{
    ErrorCode, Problem,
    application::{PermissionName, Role, RoleName},
    billing::ledger::Action,
    id::{ApplicationId, PermissionId, RoleId},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, SqlErr,
    sea_query::{Expr, OnConflict},
};
use serde_json::json;

use crate::{
    Ctx, Error, Result, Services,
    entity::{membership_roles, permissions, role_permissions, roles},
    ledger::Entry,
    tx::{LOCK, Tx, taken},
};

/// See the module.
pub struct Roles<'a>(&'a Services);

impl Services {
    pub const fn roles(&self) -> Roles<'_> {
        Roles(self)
    }
}

impl Roles<'_> {
    /// Every role of the application, by name.
    ///
    /// # Errors
    /// As [`Services::require_admin`].
    pub async fn list(&self, ctx: &Ctx, app: ApplicationId) -> Result<Vec<Role>> {
        Ok(self.0.require_admin(ctx, app).await?.roles.clone())
    }

    /// Makes a role without permissions.
    ///
    /// # Errors
    /// `PERM_004` when the name is taken.
    pub async fn create(&self, ctx: &Ctx, app: ApplicationId, name: RoleName) -> Result<Role> {
        self.0.require_admin(ctx, app).await?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    let role = Role { id: tx.id(), application_id: app, name, permissions: Vec::new() };
                    let row = roles::ActiveModel {
                        id: Set(role.id.get()),
                        application_id: Set(app.get()),
                        name: Set(role.name.to_string()),
                    };
                    roles::Entity::insert(row)
                        .exec_without_returning(tx.db)
                        .await
                        .map_err(|error| taken(error, ErrorCode::RoleTaken))?;
                    tx.log(Entry::new(Action::RoleCreated).application(app).to(&role)).await?;
                    Ok(role)
                })
            })
            .await
    }

    /// Gives a role another name. The same again changes nothing.
    ///
    /// # Errors
    /// `PERM_002` for an unknown role, `PERM_001` for `user` and `admin`, `PERM_004` when the name is taken.
    pub async fn rename(&self, ctx: &Ctx, app: ApplicationId, id: RoleId, name: RoleName) -> Result<Role> {
        let before = self.one(ctx, app, id).await?;
        if before.name == name {
            return Ok(before);
        }
        changeable(&before)?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    // As it is now: the directory may be of a second ago.
                    let before = locked(&tx, &before).await?;
                    if before.name == name {
                        return Ok(before);
                    }
                    call(&tx, id, &name).await?;
                    let after = Role { name, ..before.clone() };
                    tx.log(Entry::new(Action::RoleUpdated).application(app).from(&before).to(&after)).await?;
                    Ok(after)
                })
            })
            .await
    }

    /// Makes a role what `after` says: its name, and exactly these permissions.
    ///
    /// # Errors
    /// As [`Self::rename`]; `PERM_003` for an unknown permission.
    pub async fn replace(&self, ctx: &Ctx, after: Role) -> Result<Role> {
        let before = self.one(ctx, after.application_id, after.id).await?;
        let known = self.permissions(ctx, after.application_id).await?;
        for permission in &after.permissions {
            permission_name(&known, *permission)?;
        }
        if before.name != after.name {
            changeable(&before)?;
        }
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    let before = locked(&tx, &before).await?;
                    let renamed = before.name != after.name;
                    let without = |of: &Role, other: &Role| -> Vec<PermissionId> {
                        of.permissions.iter().filter(|held| !other.permissions.contains(held)).copied().collect()
                    };
                    let (lost, gained) = (without(&before, &after), without(&after, &before));
                    if !renamed && lost.is_empty() && gained.is_empty() {
                        return Ok(before);
                    }
                    if renamed {
                        call(&tx, after.id, &after.name).await?;
                    }
                    if !lost.is_empty() {
                        role_permissions::Entity::delete_many()
                            .filter(role_permissions::Column::RoleId.eq(after.id.get()))
                            .filter(role_permissions::Column::PermissionId.is_in(lost.iter().map(|held| held.get())))
                            .exec(tx.db)
                            .await?;
                    }
                    for permission in gained {
                        give(&tx, after.id, permission).await?;
                    }
                    let entry = Entry::new(Action::RoleUpdated).application(after.application_id);
                    tx.log(entry.from(&before).to(&after)).await?;
                    Ok(after)
                })
            })
            .await
    }

    /// Deletes a role that nobody has.
    ///
    /// # Errors
    /// `PERM_002` for an unknown role, `PERM_001` for `user` and `admin`, `PERM_006` with the number of `members`
    /// that have it.
    pub async fn delete(&self, ctx: &Ctx, app: ApplicationId, id: RoleId) -> Result<()> {
        let role = self.one(ctx, app, id).await?;
        changeable(&role)?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    let role = locked(&tx, &role).await?;
                    let members = membership_roles::Entity::find()
                        .filter(membership_roles::Column::RoleId.eq(id.get()))
                        .count(tx.db)
                        .await?;
                    if members > 0 {
                        let members = i64::try_from(members).unwrap_or(i64::MAX);
                        return Err(Problem::from(ErrorCode::RoleInUse).with_fact("members", members).into());
                    }
                    roles::Entity::delete_by_id(id.get()).exec(tx.db).await.map_err(in_use)?;
                    tx.log(Entry::new(Action::RoleDeleted).application(app).from(&role)).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Every permission of the application, by name.
    ///
    /// # Errors
    /// As [`Services::require_admin`].
    pub async fn permissions(&self, ctx: &Ctx, app: ApplicationId) -> Result<Vec<(PermissionId, String)>> {
        Ok(self.0.require_admin(ctx, app).await?.permissions.clone())
    }

    /// Makes a permission that no role has yet.
    ///
    /// # Errors
    /// `PERM_005` when it exists.
    pub async fn create_permission(&self, ctx: &Ctx, app: ApplicationId, name: PermissionName) -> Result<PermissionId> {
        self.0.require_admin(ctx, app).await?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    let id = tx.id::<PermissionId>();
                    let row = permissions::ActiveModel {
                        id: Set(id.get()),
                        application_id: Set(app.get()),
                        name: Set(name.to_string()),
                    };
                    permissions::Entity::insert(row)
                        .exec_without_returning(tx.db)
                        .await
                        .map_err(|error| taken(error, ErrorCode::PermissionTaken))?;
                    let after = json!({ "permission": { "id": id, "name": name } });
                    tx.log(Entry::new(Action::RoleUpdated).application(app).to(after)).await?;
                    Ok(id)
                })
            })
            .await
    }

    /// Deletes a permission and takes it from every role.
    ///
    /// # Errors
    /// `PERM_003` for an unknown one.
    pub async fn delete_permission(&self, ctx: &Ctx, app: ApplicationId, id: PermissionId) -> Result<()> {
        let entry = self.0.require_admin(ctx, app).await?;
        let name = permission_name(&entry.permissions, id)?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    let done = permissions::Entity::delete_by_id(id.get()).exec(tx.db).await?;
                    if done.rows_affected == 0 {
                        return Err(ErrorCode::PermissionNotFound.into());
                    }
                    let before = json!({ "permission": { "id": id, "name": name } });
                    tx.log(Entry::new(Action::RoleUpdated).application(app).from(before)).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Gives a role a permission. Giving it again changes nothing.
    ///
    /// # Errors
    /// `PERM_002` or `PERM_003` for an unknown role or permission.
    pub async fn add_permission(
        &self,
        ctx: &Ctx,
        app: ApplicationId,
        id: RoleId,
        permission: PermissionId,
    ) -> Result<Role> {
        let before = self.one(ctx, app, id).await?;
        permission_name(&self.permissions(ctx, app).await?, permission)?;
        if before.permissions.contains(&permission) {
            return Ok(before);
        }
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    let before = locked(&tx, &before).await?;
                    if before.permissions.contains(&permission) {
                        return Ok(before);
                    }
                    give(&tx, id, permission).await?;
                    let mut after = before.clone();
                    after.permissions.push(permission);
                    tx.log(Entry::new(Action::RoleUpdated).application(app).from(&before).to(&after)).await?;
                    Ok(after)
                })
            })
            .await
    }

    /// Takes a permission from a role.
    ///
    /// # Errors
    /// `PERM_002` for an unknown role, `PERM_003` when it does not have the permission.
    pub async fn remove_permission(
        &self,
        ctx: &Ctx,
        app: ApplicationId,
        id: RoleId,
        permission: PermissionId,
    ) -> Result<()> {
        let before = self.one(ctx, app, id).await?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    let before = locked(&tx, &before).await?;
                    let done = role_permissions::Entity::delete_by_id((id.get(), permission.get())).exec(tx.db).await?;
                    if done.rows_affected == 0 {
                        return Err(ErrorCode::PermissionNotFound.into());
                    }
                    let mut after = before.clone();
                    after.permissions.retain(|held| *held != permission);
                    tx.log(Entry::new(Action::RoleUpdated).application(app).from(&before).to(&after)).await?;
                    Ok(())
                })
            })
            .await
    }

    async fn one(&self, ctx: &Ctx, app: ApplicationId, id: RoleId) -> Result<Role> {
        let entry = self.0.require_admin(ctx, app).await?;
        entry.role(id).cloned().ok_or_else(|| ErrorCode::RoleNotFound.into())
    }
}

async fn call(tx: &Tx<'_>, id: RoleId, name: &RoleName) -> Result<()> {
    let done = roles::Entity::update_many()
        .col_expr(roles::Column::Name, Expr::value(name.as_str()))
        .filter(roles::Column::Id.eq(id.get()))
        .exec(tx.db)
        .await
        .map_err(|error| taken(error, ErrorCode::RoleTaken))?;
    if done.rows_affected == 0 { Err(ErrorCode::RoleNotFound.into()) } else { Ok(()) }
}

async fn give(tx: &Tx<'_>, role: RoleId, permission: PermissionId) -> Result<()> {
    let row = role_permissions::ActiveModel { role_id: Set(role.get()), permission_id: Set(permission.get()) };
    let key = [role_permissions::Column::RoleId, role_permissions::Column::PermissionId];
    role_permissions::Entity::insert(row)
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .exec_without_returning(tx.db)
        .await
        .map_err(|error| match error.sql_err() {
            // The role or the permission went away in between.
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => ErrorCode::PermissionNotFound.into(),
            _ => Error::from(error),
        })?;
    Ok(())
}

fn changeable(role: &Role) -> Result<(), Problem> {
    if matches!(role.name.as_str(), RoleName::ADMIN | RoleName::USER) {
        let message = format!("the role {} belongs to every application and stays as it is", role.name);
        return Err(Problem::new(ErrorCode::PermissionInvalid, message));
    }
    Ok(())
}

fn in_use(error: sea_orm::DbErr) -> Error {
    match error.sql_err() {
        Some(SqlErr::ForeignKeyConstraintViolation(_)) => ErrorCode::RoleInUse.into(),
        _ => error.into(),
    }
}

fn permission_name(permissions: &[(PermissionId, String)], id: PermissionId) -> Result<String, Problem> {
    let found = permissions.iter().find(|(known, _)| *known == id);
    found.map(|(_, name)| name.clone()).ok_or_else(|| ErrorCode::PermissionNotFound.into())
}

/// The role as its rows say, which wait for whoever else changes it.
async fn locked(tx: &Tx<'_>, known: &Role) -> Result<Role> {
    let row = roles::Entity::find_by_id(known.id.get()).lock(LOCK).one(tx.db).await?.ok_or(ErrorCode::RoleNotFound)?;
    let held = role_permissions::Entity::find().filter(role_permissions::Column::RoleId.eq(row.id)).all(tx.db).await?;
    Ok(Role {
        name: RoleName::stored(row.name),
        permissions: held.into_iter().map(|row| row.permission_id.into()).collect(),
        ..known.clone()
    })
}
