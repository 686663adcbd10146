//! A transaction with what every use case needs inside it.

use domain::{Timestamp, id::UserId};
use sea_orm::{DatabaseTransaction, DbErr, sea_query::LockType};

use crate::{
    Ctx, Error, Result, Services,
    access::denied,
    db::Work,
    ledger,
    security_log::{Event, Told},
};

/// How a use case locks a row that it is going to change. Weaker than `FOR UPDATE`: rows that merely refer to it by a
/// foreign key can still be written, so that a member's change never waits for one of its application.
pub(crate) const LOCK: LockType = LockType::NoKeyUpdate;

/// One use case's transaction: the database, the services, who asks, and the one moment at which it all happens.
pub(crate) struct Tx<'c> {
    pub db: &'c DatabaseTransaction,
    pub services: Services,
    pub ctx: Ctx,
    pub now: Timestamp,
    told: Told,
}

impl Tx<'_> {
    pub fn id<T: From<uuid::Uuid>>(&self) -> T {
        self.services.rng.id(self.now)
    }

    /// Milliseconds since the epoch, as columns hold them.
    pub const fn millis(&self) -> i64 {
        self.now.timestamp_millis()
    }

    /// Appends to the ledger, in effect from now.
    pub async fn log(&self, entry: ledger::Entry) -> Result<(), DbErr> {
        ledger::append(self.db, &self.services, &self.ctx, self.id(), self.now, entry).await
    }

    /// Tells the security log, once this transaction is durable, what became of a user's account.
    pub fn tell(&self, event: Event, user: Option<UserId>) {
        self.told.add(event, user);
    }
}

impl Services {
    /// Runs `work` in one transaction.
    pub(crate) async fn transact<T, F>(&self, ctx: &Ctx, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(Tx<'c>) -> Work<'c, T, Error> + Send + 'static,
    {
        let told = Told::default();
        let (services, own, now, tell) = (self.clone(), ctx.clone(), self.now(), told.clone());
        let done = self.db.write(move |db| work(Tx { db, services, ctx: own, now, told: tell })).await;
        conclude(ctx, &told, done)
    }

    /// Runs `work`, which changes something of the directory, in one transaction.
    pub(crate) async fn transact_directory<T, F>(&self, ctx: &Ctx, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(Tx<'c>) -> Work<'c, T, Error> + Send + 'static,
    {
        let told = Told::default();
        let (services, own, now, tell) = (self.clone(), ctx.clone(), self.now(), told.clone());
        let done = self.write_directory(move |db| work(Tx { db, services, ctx: own, now, told: tell })).await;
        conclude(ctx, &told, done)
    }
}

/// Writes into the security log what a transaction had to tell, or that its actor may not do this.
fn conclude<T>(ctx: &Ctx, told: &Told, done: Result<T>) -> Result<T> {
    done.inspect(|_| told.write(ctx)).inspect_err(|error| denied(ctx, error, None))
}

/// The error of a write that met a unique key: `taken` instead of the database's own.
pub(crate) fn taken(error: DbErr, taken: impl Into<Error>) -> Error {
    match error.sql_err() {
        Some(sea_orm::SqlErr::UniqueConstraintViolation(_)) => taken.into(),
        _ => error.into(),
    }
}
