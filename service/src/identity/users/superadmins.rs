//! Who runs the server: whether there is anybody, who it is, and making another.

use domain::{
    identity::{
        email::Email,
        password::Password,
        user::{GlobalRole, User},
    },
    text::Name,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{NewUser, Users, insert};
use crate::{Ctx, Result, entity::users, identity::sessions::user};

impl Users<'_> {
    /// # Errors
    /// The database's own.
    pub async fn has_superadmin(&self) -> Result<bool> {
        has_superadmin(self.0.db.read()).await
    }

    /// Everybody with the role `admin` or `superadmin`, oldest first.
    ///
    /// # Errors
    /// `AUTH_001` or `AUTH_011` for anybody but superadmins and the command line.
    pub async fn admins(&self, ctx: &Ctx) -> Result<Vec<User>> {
        self.0.require_superadmin(ctx)?;
        let rows = users::Entity::find()
            .filter(users::Column::Role.is_in([GlobalRole::Admin.as_str(), GlobalRole::Superadmin.as_str()]))
            .order_by_asc(users::Column::Id)
            .all(self.0.db.read())
            .await?;
        rows.into_iter().map(user).collect()
    }

    /// Makes a superadmin.
    ///
    /// # Errors
    /// `USR_003` when the address is taken; `APP_001` on the field `password` when it is too easy to guess; `AUTH_001`
    /// or `AUTH_011` for anybody but superadmins and the command line.
    pub async fn create_superadmin(
        &self,
        ctx: &Ctx,
        email: Email,
        password: Password,
        name: Option<Name>,
    ) -> Result<User> {
        self.superadmin(ctx, NewUser { email, password, name, locale: None }, true).await
    }

    /// As [`Self::create_superadmin`], with what the configuration says: its password is checked for its length only.
    ///
    /// # Errors
    /// `USR_003` when the address is taken; `AUTH_001` or `AUTH_011` for anybody but superadmins and the command
    /// line.
    pub async fn create_configured_superadmin(&self, ctx: &Ctx, email: Email, password: Password) -> Result<User> {
        self.superadmin(ctx, NewUser { email, password, name: None, locale: None }, false).await
    }

    async fn superadmin(&self, ctx: &Ctx, new: NewUser, judge: bool) -> Result<User> {
        self.0.require_superadmin(ctx)?;
        let mut row = self.prepare(ctx, new, GlobalRole::Superadmin, judge).await?;
        row.user.email_verified = true;
        let (services, ctx) = (self.0.clone(), ctx.clone());
        self.0
            .db
            .write(move |db| {
                Box::pin(async move {
                    insert(db, &services, &ctx, &row).await?;
                    Ok(row.user)
                })
            })
            .await
    }
}

pub(crate) async fn has_superadmin(db: &impl ConnectionTrait) -> Result<bool> {
    let count = users::Entity::find()
        .filter(users::Column::Role.eq(GlobalRole::Superadmin.as_str()))
        .limit(1)
        .count(db)
        .await?;
    Ok(count > 0)
}
