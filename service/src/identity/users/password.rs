//! Passwords that are chosen or set, and how hard they are to guess.

use domain::{
    ErrorCode, Timestamp,
    id::UserId,
    identity::{
        email::Email,
        password::{Password, Strength},
        user::User,
    },
    text::Name,
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};

use super::Users;
use crate::{
    Ctx, Result,
    entity::password_credentials,
    identity::{admin_users::locked, new_password},
};

impl Users<'_> {
    /// How hard a password is to guess that somebody is choosing, by the rule by which it is refused once it is chosen.
    ///
    /// # Errors
    /// `AUTH_007` (fact `retryAfter`, in seconds) when the network asked too often or too many sign in at once.
    pub async fn strength(
        &self,
        ctx: &Ctx,
        password: &Password,
        email: Option<&Email>,
        name: Option<&Name>,
    ) -> Result<Strength> {
        let (services, by) = (self.0, ctx.network());
        if services.settings.limits {
            services.attempts.weigh(by, services.now())?;
        }
        services.passwords.strength(by, password, services.hints(email, name)).await
    }

    /// Sets a password from the command line, as [`new_password::set`] says.
    ///
    /// # Errors
    /// `USR_001` for an unknown address; `APP_001` on the field `password` when it is too easy to guess; `AUTH_001` or
    /// `AUTH_011` for anybody but superadmins and the command line.
    pub async fn reset_password(&self, ctx: &Ctx, email: &Email, password: Password) -> Result<User> {
        let (services, by) = (self.0, ctx.network());
        services.require_superadmin(ctx)?;
        let user = self.find_by_email(email).await?.ok_or(ErrorCode::UserNotFound)?;
        services.passwords.judge(by, &password, services.hints(Some(&user.email), user.name.as_ref())).await?;
        let hash = services.passwords.hash(by, &password, &*services.rng).await?;
        services
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let user = locked(&tx, user.id).await?;
                    new_password::set(&tx, &user, hash, None).await?;
                    Ok(user)
                })
            })
            .await
    }
}

pub(crate) async fn set_password(
    db: &impl ConnectionTrait,
    user: UserId,
    hash: String,
    now: Timestamp,
) -> Result<(), sea_orm::DbErr> {
    let row = password_credentials::ActiveModel {
        user_id: Set(user.get()),
        hash: Set(hash),
        updated_at: Set(now.timestamp_millis()),
    };
    let replace = OnConflict::column(password_credentials::Column::UserId)
        .update_columns([password_credentials::Column::Hash, password_credentials::Column::UpdatedAt])
        .to_owned();
    password_credentials::Entity::insert(row).on_conflict(replace).exec_without_returning(db).await?;
    Ok(())
}
