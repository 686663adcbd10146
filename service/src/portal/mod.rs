//! The customer portal. An application's server opens a session for one of its members; the browser exchanges the
//! session's token, once, for a visit, which it carries sealed in a cookie.

mod change;
mod upcoming;
mod visit;

use chrono::TimeDelta;
use domain::{
    ErrorCode, Problem, Secret,
    id::{ApplicationId, UserId},
    route,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

pub use change::{Agreed, Confirmed, Terms};
pub use upcoming::Upcoming;
pub use visit::Visitor;

use crate::{
    Ctx, Error, Result, Services, crypto,
    directory::ApplicationEntry,
    entity::{memberships, portal_sessions},
};

/// How long the token of a session can be exchanged.
pub const SESSION: TimeDelta = TimeDelta::minutes(5);
/// How long a visit lasts.
pub const VISIT: TimeDelta = TimeDelta::minutes(30);

/// A session that has just been opened.
#[derive(Clone, Debug)]
pub struct Opened {
    pub token: Secret,
    /// Where to send the member: the portal's address with the token.
    pub url: Secret,
}

/// What became of a token.
#[derive(Debug)]
pub enum Exchange {
    /// The visit, sealed for the cookie.
    Entered(Secret),
    /// Unknown, used or too old; with the application that it was for, where that is known.
    Gone(Option<std::sync::Arc<ApplicationEntry>>),
}

/// See the module.
pub struct Portal<'a>(&'a Services);

impl Services {
    pub const fn portal(&self) -> Portal<'_> {
        Portal(self)
    }
}

impl Portal<'_> {
    /// Opens a session for a member, for [`SESSION`]. `return_url` is where the portal sends them back to.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`, `USR_001`; `APP_005` for a member without access; `APP_001` when the
    /// return URL is not registered.
    pub async fn open(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        user: UserId,
        return_url: Option<String>,
    ) -> Result<Opened> {
        let entry = self.0.require_manager(ctx, application).await?;
        if return_url.as_deref().is_some_and(|url| !entry.application.settings.may_return_to(url)) {
            let why = "is not at or below a return URL of the application";
            return Err(Problem::field("redirect_uri", why).into());
        }
        let holder = self.0.entitlements().holder(user, application).await?.ok_or(ErrorCode::UserNotFound)?;
        if !holder.has_access() {
            return Err(ErrorCode::NoAccess.into());
        }
        let token = self.0.rng.secret("ps_");
        let row = portal_sessions::ActiveModel {
            token_hash: Set(crypto::hash(token.expose())),
            membership_id: Set(holder.membership.id.get()),
            return_url: Set(return_url),
            expires_at: Set((self.0.now() + SESSION).timestamp_millis()),
            used_at: Set(None),
        };
        let insert = portal_sessions::Entity::insert(row);
        let write = self
            .0
            .db
            .write(move |db| Box::pin(async move { Ok::<_, Error>(insert.exec_without_returning(db).await?) }));
        write.await?;
        let url = format!("{}{}?session={}", self.0.settings.issuer, route::PORTAL, token.expose());
        Ok(Opened { token, url: Secret::new(url) })
    }

    /// Exchanges a token for a visit: the first who asks gets it. `appended` is a return URL that was added to the
    /// address; a registered one wins over the session's.
    ///
    /// # Errors
    /// The database's own.
    pub async fn exchange(&self, token: &str, appended: Option<&str>) -> Result<Exchange> {
        let (hash, now) = (crypto::hash(token), self.0.now());
        let use_it = portal_sessions::Entity::update_many()
            .col_expr(portal_sessions::Column::UsedAt, Expr::value(now.timestamp_millis()))
            .filter(portal_sessions::Column::TokenHash.eq(hash.clone()))
            .filter(portal_sessions::Column::UsedAt.is_null())
            .filter(portal_sessions::Column::ExpiresAt.gt(now.timestamp_millis()));
        let write =
            self.0.db.write(move |db| Box::pin(async move { Ok::<_, Error>(use_it.exec(db).await?.rows_affected) }));
        let won = write.await? > 0;
        let Some(row) = portal_sessions::Entity::find_by_id(hash.clone()).one(self.0.db.read()).await? else {
            return Ok(Exchange::Gone(None));
        };
        let membership = memberships::Entity::find_by_id(row.membership_id).one(self.0.db.read()).await?;
        let directory = self.0.directory();
        let entry = membership.as_ref().and_then(|own| directory.application(own.application_id.into()));
        match membership.as_ref().zip(entry).filter(|_| won) {
            Some((membership, entry)) => {
                let appended = appended.filter(|url| entry.application.settings.may_return_to(url));
                let return_url = appended.map(str::to_owned).or(row.return_url);
                let until = now + VISIT;
                Ok(Exchange::Entered(visit::seal(self.0, membership, hash, return_url, until)?))
            }
            None => Ok(Exchange::Gone(entry.cloned())),
        }
    }
}
