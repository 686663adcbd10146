//! The user's own password.

use domain::{ErrorCode, Problem, identity::password::Password};
use sea_orm::{EntityTrait, PaginatorTrait};

use super::Account;
use crate::{
    Ctx, Result,
    entity::password_credentials,
    identity::{admin_users::locked, new_password, proved::still_counts, users::Authenticated},
};

impl Account<'_> {
    /// Whether the user signs in with a password at all.
    ///
    /// # Errors
    /// `AUTH_001` without a session.
    pub async fn has_password(&self, ctx: &Ctx) -> Result<bool> {
        let id = ctx.require_session()?.user.id;
        Ok(password_credentials::Entity::find_by_id(id.get()).count(self.0.db.read()).await? > 0)
    }

    /// Changes the password of a user who knows the old one. Every session ends, also the one that asked, and every
    /// link in a mail; a mail says so. What is proved then is the new password.
    ///
    /// # Errors
    /// `AUTH_001` without a session, and where somebody else set another password meanwhile; `AUTH_004` in a session without
    /// the second factor that the user has; `AUTH_003` for a wrong old
    /// password, `AUTH_007` after too many of them or when too many sign in at once; `APP_001` on the field `password`
    /// when the new one is too easy to guess.
    pub async fn change_password(&self, ctx: &Ctx, old: &str, new: Password) -> Result<Authenticated> {
        let (services, by) = (self.0, ctx.network());
        let Authenticated { user, password_set_at } = self.prove(ctx, old).await?;
        services.passwords.judge(by, &new, services.hints(Some(&user.email), user.name.as_ref())).await?;
        let hash = services.passwords.hash(by, &new, &*services.rng).await?;
        services
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let proved = user;
                    let user = locked(&tx, proved.id).await?;
                    if !still_counts(tx.db, &proved, Some(password_set_at)).await? {
                        return Err(ErrorCode::NoSession.into());
                    }
                    new_password::set(&tx, &user, hash, None).await?;
                    Ok(Authenticated { user, password_set_at: tx.now })
                })
            })
            .await
    }

    /// The signed-in user, who has just proved once more who they are, after their second factor where they have one.
    pub(super) async fn prove(&self, ctx: &Ctx, password: &str) -> Result<Authenticated> {
        let session = self.0.factors().with_factor(ctx).await?;
        let proved = self.0.users().authenticate(ctx, session.user.email.as_str(), password).await;
        match proved {
            Err(error) if error.code() == ErrorCode::BadCredentials => {
                Err(Problem::new(ErrorCode::BadCredentials, "this is not the account's password").into())
            }
            Ok(proved) if proved.user.id != session.user.id => Err(ErrorCode::NoSession.into()),
            proved => proved,
        }
    }
}
