//! A database with schema and keys, made once in a run of the tests: theirs are copies of it, which takes a tenth of
//! the time.

use std::{fs, path::Path};

use sea_orm::{ConnectionTrait, Database, DbErr, Statement, TransactionTrait};

use super::{TestServices, postgres::OwnDatabase};
use crate::{Services, clock::ManualClock, db::DatabaseUrl};

/// Its name, which this run of nextest's, else this process, calls its own.
pub(super) fn name() -> String {
    let run = std::env::var("NEXTEST_RUN_ID").unwrap_or_else(|_| std::process::id().to_string());
    format!("turnpike_test_{}", run.replace('-', "_"))
}

/// SQLite: a copy in the directory.
pub(super) async fn copy_into(directory: &Path) -> DatabaseUrl {
    let file = std::env::temp_dir().join(name()).with_extension("db");
    if !file.exists() {
        let made = tempfile::tempdir().expect("a temporary directory");
        let services = services(&DatabaseUrl::in_directory(made.path())).await;
        // Two processes may be here at once: each puts a whole file into place.
        let whole = made.path().join("whole.db");
        let sql = format!("VACUUM INTO '{}'", whole.display());
        services.db.read().execute_unprepared(&sql).await.expect("a copy");
        fs::rename(whole, &file).expect("a file in its place");
    }
    let url = DatabaseUrl::in_directory(directory);
    fs::copy(file, url.file().expect("a file")).expect("a copy");
    url
}

/// PostgreSQL: a database of that name, unless another process has made it meanwhile.
pub(super) async fn make(server: &str) -> Result<(), DbErr> {
    let admin = Database::connect(server).await?;
    let lock = admin.begin().await?;
    lock.execute_unprepared("SELECT pg_advisory_xact_lock(8413022)").await?;
    let there = format!("SELECT 1 FROM pg_database WHERE datname = '{}'", name());
    if lock.query_all_raw(Statement::from_string(lock.get_database_backend(), there)).await?.is_empty() {
        let database = OwnDatabase::empty(server).await?;
        // Nobody may be connected to what is copied.
        services(&database.url()).await.db.read().clone().close().await?;
        database.keep_as(&name()).await?;
    }
    lock.commit().await?;
    admin.close().await
}

async fn services(url: &DatabaseUrl) -> Services {
    TestServices::node(url, &ManualClock::new(TestServices::epoch()), TestServices::settings()).await
}
