//! Forgets rows whose time is over: revocations of tokens that have expired, names that could be used once, pushed
//! requests, codes of devices, notices of logouts, answers to idempotent requests, ended sessions and grants, sessions of
//! the portal, links in mails, sign-ins that did not come back from their provider, invitations to organizations, mails
//! and webhooks that were sent or given up, alerts that were resolved; secrets of clients, of providers and of webhooks
//! that have ended, and signing keys. Of orders that nobody paid goes what they know of people.

use std::time::Duration;

use chrono::TimeDelta;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, Iterable, ModelTrait, PrimaryKeyToColumn, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};

use crate::{
    Error, Result, Services,
    billing::orders,
    entity::{
        alerts, client_secrets, device_codes, grants, idempotency_keys, logout_notices, mail_links, mails,
        organization_invitations, portal_sessions, pushed_requests, revoked_tokens, sessions, signing_keys,
        upstream_states, used_ids, webhook_deliveries, webhook_endpoints,
    },
    idempotency,
    identity::sessions::IDLE,
    keys::HINTS_AFTER,
    tx::LOCK,
};

/// How often the server looks for requests that nobody answered.
const EVERY: Duration = Duration::from_secs(60);
/// In every so many of these looks it looks for everything, some of which no index finds.
const LOOKS: u32 = 10;
/// A device that asks once more is told for so long that its code is over.
const TOLD: TimeDelta = TimeDelta::minutes(1);
/// Ended sessions and grants are kept this long: a late logout may still name them.
const KEEP: TimeDelta = TimeDelta::days(1);
/// How long it can be looked up what became of a mail.
const MAILS: TimeDelta = TimeDelta::days(30);
/// How long deliveries of webhooks can be looked at, and sent again.
const DELIVERIES: TimeDelta = TimeDelta::days(30);
/// How long alerts that were resolved can be looked at.
const ALERTS: TimeDelta = TimeDelta::days(90);
/// How long an order that nobody paid says who else was to be billed, and what its application noted.
const UNPAID: TimeDelta = TimeDelta::days(90);
/// How many rows one write forgets, so that others never wait long for it.
const BATCH: u64 = 500;

impl Services {
    /// Forgets for as long as the server runs.
    pub async fn purge_forever(self) {
        loop {
            for look in 1..=LOOKS {
                tokio::time::sleep(EVERY).await;
                let purged = if look == LOOKS { self.purge().await } else { self.purge_requests().await };
                if let Err(error) = purged {
                    tracing::warn!(error = &error as &dyn std::error::Error, "old rows could not be removed");
                }
            }
        }
    }

    /// Forgets everything whose time is over and says how many rows that were.
    ///
    /// # Errors
    /// The database's own.
    pub async fn purge(&self) -> Result<u64> {
        let now = self.now();
        let before = |age: TimeDelta| (now - age).timestamp_millis();
        let mut gone = self.purge_requests().await?;
        let expired = Condition::all().add(revoked_tokens::Column::ExpiresAt.lte(before(TimeDelta::zero())));
        gone += self.forget::<revoked_tokens::Entity>(expired).await?;
        let untold = Condition::all().add(logout_notices::Column::CreatedAt.lte(before(KEEP + KEEP)));
        gone += self.forget::<logout_notices::Entity>(untold).await?;
        let answered = Condition::all().add(idempotency_keys::Column::CreatedAt.lte(before(idempotency::KEPT)));
        gone += self.forget::<idempotency_keys::Entity>(answered).await?;
        self.forget_secrets().await?;
        let resolved = Condition::all().add(alerts::Column::ResolvedAt.lte(before(ALERTS)));
        gone += self.forget::<alerts::Entity>(resolved).await?;
        let closed = Condition::all().add(portal_sessions::Column::ExpiresAt.lte(before(KEEP)));
        gone += self.forget::<portal_sessions::Entity>(closed).await?;
        let ended = Condition::any()
            .add(sessions::Column::EndedAt.lte(before(KEEP)))
            .add(sessions::Column::ExpiresAt.lte(before(KEEP)))
            .add(sessions::Column::LastSeenAt.lte(before(IDLE + KEEP)));
        gone += self.forget::<sessions::Entity>(ended).await?;
        let over = Condition::any()
            .add(grants::Column::RevokedAt.lte(before(KEEP)))
            .add(grants::Column::ExpiresAt.lte(before(KEEP)));
        let over = Condition::all().add(over).add(self.untold_grants());
        gone += self.forget::<grants::Entity>(over).await?;
        let stale = Condition::all().add(mail_links::Column::ExpiresAt.lte(before(TimeDelta::zero())));
        gone += self.forget::<mail_links::Entity>(stale).await?;
        let unanswered = Condition::all().add(organization_invitations::Column::ExpiresAt.lte(before(KEEP)));
        gone += self.forget::<organization_invitations::Entity>(unanswered).await?;
        let done =
            Condition::all().add(mails::Column::NextAt.is_null()).add(mails::Column::CreatedAt.lte(before(MAILS)));
        gone += self.forget::<mails::Entity>(done).await?;
        // What is due for so long waits for an endpoint that is off.
        let told = Condition::any()
            .add(webhook_deliveries::Column::NextAt.is_null())
            .add(webhook_deliveries::Column::NextAt.lte(before(DELIVERIES)));
        let told = Condition::all().add(told).add(webhook_deliveries::Column::CreatedAt.lte(before(DELIVERIES)));
        gone += self.forget::<webhook_deliveries::Entity>(told).await?;
        // Last, as these can fail by more than the database.
        gone += self.forget_ended().await?;
        orders::forget_unpaid(self, now - UNPAID).await?;
        Ok(gone)
    }

    /// Forgets the requests that nobody answered in time, and names that were used once, and says how many rows that
    /// were. Whoever has proved nothing can have them written, and indexes find them: they go soon. Codes of devices
    /// go with them that were used: past its time, a second use of one gets nowhere.
    ///
    /// # Errors
    /// The database's own.
    pub async fn purge_requests(&self) -> Result<u64> {
        let now = self.now();
        let mut gone = 0;
        // Another node's clock may be behind.
        let used = Condition::all().add(used_ids::Column::ExpiresAt.lte((now - TOLD).timestamp_millis()));
        gone += self.forget::<used_ids::Entity>(used).await?;
        let waited = Condition::all().add(pushed_requests::Column::ExpiresAt.lte(now.timestamp_millis()));
        gone += self.forget::<pushed_requests::Entity>(waited).await?;
        let entered = Condition::all().add(device_codes::Column::ExpiresAt.lte((now - TOLD).timestamp_millis()));
        gone += self.forget::<device_codes::Entity>(entered).await?;
        let left = Condition::all().add(upstream_states::Column::ExpiresAt.lte(now.timestamp_millis()));
        gone += self.forget::<upstream_states::Entity>(left).await?;
        Ok(gone)
    }

    /// Takes answers away that hold a secret which lives no more, and secrets of webhooks that sign nothing any more.
    /// Keys of answers stay: another body is still refused.
    async fn forget_secrets(&self) -> Result<()> {
        let now = self.now().timestamp_millis();
        let answers = idempotency_keys::Entity::update_many()
            .col_expr(idempotency_keys::Column::SealedAnswer, Expr::value(None::<Vec<u8>>))
            .filter(idempotency_keys::Column::AnswerUntilAt.lte(now))
            .filter(idempotency_keys::Column::SealedAnswer.is_not_null());
        let replaced = webhook_endpoints::Entity::update_many()
            .col_expr(webhook_endpoints::Column::SealedOldSecret, Expr::value(None::<Vec<u8>>))
            .col_expr(webhook_endpoints::Column::OldUntilAt, Expr::value(None::<i64>))
            .filter(webhook_endpoints::Column::OldUntilAt.lte(now));
        self.db
            .write(move |db| {
                Box::pin(async move {
                    answers.exec(db).await?;
                    replaced.exec(db).await?;
                    Ok::<_, Error>(())
                })
            })
            .await
    }

    /// Forgets client secrets that have ended, signing keys that tell no hint any more, and the signing secrets of
    /// providers in whose place others have come for good. Answers how many rows went.
    async fn forget_ended(&self) -> Result<u64> {
        let now = self.now();
        let ended = Condition::all().add(client_secrets::Column::ExpiresAt.lte(now.timestamp_millis()));
        let retired = Condition::all().add(signing_keys::Column::RetiredAt.lte((now - HINTS_AFTER).timestamp_millis()));
        let gone =
            self.forget::<client_secrets::Entity>(ended).await? + self.forget::<signing_keys::Entity>(retired).await?;
        if gone > 0 {
            // No node shows or holds them any more.
            self.write_directory(|_| Box::pin(async { Ok(()) })).await?;
        }
        self.payment_keys().forget_rolled().await?;
        Ok(gone)
    }

    /// Deletes the rows that `over` describes, a batch at a time. They are looked for outside of the write.
    async fn forget<E>(&self, over: Condition) -> Result<u64>
    where
        E: EntityTrait,
        E::Model: ModelTrait<Entity = E> + Send + Sync,
    {
        let mut gone = 0;
        loop {
            let rows = E::find().filter(over.clone()).limit(BATCH).all(self.db.read()).await?;
            let found = rows.len() as u64;
            if found > 0 {
                let keys: Vec<_> = rows.iter().map(ModelTrait::get_primary_key_value).collect();
                let key = || Expr::tuple(E::PrimaryKey::iter().map(|key| Expr::col(key.into_column())));
                // Once more: a row may have come back to life since it was found.
                let these = E::find().select_only().filter(key().in_tuples(keys)).filter(over.clone()).lock(LOCK);
                // In the order of their keys, as everybody who locks several: so nobody waits in a circle.
                let these = E::PrimaryKey::iter()
                    .fold(these, |these, key| these.column(key.into_column()).order_by_asc(key.into_column()));
                let delete = E::delete_many().filter(key().in_subquery(these.into_query()));
                gone += self
                    .db
                    .write(move |db| Box::pin(async move { Ok::<_, Error>(delete.exec(db).await?.rows_affected) }))
                    .await?;
            }
            if found < BATCH {
                return Ok(gone);
            }
        }
    }
}
