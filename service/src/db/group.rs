//! The one writer of SQLite: takes writes as they come, runs each in a savepoint, and commits what has gathered
//! with one synchronous flush. An answer is given only after its commit is on disk.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};

use super::Work;

/// How many writes one commit takes at most.
const GROUP: usize = 128;
/// How many writes may wait; more are held back at the sender.
const QUEUE: usize = 1024;

/// Tells the caller, once the outcome of the commit is known.
type Finish = Box<dyn FnOnce(Result<(), DbErr>) + Send>;

/// Answers whether the work succeeded, by `Ok` or `Err`, and in both cases how to tell its caller.
type Job = Box<dyn for<'c> FnOnce(&'c DatabaseTransaction) -> Work<'c, Finish, Finish> + Send>;

#[derive(Clone)]
pub(super) struct Sender(mpsc::Sender<Job>);

impl Sender {
    /// Starts the writer on its own connection. It ends when the last sender is gone.
    pub(super) fn start(connection: DatabaseConnection) -> Self {
        let (sender, jobs) = mpsc::channel(QUEUE);
        tokio::spawn(write_all(connection, jobs));
        Self(sender)
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
        let gone = || E::from(DbErr::Custom("the database writer has stopped".into()));
        self.0.send(job).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

async fn write_all(connection: DatabaseConnection, mut jobs: mpsc::Receiver<Job>) {
    let mut waiting = Vec::with_capacity(GROUP);
    while jobs.recv_many(&mut waiting, GROUP).await > 0 {
        let mut finished = Vec::with_capacity(waiting.len());
        let committed = write_group(&connection, waiting.drain(..), &mut finished).await;
        let failure = committed.err().map(|error| error.to_string());
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
