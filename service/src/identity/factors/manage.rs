//! Taking factors away, and new recovery codes. Each is told to the account's owner.

use domain::{
    ErrorCode,
    billing::ledger::Action,
    id::UserId,
    identity::{
        factor::{FactorKind, Factors as Held, RecoveryCode},
        session::Session,
    },
};
use sea_orm::EntityTrait;
use serde_json::json;

use super::{Factors, codes, forget, held};
use crate::{
    Ctx, Result,
    entity::totp_factors,
    identity::{
        admin_users::locked,
        sessions::{Ended, end, end_others},
        ways_in,
    },
    ledger::Entry,
    mail::account::{About, Change},
    security_log::Event,
    tx::Tx,
};

impl Factors<'_> {
    /// Takes the authenticator app away, and ends every other session; with the last factor go the recovery codes. Once
    /// more changes nothing.
    ///
    /// # Errors
    /// `AUTH_001` or `AUTH_004` unless the sign-in is recent.
    pub async fn remove_totp(&self, ctx: &Ctx) -> Result<()> {
        let own = self.fresh(ctx).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    ways_in::lock(&tx, own.user.id).await?;
                    let deleted = totp_factors::Entity::delete_by_id(own.user.id.get()).exec(tx.db).await?;
                    if deleted.rows_affected == 1 {
                        removed(&tx, &own, FactorKind::Totp).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    /// New recovery codes in the place of those that there are; shown this once.
    ///
    /// # Errors
    /// `AUTH_001` or `AUTH_004` unless the sign-in is recent; `USR_003` for an account without a factor.
    pub async fn new_recovery_codes(&self, ctx: &Ctx) -> Result<Vec<RecoveryCode>> {
        let user = self.fresh(ctx).await?.user;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    ways_in::lock(&tx, user.id).await?;
                    if !held(tx.db, user.id).await?.any() {
                        return Err(ErrorCode::UserInvalid.into());
                    }
                    let made = codes::make(&tx, user.id).await?;
                    tx.log(Entry::new(Action::RecoveryCodesMade).user(user.id)).await?;
                    tx.tell(Event::RecoveryCodesMade, Some(user.id));
                    About::owner(&tx, &user, None).await?.tell(&tx, Change::RecoveryCodesMade).await?;
                    Ok(made)
                })
            })
            .await
    }

    /// What a user has, for who administers the server.
    ///
    /// # Errors
    /// As [`crate::Services::require_superadmin`].
    pub async fn of_user(&self, ctx: &Ctx, id: UserId) -> Result<Held> {
        self.0.require_superadmin(ctx)?;
        self.of(id).await
    }

    /// Takes all factors of a user away who has lost them, and ends their sessions. Where there are none nothing
    /// changes.
    ///
    /// # Errors
    /// As [`crate::Services::require_superadmin`]; `AUTH_001` or `AUTH_004` as [`Self::recent`]; `USR_001` for an
    /// unknown user, or one who is gone.
    pub async fn reset(&self, ctx: &Ctx, id: UserId) -> Result<()> {
        self.0.require_superadmin(ctx)?;
        self.recent(ctx).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let user = locked(&tx, id).await?;
                    let before = held(tx.db, id).await?;
                    if before == Held::default() {
                        return Ok(());
                    }
                    forget(&tx, id).await?;
                    end(tx.db, &tx.services, Ended::AllOf(id), tx.now).await?;
                    tx.log(Entry::new(Action::FactorsReset).user(id).from(&before)).await?;
                    tx.tell(Event::FactorsReset, Some(id));
                    About::owner(&tx, &user, None).await?.tell(&tx, Change::FactorsReset).await
                })
            })
            .await
    }
}

/// What goes with a factor, after the user's lock, and who is told.
pub(super) async fn removed(tx: &Tx<'_>, own: &Session, kind: FactorKind) -> Result<()> {
    let user = &own.user;
    end_others(tx, own).await?;
    if !held(tx.db, user.id).await?.any() {
        codes::forget(tx, user.id).await?;
    }
    tx.log(Entry::new(Action::FactorRemoved).user(user.id).from(json!({ "kind": kind }))).await?;
    tx.tell(Event::FactorRemoved, Some(user.id));
    About::owner(tx, user, None).await?.tell(tx, Change::FactorRemoved(kind)).await
}
