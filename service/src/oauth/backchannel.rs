//! Back-channel logout (OpenID Connect Back-Channel Logout 1.0): clients learn from this server itself that a session
//! is over. The notice is written with the end of the session and sent by a job, again and again until the client has
//! taken it. No client waits for what another one's receiver takes its time for.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
    time::Duration,
};

use chrono::TimeDelta;
use domain::{
    Timestamp,
    id::ClientRowId,
    oauth::claims::{LOGOUT_TOKEN_SECONDS, LogoutEvents, LogoutTokenClaims},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query},
};
use uuid::Uuid;

use crate::{
    Error, Result, Services,
    clock::at,
    directory::ClientEntry,
    entity::{grants, logout_notices as notices, sessions},
    keys::TokenType,
    rounds::{self, Round},
};

/// How many notices a client is sent at once.
const EACH: u64 = 10;
/// Who takes a notice has this long, before another takes it.
const CLAIM: TimeDelta = TimeDelta::minutes(1);
/// The longest wait between two attempts.
const LONGEST: TimeDelta = TimeDelta::hours(1);
/// A client that cannot be told for so long is not told: its own session has ended by then.
const GIVE_UP: TimeDelta = TimeDelta::days(1);

/// See the module.
pub struct LogoutNotices<'a>(&'a Services);

impl Services {
    pub const fn logout_notices(&self) -> LogoutNotices<'_> {
        LogoutNotices(self)
    }

    /// Sends notices for as long as the server runs.
    pub async fn send_logouts_forever(self) {
        rounds::forever(Telling(self)).await;
    }

    /// The clients that want to be told, by their row.
    fn told_clients(&self) -> Vec<Arc<ClientEntry>> {
        let directory = self.directory();
        let wants = |entry: &&Arc<ClientEntry>| entry.client.settings.backchannel_logout_uri.is_some();
        directory.clients.values().filter(wants).cloned().collect()
    }

    /// The grants that tell [`queue`] nothing: their client does not want to be told, or their session has ended or is
    /// gone. The others stay for as long as their session lives, though their tokens are long over.
    pub(crate) fn untold_grants(&self) -> Condition {
        // Not for the whole file: numbers would have two methods of the name `min`.
        use sea_orm::sea_query::ExprTrait;
        let told: Vec<_> = self.told_clients().iter().map(|entry| entry.client.id.get()).collect();
        // Asked of each grant: PostgreSQL would go through all that live for each, once they are too many to keep.
        let lives = Query::select()
            .expr(Expr::val(1))
            .from(sessions::Entity)
            .and_where(
                Expr::col(sessions::Column::Id.as_column_ref())
                    .eq(Expr::col(grants::Column::SessionId.as_column_ref())),
            )
            .and_where(sessions::Column::EndedAt.is_null())
            .take();
        Condition::any()
            .add(grants::Column::ClientId.is_not_in(told))
            .add(grants::Column::SessionId.is_null())
            .add(Expr::exists(lives).not())
    }
}

/// The job, by client.
#[derive(Clone)]
struct Telling(Services);

impl Round for Telling {
    type For = ClientRowId;

    const EVERY: Duration = Duration::from_secs(1);

    async fn waiting(&self) -> Result<BTreeSet<ClientRowId>> {
        // Where no client wants to be told nothing is asked of the database.
        if self.0.told_clients().is_empty() {
            return Ok(BTreeSet::new());
        }
        rounds::due::<notices::Entity, _>(&self.0, notices::Column::ClientId, notices::Column::NextAt).await
    }

    /// A client that took all that it was sent gets more at once; another one lets others have its turn.
    async fn work(&self, client: ClientRowId) -> Result<bool> {
        let told = self.0.logout_notices().tell(client).await?;
        Ok(told.handled as u64 == EACH && told.taken == told.handled)
    }
}

/// What became of the notices that a client was sent.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    handled: usize,
    taken: usize,
}

/// Writes a notice for every client that got tokens in one of `sessions`, which end in this transaction.
pub(crate) async fn queue(
    db: &impl ConnectionTrait,
    services: &Services,
    sessions: Vec<Uuid>,
    now: Timestamp,
) -> Result<(), DbErr> {
    let clients: Vec<_> = services.told_clients().iter().map(|entry| entry.client.id.get()).collect();
    if clients.is_empty() || sessions.is_empty() {
        return Ok(());
    }
    let granted: Vec<(Uuid, Uuid, Option<Uuid>)> = grants::Entity::find()
        .select_only()
        .columns([grants::Column::ClientId, grants::Column::UserId, grants::Column::SessionId])
        .filter(grants::Column::SessionId.is_in(sessions))
        .filter(grants::Column::ClientId.is_in(clients))
        .into_tuple()
        .all(db)
        .await?;
    let distinct: HashSet<_> = granted.into_iter().collect();
    let rows: Vec<_> = distinct
        .into_iter()
        .filter_map(|(client_id, user_id, session_id)| {
            Some(notices::ActiveModel {
                id: Set(services.rng.id(now)),
                client_id: Set(client_id),
                user_id: Set(user_id),
                session_id: Set(session_id?),
                created_at: Set(now.timestamp_millis()),
                attempts: Set(0),
                next_at: Set(now.timestamp_millis()),
            })
        })
        .collect();
    if !rows.is_empty() {
        notices::Entity::insert_many(rows).exec_without_returning(db).await?;
    }
    Ok(())
}

impl LogoutNotices<'_> {
    /// Sends what waits, and says how many notices that were.
    ///
    /// # Errors
    /// The database's own. A client that does not take its notice is asked again later.
    pub async fn work(&self) -> Result<usize> {
        let waiting = Telling(self.0.clone()).waiting().await?;
        let told = futures::future::join_all(waiting.into_iter().map(|client| self.tell(client))).await;
        told.into_iter().try_fold(0, |count, told| told.map(|told| count + told.handled))
    }

    /// Sends a client what waits for it, the oldest first.
    async fn tell(&self, id: ClientRowId) -> Result<Told> {
        let client = self.0.directory().client_of_row(id).cloned();
        let waiting = notices::Entity::find()
            .filter(notices::Column::ClientId.eq(id.get()))
            .filter(notices::Column::NextAt.lte(self.0.now().timestamp_millis()))
            .order_by_asc(notices::Column::NextAt)
            .limit(EACH)
            .all(self.0.db.read())
            .await?;
        let handled = waiting.into_iter().map(|notice| self.handle(notice, client.as_ref()));
        let mut told = Told::default();
        for taken in futures::future::join_all(handled).await {
            let taken = taken?;
            told.handled += usize::from(taken.is_some());
            told.taken += usize::from(taken == Some(true));
        }
        Ok(told)
    }

    /// Sends one, and says whether it was taken; `None` where another node was quicker.
    async fn handle(&self, notice: notices::Model, client: Option<&Arc<ClientEntry>>) -> Result<Option<bool>> {
        if !self.claim(&notice).await? {
            return Ok(None);
        }
        // A client that is gone, or does not want it any more, is not told.
        let Some((client, address)) =
            client.and_then(|client| Some((client, client.client.settings.backchannel_logout_uri.as_ref()?)))
        else {
            self.close(notice, true).await?;
            return Ok(Some(true));
        };
        let token = self.token(&notice, client)?;
        let sent = self.0.post_form(address.as_str(), &[("logout_token", &token)]).await;
        if let Err(error) = &sent {
            let error = error as &dyn std::error::Error;
            tracing::warn!(client = %client.client.client_id, error, "a client could not be told of a logout");
        }
        self.close(notice, sent.is_ok()).await?;
        Ok(Some(sent.is_ok()))
    }

    /// The logout token (section 2.4). Its `jti` is the notice's id, the same in every attempt.
    fn token(&self, notice: &notices::Model, client: &ClientEntry) -> Result<String> {
        let now = self.0.now();
        let iat = now.timestamp();
        let claims = LogoutTokenClaims {
            iss: &self.0.settings.issuer,
            sub: &notice.user_id.to_string(),
            aud: client.client.client_id.as_str(),
            iat,
            exp: iat + LOGOUT_TOKEN_SECONDS,
            jti: &notice.id.to_string(),
            sid: &notice.session_id.to_string(),
            events: LogoutEvents::default(),
        };
        self.0.directory().keys.sign(client.client.settings.id_token_alg, TokenType::Logout, &claims, now)
    }

    async fn claim(&self, notice: &notices::Model) -> Result<bool> {
        let (id, seen, until) = (notice.id, notice.next_at, (self.0.now() + CLAIM).timestamp_millis());
        let take = notices::Entity::update_many()
            .col_expr(notices::Column::NextAt, Expr::value(until))
            .filter(notices::Column::Id.eq(id))
            .filter(notices::Column::NextAt.eq(seen));
        self.0
            .db
            .write(move |db| Box::pin(async move { Ok::<_, Error>(take.exec(db).await?.rows_affected == 1) }))
            .await
    }

    async fn close(&self, notice: notices::Model, done: bool) -> Result<()> {
        let now = self.0.now();
        let attempts = notice.attempts.saturating_add(1);
        let next = now + TimeDelta::seconds(5 << attempts.min(12)).min(LONGEST);
        let over = done || next >= at(notice.created_at) + GIVE_UP;
        self.0
            .db
            .write(move |db| {
                Box::pin(async move {
                    if over {
                        notices::Entity::delete_by_id(notice.id).exec(db).await?;
                        return Ok::<_, Error>(());
                    }
                    notices::Entity::update_many()
                        .col_expr(notices::Column::Attempts, Expr::value(attempts))
                        .col_expr(notices::Column::NextAt, Expr::value(next.timestamp_millis()))
                        .filter(notices::Column::Id.eq(notice.id))
                        .exec(db)
                        .await?;
                    Ok(())
                })
            })
            .await
    }
}
