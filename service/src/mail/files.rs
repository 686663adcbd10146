//! Mails as files: `<id>.eml`, which every mail program opens.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use lettre::Message;
use uuid::Uuid;

use super::{Failure, Mailer};

/// See the module.
pub struct Files(PathBuf);

impl Files {
    /// Into `directory`, which is made when the first mail comes.
    pub const fn new(directory: PathBuf) -> Self {
        Self(directory)
    }
}

#[async_trait]
impl Mailer for Files {
    async fn send(&self, id: Uuid, message: &Message) -> Result<(), Failure> {
        let (directory, bytes) = (self.0.clone(), message.formatted());
        let written = tokio::task::spawn_blocking(move || write(&directory, id, &bytes)).await;
        written.map_err(io::Error::other).flatten().map_err(|error| Failure::Later(error.into()))
    }

    fn leaves(&self) -> bool {
        false
    }
}

/// Mails hold links that open things: nobody else may read them.
fn write(directory: &Path, id: Uuid, bytes: &[u8]) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    builder.create(directory)?;
    options.open(directory.join(format!("{id}.eml")))?.write_all(bytes)
}
