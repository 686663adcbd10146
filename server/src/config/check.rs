//! From what is written to what can be used.

use std::{net::ToSocketAddrs, time::Duration};

use chrono::TimeDelta;
use domain::{
    Secret,
    identity::{email::Email, password::Password},
};
use service::{
    db::DatabaseUrl,
    mail::{MailSettings, SmtpUrl, Transport},
};

use super::{Config, ConfigError, FirstAdmin, Listen, PublicUrl, file::File};

/// Fewest characters of the secret key.
const SECRET_KEY: usize = 32;
/// What a password hash may cost: OWASP's least, and the most that a sign-in should wait for.
const MEMORY: std::ops::RangeInclusive<u32> = 19 * 1024..=256 * 1024;
const PASSES: std::ops::RangeInclusive<u32> = 2..=16;

pub(super) fn check(file: File) -> Result<Config, ConfigError> {
    let mut problems = Vec::new();
    let mut note = |key: &str, message: String| problems.push(format!("{key}: {message}"));
    let listen = listen(&file.listen).map_err(|e| note("listen", e)).ok();
    let public_url =
        file.public_url.as_deref().map(PublicUrl::parse).transpose().map_err(|e| note("public_url", e)).ok();
    let database = match &file.database_url {
        Some(url) => DatabaseUrl::parse(url.expose()),
        None => Ok(DatabaseUrl::in_directory(&file.data_dir)),
    };
    let database = database.map_err(|e| note("database_url", e)).ok();
    if let Err(error) = check_secret_key(file.secret_key.as_ref(), database.as_ref()) {
        note("secret_key", error);
    }
    let proxies: Result<Vec<_>, _> = file.trusted_proxies.iter().map(|text| text.parse()).collect();
    let trusted_proxies = proxies.map_err(|e| note("trusted_proxies", e)).unwrap_or_default();
    let first_admin = first_admin(&file).map_err(|(key, e)| note(key, e)).ok();
    let mut services = service::Settings::new("");
    services.refresh_leeway = Duration::from_secs(file.tokens.refresh_leeway);
    if file.tokens.refresh_leeway > 60 {
        note("tokens.refresh_leeway", "must be at most 60 seconds".into());
    }
    match i64::try_from(file.tokens.key_days) {
        Ok(days @ 1..=3650) => services.key_life = TimeDelta::days(days),
        _ => note("tokens.key_days", "must be 1 to 3650".into()),
    }
    if let Some(threads) = file.passwords.threads {
        match usize::try_from(threads) {
            Ok(threads @ 1..=256) => services.hashing_threads = threads,
            _ => note("passwords.threads", "must be 1 to 256".into()),
        }
    }
    for (key, value, range, setting) in [
        ("passwords.memory", file.passwords.memory, MEMORY, &mut services.hashing_memory),
        ("passwords.passes", file.passwords.passes, PASSES, &mut services.hashing_passes),
    ] {
        match value.map(u32::try_from) {
            None => {}
            Some(Ok(value)) if range.contains(&value) => *setting = value,
            Some(_) => note(key, format!("must be {} to {}", range.start(), range.end())),
        }
    }
    services.limits = file.limits.enabled;
    services.dashboard_mfa = file.dashboard.require_mfa;
    match mail(&file) {
        Ok(mail) => services.mail = mail,
        Err((key, error)) => note(key, error),
    }
    for (key, url, setting) in [
        ("payments.stripe_url", &file.payments.stripe_url, &mut services.stripe_url),
        ("payments.midtrans_url", &file.payments.midtrans_url, &mut services.midtrans_url),
    ] {
        match url.as_deref().map(stand_in).transpose() {
            Ok(url) => *setting = url,
            Err(error) => note(key, error),
        }
    }
    if let Err(error) = crate::telemetry::filter(&file.log.level) {
        note("log.level", error);
    }
    if let (Some(listen), Some(public_url)) = (listen, public_url) {
        let local = public_url.as_ref().map_or_else(|| listen.is_local(), PublicUrl::is_local);
        if public_url.is_none() && !local {
            note("public_url", format!("is needed to listen on {}: the https address that browsers use", listen.0));
        }
        services.private_targets = file.outbound.private.unwrap_or(local);
        if !local && !file.limits.enabled {
            note("limits.enabled", "must not be false outside localhost".into());
        }
        for (key, url) in
            [("payments.stripe_url", &services.stripe_url), ("payments.midtrans_url", &services.midtrans_url)]
        {
            if !local && url.is_some() {
                note(key, "must not be set outside localhost: it is for tests".into());
            }
        }
        if let (Some(database), Some(first_admin), []) = (database, first_admin, problems.as_slice()) {
            return Ok(Config {
                listen,
                public_url,
                trusted_proxies,
                data_dir: file.data_dir,
                database,
                secret_key: file.secret_key,
                first_admin,
                services,
                log: file.log,
            });
        }
    }
    Err(ConfigError(problems))
}

fn listen(text: &str) -> Result<Listen, String> {
    let bad = || "must be an address with a port, such as 127.0.0.1:8080 or 0.0.0.0:8080".to_owned();
    let mut addresses: Vec<_> = text.to_socket_addrs().map_err(|_| bad())?.collect();
    addresses.sort_by_key(std::net::SocketAddr::is_ipv6);
    addresses.first().copied().map(Listen).ok_or_else(bad)
}

fn check_secret_key(key: Option<&Secret>, database: Option<&DatabaseUrl>) -> Result<(), String> {
    let Some(key) = key else {
        return match database {
            Some(DatabaseUrl::Postgres(_)) => Err(format!(
                "is needed with PostgreSQL, the same for every node: at least {SECRET_KEY} random characters, such as \
                 those of `openssl rand -base64 32`"
            )),
            _ => Ok(()),
        };
    };
    if key.expose().chars().count() < SECRET_KEY {
        return Err(format!("must have at least {SECRET_KEY} characters"));
    }
    if !key.is_varied() {
        return Err("must be random; `openssl rand -base64 32` makes one".into());
    }
    Ok(())
}

fn mail(file: &File) -> Result<MailSettings, (&'static str, String)> {
    let from = file.mail.from.as_deref().map(Email::parse).transpose().map_err(|e| ("mail.from", e.to_string()))?;
    let Some(url) = &file.mail.smtp_url else {
        let local = MailSettings::default();
        let transport = Transport::Files(file.data_dir.join("mail"));
        return Ok(MailSettings { transport, from: from.unwrap_or(local.from) });
    };
    let url = SmtpUrl::parse(url).map_err(|e| ("mail.smtp_url", e))?;
    let from = from.ok_or_else(|| ("mail.from", "is needed with mail.smtp_url: the sender's address".to_owned()))?;
    Ok(MailSettings { transport: Transport::Smtp(url), from })
}

/// The address of a stand-in for a payment provider.
fn stand_in(text: &str) -> Result<String, String> {
    let url = PublicUrl::parse(text)?;
    if url.is_local() { Ok(url.as_str().to_owned()) } else { Err("must be on localhost: it is for tests".into()) }
}

fn first_admin(file: &File) -> Result<Option<FirstAdmin>, (&'static str, String)> {
    match (&file.admin_email, &file.admin_password) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(("admin_password", "is needed with admin_email".into())),
        (None, Some(_)) => Err(("admin_email", "is needed with admin_password".into())),
        (Some(email), Some(password)) => {
            let email = Email::parse(email).map_err(|e| ("admin_email", e.to_string()))?;
            let password = Password::parse(password.expose()).map_err(|e| ("admin_password", e))?;
            Ok(Some(FirstAdmin { email, password }))
        }
    }
}
