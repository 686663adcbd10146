//! A PostgreSQL database for one test.

use domain::Secret;
use sea_orm::{ConnectionTrait, Database, DbErr};

use super::template;
use crate::{
    crypto,
    db::DatabaseUrl,
    random::{Rng, SystemRng},
};

/// A new database of a server. It is dropped with the value, whoever is still connected: hundreds of them would
/// fill a disk.
pub(super) struct OwnDatabase {
    server: String,
    name: String,
}

impl OwnDatabase {
    /// One with schema and keys.
    pub(super) async fn create(server: String) -> Self {
        let database = Self { name: own_name(), server };
        let copy = format!("CREATE DATABASE {} TEMPLATE {}", database.name, template::name());
        if execute(&database.server, &copy).await.is_err() {
            template::make(&database.server).await.expect("a database to copy");
            execute(&database.server, &copy).await.expect("a copy");
        }
        database
    }

    pub(super) async fn empty(server: &str) -> Result<Self, DbErr> {
        let database = Self { name: own_name(), server: server.to_owned() };
        execute(server, &format!("CREATE DATABASE {}", database.name)).await?;
        Ok(database)
    }

    /// Is not dropped then.
    pub(super) async fn keep_as(self, name: &str) -> Result<(), DbErr> {
        let renamed = execute(&self.server, &format!("ALTER DATABASE {} RENAME TO {name}", self.name)).await;
        std::mem::forget(self);
        renamed
    }

    pub(super) fn url(&self) -> DatabaseUrl {
        let (base, _) = self.server.rsplit_once('/').expect("a URL with a database");
        DatabaseUrl::Postgres(Secret::new(format!("{base}/{}", self.name)))
    }
}

impl Drop for OwnDatabase {
    /// On a thread of its own: the test's runtime may be this very thread.
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let server = self.server.clone();
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(execute(&server, &sql)).map_err(std::io::Error::other)
        });
        if let Ok(Err(error)) = dropped.join() {
            eprintln!("{} stays: {error}", self.name);
        }
    }
}

fn own_name() -> String {
    let rng: &dyn Rng = &SystemRng::default();
    format!("t_{}", crypto::base64url(rng.bytes::<12>()).to_lowercase().replace('-', "_"))
}

async fn execute(server: &str, sql: &str) -> Result<(), DbErr> {
    let admin = Database::connect(server).await?;
    admin.execute_unprepared(sql).await?;
    admin.close().await
}
