//! From a configuration to a server that answers, and to its end.

use std::{future::Future, io::Write, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context, bail};
use axum::serve::ListenerExt;
use domain::{ErrorCode, route};
use leptos::config::LeptosOptions;
use service::{
    Ctx, Services, Settings,
    clock::SystemClock,
    db::{self, Db, SchemaState},
    mail::Transport,
    private,
    random::SystemRng,
};
use tokio::{net::TcpListener, sync::watch};

use crate::{
    config::{self, Config, FirstAdmin},
    serve::{self, Limits},
    state::AppState,
};

/// What is said of a database that this binary must not touch.
pub const NEWER: &str = "the database was made by a newer version of turnpike";
/// How long requests may take that were under way when the server was told to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(10);
/// Fewer would let pages that wait for each other stand still.
const WORKERS: usize = 4;
/// Bytes of stack of a thread. Unoptimised, what a provider is told on PostgreSQL takes more than the usual 2 MiB; what
/// is not used costs nothing.
const STACK: usize = 8 << 20;

/// What is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Plain,
    /// With the demo product and its users.
    Demo,
}

/// Runs a command on the threads that it needs.
///
/// # Errors
/// The command's own.
pub fn block_on<T>(command: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.max(WORKERS))
        .thread_stack_size(STACK)
        .enable_all()
        .build()?;
    let answer = runtime.block_on(command);
    runtime.shutdown_timeout(Duration::from_secs(1));
    answer
}

/// Opens the configured database, whatever its schema.
///
/// # Errors
/// When it cannot be reached or the data directory cannot be made.
pub async fn connect(config: &Config) -> anyhow::Result<Db> {
    if config.database.is_sqlite() {
        let directory = &config.data_dir;
        private::make_directory(directory).with_context(|| directory.display().to_string())?;
    }
    db::connect(&config.database).await.context("the database cannot be opened")
}

/// Brings the schema up to date.
///
/// # Errors
/// When it is newer than this binary, or the database's own.
pub async fn migrate(db: &Db) -> anyhow::Result<()> {
    refuse_newer(db).await?;
    db::migrate(db).await.context("the database cannot be migrated")
}

/// # Errors
/// When the schema is newer than this binary.
pub async fn refuse_newer(db: &Db) -> anyhow::Result<()> {
    if db::schema_state(db).await.context("the database does not answer")? == SchemaState::Newer {
        bail!("{NEWER}");
    }
    Ok(())
}

/// The services on the configured database, migrated when it must be.
///
/// # Errors
/// As [`connect`] and [`migrate`], or a secret key that does not fit the database.
pub async fn services(config: &Config, issuer: String) -> anyhow::Result<Services> {
    let db = connect(config).await?;
    migrate(&db).await?;
    let secret_key = config::secret_key(config)?;
    let settings = Settings { issuer, ..config.services.clone() };
    let services = Services::start(db, &secret_key, settings, Arc::new(SystemClock), Arc::new(SystemRng::default()));
    services.await.map_err(inner).context("the server cannot start")
}

/// An error with its source, which the services keep from their callers.
pub(crate) fn inner(error: service::Error) -> anyhow::Error {
    match error {
        service::Error::Internal(source) => anyhow::Error::from_boxed(source),
        problem => problem.into(),
    }
}

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// When it cannot start.
pub async fn serve(config: Config, mode: Mode) -> anyhow::Result<()> {
    if mode == Mode::Demo && !config.is_local() {
        bail!("the demo has passwords that everybody knows: it serves localhost only");
    }
    let listener =
        TcpListener::bind(config.listen.0).await.with_context(|| format!("cannot listen on {}", config.listen.0))?;
    let bound = listener.local_addr()?;
    let services = services(&config, config.issuer(bound)).await?;
    if let Some(admin) = &config.first_admin {
        make_admin(&services, admin).await?;
    }
    if let (Transport::Files(directory), false) = (&config.services.mail.transport, config.is_local()) {
        let directory = directory.display();
        tracing::warn!(%directory, "mails reach nobody: they are files until mail.smtp_url names a mail server");
    }
    let mut state =
        AppState::new(services.clone(), leptos_options(bound)).with_trusted_proxies(&config.trusted_proxies);
    if mode == Mode::Demo {
        state = state.with_home(route::DEMO);
    }
    let mut router = crate::router(state.clone());
    let mut notes = Vec::new();
    if mode == Mode::Demo {
        (router, notes) = crate::demo::add(router, state).await?;
    }
    let background = [
        tokio::spawn(services.clone().follow_directory()),
        tokio::spawn(services.clone().purge_forever()),
        tokio::spawn(services.clone().bill_forever()),
        tokio::spawn(services.clone().handle_notifications_forever()),
        tokio::spawn(services.clone().steer_forever()),
        tokio::spawn(services.clone().tell_counterparts_forever()),
        tokio::spawn(services.clone().reconcile_forever()),
        tokio::spawn(services.clone().send_mails_forever()),
        tokio::spawn(services.clone().send_logouts_forever()),
        tokio::spawn(services.clone().send_webhooks_forever()),
        tokio::spawn(services.clone().rotate_keys_forever()),
    ];
    let asked_to_stop = asked_to_stop()?;
    announce(&services, notes).await?;
    let served = until_stopped(listener, router, asked_to_stop).await;
    for task in background {
        task.abort();
        // Until it has ended; that it was told to is no news.
        let _ = task.await;
    }
    if let Err(error) = services.db.settle().await {
        tracing::warn!(error = &error as &dyn std::error::Error, "what was written last is still beside the database");
    }
    served
}

async fn until_stopped(
    listener: TcpListener,
    router: axum::Router,
    asked_to_stop: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let (stop, mut stopped) = watch::channel(false);
    tokio::spawn(async move {
        asked_to_stop.await;
        tracing::info!("stopping");
        stop.send_replace(true);
    });
    let mut over = stopped.clone();
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(error = &error as &dyn std::error::Error, "TCP_NODELAY could not be set");
        }
    });
    let serving = serve::serve(listener, router, Limits::default(), async move {
        let _ = stopped.wait_for(|stop| *stop).await;
    });
    let given_up = async {
        let _ = over.wait_for(|stop| *stop).await;
        tokio::time::sleep(LAST_REQUESTS).await;
    };
    tokio::select! {
        () = serving => {}
        () = given_up => tracing::warn!("stopped while requests were under way"),
    }
    Ok(())
}

/// Waits for SIGTERM or SIGINT, which are caught from the call on.
#[cfg(unix)]
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// Makes the superadmin of the configuration, unless the address is in use.
async fn make_admin(services: &Services, admin: &FirstAdmin) -> anyhow::Result<()> {
    let users = services.users();
    if users.find_by_email(&admin.email).await?.is_some() {
        return Ok(());
    }
    let (email, password) = (admin.email.clone(), admin.password.clone());
    let made = users.create_configured_superadmin(&Ctx::operator(), email, password).await;
    match made {
        // Another node was quicker.
        Err(error) if error.code() == ErrorCode::UserInvalid => Ok(()),
        other => other.map(|_| ()).map_err(inner),
    }
}

fn leptos_options(bound: SocketAddr) -> LeptosOptions {
    // `cargo leptos watch` tells how pages are reloaded.
    let watched = std::env::var_os("LEPTOS_OUTPUT_NAME").and_then(|_| leptos::config::get_configuration(None).ok());
    let mut options = watched.map_or_else(crate::site::leptos_options, |watched| watched.leptos_options);
    options.site_addr = bound;
    options
}

/// Says on stdout where the server is and, while nobody is superadmin, how to become one.
async fn announce(services: &Services, notes: Vec<String>) -> anyhow::Result<()> {
    let setup = services.setup().link().await.map_err(inner)?;
    let issuer = &services.settings.issuer;
    tracing::info!(issuer, version = env!("CARGO_PKG_VERSION"), "serving");
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "Turnpike serves {issuer}")?;
    if let Some(link) = setup {
        writeln!(stdout, "Make the first superadmin, once: {link}")?;
    }
    for note in notes {
        writeln!(stdout, "{note}")?;
    }
    Ok(stdout.flush()?)
}
