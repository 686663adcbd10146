//! Reads the sources of the configuration, one over the other.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use figment::{
    Figment,
    error::Kind,
    providers::{Format, Serialized, Toml},
    value::{Dict, Value},
};

use super::{Config, ConfigError, check, file::File};

const PREFIX: &str = "TURNPIKE_";
/// Variables of the build and of the tests, which are none of the server's.
const FOREIGN: &[&str] = &["TURNPIKE_SITE_VERSION", "TURNPIKE_TEST_"];
/// Keys that may be read from a file that a variable with `_FILE` names.
const SECRETS: &[&str] = &["database_url", "secret_key", "admin_password", "mail__smtp_url"];
/// Read when it is there and no other file is named.
const DEFAULT_FILE: &str = "turnpike.toml";

/// What flags say.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    pub config: Option<PathBuf>,
    pub data_dir: Option<PathBuf>,
    pub listen: Option<String>,
    pub public_url: Option<String>,
}

/// Reads the configuration from file, environment and flags.
///
/// # Errors
/// A sentence for every key that is unknown or has a bad value.
pub fn load(flags: &Flags, env: impl IntoIterator<Item = (String, String)>) -> Result<Config, ConfigError> {
    let env: BTreeMap<String, String> = env
        .into_iter()
        .filter(|(name, value)| {
            let ours = name.starts_with(PREFIX) && !FOREIGN.iter().any(|foreign| name.starts_with(foreign));
            ours && !value.is_empty()
        })
        .collect();
    let mut figment = Figment::new();
    let named = flags.config.as_deref();
    let file = named.or_else(|| Some(Path::new(DEFAULT_FILE)).filter(|file| file.exists()));
    if let Some(file) = file {
        figment = figment.merge(Serialized::defaults(read(file)?));
    }
    figment = figment.merge(Serialized::defaults(environment(&env)?));
    let flag = |key, value: Option<String>| value.map(|value| Serialized::default(key, value));
    let set = [
        flag("listen", flags.listen.clone()),
        flag("public_url", flags.public_url.clone()),
        flag("data_dir", flags.data_dir.as_ref().map(|path| path.display().to_string())),
    ];
    for flag in set.into_iter().flatten() {
        figment = figment.merge(flag);
    }
    let file_name = named.unwrap_or(Path::new(DEFAULT_FILE)).display().to_string();
    let file: File = figment.extract().map_err(|error| explain(error, &file_name, &env))?;
    check::check(file)
}

/// What a file says. Where it cannot be read as TOML the place is told and never the line, which may hold a secret.
fn read(path: &Path) -> Result<Dict, ConfigError> {
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| ConfigError(vec![format!("{name}: {error}")]))?;
    Toml::from_str(&text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        ConfigError(vec![format!("{name}:{line}: {}", error.message().trim())])
    })
}

/// `TURNPIKE_LOG__LEVEL` is `level` in `log`; `TURNPIKE_SECRET_KEY_FILE` names a file with `secret_key` in it.
fn environment(env: &BTreeMap<String, String>) -> Result<Dict, ConfigError> {
    let mut values = Dict::new();
    let mut problems = Vec::new();
    for (name, text) in env {
        let key = name[PREFIX.len()..].to_ascii_lowercase();
        let from_file = key.strip_suffix("_file").filter(|key| SECRETS.contains(key));
        let (key, text) = match from_file {
            Some(_) if env.contains_key(name.trim_end_matches("_FILE")) => {
                problems.push(format!("{name}: {} is set as well", name.trim_end_matches("_FILE")));
                continue;
            }
            Some(key) => match std::fs::read_to_string(text) {
                Ok(content) => (key.to_owned(), content.trim_end_matches(['\n', '\r']).to_owned()),
                Err(error) => {
                    problems.push(format!("{name}: {text}: {error}"));
                    continue;
                }
            },
            None => (key, text.clone()),
        };
        let path: Vec<&str> = key.split("__").collect();
        if !insert(&mut values, &path, text) {
            problems.push(format!("{name}: unknown variable"));
        }
    }
    if problems.is_empty() { Ok(values) } else { Err(ConfigError(problems)) }
}

fn insert(values: &mut Dict, path: &[&str], text: String) -> bool {
    match path {
        [] => false,
        [key] => values.insert((*key).to_owned(), Value::from(text)).is_none(),
        [key, rest @ ..] => match values.entry((*key).to_owned()).or_insert_with(|| Value::from(Dict::new())) {
            Value::Dict(_, inner) => insert(inner, rest, text),
            _ => false,
        },
    }
}

fn explain(error: figment::Error, file: &str, env: &BTreeMap<String, String>) -> ConfigError {
    let lines = error.into_iter().map(|error| {
        let path = error.path.clone();
        let message = match &error.kind {
            Kind::UnknownField(_, known) => format!("unknown key; known here: {}", known.join(", ")),
            _ if SECRETS.contains(&path.join("__").as_str()) => "must be text".to_owned(),
            // What was found stays unsaid: a secret may stand one line too high.
            Kind::InvalidType(_, wanted) if wanted.starts_with("struct ") => "must be a section".to_owned(),
            Kind::InvalidType(_, wanted) | Kind::InvalidValue(_, wanted) => format!("must be {wanted}"),
            Kind::UnknownVariant(_, known) => format!("must be one of {}", known.join(", ")),
            kind => kind.to_string(),
        };
        let variable = format!("{PREFIX}{}", path.join("__").to_ascii_uppercase());
        if env.contains_key(&variable) {
            format!("{variable}: {message}")
        } else if path.is_empty() {
            format!("{file}: {message}")
        } else {
            format!("{file}: {}: {message}", path.join("."))
        }
    });
    ConfigError(lines.collect())
}
