//! `turnpike migrate`: the database's schema.

use clap::Subcommand;
use service::db::{self, SchemaState};

use super::print;
use crate::{config::Config, startup};

#[derive(Debug, Subcommand)]
pub enum Migrate {
    /// Apply what is missing
    Up,
    /// Take the last migrations back, with everything that their tables hold
    Down {
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// List migrations and whether they are applied
    Status,
}

pub async fn run(config: &Config, command: Migrate) -> anyhow::Result<()> {
    let db = startup::connect(config).await?;
    match command {
        Migrate::Up => startup::migrate(&db).await?,
        Migrate::Down { steps } => {
            startup::refuse_newer(&db).await?;
            db::roll_back(&db, steps).await?;
        }
        Migrate::Status => {}
    }
    let all = db::migrations(&db).await?;
    let line = |(name, done): (String, bool)| format!("{}  {name}", if done { "applied" } else { "missing" });
    print(&all.into_iter().map(line).collect::<Vec<_>>())?;
    print(&[match db::schema_state(&db).await? {
        SchemaState::Current => "up to date".into(),
        SchemaState::Behind(missing) => format!("{missing} to apply: turnpike migrate up"),
        SchemaState::Newer => startup::NEWER.into(),
    }])
}
