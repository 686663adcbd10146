//! The one writer of SQLite: takes writes as they come, runs each in a savepoint, and commits what has gathered
//! with one synchronous flush. An answer is given only after its commit is on disk. A connection on which that failed,
//! such as on a full disk, is not used again: nobody knows any more in which transaction it is.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures::{FutureExt, future::BoxFuture};
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};

use super::Work;

/// How many writes one commit takes at most.
const GROUP: usize = 128;
/// How many writes may wait; more are held back at the sender.
const QUEUE: usize = 1024;

/// How long a connection that failed has to close.
const CLOSING: Duration = Duration::from_secs(5);

/// Opens a connection for the writer.
pub(super) type Open = Box<dyn Fn() -> BoxFuture<'static, Result<DatabaseConnection, DbErr>> + Send + Sync>;

/// Tells the caller, once the outcome of the commit is known.
type Finish = Box<dyn FnOnce(Result<(), DbErr>) + Send>;

/// Answers whether the work succeeded, by `Ok` or `Err`, and in both cases how to tell its caller.
type Job = Box<dyn for<'c> FnOnce(&'c DatabaseTransaction) -> Work<'c, Finish, Finish> + Send>;

#[derive(Clone)]
pub(super) struct Sender(mpsc::Sender<Job>);

impl Sender {
    /// Starts the writer on its own connection. It ends when the last sender is gone.
    ///
    /// # Errors
    /// When there is no connection.
    pub(super) async fn start(open: Open) -> Result<Self, DbErr> {
        let (sender, jobs) = mpsc::channel(QUEUE);
        let first = open().await?;
        tokio::spawn(write_all(first, open, jobs));
        Ok(Self(sender))
    }

    pub(super) async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbErr> + Send + 'static,
        F: for<'c> FnOnce(&'c DatabaseTransaction) -> Work<'c, T, E> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |transaction| {
            Box::pin(async move {
                let result = work(transaction).await;
                let succeeded = result.is_ok();
                let finish: Finish = Box::new(move |committed| {
                    // A caller that has gone away needs no answer.
                    let _ = reply.send(result.and_then(|value| committed.map(|()| value).map_err(E::from)));
                });
                if succeeded { Ok(finish) } else { Err(finish) }
            })
        });
        let gone = || E::from(DbErr::Custom("the database took no write".into()));
        self.0.send(job).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

async fn write_all(first: DatabaseConnection, open: Open, mut jobs: mpsc::Receiver<Job>) {
    let mut usable = Some(first);
    let mut waiting = Vec::with_capacity(GROUP);
    while jobs.recv_many(&mut waiting, GROUP).await > 0 {
        let connection = match usable.take() {
            Some(connection) => connection,
            None => match open().await {
                Ok(connection) => connection,
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "the database does not open for writing");
                    // Who waits learns that no answer will come.
                    waiting.clear();
                    continue;
                }
            },
        };
        let mut finished = Vec::with_capacity(waiting.len());
        let committed = write_group(&connection, waiting.drain(..), &mut finished).await;
        let failure = committed.err().map(|error| error.to_string());
        match &failure {
            None => usable = Some(connection),
            Some(error) => {
                tracing::error!(error, "the database did not take what was written");
                // Its transaction, if there still is one, ends with it.
                let _ = tokio::time::timeout(CLOSING, connection.close()).await;
            }
        }
        for finish in finished {
            finish(failure.clone().map_or(Ok(()), |text| Err(DbErr::Custom(text))));
        }
    }
}

async fn write_group(
    connection: &DatabaseConnection,
    jobs: impl Iterator<Item = Job>,
    finished: &mut Vec<Finish>,
) -> Result<(), DbErr> {
    let immediate =
        TransactionOptions { sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate), ..Default::default() };
    let transaction = connection.begin_with_options(immediate).await?;
    for job in jobs {
        let savepoint = transaction.begin().await?;
        // Work that panics is undone like work that fails; its caller learns that no answer will come.
        match AssertUnwindSafe(job(&savepoint)).catch_unwind().await {
            Ok(Ok(finish)) => {
                finished.push(finish);
                savepoint.commit().await?;
            }
            Ok(Err(finish)) => {
                finished.push(finish);
                savepoint.rollback().await?;
            }
            Err(_) => savepoint.rollback().await?,
        }
    }
    transaction.commit().await
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    };

    use sea_orm::{ConnectOptions, ConnectionTrait, Database};

    use super::*;

    /// Each connection refuses its first commit, as a full disk would: SQLite takes the transaction back by itself.
    async fn refusing(url: String) -> Result<DatabaseConnection, DbErr> {
        let connection = Database::connect(ConnectOptions::new(url).max_connections(1).to_owned()).await?;
        let mut held = connection.get_sqlite_connection_pool().acquire().await.expect("a connection");
        let mut left = 1;
        held.lock_handle().await.expect("its handle").set_commit_hook(move || {
            left -= 1;
            left < 0
        });
        drop(held);
        Ok(connection)
    }

    #[tokio::test]
    async fn what_is_acknowledged_after_failures_is_there() {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", directory.path().join("db").display());
        let reader = Database::connect(&url).await.unwrap();
        reader.execute_unprepared("CREATE TABLE numbers (n INTEGER)").await.unwrap();
        let opened = Arc::new(AtomicUsize::new(0));
        let open: Open = {
            let (url, opened) = (url.clone(), Arc::clone(&opened));
            Box::new(move || {
                let url = url.clone();
                let is_bad = opened.fetch_add(1, SeqCst) < 3;
                if is_bad { Box::pin(refusing(url)) } else { Box::pin(async move { Database::connect(&url).await }) }
            })
        };
        let sender = Sender::start(open).await.unwrap();
        let write = async |n: usize| {
            let sql = format!("INSERT INTO numbers VALUES ({n})");
            sender.run(move |db| Box::pin(async move { db.execute_unprepared(&sql).await.map(drop) })).await
        };
        for n in 0..3 {
            assert!(write(n).await.is_err(), "{n}: the commit failed");
        }
        for n in 3..6 {
            write(n).await.unwrap();
        }
        let backend = reader.get_database_backend();
        let query = sea_orm::Statement::from_string(backend, "SELECT count(*) AS n, min(n) AS least FROM numbers");
        let row = reader.query_one_raw(query).await.unwrap().unwrap();
        assert_eq!((row.try_get::<i64>("", "n").unwrap(), row.try_get::<i64>("", "least").unwrap()), (3, 3));
        assert_eq!(opened.load(SeqCst), 4, "a connection that worked stays");
    }
}
