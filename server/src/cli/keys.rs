//! `turnpike keys`: the keys that sign tokens.

use clap::{Args, Subcommand};
use domain::oauth::client::SigningAlg;
use service::{Ctx, keys::Stage};

use super::{Usage, print};
use crate::{config::Config, startup};

#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Show the published keys: which sign, which will, which did
    List,
    /// Make new keys, which take over in half an hour; running servers follow by themselves
    Rotate(RotateArgs),
}

#[derive(Args, Debug)]
pub struct RotateArgs {
    /// Only this algorithm: RS256, ES256 or EdDSA
    #[arg(long)]
    alg: Option<String>,
    /// The old keys may be known to others: they count no more from now on, and neither do their tokens
    #[arg(long)]
    compromised: bool,
}

pub async fn run(config: &Config, command: Keys) -> anyhow::Result<()> {
    let services = startup::services(config, config.issuer(config.listen.0)).await?;
    let ctx = Ctx::operator();
    if let Keys::Rotate(args) = command {
        let alg = args.alg.as_deref().map(SigningAlg::parse).transpose();
        let alg = alg.map_err(|_| Usage("--alg must be RS256, ES256 or EdDSA".into()))?;
        let algs = alg.map_or_else(|| SigningAlg::ALL.to_vec(), |alg| vec![alg]);
        services.keys().rotate(&ctx, &algs, args.compromised).await?;
    }
    let lines = services.keys().list(&ctx)?.into_iter().map(|key| {
        let stage = match key.stage {
            Stage::Next(from) => format!("signs from {}", from.to_rfc3339()),
            Stage::Active => format!("signs since {}", key.active_at.to_rfc3339()),
            Stage::Retired(until) => format!("signs no more, published until {}", until.to_rfc3339()),
        };
        format!("{}\t{}\t{stage}", key.alg.as_str(), key.kid)
    });
    print(&lines.collect::<Vec<_>>())
}
