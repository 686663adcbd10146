//! The configuration as it is written: every key that there is.

use std::path::PathBuf;

use domain::Secret;
use serde::{Deserialize, Deserializer};

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    pub listen: String,
    pub public_url: Option<String>,
    #[serde(deserialize_with = "list")]
    pub trusted_proxies: Vec<String>,
    pub data_dir: PathBuf,
    pub database_url: Option<Secret>,
    pub secret_key: Option<Secret>,
    pub admin_email: Option<String>,
    pub admin_password: Option<Secret>,
    pub tokens: TokensSection,
    pub passwords: PasswordsSection,
    pub limits: LimitsSection,
    pub dashboard: DashboardSection,
    pub outbound: OutboundSection,
    pub mail: MailSection,
    pub payments: PaymentsSection,
    pub log: LogSection,
}

impl Default for File {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            public_url: None,
            trusted_proxies: Vec::new(),
            data_dir: "data".into(),
            database_url: None,
            secret_key: None,
            admin_email: None,
            admin_password: None,
            tokens: TokensSection::default(),
            passwords: PasswordsSection::default(),
            limits: LimitsSection::default(),
            dashboard: DashboardSection::default(),
            outbound: OutboundSection::default(),
            mail: MailSection::default(),
            payments: PaymentsSection::default(),
            log: LogSection::default(),
        }
    }
}

/// `[tokens]`
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TokensSection {
    /// Seconds during which a rotated refresh token answers with its successor.
    #[serde(deserialize_with = "number")]
    pub refresh_leeway: u64,
    /// Days for which a key signs.
    #[serde(deserialize_with = "number")]
    pub key_days: u64,
}

impl Default for TokensSection {
    fn default() -> Self {
        Self { refresh_leeway: 10, key_days: 90 }
    }
}

/// `[passwords]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PasswordsSection {
    /// How many are hashed at once; one per core when left out.
    #[serde(deserialize_with = "some_number")]
    pub threads: Option<u64>,
    /// KiB of memory for each hash.
    #[serde(deserialize_with = "some_number")]
    pub memory: Option<u64>,
    /// Passes over that memory.
    #[serde(deserialize_with = "some_number")]
    pub passes: Option<u64>,
}

/// `[limits]`
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LimitsSection {
    /// Whether failed sign-ins make people wait.
    #[serde(deserialize_with = "flag")]
    pub enabled: bool,
}

impl Default for LimitsSection {
    fn default() -> Self {
        Self { enabled: true }
    }
}

/// `[dashboard]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DashboardSection {
    /// Whether dashboard and admin API want sessions with a second factor.
    #[serde(deserialize_with = "flag")]
    pub require_mfa: bool,
}

/// `[outbound]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct OutboundSection {
    /// Whether addresses that clients and admins name may lie in private networks; on localhost only when left out.
    #[serde(deserialize_with = "some_flag")]
    pub private: Option<bool>,
}

/// `[mail]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct MailSection {
    /// The mail server with the account there; files in the data directory when left out.
    pub smtp_url: Option<Secret>,
    /// The address of the sender.
    pub from: Option<String>,
}

/// `[payments]`
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PaymentsSection {
    /// A stand-in for Stripe's API on this machine, for tests.
    pub stripe_url: Option<String>,
    /// A stand-in for Midtrans's APIs on this machine, for tests.
    pub midtrans_url: Option<String>,
}

/// `[log]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSection {
    /// `error`, `warn`, `info`, `debug` (every request too) or `trace`, or directives such as `info,server=debug`.
    pub level: String,
    pub format: LogFormat,
}

impl Default for LogSection {
    fn default() -> Self {
        Self { level: "info".into(), format: LogFormat::Auto }
    }
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text on a terminal, JSON anywhere else.
    Auto,
    Text,
    Json,
}

impl LogFormat {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

/// A value as a file types it, or as text from the environment.
#[derive(Deserialize)]
#[serde(untagged)]
enum Typed<T> {
    Value(T),
    Text(String),
}

fn typed<'de, D, T>(deserializer: D, what: &str) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + std::str::FromStr,
{
    let bad = || serde::de::Error::custom(format!("must be {what}"));
    match Typed::deserialize(deserializer).map_err(|_| bad())? {
        Typed::Value(value) => Ok(value),
        Typed::Text(text) => text.trim().parse().map_err(|_| bad()),
    }
}

/// A list, or text with commas.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let bad = || serde::de::Error::custom("must be a list of addresses");
    match Typed::<Vec<String>>::deserialize(deserializer).map_err(|_| bad())? {
        Typed::Value(items) => Ok(items),
        Typed::Text(text) => Ok(text.split(',').map(|item| item.trim().to_owned()).collect()),
    }
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    typed(deserializer, "a whole number")
}

fn some_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    number(deserializer).map(Some)
}

fn some_flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    flag(deserializer).map(Some)
}

fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    typed(deserializer, "true or false")
}
