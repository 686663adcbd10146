//! For tests of this crate and of `server`: services on a database of their own, with a clock that tests move.

pub mod authenticator;
pub mod books;
pub mod client_key;
pub mod fault;
pub mod http;
pub mod midtrans;
pub mod passkey;
pub mod people;
mod postgres;
pub mod provider;
mod replay;
pub mod stripe;
mod template;

use std::sync::Arc;

use domain::{Secret, Timestamp};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{
    Services, Settings,
    clock::ManualClock,
    db::{self, DatabaseUrl},
    mail::Transport,
    random::SystemRng,
};

use self::postgres::OwnDatabase;

const ISSUER: &str = "http://127.0.0.1:8080";

/// Services for one test. The database goes away with it.
pub struct TestServices {
    pub services: Services,
    pub clock: ManualClock,
    pub url: DatabaseUrl,
    directory: tempfile::TempDir,
    /// None: it is a file in the directory.
    _database: Option<OwnDatabase>,
}

impl TestServices {
    /// Where the test may put files.
    pub fn path(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// Services on a new database: SQLite in a temporary directory, or one of the PostgreSQL server that
    /// `TURNPIKE_TEST_DATABASE_URL` names.
    pub async fn start() -> Self {
        Self::start_with(Self::settings()).await
    }

    /// The settings of [`Self::start`].
    pub fn settings() -> Settings {
        Settings::new(ISSUER)
    }

    /// As [`Self::start`], with settings of the test's.
    pub async fn start_with(settings: Settings) -> Self {
        Self::start_at(ManualClock::new(Self::epoch()), settings).await
    }

    /// As [`Self::start_with`], by a clock that something else goes by too.
    pub async fn start_at(clock: ManualClock, settings: Settings) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let database = match std::env::var("TURNPIKE_TEST_DATABASE_URL") {
            Ok(server) => Some(OwnDatabase::create(server).await),
            Err(_) => None,
        };
        let url = match &database {
            Some(database) => database.url(),
            None => template::copy_into(directory.path()).await,
        };
        let services = Self::node(&url, &clock, with_files(settings, &directory)).await;
        Self { services, clock, url, directory, _database: database }
    }

    /// Changes rows behind the back of the services, as a fault would.
    pub async fn execute(&self, sql: &str) {
        self.services.db.read().execute_unprepared(sql).await.expect("SQL that runs");
    }

    /// An id as [`Self::execute`] takes it.
    pub fn literal(&self, id: Uuid) -> String {
        if self.url.is_sqlite() { format!("X'{}'", id.simple()) } else { format!("'{id}'") }
    }

    /// Another node on the same database with the same clock.
    pub async fn another_node(&self) -> Services {
        self.node_with(with_files(Self::settings(), &self.directory)).await
    }

    /// Another node with its own settings.
    pub async fn node_with(&self, settings: Settings) -> Services {
        Self::node(&self.url, &self.clock, settings).await
    }

    /// The moment at which every test starts.
    pub fn epoch() -> Timestamp {
        Timestamp::from_timestamp_millis(1_795_219_200_000).expect("a valid moment")
    }

    async fn node(url: &DatabaseUrl, clock: &ManualClock, settings: Settings) -> Services {
        let db = db::connect(url).await.expect("a database");
        db::migrate(&db).await.expect("a schema");
        let secret_key = Secret::new("a secret key for tests, 32 bytes or more");
        Services::start(db, &secret_key, settings, Arc::new(clock.clone()), Arc::new(SystemRng::default()))
            .await
            .expect("services")
    }
}

/// Mails are files in the test's own directory.
fn with_files(mut settings: Settings, directory: &tempfile::TempDir) -> Settings {
    settings.mail.transport = Transport::Files(directory.path().join("mail"));
    settings
}
