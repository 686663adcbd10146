//! The end of sessions, and of what goes with them.

use domain::{
    Timestamp,
    id::{SessionId, UserId},
    identity::session::Session,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::still_lives;
use crate::{
    Ctx, Result, Services,
    entity::{grants, memberships, portal_sessions, sessions},
    oauth::backchannel,
    security_log::Event,
    tx::Tx,
};

/// Which sessions end, and what ends with them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ended {
    /// One, by a sign-out. What it let clients have while nobody is there (`offline_access`) outlives it (OpenID
    /// Connect Core, section 11).
    One(SessionId),
    /// All of a user, and every grant of theirs, from whichever session.
    AllOf(UserId),
    /// One, if it is this user's, and the grants that it began.
    OneOf(UserId, SessionId),
    /// All of a user but one, and every grant that this one did not begin.
    AllBut(UserId, SessionId),
    /// All of a user but one, and every grant, also those that this one began: who had its cookie may have them.
    AllButBare(UserId, SessionId),
}

impl Ended {
    fn sessions(self) -> Expr {
        match self {
            Self::One(id) => sessions::Column::Id.eq(id.get()),
            Self::AllOf(user) => sessions::Column::UserId.eq(user.get()),
            Self::OneOf(user, id) => sessions::Column::UserId.eq(user.get()).and(sessions::Column::Id.eq(id.get())),
            Self::AllBut(user, id) | Self::AllButBare(user, id) => {
                sessions::Column::UserId.eq(user.get()).and(sessions::Column::Id.ne(id.get()))
            }
        }
    }

    /// Whose visits to portals end as well.
    const fn user(self) -> Option<UserId> {
        match self {
            Self::One(_) => None,
            Self::AllOf(user) | Self::OneOf(user, _) | Self::AllBut(user, _) | Self::AllButBare(user, _) => Some(user),
        }
    }

    fn grants(self) -> Option<Expr> {
        let of = |user: UserId| grants::Column::UserId.eq(user.get());
        match self {
            Self::One(_) => None,
            Self::AllOf(user) | Self::AllButBare(user, _) => Some(of(user)),
            Self::OneOf(user, id) => Some(of(user).and(grants::Column::SessionId.eq(id.get()))),
            Self::AllBut(user, id) => {
                let other = grants::Column::SessionId.ne(id.get()).or(grants::Column::SessionId.is_null());
                Some(of(user).and(other))
            }
        }
    }
}

/// Ends sessions, and the grants that go with them, and says what has ended. Clients that want to know are
/// told by a job.
pub(crate) async fn end(
    db: &impl ConnectionTrait,
    services: &Services,
    which: Ended,
    now: Timestamp,
) -> Result<Over, DbErr> {
    let sessions: Vec<(Uuid, Uuid)> = sessions::Entity::find()
        .select_only()
        .column(sessions::Column::Id)
        .column(sessions::Column::UserId)
        .filter(which.sessions())
        .filter(sessions::Column::EndedAt.is_null())
        .into_tuple()
        .all(db)
        .await?;
    if !sessions.is_empty() {
        sessions::Entity::update_many()
            .col_expr(sessions::Column::EndedAt, Expr::value(now.timestamp_millis()))
            .filter(sessions::Column::Id.is_in(sessions.iter().map(|(id, _)| *id)))
            .exec(db)
            .await?;
    }
    let mut others = 0;
    // After the sessions: a grant that was just being begun in one of them is there by now, and no other follows. Where
    // every session is over already, grants of theirs may still live.
    if let Some(grants) = which.grants() {
        let revoked = grants::Entity::update_many()
            .col_expr(grants::Column::RevokedAt, Expr::value(now.timestamp_millis()))
            .filter(grants)
            .filter(grants::Column::RevokedAt.is_null())
            .exec(db)
            .await?;
        others += revoked.rows_affected;
    }
    if let Some(user) = which.user() {
        let own = memberships::Entity::find()
            .select_only()
            .column(memberships::Column::Id)
            .filter(memberships::Column::UserId.eq(user.get()));
        let visits = portal_sessions::Entity::delete_many()
            .filter(portal_sessions::Column::MembershipId.in_subquery(own.into_query()))
            .exec(db)
            .await?;
        others += visits.rows_affected;
    }
    backchannel::queue(db, services, sessions.iter().map(|(id, _)| *id).collect(), now).await?;
    Ok(Over { sessions, others })
}

/// Ends every session of a user but their own, and every grant that this one did not begin: where a way in goes, any of
/// them may have begun by it. Whoever calls it has locked the user.
///
/// # Errors
/// `AUTH_001` for an own session that has ended meanwhile.
pub(crate) async fn end_others(tx: &Tx<'_>, own: &Session) -> Result<()> {
    still_lives(tx, own.id).await?;
    end(tx.db, &tx.services, Ended::AllBut(own.user.id, own.id), tx.now).await?;
    Ok(())
}

/// What has ended.
#[derive(Debug)]
pub(crate) struct Over {
    /// Sessions, and whose they were.
    sessions: Vec<(Uuid, Uuid)>,
    /// Grants, and visits to portals.
    others: u64,
}

impl Over {
    pub(crate) const fn is_any(&self) -> bool {
        !self.sessions.is_empty() || self.others > 0
    }

    /// Tells the security log which sessions somebody has ended.
    pub(crate) fn tell(&self, ctx: &Ctx) {
        for &(id, user) in &self.sessions {
            Event::SessionEnded.by(ctx).user(UserId::from(user)).session(id.into()).write();
        }
    }
}
