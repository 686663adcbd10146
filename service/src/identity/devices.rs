//! Browsers that somebody signed in with before. A browser keeps in a cookie, for each account, a mark that only this
//! server can make; an account that signs in where its mark is missing gets a mail, and one that is under attack stays open
//! where its mark is ([`super::attempts`]). A mark is of one password: after a new one every browser is new
//! but that in which it was set, also one that somebody else used before.

use chrono::TimeDelta;
use domain::{
    Secret,
    id::{ApplicationId, UserId},
    identity::user::User,
};

use crate::{
    Ctx, Result, Services, crypto,
    identity::proved::password_set_at,
    mail::{Kind, account::About},
};

/// One browser remembers so many accounts, the latest.
const MOST: usize = 5;
/// An account that was made so lately needs no mail about its own first steps.
const NEW: TimeDelta = TimeDelta::hours(1);

/// See the module.
pub struct Devices<'a>(&'a Services);

impl Services {
    pub const fn devices(&self) -> Devices<'_> {
        Devices(self)
    }
}

impl Devices<'_> {
    /// Takes note of a sign-in, and says what the browser should remember now. Where it does not know the account, the
    /// account's owner gets a mail, in the colours of the application that they sign in to.
    ///
    /// # Errors
    /// The database's own.
    pub async fn meet(&self, ctx: &Ctx, user: &User, application: Option<ApplicationId>) -> Result<String> {
        let mark = self.mark(user.id).await?;
        if !has(ctx, &mark) && user.created_at + NEW <= self.0.now() {
            self.tell(ctx, user.clone(), application).await?;
        }
        Ok(with(ctx, &mark))
    }

    /// What the browser should remember of an account besides others, without a word to anybody: where it knew the account
    /// until its password was changed in it.
    ///
    /// # Errors
    /// The database's own.
    pub async fn remember(&self, ctx: &Ctx, user: UserId) -> Result<String> {
        Ok(with(ctx, &self.mark(user).await?))
    }

    /// Whether an account has signed in in this browser before.
    ///
    /// # Errors
    /// The database's own.
    pub async fn knows(&self, ctx: &Ctx, user: UserId) -> Result<bool> {
        Ok(has(ctx, &self.mark(user).await?))
    }

    async fn tell(&self, ctx: &Ctx, user: User, application: Option<ApplicationId>) -> Result<()> {
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let about = About::owner(&tx, &user, application).await?;
                    about.queue(&tx, Kind::NewSignIn, &about.new_sign_in(&tx)).await
                })
            })
            .await
    }

    async fn mark(&self, user: UserId) -> Result<String> {
        let password = password_set_at(self.0.db.read(), user).await?.map_or(0, |set| set.timestamp_millis());
        let mac = self.0.vault.mac(&[b"device", user.get().as_bytes(), &password.to_be_bytes()]);
        Ok(crypto::base64url(mac.get(..12).unwrap_or_default()))
    }
}

fn has(ctx: &Ctx, mark: &str) -> bool {
    marks(ctx).any(|own| crypto::equal(own.as_bytes(), mark.as_bytes()))
}

/// What the browser remembers once this mark is among it.
fn with(ctx: &Ctx, mark: &str) -> String {
    let others = marks(ctx).filter(|other| *other != mark).take(MOST - 1);
    [mark].into_iter().chain(others).collect::<Vec<_>>().join(".")
}

/// What the browser remembers.
fn marks(ctx: &Ctx) -> impl Iterator<Item = &str> {
    ctx.device.as_ref().map(Secret::expose).unwrap_or_default().split('.').filter(|mark| !mark.is_empty())
}
