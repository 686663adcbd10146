//! `turnpike apply`: the set-up of a server from a file.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use service::{
    Ctx, Services,
    catalog::{Catalog, Changes},
    db::{self, SchemaState},
};

use super::print;
use crate::{config::Config, startup};

#[derive(Args, Debug)]
pub struct ApplyArgs {
    /// The catalog file
    #[arg(short, long, value_name = "FILE")]
    file: PathBuf,
    /// Only print the difference
    #[arg(long)]
    dry_run: bool,
}

pub async fn run(config: &Config, args: ApplyArgs) -> anyhow::Result<()> {
    let file = args.file.display().to_string();
    let text = std::fs::read_to_string(&args.file).with_context(|| file.clone())?;
    // First of all: a file with an error changes nothing, and makes no database.
    let catalog = Catalog::parse(&text, &file).map_err(|problem| anyhow::Error::msg(problem.message))?;
    let changes = if args.dry_run {
        compare(config, catalog).await?
    } else {
        let services = startup::services(config, config.issuer(config.listen.0)).await?;
        apply(&services, catalog, false).await?
    };
    let mut lines: Vec<String> = changes.list.iter().map(ToString::to_string).collect();
    if lines.is_empty() {
        lines.push("no changes".into());
    } else if args.dry_run {
        lines.push("nothing was applied: a dry run".into());
    }
    if !args.dry_run {
        let secret = |(id, secret): &(_, domain::Secret)| format!("client_secret of {id}, once: {}", secret.expose());
        lines.extend(changes.secrets.iter().map(secret));
    }
    print(&lines)
}

/// Applies a catalog; the message of a refusal has file, line and key.
///
/// # Errors
/// As [`service::catalog::Catalogs::apply`].
pub async fn apply(services: &Services, catalog: Catalog, dry_run: bool) -> anyhow::Result<Changes> {
    services.catalog().apply(&Ctx::operator(), catalog, dry_run).await.map_err(|error| match error {
        service::Error::Problem(problem) => anyhow::Error::msg(problem.message),
        internal => startup::inner(internal),
    })
}

/// The difference to a database that this leaves untouched; one that is not there yet is empty.
async fn compare(config: &Config, catalog: Catalog) -> anyhow::Result<Changes> {
    if config.database.file().is_none_or(|file| file.exists()) {
        let db = db::connect(&config.database).await?;
        match db::schema_state(&db).await? {
            SchemaState::Current => {
                let services = startup::services(config, config.issuer(config.listen.0)).await?;
                return apply(&services, catalog, true).await;
            }
            SchemaState::Behind(_) if db::is_empty(&db).await? => {}
            SchemaState::Behind(_) => anyhow::bail!("the database must be migrated first: turnpike migrate up"),
            SchemaState::Newer => anyhow::bail!("{}", startup::NEWER),
        }
    }
    let nothing = tempfile::tempdir()?;
    let empty = Config {
        data_dir: nothing.path().to_owned(),
        database: db::DatabaseUrl::in_directory(nothing.path()),
        ..config.clone()
    };
    let services = startup::services(&empty, config.issuer(config.listen.0)).await?;
    apply(&services, catalog, true).await
}
