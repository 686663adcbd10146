//! The browsers in which the user is signed in.

use domain::{Timestamp, id::SessionId, identity::device::Device};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::Account;
use crate::{
    Ctx, Result,
    clock::at,
    entity::sessions,
    identity::{
        sessions::{Ended, IDLE, end, signed_in_at},
        ways_in,
    },
};

/// One signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSession {
    pub id: SessionId,
    /// `None` for a program, or for a browser that hides what it is.
    pub device: Option<Device>,
    /// As the browser called itself.
    pub user_agent: Option<String>,
    /// The address that it signed in from.
    pub address: Option<String>,
    pub signed_in_at: Timestamp,
    /// To within ten minutes.
    pub last_seen_at: Option<Timestamp>,
    /// The one that asks, or to which the access token belongs.
    pub is_current: bool,
}

impl Account<'_> {
    /// The live sessions of the user: the current one first, then those that were used last; by an access token only
    /// the one that it belongs to, without the browser, its address and when it was last seen: a client that may know
    /// who somebody is may not watch them.
    ///
    /// # Errors
    /// `AUTH_001` without a user.
    pub async fn sessions(&self, ctx: &Ctx) -> Result<Vec<OwnSession>> {
        let user = ctx.require_user()?;
        let current = ctx.session.as_ref().map(|session| session.id).or(ctx.sid);
        let (now, by_cookie) = (self.0.now(), ctx.session.is_some());
        let rows = sessions::Entity::find()
            .filter(sessions::Column::UserId.eq(user.get()))
            .filter(sessions::Column::EndedAt.is_null())
            .filter(sessions::Column::ExpiresAt.gt(now.timestamp_millis()))
            .filter(sessions::Column::LastSeenAt.gt((now - IDLE).timestamp_millis()))
            .order_by_desc(sessions::Column::LastSeenAt)
            .order_by_desc(sessions::Column::Id)
            .all(self.0.db.read())
            .await?;
        let mut all: Vec<_> = rows
            .into_iter()
            .map(|row| OwnSession {
                signed_in_at: signed_in_at(&row),
                id: row.id.into(),
                device: row.user_agent.as_deref().filter(|_| by_cookie).and_then(Device::of),
                user_agent: row.user_agent.filter(|_| by_cookie),
                address: row.address.filter(|_| by_cookie),
                last_seen_at: by_cookie.then(|| at(row.last_seen_at)),
                is_current: current.is_some_and(|id| id.get() == row.id),
            })
            .filter(|own| own.is_current || by_cookie)
            .collect();
        all.sort_by_key(|own| !own.is_current);
        Ok(all)
    }

    /// Ends one session of the user, and what clients got in it. By an access token only the one that it belongs to, as
    /// a sign-out: what other applications got to use while nobody is there is not that client's to end. One that is
    /// over already, or somebody else's, is none.
    ///
    /// # Errors
    /// `AUTH_001` without a user; that or `AUTH_004` for another session than the one that asks, whose sign-in is not
    /// recent: who finds a browser left open puts nobody out elsewhere.
    pub async fn end_session(&self, ctx: &Ctx, id: SessionId) -> Result<()> {
        let user = ctx.require_user()?;
        match ctx.session.as_ref().map(|own| own.id) {
            Some(here) => {
                if here != id {
                    self.0.factors().fresh(ctx).await?;
                }
                self.end_those(ctx, Ended::OneOf(user, id)).await
            }
            None if ctx.sid == Some(id) => self.end_those(ctx, Ended::One(id)).await,
            None => Ok(()),
        }
    }

    /// Ends every session of the user but the one that asks, and what clients did not get in this one.
    ///
    /// # Errors
    /// `AUTH_001` without a session; that or `AUTH_004` unless its sign-in is recent.
    pub async fn end_others(&self, ctx: &Ctx) -> Result<()> {
        let own = self.0.factors().fresh(ctx).await?;
        let (user, here) = (own.user.id, own.id);
        let over = self
            .0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    // A session that is just beginning elsewhere is there by then.
                    ways_in::lock(&tx, user).await?;
                    Ok(end(tx.db, &tx.services, Ended::AllBut(user, here), tx.now).await?)
                })
            })
            .await?;
        over.tell(ctx);
        Ok(())
    }

    async fn end_those(&self, ctx: &Ctx, which: Ended) -> Result<()> {
        let over = self
            .0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    if let Ended::OneOf(user, _) = which {
                        ways_in::lock(&tx, user).await?;
                    }
                    Ok(end(tx.db, &tx.services, which, tx.now).await?)
                })
            })
            .await?;
        over.tell(ctx);
        Ok(())
    }
}
