//! Opening a database, and bringing its schema up to date.

use std::{io::ErrorKind, path::Path, time::Duration};

use futures::future::BoxFuture;
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, Statement,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use super::{DatabaseUrl, Db, Writer, group};
use crate::private;

/// Readers of SQLite: a reader needs a connection only while a statement runs.
const SQLITE_READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 20;

/// Opens the database and starts its writer. The schema is left as it is.
///
/// # Errors
/// When the database cannot be reached.
pub async fn connect(url: &DatabaseUrl) -> Result<Db, DbErr> {
    match url {
        DatabaseUrl::Sqlite(url) => {
            let own = url.clone();
            let open = move || -> BoxFuture<'static, _> {
                let url = own.clone();
                Box::pin(async move { sqlite(&url, 1).await })
            };
            let writer = group::Sender::start(Box::new(open)).await?;
            let pool = sqlite(url, SQLITE_READERS).await?;
            Ok(Db { pool, writer: Writer::Grouped(writer) })
        }
        DatabaseUrl::Postgres(url) => {
            // `verify-ca` goes by the process's provider of cryptography, of which libraries bring two.
            _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
            let mut options = ConnectOptions::new(url.expose());
            options
                .max_connections(POSTGRES_CONNECTIONS)
                .acquire_timeout(Duration::from_secs(10))
                .test_before_acquire(false)
                .sqlx_logging(false);
            Ok(Db { pool: Database::connect(options).await?, writer: Writer::Each })
        }
    }
}

async fn sqlite(url: &str, connections: u32) -> Result<DatabaseConnection, DbErr> {
    let is_a_file = !url.contains(":memory:") && !url.contains("mode=memory");
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |options| {
            if is_a_file {
                make_private(options.get_filename());
            }
            options
                .create_if_missing(true)
                .busy_timeout(Duration::from_secs(10))
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .pragma("temp_store", "memory")
                // What is deleted is gone from the file, too, and from the copies that are made of it.
                .pragma("secure_delete", "on")
        });
    Database::connect(options).await
}

/// Makes the file where it is missing, for its owner alone; what SQLite writes beside it gets its mode. A database that
/// others may read is taken from them. Where neither can be, opening it says why.
fn make_private(file: &Path) {
    let made = private::writing().create_new(true).open(file);
    if made.is_err_and(|error| error.kind() == ErrorKind::AlreadyExists) {
        for ending in ["", "-wal", "-shm", "-journal"] {
            let mut path = file.as_os_str().to_owned();
            path.push(ending);
            private::tighten(Path::new(&path));
        }
    }
}

/// How the schema of a database relates to this binary's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaState {
    Current,
    /// So many migrations are missing.
    Behind(usize),
    /// A newer Turnpike has been here: this one must not touch it.
    Newer,
}

/// # Errors
/// The database's own.
pub async fn schema_state(db: &Db) -> Result<SchemaState, DbErr> {
    let known = Migrator::migrations();
    if !migration::has_history(db.read()).await? {
        return Ok(SchemaState::Behind(known.len()));
    }
    let backend = db.read().get_database_backend();
    let rows = db.read().query_all_raw(Statement::from_string(backend, "SELECT version FROM seaql_migrations")).await?;
    let mut applied = 0;
    for row in rows {
        let version: String = row.try_get("", "version")?;
        if !known.iter().any(|migration| migration.name() == version) {
            return Ok(SchemaState::Newer);
        }
        applied += 1;
    }
    Ok(if applied == known.len() { SchemaState::Current } else { SchemaState::Behind(known.len() - applied) })
}

/// Whether this database was never migrated: it has nothing in it.
///
/// # Errors
/// The database's own.
pub async fn is_empty(db: &Db) -> Result<bool, DbErr> {
    Ok(!migration::has_history(db.read()).await?)
}

/// Brings the schema up to date. On PostgreSQL, several nodes may start at once: an advisory lock lets one work.
///
/// # Errors
/// The database's own, or [`DbErr::Custom`] when the schema is newer than this binary.
pub async fn migrate(db: &Db) -> Result<(), DbErr> {
    match schema_state(db).await? {
        SchemaState::Current => Ok(()),
        SchemaState::Newer => Err(DbErr::Custom("the database was made by a newer version of turnpike".into())),
        SchemaState::Behind(_) => migration::up(db.read()).await,
    }
}

/// Every migration that this binary or the database knows, oldest first, and whether it is applied.
///
/// # Errors
/// The database's own.
pub async fn migrations(db: &Db) -> Result<Vec<(String, bool)>, DbErr> {
    let mut applied = Vec::new();
    if migration::has_history(db.read()).await? {
        let query = "SELECT version FROM seaql_migrations ORDER BY version";
        let backend = db.read().get_database_backend();
        for row in db.read().query_all_raw(Statement::from_string(backend, query)).await? {
            applied.push(row.try_get::<String>("", "version")?);
        }
    }
    let known = Migrator::migrations().into_iter().map(|migration| migration.name().to_owned());
    let mut all: Vec<String> = known.chain(applied.iter().cloned()).collect();
    all.sort();
    all.dedup();
    let state = |name: String| {
        let done = applied.contains(&name);
        (name, done)
    };
    Ok(all.into_iter().map(state).collect())
}

/// Takes the last `steps` migrations back, with what their tables hold.
///
/// # Errors
/// The database's own.
pub async fn roll_back(db: &Db, steps: u32) -> Result<(), DbErr> {
    migration::down(db.read(), steps).await
}
