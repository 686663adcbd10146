//! The job that tells endpoints what waits for them, again and again until they have taken it or it is given up.

use std::{collections::HashMap, time::Duration};

use chrono::TimeDelta;
use domain::{
    id::WebhookEndpointId,
    webhook::{
        delivery::{Attempt, MAX_ANSWER},
        schedule::next_wait,
    },
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockBehavior},
};
use tokio::task::{AbortHandle, JoinSet};
use uuid::Uuid;

use super::{deliveries::Deliveries, signature::sign};
use crate::{
    Ctx, Error, Result, Services,
    billing::alerts::{self, AlertKind},
    crypto::Purpose,
    entity::{webhook_deliveries as rows, webhook_endpoints as endpoints},
    outbound::{Unreached, shown},
    tx::LOCK,
};

/// How often the server looks for what waits.
const EVERY: Duration = Duration::from_secs(1);
/// How many endpoints a node tells at once, those first that have waited longest.
const ENDPOINTS: u64 = 50;
/// How many deliveries of each. All are sent at once: a receiver that hangs does not hold up the others.
const EACH: u64 = 10;
/// Who takes a delivery has this long, before another takes it.
const CLAIM: TimeDelta = TimeDelta::minutes(1);
/// The receiver wants to be told no more.
const GONE: u16 = 410;

impl Services {
    /// Sends webhooks for as long as the server runs. Each endpoint is told in a task of its own, one at a time: a
    /// look does not wait for receivers that are slow.
    pub async fn send_webhooks_forever(self) {
        let mut tasks = JoinSet::new();
        let mut busy = HashMap::<Uuid, AbortHandle>::new();
        loop {
            while tasks.try_join_next().is_some() {}
            busy.retain(|_, task| !task.is_finished());
            let mut told = self.told_endpoints();
            told.retain(|endpoint| !busy.contains_key(endpoint));
            match self.deliveries().due(told, ENDPOINTS - busy.len() as u64).await {
                Ok(due) => {
                    for endpoint in due {
                        busy.insert(endpoint.id, tasks.spawn(self.clone().tell_endpoint(endpoint)));
                    }
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "webhooks could not be read");
                }
            }
            // Where one is done, there may be more for it.
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                Some(_) = tasks.join_next() => {}
            }
        }
    }

    /// Tells an endpoint, and rests when nothing came of it.
    async fn tell_endpoint(self, endpoint: endpoints::Model) {
        match self.deliveries().tell(endpoint).await {
            Ok(0) => tokio::time::sleep(EVERY).await,
            Ok(_) => (),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "webhooks could not be sent");
                tokio::time::sleep(EVERY).await;
            }
        }
    }

    /// The endpoints of all applications that are told.
    fn told_endpoints(&self) -> Vec<Uuid> {
        let directory = self.directory();
        let all = directory.applications.values().flat_map(|entry| &entry.webhooks);
        all.filter(|endpoint| endpoint.state.is_enabled()).map(|endpoint| endpoint.id.get()).collect()
    }
}

impl Deliveries<'_> {
    /// Sends what is due, and says how many deliveries that were.
    ///
    /// # Errors
    /// The database's own. What goes wrong with a delivery is noted with it.
    pub async fn work(&self) -> Result<usize> {
        let due = self.due(self.0.told_endpoints(), ENDPOINTS).await?;
        let sent = due.into_iter().map(|endpoint| self.tell(endpoint));
        let sent = futures::future::join_all(sent).await;
        sent.into_iter().try_fold(0, |count, sent| sent.map(|sent| count + sent))
    }

    /// The endpoints among `told` for which something is due: at most so many, those that have waited longest.
    async fn due(&self, told: Vec<Uuid>, most: u64) -> Result<Vec<endpoints::Model>> {
        // Where nobody wants to be told nothing is asked of the database.
        if told.is_empty() {
            return Ok(Vec::new());
        }
        let due: Vec<Uuid> = rows::Entity::find()
            .select_only()
            .column(rows::Column::EndpointId)
            .filter(rows::Column::EndpointId.is_in(told))
            .filter(rows::Column::NextAt.lte(self.0.now().timestamp_millis()))
            .group_by(rows::Column::EndpointId)
            .order_by_asc(rows::Column::NextAt.min())
            .limit(most)
            .into_tuple()
            .all(self.0.db.read())
            .await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        Ok(endpoints::Entity::find()
            .filter(endpoints::Column::Id.is_in(due))
            .filter(endpoints::Column::DisabledAt.is_null())
            .all(self.0.db.read())
            .await?)
    }

    /// Sends one endpoint what is due, all at once.
    async fn tell(&self, endpoint: endpoints::Model) -> Result<usize> {
        let claimed = self.claim(endpoint.id).await?;
        let keys = self.keys(&endpoint);
        let sent = claimed.into_iter().map(|row| self.send(&endpoint, keys.as_deref(), row));
        let (mut count, mut gone) = (0, false);
        for answered_gone in futures::future::join_all(sent).await {
            gone |= answered_gone?;
            count += 1;
        }
        if gone {
            self.0.webhooks().give_up(endpoint).await?;
        }
        Ok(count)
    }

    /// Takes an endpoint's oldest that are due, but for those that another node was quicker to take, for which it does
    /// not wait.
    async fn claim(&self, endpoint: Uuid) -> Result<Vec<rows::Model>> {
        let now = self.0.now();
        let due = rows::Entity::find()
            .select_only()
            .column(rows::Column::Id)
            .filter(rows::Column::EndpointId.eq(endpoint))
            .filter(rows::Column::NextAt.lte(now.timestamp_millis()))
            .order_by_asc(rows::Column::NextAt)
            .order_by_asc(rows::Column::Id)
            .limit(EACH)
            .lock_with_behavior(LOCK, LockBehavior::SkipLocked);
        let take =
            rows::Entity::update_many().col_expr(rows::Column::NextAt, Expr::value((now + CLAIM).timestamp_millis()));
        self.0
            .db
            .write(move |db| {
                Box::pin(async move {
                    let ids: Vec<Uuid> = due.into_tuple().all(db).await?;
                    Ok::<_, Error>(take.filter(rows::Column::Id.is_in(ids)).exec_with_returning(db).await?)
                })
            })
            .await
    }

    /// The keys that sign an endpoint's messages now, the newest first. `None` when this server's secret key does not
    /// open them.
    fn keys(&self, endpoint: &endpoints::Model) -> Option<Vec<Vec<u8>>> {
        let now = self.0.now().timestamp_millis();
        let holds = endpoint.old_until_at.is_some_and(|until| until > now);
        let old = endpoint.sealed_old_secret.as_ref().filter(|_| holds);
        let sealed = [Some(&endpoint.sealed_secret), old].into_iter().flatten();
        sealed.map(|sealed| self.0.vault.open(Purpose::WebhookKey, sealed)).collect()
    }

    /// Sends one, and says whether the receiver wants no more.
    async fn send(&self, endpoint: &endpoints::Model, keys: Option<&[Vec<u8>]>, row: rows::Model) -> Result<bool> {
        let attempt = match keys {
            Some(keys) => self.post(endpoint, keys, &row).await,
            None => Attempt {
                at: self.0.now(),
                status: None,
                answer: String::new(),
                error: Some("this server's secret key does not open the webhook's secret".into()),
            },
        };
        let gone = attempt.status == Some(GONE);
        self.close(endpoint, row, attempt).await?;
        Ok(gone)
    }

    async fn post(&self, endpoint: &endpoints::Model, keys: &[Vec<u8>], row: &rows::Model) -> Attempt {
        let (at, id) = (self.0.now(), row.event_id.to_string());
        let headers = [
            ("webhook-signature", sign(keys, &id, at.timestamp(), &row.body)),
            ("webhook-timestamp", at.timestamp().to_string()),
            ("webhook-id", id),
            ("x-turnpike-event", row.event.clone()),
        ];
        match self.0.post_json(&endpoint.url, &headers, row.body.clone(), MAX_ANSWER).await {
            Ok((status, answer)) => {
                // PostgreSQL keeps no NUL in a text.
                let answer = String::from_utf8_lossy(&answer).replace('\0', "\u{fffd}");
                Attempt { at, status: Some(status), answer, error: None }
            }
            Err(error) => Attempt { at, status: None, answer: String::new(), error: Some(innermost(&error)) },
        }
    }

    /// Notes what came of an attempt. What somebody sent again meanwhile is left to its next one.
    async fn close(&self, endpoint: &endpoints::Model, row: rows::Model, attempt: Attempt) -> Result<()> {
        let now = self.0.now();
        let attempts = row.attempts.saturating_add(1);
        let taken = attempt.status.is_some_and(|status| (200..300).contains(&status));
        let wait = next_wait(u32::try_from(attempts).unwrap_or_default()).filter(|_| !taken);
        let next_at = wait.map(|wait| (now + wait).timestamp_millis());
        let given_up = !taken && next_at.is_none();
        let url = shown(&endpoint.url);
        let told = match (&attempt.error, attempt.status) {
            (Some(error), _) => format!("{url}: {error}"),
            (None, status) => format!("{url} answers {}", status.unwrap_or_default()),
        };
        if !taken {
            tracing::warn!(delivery = %row.id, given_up, error = told, "a webhook could not be delivered");
        }
        let close = rows::Entity::update_many()
            .col_expr(rows::Column::Attempts, Expr::value(attempts))
            .col_expr(rows::Column::NextAt, Expr::value(next_at))
            .col_expr(rows::Column::DeliveredAt, Expr::value(taken.then(|| now.timestamp_millis())))
            .col_expr(rows::Column::LastAt, Expr::value(attempt.at.timestamp_millis()))
            .col_expr(rows::Column::LastStatus, Expr::value(attempt.status.map(i32::from)))
            .col_expr(rows::Column::LastAnswer, Expr::value(attempt.answer))
            .col_expr(rows::Column::LastError, Expr::value(attempt.error))
            .filter(rows::Column::Id.eq(row.id))
            .filter(rows::Column::NextAt.eq(row.next_at));
        let (application, subject) = (endpoint.application_id.into(), WebhookEndpointId::from(endpoint.id));
        self.0
            .transact(&Ctx::system(), move |tx| {
                Box::pin(async move {
                    let closed = close.exec(tx.db).await?.rows_affected == 1;
                    if closed && given_up {
                        alerts::raise_again(&tx, application, AlertKind::WebhookFailed, subject, told).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}

/// What is at the bottom of it, such as `Connection refused`.
fn innermost(error: &Unreached) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
