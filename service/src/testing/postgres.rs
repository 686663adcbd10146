//! A PostgreSQL database for one test.

use domain::Secret;
use sea_orm::{ConnectionTrait, Database, DbErr};

use crate::{
    crypto,
    db::DatabaseUrl,
    random::{Rng, SystemRng},
};

/// A new, empty database of a server. It is dropped with the value, whoever is still connected: hundreds of them would
/// fill a disk.
pub(super) struct OwnDatabase {
    server: String,
    name: String,
}

impl OwnDatabase {
    pub(super) async fn create(server: String) -> Self {
        let rng: &dyn Rng = &SystemRng::default();
        let name = format!("t_{}", crypto::base64url(rng.bytes::<12>()).to_lowercase().replace('-', "_"));
        execute(&server, &format!("CREATE DATABASE {name}")).await.expect("a new database");
        Self { server, name }
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

async fn execute(server: &str, sql: &str) -> Result<(), DbErr> {
    let admin = Database::connect(server).await?;
    admin.execute_unprepared(sql).await?;
    admin.close().await
}
