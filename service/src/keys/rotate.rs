//! New signing keys for old ones: by schedule and by command. A new key is published before it signs, so that clients
//! which keep the set for a while know it by then; the old one stays until the last token that it signed is over.

use std::time::Duration;

use chrono::TimeDelta;
use domain::{Timestamp, oauth::client::SigningAlg};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};

use super::{PUBLISHED_AFTER, SigningKey, generate::NewKey};
use crate::{Ctx, Result, Services, clock::at, entity::signing_keys};

/// How long a new key is published before it signs; clients may keep the set for five minutes.
pub const AHEAD: TimeDelta = TimeDelta::minutes(30);
/// How often the server looks whether a key's time has come.
const EVERY: Duration = Duration::from_secs(300);

/// See the module.
pub struct Keys<'a>(&'a Services);

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Published, and signs from then on.
    Next(Timestamp),
    /// Signs.
    Active,
    /// Signs no more; published until then.
    Retired(Timestamp),
}

/// A key as an operator sees it.
#[derive(Clone, Debug)]
pub struct KeyInfo {
    pub kid: String,
    pub alg: SigningAlg,
    pub stage: Stage,
    /// When it began or begins to sign.
    pub active_at: Timestamp,
}

impl Services {
    pub const fn keys(&self) -> Keys<'_> {
        Keys(self)
    }

    /// Rotates keys by their schedule for as long as the server runs.
    pub async fn rotate_keys_forever(self) {
        loop {
            if let Err(error) = self.keys().work().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "signing keys could not be rotated");
            }
            tokio::time::sleep(EVERY).await;
        }
    }
}

impl Keys<'_> {
    /// Every key that is published, by algorithm and age.
    ///
    /// # Errors
    /// `AUTH_001` or `AUTH_011` for anybody but superadmins and the command line.
    pub fn list(&self, ctx: &Ctx) -> Result<Vec<KeyInfo>> {
        self.0.require_superadmin(ctx)?;
        let now = self.0.now();
        let directory = self.0.directory();
        let stage = |key: &SigningKey| match key.retired_at {
            Some(retired) if retired <= now => Stage::Retired(retired + PUBLISHED_AFTER),
            _ if key.active_at > now => Stage::Next(key.active_at),
            _ => Stage::Active,
        };
        let mut keys: Vec<_> = directory
            .keys
            .published(now)
            .map(|key| KeyInfo { kid: key.kid.clone(), alg: key.alg, stage: stage(key), active_at: key.active_at })
            .collect();
        keys.sort_by_key(|key| (key.alg, key.active_at));
        Ok(keys)
    }

    /// Makes a new key for each of `algs`, which takes over after [`AHEAD`]; an algorithm whose next key is published
    /// already gets none. With `at_once` it signs from now on, for when the old one may be known to others: then that
    /// one verifies nothing any more, and clients that keep the old set refuse tokens until they read it again.
    /// Answers the new keys.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub async fn rotate(&self, ctx: &Ctx, algs: &[SigningAlg], at_once: bool) -> Result<Vec<String>> {
        self.0.require_superadmin(ctx)?;
        let mut made = Vec::new();
        for alg in algs {
            let start = if at_once { TimeDelta::zero() } else { AHEAD };
            made.extend(self.replace(ctx, *alg, start, at_once).await?);
        }
        Ok(made)
    }

    /// Rotates what has signed for longer than the operator wants, and takes keys out of the published set whose last
    /// token is over.
    ///
    /// # Errors
    /// The database's own.
    pub async fn work(&self) -> Result<()> {
        let (now, directory) = (self.0.now(), self.0.directory());
        for alg in SigningAlg::ALL {
            let newest = directory.keys.newest(alg).map(|key| key.active_at);
            if newest.is_none_or(|newest| newest + self.0.settings.key_life <= now + AHEAD) {
                self.replace(&Ctx::system(), alg, AHEAD, false).await?;
            }
        }
        if directory.keys.has_passed(now) {
            self.0.reload_directory().await?;
        }
        Ok(())
    }

    async fn replace(&self, ctx: &Ctx, alg: SigningAlg, start: TimeDelta, compromised: bool) -> Result<Option<String>> {
        let key = NewKey::make(self.0, alg, start).await?;
        let starts = key.starts();
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    // The write has locked the directory's version: nobody else makes a key now.
                    let newest = signing_keys::Entity::find()
                        .filter(signing_keys::Column::Alg.eq(alg.as_str()))
                        .filter(signing_keys::Column::RetiredAt.is_null())
                        .order_by_desc(signing_keys::Column::ActiveAt)
                        .one(tx.db)
                        .await?;
                    let waits = newest.is_some_and(|newest| at(newest.active_at) > tx.now);
                    if waits && !compromised {
                        return Ok(None);
                    }
                    // Compromised keys are over at once, even for verifying: their end lies so far back that it has
                    // come whatever a node's clock says. That goes for those too whose successor is published already.
                    let end = if compromised { Timestamp::UNIX_EPOCH } else { starts };
                    let mut retire = signing_keys::Entity::update_many()
                        .col_expr(signing_keys::Column::RetiredAt, Expr::value(end.timestamp_millis()))
                        .filter(signing_keys::Column::Alg.eq(alg.as_str()));
                    if !compromised {
                        retire = retire.filter(signing_keys::Column::RetiredAt.is_null());
                    }
                    retire.exec(tx.db).await?;
                    key.keep(&tx).await.map(Some)
                })
            })
            .await
    }
}
