//! The use cases. Adapters (HTTP, pages, command line) parse, call one of these, and convert its answer.

use std::{ops::Deref, sync::Arc, time::Duration};

use domain::{Secret, Timestamp};

pub mod access;
pub mod application;
pub mod audit;
pub mod billing;
pub mod catalog;
pub mod clock;
pub mod crypto;
pub mod ctx;
pub mod db;
pub mod directory;
mod entity;
pub mod error;
pub mod idempotency;
pub mod identity;
pub mod keys;
pub mod ledger;
pub mod logo;
pub mod mail;
pub mod oauth;
pub mod organization;
mod outbound;
pub mod payment;
pub mod portal;
pub mod private;
pub mod purge;
pub mod random;
mod rate_limit;
mod rounds;
pub mod security_log;
pub mod sorted;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
pub mod upstream;
pub mod webhook;

pub use ctx::Ctx;
pub use error::{Error, Result};

use clock::Clock;
use crypto::Vault;
use db::Db;
use directory::Cache;
use identity::{
    attempts::Attempts,
    passwords::{Cost, Passwords},
};
use random::Rng;

/// What an operator can set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The issuer: the public URL without a slash at its end.
    pub issuer: String,
    /// How long a rotated refresh token still answers with its successor.
    pub refresh_leeway: Duration,
    /// How many passwords are hashed at once, each with [`Self::hashing_memory`].
    pub hashing_threads: usize,
    /// Memory of one password hash in KiB.
    pub hashing_memory: u32,
    /// Passes of one password hash over its memory.
    pub hashing_passes: u32,
    /// Whether the dashboard and the admin API want a session with a second factor.
    pub dashboard_mfa: bool,
    /// Limits how often somebody may fail to sign in, and how often anybody may call.
    pub limits: bool,
    /// How long a payment provider may take to answer a call; a sign-in provider has 5 seconds at most.
    pub provider_timeout: Duration,
    /// How long a payment provider is left alone before a call that may be repeated is.
    pub provider_waits: [Duration; 2],
    /// How long a key signs before the next one takes over.
    pub key_life: chrono::TimeDelta,
    /// Whether requests to clients' own addresses (their keys, back-channel logout), to webhooks, to sign-in providers
    /// and for logos may go to private networks. By default only on localhost.
    pub private_targets: bool,
    /// Where mails go, and who they are from.
    pub mail: mail::MailSettings,
    /// Where Stripe's API is, for tests; Stripe itself when left out.
    pub stripe_url: Option<String>,
    /// Where both of Midtrans's APIs are, for tests; Midtrans itself when left out.
    pub midtrans_url: Option<String>,
    /// Where Google signs people in, for tests; Google itself when left out.
    pub google_url: Option<String>,
    /// Where GitHub and its API (below `/api`) are, for tests; GitHub itself when left out.
    pub github_url: Option<String>,
}

impl Settings {
    /// Settings for a server at `issuer`.
    pub fn new(issuer: impl Into<String>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let issuer = issuer.into();
        Self {
            key_life: chrono::TimeDelta::days(90),
            private_targets: issuer.starts_with("http://"),
            issuer,
            refresh_leeway: Duration::from_secs(10),
            hashing_threads: cores,
            hashing_memory: 19 * 1024,
            hashing_passes: 2,
            dashboard_mfa: false,
            limits: true,
            provider_timeout: Duration::from_secs(20),
            provider_waits: [Duration::from_millis(100), Duration::from_millis(400)],
            mail: mail::MailSettings::default(),
            stripe_url: None,
            midtrans_url: None,
            google_url: None,
            github_url: None,
        }
    }
}

impl Settings {
    /// The host of the issuer.
    pub fn host(&self) -> &str {
        let rest = self.issuer.split_once("://").map_or(self.issuer.as_str(), |(_, rest)| rest);
        // The port stands after the last colon, an IPv6 address in brackets.
        match rest.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => rest,
        }
    }
}

/// Everything the use cases need, made once at start. Cheap to clone.
#[derive(Clone)]
pub struct Services(Arc<Inner>);

/// See [`Services`].
pub struct Inner {
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub vault: Vault,
    pub settings: Settings,
    passwords: Passwords,
    attempts: Attempts,
    directory: Cache,
    midtrans: payment::midtrans::Connections,
    stripe: payment::stripe::Connections,
    looks: billing::reconcile::Looks,
    mailer: Box<dyn mail::Mailer>,
    outbound: outbound::Outbound,
    logos: logo::Logos,
    client_keys: oauth::FetchedKeys,
    upstream: upstream::Documents,
    webauthn: Option<Arc<webauthn_rs::Webauthn>>,
}

impl Deref for Services {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Services {
    /// Starts the services on a migrated database: makes signing keys where there are none and loads the directory.
    ///
    /// # Errors
    /// The database's own, or signing keys that this secret key does not open.
    pub async fn start(
        db: Db,
        secret_key: &Secret,
        settings: Settings,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Result<Self> {
        let vault = Vault::new(secret_key);
        let cost = Cost { memory: settings.hashing_memory, passes: settings.hashing_passes };
        let passwords = Passwords::new(settings.hashing_threads, cost);
        let (attempts, directory) = (Attempts::default(), Cache::default());
        let midtrans = payment::midtrans::Connections::default();
        let stripe = payment::stripe::Connections::default();
        let mailer = mail::mailer(&settings.mail)?;
        let (outbound, client_keys) = (outbound::Outbound::default(), oauth::FetchedKeys::default());
        let webauthn = identity::factors::relying_party(&settings)?;
        let services = Self(Arc::new(Inner {
            db,
            clock,
            rng,
            vault,
            settings,
            passwords,
            attempts,
            directory,
            midtrans,
            stripe,
            looks: billing::reconcile::Looks::default(),
            mailer,
            outbound,
            logos: logo::Logos::default(),
            client_keys,
            upstream: upstream::Documents::default(),
            webauthn,
        }));
        services.reload_directory().await?;
        keys::ensure(&services).await?;
        Ok(services)
    }

    /// The moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new id of the moment.
    pub fn id<T: From<uuid::Uuid>>(&self) -> T {
        self.rng.id(self.now())
    }
}
