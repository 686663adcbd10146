//! Files that nobody else on the machine may read: the database, the secret key, mails.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, ErrorKind},
    path::Path,
};

/// Makes a directory where it is missing, with those above it. One that is there stays as it is.
///
/// # Errors
/// When it cannot be made.
pub fn make_directory(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// To write a file that is its owner's alone if this makes it.
pub fn writing() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Takes from everybody but its owner a file that may be there already. Where that is not allowed, the log says so. The
/// file is not opened: closing it would let go of what SQLite has locked in it.
pub fn tighten(file: &Path) {
    if let Err(error) = close_to_others(file)
        && error.kind() != ErrorKind::NotFound
    {
        let path = file.display();
        tracing::warn!(%path, error = &error as &dyn std::error::Error, "others on this machine may read the file");
    }
}

#[cfg(unix)]
fn close_to_others(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(file)?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    fs::set_permissions(file, fs::Permissions::from_mode(mode & 0o700))
}

#[cfg(not(unix))]
fn close_to_others(file: &Path) -> io::Result<()> {
    fs::metadata(file).map(drop)
}
