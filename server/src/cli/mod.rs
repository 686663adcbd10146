//! The command line. Exit codes: 0 done, 1 failed, 2 a wrong command line or configuration.

mod admin;
mod apply;
mod clock;
mod health;
mod keys;
mod migrate;

pub use apply::apply as apply_catalog;

use std::{io::Write, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{
    config::{self, Config, ConfigError, Flags},
    startup, telemetry,
};

/// Signs users in, lets them choose a plan, and puts what they bought into their tokens.
#[derive(Debug, Parser)]
#[command(name = "turnpike", version, propagate_version = true)]
struct Cli {
    /// Configuration file (default: turnpike.toml, where there is one)
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Directory of the database and the secret key (default: ./data)
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    #[command(flatten)]
    serve: ServeArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Args, Clone, Debug, Default)]
struct ServeArgs {
    /// Address to listen on; port 0 takes any free one (default: 127.0.0.1:8080)
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// The issuer: the URL that browsers use (default: http:// and the address, on localhost)
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

#[derive(Args, Clone, Debug)]
struct HealthArgs {
    /// Address that the server listens on (default: 127.0.0.1:8080)
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve (what happens without a command, too)
    Serve(ServeArgs),
    /// Serve with a demo product at /demo, with its plans and users
    Demo(ServeArgs),
    /// Make applications, clients, plans, prices, coupons, sign-in methods and users as a file says
    Apply(apply::ApplyArgs),
    /// Bring the database's schema up or down, or show where it is
    #[command(subcommand)]
    Migrate(migrate::Migrate),
    /// Superadmins and admin API keys
    #[command(subcommand)]
    Admin(admin::Admin),
    /// The test clock of an application that collects in the sandbox
    #[command(subcommand)]
    Clock(clock::Clock),
    /// The keys that sign tokens
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Ask a running server whether it can do its work
    Health(HealthArgs),
    /// Look at the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Check the configuration and show what holds
    Check,
}

/// A command line that cannot be meant.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

/// Runs the command that this process was started with.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match execute(cli) {
        Ok(code) => code,
        Err(error) => {
            let mut stderr = std::io::stderr().lock();
            if let Some(ConfigError(lines)) = error.downcast_ref() {
                let _ = writeln!(stderr, "turnpike: the configuration cannot be used");
                for line in lines {
                    let _ = writeln!(stderr, "  {line}");
                }
                return ExitCode::from(2);
            }
            let _ = writeln!(stderr, "turnpike: {error:#}");
            if error.is::<Usage>() { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

fn execute(cli: Cli) -> anyhow::Result<ExitCode> {
    let command = cli.command.unwrap_or_else(|| Command::Serve(cli.serve.clone()));
    let serve = match &command {
        Command::Serve(own) | Command::Demo(own) => ServeArgs {
            listen: own.listen.clone().or(cli.serve.listen),
            public_url: own.public_url.clone().or(cli.serve.public_url),
        },
        Command::Clock(clock::Clock::Advance { public_url, .. }) if cli.serve.listen.is_none() => {
            ServeArgs { listen: None, public_url: public_url.clone().or(cli.serve.public_url) }
        }
        _ if cli.serve.public_url.is_some() => {
            return Err(Usage("--public-url goes with serve, demo and clock advance".into()).into());
        }
        Command::Health(own) => ServeArgs { listen: own.listen.clone().or(cli.serve.listen), public_url: None },
        _ if cli.serve.listen.is_some() => {
            return Err(Usage("--listen goes with serve, demo and health".into()).into());
        }
        _ => ServeArgs::default(),
    };
    let flags =
        Flags { config: cli.config, data_dir: cli.data_dir, listen: serve.listen, public_url: serve.public_url };
    let config = config::load(&flags, environment())?;
    telemetry::start(&config.log);
    let done = |()| ExitCode::SUCCESS;
    match command {
        Command::Serve(_) => startup::block_on(startup::serve(config, startup::Mode::Plain)).map(done),
        Command::Demo(_) => startup::block_on(startup::serve(config, startup::Mode::Demo)).map(done),
        Command::Apply(args) => startup::block_on(apply::run(&config, args)).map(done),
        Command::Migrate(command) => startup::block_on(migrate::run(&config, command)).map(done),
        Command::Admin(command) => startup::block_on(admin::run(&config, command)).map(done),
        Command::Clock(command) => startup::block_on(clock::run(&config, command)).map(done),
        Command::Keys(command) => startup::block_on(keys::run(&config, command)).map(done),
        Command::Health(_) => health::run(&config).map(done),
        Command::Config(ConfigCommand::Check) => show(&config).map(done),
    }
}

/// The environment; what is not Unicode cannot be meant for us.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Prints what holds; secrets only by whether they are set.
fn show(config: &Config) -> anyhow::Result<()> {
    let database = match &config.database {
        service::db::DatabaseUrl::Sqlite(url) => url.as_str(),
        service::db::DatabaseUrl::Postgres(_) => "postgres://…",
    };
    let secret_key = if config.secret_key.is_some() { "set" } else { "secret.key in the data directory" };
    let settings = &config.services;
    let proxies = match config.trusted_proxies.as_slice() {
        [] => "-".to_owned(),
        proxies => domain::text::list(proxies),
    };
    let mail = match &settings.mail.transport {
        service::mail::Transport::Smtp(url) => url.server(),
        service::mail::Transport::Files(directory) => format!("files in {}", directory.display()),
    };
    let at = |url: &Option<String>| url.as_ref().map_or_else(String::new, |url| format!(" at {url}"));
    print(&[
        format!("listen            {}", config.listen.0),
        format!("public_url        {}", config.issuer(config.listen.0)),
        format!("trusted_proxies   {proxies}"),
        format!("data_dir          {}", config.data_dir.display()),
        format!("database_url      {database}"),
        format!("secret_key        {secret_key}"),
        format!("admin_email       {}", config.first_admin.as_ref().map_or("-", |admin| admin.email.as_str())),
        format!(
            "tokens            refresh_leeway {} s, key_days {}",
            settings.refresh_leeway.as_secs(),
            settings.key_life.num_days()
        ),
        format!(
            "passwords         threads {}, memory {} KiB, passes {}",
            settings.hashing_threads, settings.hashing_memory, settings.hashing_passes
        ),
        format!("limits            {}", if settings.limits { "enabled" } else { "off" }),
        format!("dashboard         second factor {}", if settings.dashboard_mfa { "required" } else { "optional" }),
        format!("outbound          {}", if settings.private_targets { "anywhere" } else { "public addresses only" }),
        format!("payments          stripe{}, midtrans{}", at(&settings.stripe_url), at(&settings.midtrans_url)),
        format!("mail              {mail}, from {}", settings.mail.from),
        format!("log               level {}, format {}", config.log.level, config.log.format.as_str()),
    ])
}

/// Writes lines to stdout.
fn print(lines: &[String]) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    for line in lines {
        writeln!(stdout, "{line}")?;
    }
    Ok(stdout.flush()?)
}
