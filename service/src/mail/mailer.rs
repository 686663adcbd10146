//! The way out: a mail server, or files.

use std::path::PathBuf;

use async_trait::async_trait;
use domain::identity::email::Email;
use lettre::{
    Message,
    message::{
        Mailbox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Files, Smtp, SmtpUrl};
use crate::{Error, Result, clock::at};

/// Where mails go, and who they are from.
#[derive(Clone, Debug)]
pub struct MailSettings {
    pub transport: Transport,
    /// The address of the sender; the name beside it is the application's.
    pub from: Email,
}

/// Where mails go.
#[derive(Clone, Debug)]
pub enum Transport {
    /// To a mail server, which delivers them.
    Smtp(SmtpUrl),
    /// Into a directory, one file each: for development.
    Files(PathBuf),
}

impl Default for MailSettings {
    fn default() -> Self {
        let from = Email::parse("turnpike@localhost").expect("an address");
        Self { transport: Transport::Files("data/mail".into()), from }
    }
}

/// Why a mail did not go out.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It may go out another time.
    #[error("the mail could not be sent yet")]
    Later(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It never will: the server refused it for good, or the address is none.
    #[error("the mail was refused")]
    Never(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Sends mails.
#[async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// Sends one; when this returns, somebody else has it.
    ///
    /// # Errors
    /// [`Failure`].
    async fn send(&self, id: Uuid, message: &Message) -> Result<(), Failure>;

    /// Whether mails leave this machine.
    fn leaves(&self) -> bool;
}

/// The mailer of the settings.
///
/// # Errors
/// When the server's URL cannot be used.
pub(crate) fn mailer(settings: &MailSettings) -> Result<Box<dyn Mailer>> {
    Ok(match &settings.transport {
        Transport::Smtp(url) => Box::new(Smtp::new(url)?),
        Transport::Files(directory) => Box::new(Files::new(directory.clone())),
    })
}

/// A mail as it waits: rendered when it was queued, so that it says what held then.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outgoing {
    /// The name of the sender.
    pub from: String,
    pub to: Email,
    pub subject: String,
    pub html: String,
    pub plain: String,
}

impl Outgoing {
    /// The message on the wire. The same mail has the same Message-ID at every attempt, so that whoever got it twice
    /// can tell.
    pub(super) fn message(&self, id: Uuid, created_at: i64, from: &Email) -> Result<Message, Failure> {
        let never = |error: lettre::address::AddressError| Failure::Never(error.into());
        let sender = from.as_str().parse().map_err(never)?;
        let recipient = self.to.as_str().parse().map_err(never)?;
        let host = from.as_str().rsplit_once('@').map_or("localhost", |(_, host)| host);
        let parts = MultiPart::alternative()
            .boundary(id.simple().to_string())
            .singlepart(SinglePart::plain(self.plain.clone()))
            .singlepart(SinglePart::html(self.html.clone()));
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .message_id(Some(format!("<{id}@{host}>")))
            .date(at(created_at).into())
            .from(Mailbox::new(Some(self.from.clone()), sender))
            .to(Mailbox::new(None, recipient))
            .subject(self.subject.clone())
            .raw_header(HeaderValue::new(automatic, "auto-generated".into()))
            .multipart(parts)
            .map_err(|error| Failure::Never(Error::internal(error).into()))
    }
}
