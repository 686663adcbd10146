use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use server::config::{Config, ConfigError, Flags, load};

fn from(file: &str, env: &[(&str, &str)], flags: Flags) -> Result<Config, ConfigError> {
    let directory = tempfile::tempdir().unwrap();
    let path: PathBuf = directory.path().join("t.toml");
    std::fs::write(&path, file).unwrap();
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    load(&Flags { config: Some(path), ..flags }, env)
}

fn refused(file: &str, env: &[(&str, &str)]) -> String {
    from(file, env, Flags::default()).expect_err("refused").to_string()
}

const KEY: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

#[test]
fn nothing_needs_to_be_set_on_localhost() {
    let config = from("", &[("PATH", "/bin"), ("TURNPIKE_TEST_DATABASE_URL", "x")], Flags::default()).unwrap();
    assert_eq!(config.issuer(config.listen.0), "http://127.0.0.1:8080");
    assert!(config.is_local() && config.database.is_sqlite() && config.services.limits);
    assert_eq!((config.services.hashing_memory, config.services.hashing_passes), (19456, 2));
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let file = "listen = '127.0.0.1:1'\n[tokens]\nrefresh_leeway = 5\n[passwords]\npasses = 4";
    let env = [("TURNPIKE_LISTEN", "127.0.0.1:2"), ("TURNPIKE_TOKENS__REFRESH_LEEWAY", "7")];
    let config = from(file, &env, Flags { listen: Some("127.0.0.1:3".into()), ..Flags::default() }).unwrap();
    assert_eq!(config.listen.0.port(), 3);
    assert_eq!((config.services.refresh_leeway.as_secs(), config.services.hashing_passes), (7, 4));
}

#[test]
fn a_used_refresh_token_has_a_minute_at_most() {
    let at_most = "tokens.refresh_leeway: must be at most 60 seconds";
    assert!(refused("tokens.refresh_leeway = 61", &[]).contains(at_most));
    assert!(refused("", &[("TURNPIKE_TOKENS__REFRESH_LEEWAY", "61")]).contains(at_most));
    assert!(refused("tokens.refresh_leeway = -1", &[]).contains("tokens.refresh_leeway"));
    for seconds in [0, 60] {
        let config = from(&format!("tokens.refresh_leeway = {seconds}"), &[], Flags::default()).unwrap();
        assert_eq!(config.services.refresh_leeway.as_secs(), seconds);
    }
}

#[test]
fn a_key_signs_for_as_many_days_as_are_said() {
    let life = |file: &str| from(file, &[], Flags::default()).unwrap().services.key_life;
    assert_eq!(life(""), TimeDelta::days(90));
    for days in [1, 3650] {
        assert_eq!(life(&format!("tokens.key_days = {days}")), TimeDelta::days(days));
    }
}

#[test]
fn the_dashboard_asks_for_a_second_factor_where_it_is_said() {
    let asks = |file: &str| from(file, &[], Flags::default()).unwrap().services.dashboard_mfa;
    assert!(!asks("") && !asks("[dashboard]\nrequire_mfa = false"));
    assert!(asks("[dashboard]\nrequire_mfa = true"));
}

#[test]
fn an_unknown_key_is_named() {
    assert!(refused("lissten = 'x'", &[]).contains("t.toml: lissten: unknown key"));
    assert!(refused("[log]\nlevl = 'x'", &[]).contains("t.toml: log.levl: unknown key"));
    assert!(refused("", &[("TURNPIKE_LOG__LEVL", "x")]).contains("TURNPIKE_LOG__LEVL: unknown key"));
    assert!(refused("", &[("TURNPIKE_LISTN", "x")]).contains("TURNPIKE_LISTN: unknown key"));
    assert!(refused("", &[("TURNPIKE_PASSWORDS__PASSES", "x")]).contains("TURNPIKE_PASSWORDS__PASSES: must be"));
}

#[test]
fn no_slip_in_the_file_tells_a_secret() {
    for (section, key) in [("", "database_url"), ("", "secret_key"), ("", "admin_password"), ("[mail]\n", "smtp_url")] {
        let full = if section.is_empty() { key.to_owned() } else { format!("mail.{key}") };
        let line = if section.is_empty() { 2 } else { 3 };
        for open in ["\"hunter2-and-more", "'hunter2-and-more", "hunter2-and-more"] {
            let refused = refused(&format!("# A comment.\n{section}{key} = {open}\n"), &[]);
            assert!(refused.contains(&format!("t.toml:{line}: ")), "{open}: {refused}");
            assert!(!refused.contains("hunter2"), "{open}: {refused}");
        }
        for wrong in ["20022002", "-2002.2002", "2002-02-20", "['hunter2']", "{ hunter = 'hunter2' }", "true"] {
            let refused = refused(&format!("{section}{key} = {wrong}"), &[]);
            assert!(refused.contains(&format!("t.toml: {full}: must be text")), "{wrong}: {refused}");
            for part in ["2002", "hunter", "true"] {
                assert!(!refused.contains(part), "{wrong}: {refused}");
            }
        }
    }
    let slip = "smtp://hunter2@mail.example";
    for refused in [refused(&format!("mail = '{slip}'"), &[]), refused("", &[("TURNPIKE_MAIL", slip)])] {
        assert!(refused.contains(": must be a section") && !refused.contains("hunter2"), "{refused}");
    }
    for slip in [
        "[log]\nformat = 'hunter2'",
        "secret_key = 'hunter2'\nsecret_key = 'hunter2'",
        "secret_key = \"\"\"hunter2\nand more",
    ] {
        let refused = refused(slip, &[]);
        assert!(refused.contains("t.toml:") && !refused.contains("hunter2"), "{refused}");
    }
}

#[test]
fn secrets_may_lie_in_files_and_stay_text() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key");
    std::fs::write(&path, format!("{KEY}\n")).unwrap();
    let path = path.to_str().unwrap();
    let config = from("", &[("TURNPIKE_SECRET_KEY_FILE", path)], Flags::default()).unwrap();
    assert_eq!(config.secret_key.unwrap().expose(), KEY);
    let both = refused("", &[("TURNPIKE_SECRET_KEY_FILE", path), ("TURNPIKE_SECRET_KEY", KEY)]);
    assert!(both.contains("TURNPIKE_SECRET_KEY is set as well"), "{both}");
    assert!(refused("", &[("TURNPIKE_SECRET_KEY_FILE", "/nowhere")]).contains("TURNPIKE_SECRET_KEY_FILE: /nowhere"));
    let digits = "01234567890123456789012345678901";
    assert!(from("", &[("TURNPIKE_SECRET_KEY", digits)], Flags::default()).is_ok());
}

#[test]
fn the_world_gets_no_less_than_https_and_real_secrets() {
    let listen = ("TURNPIKE_LISTEN", "0.0.0.0:8080");
    assert!(refused("", &[listen]).contains("public_url: is needed"));
    assert!(refused("", &[listen, ("TURNPIKE_PUBLIC_URL", "http://id.example")]).contains("public_url: must be https"));
    let public = ("TURNPIKE_PUBLIC_URL", "https://id.example/");
    let config = from("", &[listen, public], Flags::default()).unwrap();
    assert_eq!(config.issuer(config.listen.0), "https://id.example");
    assert!(!config.is_local() && !config.services.private_targets);
    assert!(refused("", &[public, ("TURNPIKE_LIMITS__ENABLED", "false")]).contains("limits.enabled"));
    assert!(from("limits.enabled = false", &[], Flags::default()).is_ok());
    for days in ["0", "4000", "-1"] {
        assert!(refused(&format!("tokens.key_days = {days}"), &[]).contains("tokens.key_days"), "{days}");
    }
    let postgres = ("TURNPIKE_DATABASE_URL", "postgres://localhost/turnpike");
    assert!(refused("", &[postgres]).contains("secret_key: is needed with PostgreSQL"));
    assert!(refused("", &[postgres, ("TURNPIKE_SECRET_KEY", "change-me")]).contains("secret_key: must have"));
    assert!(refused("", &[("TURNPIKE_SECRET_KEY", &"x".repeat(40))]).contains("secret_key: must be random"));
    assert!(from("", &[postgres, ("TURNPIKE_SECRET_KEY", KEY)], Flags::default()).is_ok());
    let elsewhere =
        |query: &str| format!("database_url = 'postgres://u:p@db.internal/turnpike{query}'\nsecret_key = '{KEY}'");
    for query in ["", "?sslmode=prefer"] {
        let refused = refused(&elsewhere(query), &[]);
        assert!(refused.contains("database_url: needs sslmode outside this machine"), "{refused}");
        assert!(refused.contains("verify-full") && !refused.contains("u:p"), "{refused}");
    }
    for query in ["?sslmode=verify-full", "?sslmode=disable"] {
        assert!(from(&elsewhere(query), &[], Flags::default()).is_ok(), "{query}");
    }
    for bad in ["id.example", "ftp://id.example", "https://id.example/path", "https://u:p@id.example", "https://a/?b"] {
        assert!(refused("", &[("TURNPIKE_PUBLIC_URL", bad)]).contains("public_url"), "{bad}");
    }
}

#[test]
fn a_password_hash_costs_neither_too_little_nor_too_much() {
    let (memory, passes) = ("passwords.memory: must be 19456 to 262144", "passwords.passes: must be 2 to 16");
    for (setting, why) in [
        ("memory = 0", memory),
        ("memory = 19455", memory),
        ("memory = 262145", memory),
        ("memory = 4294986752", memory),
        ("passes = 0", passes),
        ("passes = 1", passes),
        ("passes = 17", passes),
    ] {
        let refused = refused(&format!("[passwords]\n{setting}"), &[]);
        assert!(refused.contains(why), "{setting}: {refused}");
    }
    assert!(refused("", &[("TURNPIKE_PASSWORDS__MEMORY", "8192")]).contains(memory));
    for (memory, passes) in [(19_456, 2), (262_144, 16)] {
        let file = format!("[passwords]\nmemory = {memory}\npasses = {passes}");
        let config = from(&file, &[], Flags::default()).unwrap();
        assert_eq!((config.services.hashing_memory, config.services.hashing_passes), (memory, passes));
    }
}

#[test]
fn the_log_takes_a_level_or_directives() {
    assert!(from("log.level = 'info,server=debug'", &[], Flags::default()).is_ok());
    let refused = refused("log.level = 'server=loud'", &[]);
    assert!(refused.contains("log.level: must be") && refused.contains("or directives such as"), "{refused}");
}

#[test]
fn proxies_are_named_by_address_or_network() {
    let env = [("TURNPIKE_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")];
    assert_eq!(from("", &env, Flags::default()).unwrap().trusted_proxies.len(), 2);
    assert_eq!(from("trusted_proxies = ['::1']", &[], Flags::default()).unwrap().trusted_proxies.len(), 1);
    assert!(refused("trusted_proxies = ['localhost']", &[]).contains("trusted_proxies: localhost is neither"));
}

#[test]
fn the_first_admin_needs_both_halves() {
    assert!(refused("", &[("TURNPIKE_ADMIN_EMAIL", "root@example.com")]).contains("admin_password: is needed"));
    assert!(refused("", &[("TURNPIKE_ADMIN_PASSWORD", "x")]).contains("admin_email: is needed"));
    let env = [("TURNPIKE_ADMIN_EMAIL", "root@example.com"), ("TURNPIKE_ADMIN_PASSWORD", "12345678")];
    assert!(from("", &env, Flags::default()).unwrap().first_admin.is_some());
}

#[test]
fn stand_ins_for_payment_providers_are_for_this_machine() {
    let stripe = ("TURNPIKE_PAYMENTS__STRIPE_URL", "http://127.0.0.1:4010/");
    let config = from("payments.midtrans_url = 'http://localhost:4011'", &[stripe], Flags::default()).unwrap();
    assert_eq!(config.services.stripe_url.as_deref(), Some("http://127.0.0.1:4010"));
    assert_eq!(config.services.midtrans_url.as_deref(), Some("http://localhost:4011"));
    for bad in ["https://stripe.example", "http://stripe.example", "127.0.0.1:4010", "http://127.0.0.1:1/v1"] {
        let refused = refused("", &[("TURNPIKE_PAYMENTS__STRIPE_URL", bad)]);
        assert!(refused.contains("payments.stripe_url: must"), "{bad}: {refused}");
    }
    let public = ("TURNPIKE_PUBLIC_URL", "https://id.example");
    assert!(refused("", &[public, stripe]).contains("payments.stripe_url: must not be set outside localhost"));
}

#[test]
fn mails_are_files_until_there_is_a_server_for_them() {
    use service::mail::Transport;
    let config = from("data_dir = '/d'", &[], Flags::default()).unwrap();
    let mail = config.services.mail;
    assert!(matches!(mail.transport, Transport::Files(path) if path.as_path() == Path::new("/d/mail")));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("smtp");
    std::fs::write(&path, "smtps://user:hidden@mail.example:465\n").unwrap();
    let env = [("TURNPIKE_MAIL__SMTP_URL_FILE", path.to_str().unwrap()), ("TURNPIKE_MAIL__FROM", "id@acme.example")];
    let mail = from("", &env, Flags::default()).unwrap().services.mail;
    assert!(matches!(&mail.transport, Transport::Smtp(url) if url.server() == "smtps://mail.example:465"));
    assert!(!format!("{mail:?}").contains("hidden"));
    assert!(refused("", &env[..1]).contains("mail.from: is needed"));
    assert!(
        refused("[mail]\nsmtp_url = 'smtp://mail.example'\nfrom = 'a@b.c'", &[]).contains("mail.smtp_url: needs TLS")
    );
    assert!(refused("[mail]\nfrom = 'nobody'", &[]).contains("mail.from"));
    assert!(refused("[mail]\nserver = 'x'", &[]).contains("mail.server: unknown key"));
}
