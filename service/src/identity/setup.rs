//! The first superadmin, by a link that works once. Its token is derived from the secret key, so that every node and
//! every start print the same one, and no row keeps it.

use domain::{
    ErrorCode, Problem,
    identity::user::{GlobalRole, User},
    route,
};
use sea_orm::{ActiveValue::Set, EntityTrait, SqlErr};

use super::users::{self, NewUser};
use crate::{
    Ctx, Error, Result, Services, crypto,
    entity::meta,
    security_log::{Event, Reason},
};

/// The row that says that the link was used.
const DONE: &str = "setup";

/// See the module.
pub struct Setup<'a>(&'a Services);

impl Services {
    pub const fn setup(&self) -> Setup<'_> {
        Setup(self)
    }
}

impl Setup<'_> {
    /// The link, while it works: no superadmin exists, and it was never used.
    ///
    /// # Errors
    /// The database's own.
    pub async fn link(&self) -> Result<Option<String>> {
        let open = self.is_open().await?;
        Ok(open.then(|| format!("{}{}?token={}", self.0.settings.issuer, route::SETUP, self.token())))
    }

    /// Whether the token is the link's, and the link still works.
    ///
    /// # Errors
    /// The database's own.
    pub async fn accepts(&self, token: &str) -> Result<bool> {
        Ok(self.fits(token) && self.is_open().await?)
    }

    /// Makes the first superadmin.
    ///
    /// # Errors
    /// `AUTH_003` for a wrong token or when it is done already; `APP_001` on the field `password` when
    /// it is too easy to guess.
    pub async fn complete(&self, ctx: &Ctx, token: &str, new: NewUser) -> Result<User> {
        if !self.accepts(token).await? {
            Event::AuthenticationFailed.by(ctx).because(Reason::WrongLink).write();
            return Err(refused());
        }
        let services = self.0.clone();
        let mut row = services.users().prepare(ctx, new, GlobalRole::Superadmin, true).await?;
        row.user.email_verified = true;
        let ctx = ctx.clone();
        self.0
            .db
            .write(move |db| {
                Box::pin(async move {
                    // The key lets one through; a superadmin of another origin closes the link as well.
                    let done = meta::ActiveModel { key: Set(DONE.into()), value: Set(1) };
                    let inserted = meta::Entity::insert(done).exec_without_returning(db).await;
                    if let Err(error) = inserted {
                        return Err(match error.sql_err() {
                            Some(SqlErr::UniqueConstraintViolation(_)) => refused(),
                            _ => error.into(),
                        });
                    }
                    if users::has_superadmin(db).await? {
                        return Err(refused());
                    }
                    users::insert(db, &services, &ctx, &row).await?;
                    Ok(row.user)
                })
            })
            .await
    }

    async fn is_open(&self) -> Result<bool> {
        let used = meta::Entity::find_by_id(DONE).one(self.0.db.read()).await?.is_some();
        Ok(!used && !self.0.users().has_superadmin().await?)
    }

    fn token(&self) -> String {
        crypto::base64url(self.0.vault.mac(&[b"setup link"]))
    }

    fn fits(&self, token: &str) -> bool {
        crypto::equal(token.as_bytes(), self.token().as_bytes())
    }
}

fn refused() -> Error {
    Problem::new(ErrorCode::BadCredentials, "this link was used already, or is not complete").into()
}
