//! Second factors of accounts: made, asked for, taken away. An account that has one gets no session without it,
//! whichever way its owner came in.

mod codes;
mod enrol;
mod manage;
mod passkeys;
mod sign_in;
pub(crate) mod totp;

use chrono::TimeDelta;
use domain::{
    ErrorCode, Timestamp,
    id::UserId,
    identity::{factor::Factors as Held, session::Session, user::User},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

pub use enrol::{Confirmed, Enrolment};
pub(crate) use passkeys::relying_party;
pub use passkeys::{Challenge, Shown};
pub use sign_in::{PENDING, Pending, Welcome};

use crate::{
    Ctx, Result, Services,
    clock::at,
    entity::{recovery_codes, totp_factors},
    tx::Tx,
};

/// What guards an account, and what sends tokens or money elsewhere, is changed within so long after a sign-in; later
/// it is asked for again.
const RECENT: TimeDelta = TimeDelta::minutes(15);

/// See the module.
pub struct Factors<'a>(&'a Services);

impl Services {
    pub const fn factors(&self) -> Factors<'_> {
        Factors(self)
    }
}

/// Whether somebody may change what their account is guarded by.
#[derive(Clone, Debug)]
pub enum Standing {
    /// They have just proved who they are.
    Fresh(Box<Session>),
    /// They have to prove it again, by a second factor where there is one.
    Stale { has_factor: bool },
}

impl Factors<'_> {
    /// What a user has.
    ///
    /// # Errors
    /// The database's own.
    pub async fn of(&self, user: UserId) -> Result<Held> {
        held(self.0.db.read(), user).await
    }

    /// Whether the signed-in user proved who they are lately, by a second factor if they have one.
    ///
    /// # Errors
    /// `AUTH_001` without a session.
    pub async fn standing(&self, ctx: &Ctx) -> Result<Standing> {
        let session = ctx.require_session()?;
        let has_factor = self.of(session.user.id).await?.any();
        let complete = !has_factor || session.proofs.is_multi_factor();
        let fresh = complete && self.0.now() < session.authenticated_at + RECENT;
        Ok(if fresh { Standing::Fresh(Box::new(session.clone())) } else { Standing::Stale { has_factor } })
    }

    /// The session of somebody who may change now what their account is guarded by.
    ///
    /// # Errors
    /// `AUTH_001` or `AUTH_004` unless the sign-in is recent.
    pub(crate) async fn fresh(&self, ctx: &Ctx) -> Result<Session> {
        match self.standing(ctx).await? {
            Standing::Fresh(session) => Ok(*session),
            Standing::Stale { has_factor: true } => Err(ErrorCode::MfaRequired.into()),
            Standing::Stale { has_factor: false } => Err(ErrorCode::NoSession.into()),
        }
    }

    /// Lets those pass who may change accounts, make what opens something, or send tokens or money elsewhere: a session
    /// as [`Self::fresh`] has it, and programs. Who finds a browser left open takes nothing over.
    ///
    /// # Errors
    /// `AUTH_001` or `AUTH_004` unless the sign-in is recent.
    pub(crate) async fn recent(&self, ctx: &Ctx) -> Result<()> {
        if ctx.session.is_some() {
            self.fresh(ctx).await?;
        }
        Ok(())
    }

    /// The session, if it has shown a second factor wherever its user has one: one that began with a password alone,
    /// before there was a factor, is not enough for what takes the account away.
    ///
    /// # Errors
    /// `AUTH_001` without a session, `AUTH_004` without the factor.
    pub async fn with_factor(&self, ctx: &Ctx) -> Result<Session> {
        let session = ctx.require_session()?;
        if !session.proofs.is_multi_factor() && self.of(session.user.id).await?.any() {
            return Err(ErrorCode::MfaRequired.into());
        }
        Ok(session.clone())
    }
}

pub(super) async fn held(db: &impl ConnectionTrait, user: UserId) -> Result<Held> {
    let totp = totp_factors::Entity::find_by_id(user.get()).one(db).await?;
    let left = recovery_codes::Entity::find().filter(recovery_codes::Column::UserId.eq(user.get())).count(db).await?;
    let recovery_codes = usize::try_from(left).unwrap_or(usize::MAX);
    let passkeys = passkeys::of(db, user).await?.into_iter().map(passkeys::shown).collect();
    Ok(Held { totp: totp.map(|row| at(row.created_at)), passkeys, recovery_codes })
}

/// Takes everything of a user away.
pub(crate) async fn forget(tx: &Tx<'_>, user: UserId) -> Result<()> {
    totp_factors::Entity::delete_by_id(user.get()).exec(tx.db).await?;
    passkeys::forget(tx, user).await?;
    codes::forget(tx, user).await
}

/// Whether what began at `at` and lives for `life` is over.
fn is_over(at: Timestamp, life: TimeDelta, now: Timestamp) -> bool {
    at + life <= now
}

/// Who somebody must be to sign in now: still there, and not disabled.
fn usable(user: Option<User>) -> Result<User> {
    let user = user.ok_or(ErrorCode::NoSession)?;
    if user.disabled_at.is_some() { Err(ErrorCode::AccountDisabled.into()) } else { Ok(user) }
}
