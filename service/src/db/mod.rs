//! The database: reads on a pool, writes through one door.

mod address;
mod columns;
mod connect;
mod group;
mod search;

use std::future::Future;
use std::pin::Pin;

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel, Statement,
    TransactionOptions, TransactionTrait,
};

pub use address::DatabaseUrl;
pub(crate) use columns::{Columns, json, query};
pub use connect::{SchemaState, connect, is_empty, migrate, migrations, roll_back, schema_state};
pub(crate) use search::{besides, containing};

/// What a write returns, boxed so that it may borrow the transaction.
pub type Work<'c, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>;

/// A database with its writer.
#[derive(Clone)]
pub struct Db {
    pool: DatabaseConnection,
    writer: Writer,
}

#[derive(Clone)]
enum Writer {
    /// SQLite: one task takes all writes and commits them in groups.
    Grouped(group::Sender),
    /// PostgreSQL: each write is a transaction of its own.
    Each,
}

impl Db {
    /// Where reads go. Reads of one use case that must agree belong into one query or into a write.
    pub const fn read(&self) -> &DatabaseConnection {
        &self.pool
    }

    /// Runs `work` in a transaction that is durable when this returns. Where `work` fails, nothing of it stays.
    ///
    /// # Errors
    /// What `work` answers, or the database's own error.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbErr> + Send + 'static,
        F: for<'c> FnOnce(&'c DatabaseTransaction) -> Work<'c, T, E> + Send + 'static,
    {
        match &self.writer {
            Writer::Grouped(sender) => sender.run(work).await,
            Writer::Each => {
                let transaction = self.pool.begin().await?;
                let answer = work(&transaction).await?;
                transaction.commit().await?;
                Ok(answer)
            }
        }
    }

    /// Begins a transaction that only reads, and reads everything as it is now.
    ///
    /// # Errors
    /// The database's own.
    pub(crate) async fn snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = match &self.writer {
            // A transaction that reads is one there by itself.
            Writer::Grouped(_) => TransactionOptions::default(),
            Writer::Each => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
        };
        self.pool.begin_with_options(options).await
    }

    /// Brings all that was written into the database's own file: whoever copies it afterwards, until the next write, has
    /// everything.
    ///
    /// # Errors
    /// The database's own, also where somebody else reads it for so long that it cannot be.
    pub async fn settle(&self) -> Result<(), DbErr> {
        if matches!(self.writer, Writer::Each) {
            return Ok(());
        }
        // After those who wait for it.
        self.ping().await?;
        let settle = Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(TRUNCATE)");
        match self.pool.query_one_raw(settle).await? {
            Some(told) if told.try_get_by_index::<i32>(0)? == 0 => Ok(()),
            _ => Err(DbErr::Custom("somebody else reads the database".into())),
        }
    }

    /// Whether the database answers, those who read and those who write.
    ///
    /// # Errors
    /// The database's own.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.pool.execute_unprepared("SELECT 1").await?;
        self.write(|_| Box::pin(async { Ok(()) })).await
    }
}

/// Lets pass one at a time of the transactions that name the same `key`, until it ends. SQLite has one writer anyway.
///
/// # Errors
/// The database's own.
pub(crate) async fn take_turn(db: &DatabaseTransaction, key: &[u8]) -> Result<(), DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        let mut first = [0; 8];
        for (to, from) in first.iter_mut().zip(key) {
            *to = *from;
        }
        let turn = "SELECT pg_advisory_xact_lock($1)";
        let key = [i64::from_be_bytes(first).into()];
        db.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, turn, key)).await?;
    }
    Ok(())
}
