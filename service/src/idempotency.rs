//! Requests that carry an `Idempotency-Key`: executed once, answered alike for 24 hours. Keys belong to
//! whoever calls; answers are kept sealed.

use std::time::Duration;

use chrono::TimeDelta;
use domain::{Timestamp, billing::ledger::Actor};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use crate::{
    Error, Result, Services,
    clock::at,
    crypto::{self, Purpose},
    entity::idempotency_keys::{ActiveModel, Column, Entity, Model},
};

/// How long an answer is repeated.
pub(crate) const KEPT: TimeDelta = TimeDelta::hours(24);
/// A request that has not been answered for so long went down with its server; the next one executes.
const LOST: TimeDelta = TimeDelta::minutes(2);
/// How often a duplicate looks for the answer to the first request, and how many times.
const LOOK: Duration = Duration::from_millis(50);
const LOOKS: u32 = 400;

/// What a duplicate is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    /// It holds a secret that lives so long: it is not repeated afterwards.
    pub until: Option<Timestamp>,
}

/// Whose keys they are: a client's, an admin API key's or a signed-in user's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller(Uuid);

impl Caller {
    /// `None` for those who send no requests.
    pub const fn of(actor: Actor) -> Option<Self> {
        match actor {
            Actor::Client(id) => Some(Self(id.get())),
            Actor::ApiKey(id) => Some(Self(id.get())),
            Actor::User(id) => Some(Self(id.get())),
            Actor::Anonymous | Actor::Operator | Actor::System => None,
        }
    }
}

/// The right to execute a request; hand it back with its answer.
#[derive(Debug)]
pub struct Ticket {
    caller: Caller,
    key: String,
    began_at: i64,
}

/// What to do with a request.
#[derive(Debug)]
pub enum Begin {
    /// It is the first: execute it.
    Execute(Ticket),
    /// It has been answered.
    Repeat(Answer),
    /// The key was used for another request.
    Different,
    /// The first one is still being executed.
    Busy,
}

/// See the module.
pub struct Idempotency<'a>(&'a Services);

impl Services {
    pub const fn idempotency(&self) -> Idempotency<'_> {
        Idempotency(self)
    }
}

impl Idempotency<'_> {
    /// Begins a request. `content` tells requests apart: method, path, query and body. A duplicate of one that is
    /// being executed waits for its answer.
    ///
    /// # Errors
    /// The database's own.
    pub async fn begin(&self, caller: Caller, key: &str, content: &str) -> Result<Begin> {
        // By the secret key: bodies may hold what is easy to guess. Of a row that an earlier version wrote without it,
        // a repeat is another request for a day: refused, and not executed twice.
        let hash = self.0.vault.mac(&[b"idempotent request", content.as_bytes()]);
        for _ in 0..LOOKS {
            let now = self.0.now();
            match self.row(caller, key).await? {
                None => {
                    if self.insert(caller, key, &hash, now).await? {
                        return Ok(Begin::Execute(ticket(caller, key, now)));
                    }
                }
                Some(row) if is_over(&row, now) || (is_forgotten(&row, now) && is_same(&row, &hash)) => {
                    if self.take_over(&row, &hash, now).await? {
                        return Ok(Begin::Execute(ticket(caller, key, now)));
                    }
                }
                Some(row) if !is_same(&row, &hash) => return Ok(Begin::Different),
                Some(row) => match self.answer(row)? {
                    Some(answer) => return Ok(Begin::Repeat(answer)),
                    None => tokio::time::sleep(LOOK).await,
                },
            }
        }
        Ok(Begin::Busy)
    }

    /// Keeps the answer for duplicates; without one, the next request with the key executes again.
    ///
    /// # Errors
    /// The database's own.
    pub async fn finish(&self, ticket: Ticket, answer: Option<Answer>) -> Result<()> {
        let this = Entity::find_by_id((ticket.caller.0, ticket.key.clone()));
        let sealed = answer.map(|answer| {
            let body = self.0.vault.seal(Purpose::Answer, &answer.body, &*self.0.rng);
            (i32::from(answer.status), body, answer.until.map(|until| until.timestamp_millis()))
        });
        self.0
            .db
            .write(move |db| {
                Box::pin(async move {
                    let mine = this.filter(Column::CreatedAt.eq(ticket.began_at)).one(db).await?;
                    let Some(row) = mine else { return Ok(()) };
                    let key = (row.caller_id, row.key);
                    match sealed {
                        None => Entity::delete_by_id(key).exec(db).await?.rows_affected,
                        Some((status, body, until)) => {
                            let done = Entity::update_many()
                                .col_expr(Column::Status, Expr::value(status))
                                .col_expr(Column::SealedAnswer, Expr::value(body))
                                .col_expr(Column::AnswerUntilAt, Expr::value(until))
                                .filter(Column::CallerId.eq(key.0))
                                .filter(Column::Key.eq(key.1))
                                .exec(db)
                                .await?;
                            done.rows_affected
                        }
                    };
                    Ok::<_, Error>(())
                })
            })
            .await
    }

    async fn row(&self, caller: Caller, key: &str) -> Result<Option<Model>> {
        Ok(Entity::find_by_id((caller.0, key.to_owned())).one(self.0.db.read()).await?)
    }

    /// Whether this request is the first to use the key.
    async fn insert(&self, caller: Caller, key: &str, hash: &[u8], now: Timestamp) -> Result<bool> {
        let row = ActiveModel {
            caller_id: Set(caller.0),
            key: Set(key.to_owned()),
            request_hash: Set(hash.to_vec()),
            status: Set(None),
            sealed_answer: Set(None),
            created_at: Set(now.timestamp_millis()),
            answer_until_at: Set(None),
        };
        let taken = OnConflict::columns([Column::CallerId, Column::Key]).do_nothing().to_owned();
        let insert = Entity::insert(row).on_conflict(taken);
        let inserted = self
            .0
            .db
            .write(move |db| Box::pin(async move { Ok::<_, Error>(insert.exec_without_returning(db).await?) }))
            .await?;
        Ok(inserted > 0)
    }

    /// Whether this request is the one that gets a key whose time is over.
    async fn take_over(&self, row: &Model, hash: &[u8], now: Timestamp) -> Result<bool> {
        let update = Entity::update_many()
            .col_expr(Column::RequestHash, Expr::value(hash.to_vec()))
            .col_expr(Column::Status, Expr::value(None::<i32>))
            .col_expr(Column::SealedAnswer, Expr::value(None::<Vec<u8>>))
            .col_expr(Column::AnswerUntilAt, Expr::value(None::<i64>))
            .col_expr(Column::CreatedAt, Expr::value(now.timestamp_millis()))
            .filter(Column::CallerId.eq(row.caller_id))
            .filter(Column::Key.eq(&row.key))
            .filter(Column::CreatedAt.eq(row.created_at));
        let updated = self
            .0
            .db
            .write(move |db| Box::pin(async move { Ok::<_, Error>(update.exec(db).await?.rows_affected) }))
            .await?;
        Ok(updated > 0)
    }

    fn answer(&self, row: Model) -> Result<Option<Answer>> {
        let (Some(status), Some(sealed)) = (row.status, row.sealed_answer) else { return Ok(None) };
        let body = self.0.vault.open(Purpose::Answer, &sealed);
        let body = body.ok_or_else(|| Error::internal("an answer that this secret key does not open"))?;
        let until = row.answer_until_at.map(at);
        Ok(Some(Answer { status: u16::try_from(status).map_err(Error::internal)?, body, until }))
    }
}

fn ticket(caller: Caller, key: &str, now: Timestamp) -> Ticket {
    Ticket { caller, key: key.to_owned(), began_at: now.timestamp_millis() }
}

fn is_over(row: &Model, now: Timestamp) -> bool {
    let lifetime = if row.status.is_some() { KEPT } else { LOST };
    at(row.created_at) + lifetime <= now
}

/// The answer held a secret that lives no more.
fn is_forgotten(row: &Model, now: Timestamp) -> bool {
    row.answer_until_at.is_some_and(|until| at(until) <= now)
}

fn is_same(row: &Model, hash: &[u8]) -> bool {
    crypto::equal(&row.request_hash, hash)
}
