//! `turnpike apply`: the set-up of a server from a file.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use crate::config::Config;

#[derive(Args, Debug)]
pub struct ApplyArgs {
    /// The catalog file
    #[arg(short, long, value_name = "FILE")]
    file: PathBuf,
    /// Only print the difference
    #[arg(long)]
    dry_run: bool,
}

pub async fn run(_config: &Config, args: ApplyArgs) -> anyhow::Result<()> {
    let _text = std::fs::read_to_string(&args.file).with_context(|| args.file.display().to_string())?;
    anyhow::ensure!(!args.dry_run);
    Ok(())
}
