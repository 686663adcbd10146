//! The secret key of a server on SQLite lies beside its database.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use domain::Secret;
use service::{
    private,
    random::{Rng, SystemRng},
};

use super::Config;

const FILE: &str = "secret.key";

/// The configured key, or that of `secret.key` in the data directory, which is made (0600) when it is missing. Nobody
/// else may read it from then on.
///
/// # Errors
/// When the file cannot be read or made, or is too short to be a key.
pub fn secret_key(config: &Config) -> io::Result<Secret> {
    if let Some(key) = &config.secret_key {
        return Ok(key.clone());
    }
    let path = config.data_dir.join(FILE);
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    match read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(&config.data_dir, &path).map_err(named)?;
            read(&path).map_err(named)
        }
        other => other.map_err(named),
    }
}

fn read(path: &Path) -> io::Result<Secret> {
    private::tighten(path);
    let text = fs::read_to_string(path)?;
    let text = text.trim();
    if text.len() < 32 {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "is too short for a key"));
    }
    Ok(Secret::new(text))
}

/// Writes a whole key beside the path first, so that nobody ever reads half of one; whoever is first wins.
fn make(directory: &Path, path: &Path) -> io::Result<()> {
    let rng: &dyn Rng = &SystemRng::default();
    let key = rng.secret("");
    let draft = directory.join(format!("{FILE}.{}", std::process::id()));
    let mut file = private::writing().create(true).truncate(true).open(&draft)?;
    writeln!(file, "{}", key.expose())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
