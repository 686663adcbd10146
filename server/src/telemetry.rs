//! The log: on stderr, as text on a terminal and as one JSON object per line anywhere else.

use std::io::IsTerminal;

use service::security_log;
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{LogFormat, LogSection};

/// # Errors
/// A sentence when `level` is neither a level nor a list of directives.
pub fn filter(level: &str) -> Result<EnvFilter, String> {
    let mut level = level.to_owned();
    // Every single step of a migration is of no interest, unless somebody asks for it.
    if !level.contains("sea_orm") {
        level.push_str(",sea_orm_migration=warn,sqlx::postgres::notice=warn");
    }
    // It writes down whole what it cannot read, and anybody may send it anything: what matters of that, we say.
    if !level.contains("webauthn") {
        level.push_str(",webauthn_rs_core=off");
    }
    // The security log is whole, unless somebody asks for less of it.
    if !level.contains(security_log::TARGET) {
        level.extend([",", security_log::TARGET, "=info"]);
    }
    EnvFilter::builder()
        .parse(level)
        .map_err(|_| "must be error, warn, info, debug or trace, or directives such as info,server=debug".into())
}

/// Starts the log of this process. A second start changes nothing.
pub fn start(config: &LogSection) {
    let filter = filter(&config.level).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let text = match config.format {
        LogFormat::Auto => std::io::stderr().is_terminal(),
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    // Fails only where a subscriber is set already.
    let _ = if text {
        builder.with_target(false).with_ansi(std::io::stderr().is_terminal()).try_init()
    } else {
        builder.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_send_is_not_written_down_whole() {
        for level in ["info", "debug,sea_orm=info"] {
            assert!(filter(level).unwrap().to_string().contains("webauthn_rs_core=off"), "{level}");
        }
    }
}
