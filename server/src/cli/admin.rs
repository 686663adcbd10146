//! `turnpike admin`: superadmins and admin API keys.

use std::io::BufRead;

use anyhow::{Context, anyhow};
use clap::{Args, Subcommand};
use domain::{
    ErrorCode, Problem,
    id::ApiKeyId,
    identity::{email::Email, password::Password},
    text::Name,
};
use service::{Ctx, Services, identity::api_keys::ApiKey, random::Rng};

use super::{Usage, print};
use crate::{config::Config, startup};

#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Make a superadmin; prints a password unless one is given
    Create {
        email: String,
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Set somebody's password and end their sessions and tokens; prints a password unless one is given
    ResetPassword {
        email: String,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Take the second factors away from somebody who has lost them, and end their sessions and tokens
    ResetFactors { email: String },
    /// List superadmins and admins
    List,
    /// Admin API keys
    #[command(subcommand)]
    Key(Key),
}

#[derive(Args, Debug)]
pub struct PasswordArgs {
    /// Read the password from the first line of stdin
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a key with superadmin rights and print it, this once
    Create {
        #[arg(long)]
        name: String,
    },
    /// List the keys: id, name, last characters, and since when they work or work no more
    List,
    /// Take a key back: it opens nothing from now on
    Revoke {
        /// The key's id, as the list has it
        id: ApiKeyId,
    },
}

pub async fn run(config: &Config, command: Admin) -> anyhow::Result<()> {
    let services = startup::services(config, config.issuer(config.listen.0)).await?;
    let ctx = Ctx::operator();
    match command {
        Admin::Create { email, name, password } => {
            let email = parse(&email, Email::parse(&email))?;
            let name = name.map(|name| parse("--name", Name::parse(&name))).transpose()?;
            let (password, made) = password.read(&services)?;
            let user = services.users().create_superadmin(&ctx, email, password, name).await?;
            print(&[format!("{} is superadmin", user.email)])?;
            show(made)
        }
        Admin::ResetPassword { email, password } => {
            let email = parse(&email, Email::parse(&email))?;
            let (password, made) = password.read(&services)?;
            let user = services.users().reset_password(&ctx, &email, password).await?;
            print(&[format!("{} has a new password; all sessions have ended", user.email)])?;
            show(made)
        }
        Admin::ResetFactors { email } => {
            let email = parse(&email, Email::parse(&email))?;
            let user =
                services.users().find_by_email(&email).await?.ok_or_else(|| Problem::from(ErrorCode::UserNotFound))?;
            services.factors().reset(&ctx, user.id).await?;
            print(&[format!("{} has no second factor any more; if there was one, all sessions have ended", user.email)])
        }
        Admin::List => {
            let line = |user: domain::identity::user::User| {
                let disabled = if user.disabled_at.is_some() { "\tdisabled" } else { "" };
                format!("{}\t{}{disabled}", user.email, user.role.as_str())
            };
            let lines: Vec<_> = services.users().admins(&ctx).await?.into_iter().map(line).collect();
            print(&lines)
        }
        Admin::Key(Key::Create { name }) => {
            let key = services.api_keys().create(&ctx, parse("--name", Name::parse(&name))?).await?;
            print(&[key.expose().to_owned()])
        }
        Admin::Key(Key::List) => {
            let lines: Vec<_> = services.api_keys().list(&ctx).await?.into_iter().map(line).collect();
            print(&lines)
        }
        Admin::Key(Key::Revoke { id }) => {
            let key = services.api_keys().revoke(&ctx, id).await?.ok_or_else(|| anyhow!("there is no key {id}"))?;
            print(&[line(key)])
        }
    }
}

fn line(key: ApiKey) -> String {
    let ApiKey { id, name, hint, created_at, revoked_at } = key;
    let stage = match revoked_at {
        None => format!("works since {}", created_at.to_rfc3339()),
        Some(revoked_at) => format!("revoked at {}", revoked_at.to_rfc3339()),
    };
    format!("{id}\t{name}\t{hint}\t{stage}")
}

fn parse<T>(what: &str, parsed: Result<T, domain::Flaw>) -> anyhow::Result<T> {
    parsed.map_err(|error| Usage(format!("{what} {error}")).into())
}

fn show(made: Option<Password>) -> anyhow::Result<()> {
    made.map_or(Ok(()), |password| print(&[format!("password: {}", password.expose())]))
}

impl PasswordArgs {
    /// The password, and it once more where it was made here.
    fn read(&self, services: &Services) -> anyhow::Result<(Password, Option<Password>)> {
        if self.password_stdin {
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line).context("stdin")?;
            let text = line.trim_end_matches(['\n', '\r']);
            let password = Password::parse(text).map_err(|error| Usage(format!("the password {error}")))?;
            return Ok((password, None));
        }
        let rng: &dyn Rng = &*services.rng;
        let password = service::crypto::base64url(rng.bytes::<15>());
        let password = Password::parse(&password).map_err(anyhow::Error::msg)?;
        Ok((password.clone(), Some(password)))
    }
}
