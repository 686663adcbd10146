//! Mails as files: `<id>.eml`, which every mail program opens.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use lettre::Message;
use uuid::Uuid;

use super::{Failure, Mailer};
use crate::private;

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
    private::make_directory(directory)?;
    private::writing().create(true).truncate(true).open(directory.join(format!("{id}.eml")))?.write_all(bytes)
}
