//! Signed-in browsers. The token is 256 random bits in a cookie; the database keeps its hash.

mod ended;
#[cfg(feature = "testing")]
mod testing;

pub(crate) use ended::{Ended, end, end_others};

use chrono::TimeDelta;
use domain::{
    ErrorCode, Locale, Secret, Timestamp,
    id::SessionId,
    identity::{
        email::Email,
        profile::Profile,
        proof::{Proof, Proofs},
        session::Session,
        user::{GlobalRole, User},
    },
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    sea_query::Expr,
};

use crate::{
    Ctx, Error, Result, Services,
    clock::at,
    crypto,
    db::{Columns, json, query},
    entity::{sessions, users},
    identity::{
        factors,
        proved::{Proved, still_counts},
    },
    security_log::Event,
    tx::Tx,
};

/// A session ends at the latest this long after sign-in.
pub const ABSOLUTE: TimeDelta = TimeDelta::days(30);
/// And this long after it was last used.
pub(crate) const IDLE: TimeDelta = TimeDelta::days(7);
/// Use is written down no more often than this.
const TOUCH: TimeDelta = TimeDelta::minutes(10);

/// Whether a second factor was asked for where the account has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// What was proved is enough.
    Enough,
    /// There was none when it was looked for. One that came since then wants to be shown.
    AsThereWasNone,
}

/// See the module.
pub struct Sessions<'a>(&'a Services);

impl Services {
    pub const fn sessions(&self) -> Sessions<'_> {
        Sessions(self)
    }
}

impl Sessions<'_> {
    /// Starts a session for a user by what they have proved. The token is for the cookie.
    /// Who signs in again keeps the session, with a new token: to clients it is the same one (`sid`).
    ///
    /// # Errors
    /// `AUTH_001` when it counts no more: after a new password, role or first factor, or for a user who is disabled
    /// meanwhile.
    pub(super) async fn start_by(&self, ctx: &Ctx, proved: Proved, asked: Asked) -> Result<(Session, Secret)> {
        let Proved { user, proofs, at: authenticated_at, password_set_at } = proved;
        let services = self.0.clone();
        let now = services.now();
        let token = services.rng.secret("ses_");
        let new = Session {
            id: services.id(),
            user: user.clone(),
            signed_in_at: now,
            authenticated_at,
            proofs,
            expires_at: now + ABSOLUTE,
        };
        let row = sessions::ActiveModel {
            id: Set(new.id.get()),
            token_hash: Set(crypto::hash(token.expose())),
            user_id: Set(user.id.get()),
            user_agent: Set(ctx.user_agent.as_deref().map(|text| text.chars().take(300).collect())),
            address: Set(ctx.address.clone()),
            created_at: Set(now.timestamp_millis()),
            authenticated_at: Set(authenticated_at.timestamp_millis()),
            last_seen_at: Set(now.timestamp_millis()),
            expires_at: Set(new.expires_at.timestamp_millis()),
            ended_at: Set(None),
            proofs: Set(Some(new.proofs.to_string())),
        };
        let before = ctx.session.as_ref().map(|session| (session.id, session.user.id == user.id));
        let id = self
            .0
            .db
            .write(move |db| {
                Box::pin(async move {
                    let counts = still_counts(db, &user, password_set_at).await?;
                    if !counts || (asked == Asked::AsThereWasNone && factors::held(db, user.id).await?.any()) {
                        return Err(Error::from(ErrorCode::NoSession));
                    }
                    let Some((before, same)) = before else {
                        sessions::Entity::insert(row).exec_without_returning(db).await?;
                        return Ok::<_, Error>(None);
                    };
                    if same && renew(db, before, row.clone()).await? {
                        return Ok(Some(before));
                    }
                    // Somebody else's session in the same browser ends with the sign-in.
                    end(db, &services, Ended::One(before), now).await?;
                    sessions::Entity::insert(row).exec_without_returning(db).await?;
                    Ok(None)
                })
            })
            .await?;
        if let (Some(other), None) = (&ctx.session, id) {
            Event::SessionEnded.by(ctx).user(other.user.id).session(other.id).write();
        }
        let session = Session { id: id.unwrap_or(new.id), ..new };
        Event::SignInSucceeded.by(ctx).user(session.user.id).session(session.id).proofs(&session.proofs).write();
        Ok((session, token))
    }

    /// The live session of a cookie's token.
    ///
    /// # Errors
    /// The database's own.
    pub async fn find(&self, token: &str) -> Result<Option<Session>> {
        let services = self.0;
        let rows = query(services.db.read(), OF_TOKEN, [crypto::hash(token).into()]).await?;
        let Some(found) = rows.first() else { return Ok(None) };
        let mut columns = Columns::of(found);
        let (row, user) = (session_columns(&mut columns)?, user_columns(&mut columns)?);
        let now = services.now();
        let idle = at(row.last_seen_at) + IDLE;
        if row.ended_at.is_some() || at(row.expires_at) <= now || idle <= now || user.disabled_at.is_some() {
            return Ok(None);
        }
        if at(row.last_seen_at) + TOUCH <= now {
            let (id, seen) = (row.id, now.timestamp_millis());
            services
                .db
                .write(move |db| {
                    Box::pin(async move {
                        sessions::Entity::update_many()
                            .col_expr(sessions::Column::LastSeenAt, Expr::value(seen))
                            .filter(sessions::Column::Id.eq(id))
                            .exec(db)
                            .await?;
                        Ok::<_, Error>(())
                    })
                })
                .await?;
        }
        Ok(Some(Session {
            id: row.id.into(),
            user: self::user(user)?,
            signed_in_at: signed_in_at(&row),
            authenticated_at: at(row.authenticated_at),
            proofs: row.proofs.as_deref().map(Proofs::parse).unwrap_or_default(),
            expires_at: at(row.expires_at),
        }))
    }

    /// Ends a session. Ending it again changes nothing.
    ///
    /// # Errors
    /// The database's own.
    pub async fn end(&self, ctx: &Ctx, id: SessionId) -> Result<()> {
        let over = self
            .0
            .transact(ctx, move |tx| {
                Box::pin(async move { Ok(end(tx.db, &tx.services, Ended::One(id), tx.now).await?) })
            })
            .await?;
        over.tell(ctx);
        Ok(())
    }
}

/// When the user of a session last signed in: from then on its time runs.
pub(super) fn signed_in_at(row: &sessions::Model) -> Timestamp {
    at(row.expires_at) - ABSOLUTE
}

const OF_TOKEN: &str = "SELECT s.id, s.token_hash, s.user_id, s.user_agent, s.address, s.created_at, \
     s.authenticated_at, s.last_seen_at, s.expires_at, s.ended_at, s.proofs, \
     u.id, u.email, u.email_verified, u.name, u.role, u.locale, u.disabled_at, u.created_at, \
     u.profile, u.updated_at, u.deleted_at, u.organization_id \
     FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = $1";

fn session_columns(c: &mut Columns<'_>) -> Result<sessions::Model, sea_orm::DbErr> {
    Ok(sessions::Model {
        id: c.next()?,
        token_hash: c.next()?,
        user_id: c.next()?,
        user_agent: c.next()?,
        address: c.next()?,
        created_at: c.next()?,
        authenticated_at: c.next()?,
        last_seen_at: c.next()?,
        expires_at: c.next()?,
        ended_at: c.next()?,
        proofs: c.next()?,
    })
}

/// The columns of `users`, in their order.
pub(crate) fn user_columns(c: &mut Columns<'_>) -> Result<users::Model, sea_orm::DbErr> {
    Ok(users::Model {
        id: c.next()?,
        email: c.next()?,
        email_verified: c.next()?,
        name: c.next()?,
        role: c.next()?,
        locale: c.next()?,
        disabled_at: c.next()?,
        created_at: c.next()?,
        profile: c.next()?,
        updated_at: c.next()?,
        deleted_at: c.next()?,
        organization_id: c.next()?,
    })
}

/// Gives a live session the token and the times of `row`; false when it is over.
async fn renew(db: &impl ConnectionTrait, id: SessionId, row: sessions::ActiveModel) -> Result<bool, DbErr> {
    let row = sessions::ActiveModel { id: NotSet, user_id: NotSet, created_at: NotSet, ..row };
    let renewed = sessions::Entity::update_many()
        .set(row)
        .filter(sessions::Column::Id.eq(id.get()))
        .filter(sessions::Column::EndedAt.is_null())
        .exec(db)
        .await?;
    Ok(renewed.rows_affected == 1)
}

/// Notes what a session's user has proved beside the rest, and gives it a new token. `authenticated_at` is now for what
/// they had before and showed; what they have just set up says nothing of who they are.
///
/// # Errors
/// `AUTH_001` for a session that has ended.
pub(crate) async fn raise(tx: &Tx<'_>, session: &Session, proof: Proof, authenticated_at: Timestamp) -> Result<Secret> {
    let token = tx.services.rng.secret("ses_");
    let proofs = session.proofs.clone().and(proof);
    let raised = sessions::Entity::update_many()
        .col_expr(sessions::Column::TokenHash, Expr::value(crypto::hash(token.expose())))
        .col_expr(sessions::Column::Proofs, Expr::value(proofs.to_string()))
        .col_expr(sessions::Column::AuthenticatedAt, Expr::value(authenticated_at.timestamp_millis()))
        .col_expr(sessions::Column::LastSeenAt, Expr::value(tx.millis()))
        .filter(sessions::Column::Id.eq(session.id.get()))
        .filter(sessions::Column::EndedAt.is_null())
        .exec(tx.db)
        .await?;
    if raised.rows_affected == 1 { Ok(token) } else { Err(ErrorCode::NoSession.into()) }
}

/// Refuses what is done in a session that has ended since somebody looked. Whoever asks has locked the user: a new
/// password, which ends it, came before, or waits.
///
/// # Errors
/// `AUTH_001` for a session that has ended.
pub(crate) async fn still_lives(tx: &Tx<'_>, id: SessionId) -> Result<()> {
    let live = sessions::Entity::find_by_id(id.get()).filter(sessions::Column::EndedAt.is_null());
    if live.count(tx.db).await? == 1 { Ok(()) } else { Err(ErrorCode::NoSession.into()) }
}

/// A row of `users` as the domain knows it.
pub(crate) fn user(row: users::Model) -> Result<User> {
    Ok(User {
        id: row.id.into(),
        email: Email::stored(row.email),
        email_verified: row.email_verified,
        // One that is none by the rule of today is left out.
        name: row.name.and_then(|name| name.try_into().ok()),
        role: GlobalRole::parse(&row.role).ok_or_else(|| Error::internal("unknown role"))?,
        locale: row.locale.as_deref().and_then(Locale::from_tag),
        disabled_at: row.disabled_at.map(at),
        created_at: at(row.created_at),
        profile: row.profile.map_or_else(|| Ok(Profile::default()), |text| profile(&text))?,
        updated_at: at(row.updated_at.unwrap_or(row.created_at)),
        organization: row.organization_id.map(Into::into),
    })
}

fn profile(text: &str) -> Result<Profile> {
    domain::stored::read(text).map_err(Error::internal)
}

/// What `users.profile` keeps.
///
/// # Errors
/// When it cannot be serialised.
pub(crate) fn profile_column(profile: &Profile) -> Result<Option<String>> {
    if *profile == Profile::default() {
        return Ok(None);
    }
    json(profile).map(Some)
}
