//! Where the database is.

use std::{net::IpAddr, path::Path};

use domain::Secret;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgSslMode};

const FORM: &str =
    "must be postgres://USER:PASSWORD@HOST/DATABASE; its sslmode is verify-full, verify-ca, require or disable";
const UNSAID: &str = "needs sslmode outside this machine: ?sslmode=verify-full, verify-ca or require; or disable, \
                      where nobody else can listen on the way";

/// Which database to use: `sqlite://FILE` or `postgres://…`.
#[derive(Clone, Debug)]
pub enum DatabaseUrl {
    Sqlite(String),
    /// May hold a password.
    Postgres(Secret),
}

impl DatabaseUrl {
    /// # Errors
    /// A sentence when the URL is of neither database, or does not say how the way to another machine is kept safe.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with("sqlite:") {
            Ok(Self::Sqlite(text.to_owned()))
        } else if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            check_way(text)?;
            Ok(Self::Postgres(Secret::new(text)))
        } else {
            Err("must start with sqlite:// or postgres://".into())
        }
    }

    /// The database file inside a data directory.
    pub fn in_directory(directory: &Path) -> Self {
        Self::Sqlite(format!("sqlite://{}", directory.join("turnpike.db").display()))
    }

    pub const fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// The database file of SQLite.
    pub fn file(&self) -> Option<&Path> {
        let Self::Sqlite(url) = self else { return None };
        let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
        path.split('?').next().map(Path::new)
    }
}

/// On the way to another machine passwords and rows are encrypted, unless the operator says that they need not be. Told
/// nothing, sqlx encrypts them where the server, or whoever answers in its place, offers it.
fn check_way(text: &str) -> Result<(), String> {
    // Read as the connection reads it: parameters and PGHOST name hosts as well.
    let options: PgConnectOptions = text.parse().map_err(|_| FORM)?;
    match options.get_ssl_mode() {
        PgSslMode::VerifyFull | PgSslMode::VerifyCa | PgSslMode::Require | PgSslMode::Disable => Ok(()),
        PgSslMode::Prefer | PgSslMode::Allow if is_local(&options) => Ok(()),
        PgSslMode::Prefer | PgSslMode::Allow => Err(UNSAID.into()),
    }
}

/// Whether the server is on this machine.
fn is_local(options: &PgConnectOptions) -> bool {
    let host = options.get_host().trim_matches(['[', ']']);
    options.get_socket().is_some()
        || host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_another_machine_is_encrypted_or_said_not_to_be() {
        for good in [
            "postgres://localhost/turnpike",
            "postgres://turnpike:p%40ss@127.0.0.1:5433/turnpike",
            "postgresql://[::1]/turnpike",
            "postgres://LOCALHOST/turnpike?sslmode=prefer",
            "postgres://turnpike@%2Fvar%2Frun%2Fpostgresql/turnpike",
            "postgres:///turnpike?host=/var/run/postgresql",
            "postgres://turnpike:pass@db.internal/turnpike?sslmode=verify-full",
            "postgres://db.internal/turnpike?sslrootcert=/etc/ssl/db.pem&sslmode=verify-ca",
            "postgres://10.0.0.7/turnpike?sslmode=require",
            "postgres://postgres/turnpike?sslmode=disable",
        ] {
            assert!(DatabaseUrl::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "postgres://turnpike:pass@db.internal/turnpike",
            "postgresql://db.internal/turnpike?sslmode=prefer",
            "postgres://db.internal/turnpike?sslmode=allow",
            "postgres://10.0.0.7/turnpike?sslrootcert=/etc/ssl/db.pem",
            "postgres://[2001:db8::1]/turnpike",
            "postgres://localhost.example/turnpike",
            "postgres://localhost/turnpike?host=db.internal",
            "postgres://127.0.0.1/turnpike?hostaddr=192.0.2.1",
            "postgres:///turnpike?host=db.internal",
        ] {
            let refused = DatabaseUrl::parse(bad).unwrap_err();
            assert!(refused.starts_with("needs sslmode outside this machine"), "{bad}: {refused}");
        }
        for odd in ["postgres://db.internal/turnpike?sslmode=verify", "postgres://localhost:port/turnpike"] {
            let refused = DatabaseUrl::parse(odd).unwrap_err();
            assert!(refused.starts_with("must be postgres://"), "{odd}: {refused}");
        }
        assert!(DatabaseUrl::parse("mysql://localhost/turnpike").is_err());
    }

    #[test]
    fn a_password_is_not_printed() {
        let url = DatabaseUrl::parse("postgres://turnpike:hidden@localhost/turnpike").unwrap();
        assert!(!format!("{url:?}").contains("hidden"));
    }
}
