//! `turnpike clock`: the test clock of an application that collects in the sandbox.

use anyhow::anyhow;
use chrono::SecondsFormat;
use clap::Subcommand;
use domain::{
    Timestamp,
    billing::{clock::ClockStep, ledger::Entry},
    id::ApplicationId,
};
use service::{Ctx, Services};

use super::print;
use crate::{config::Config, startup};

#[derive(Debug, Subcommand)]
pub enum Clock {
    /// Move an application's billing time forward; prints the new time and what fell due on the way
    Advance {
        /// The application's slug
        application: String,
        /// By how much: 12h, 3d, 2w, 1mo or 1y; ten years at most
        #[arg(allow_hyphen_values = true)]
        by: ClockStep,
        /// The issuer as the server has it, for links in mails (default: as for serve)
        #[arg(long, value_name = "URL")]
        public_url: Option<String>,
    },
    /// Show an application's billing time
    Show {
        /// The application's slug
        application: String,
    },
}

pub async fn run(config: &Config, command: Clock) -> anyhow::Result<()> {
    let services = startup::services(config, config.issuer(config.listen.0)).await?;
    let (clocks, ctx) = (services.clocks(), Ctx::operator());
    match command {
        Clock::Advance { application, by, public_url: _ } => {
            let id = find(&services, &application)?;
            let now = clocks.advance(&ctx, id, by).await.map_err(startup::inner)?;
            let mut lines = vec![stands(&services, &application, now)];
            if let Some(since) = clocks.last_move(&ctx, id).await? {
                let moved = clocks.happened(&ctx, id, since).await?;
                lines.extend(moved.entries.iter().rev().map(line));
                lines.extend(moved.more.then(|| "there was more: the last hundred are shown".to_owned()));
            }
            print(&lines)
        }
        Clock::Show { application } => {
            let now = clocks.show(&ctx, find(&services, &application)?).await?;
            print(&[stands(&services, &application, now)])
        }
    }
}

fn find(services: &Services, slug: &str) -> anyhow::Result<ApplicationId> {
    let directory = services.directory();
    let entry = directory.by_slug(slug).ok_or_else(|| anyhow!("there is no application {slug}"))?;
    Ok(entry.application.id)
}

fn stands(services: &Services, slug: &str, now: Timestamp) -> String {
    // To the nearest hour: real time goes on between the two readings.
    let ahead = ((now - services.now()).num_seconds() + 1800) / 3600;
    let ahead = match ((ahead + 12) / 24, ahead) {
        (_, 0) => "in step with real time".to_owned(),
        (0, hours) => format!("{hours} h ahead of real time"),
        (days, _) => format!("{days} d ahead of real time"),
    };
    format!("{slug} is at {}, {ahead}", written(now))
}

fn line(entry: &Entry) -> String {
    let user = entry.user_id.map_or_else(String::new, |user| format!("  {user}"));
    format!("  {}  {}{user}", written(entry.at), entry.action.as_str())
}

fn written(moment: Timestamp) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}
