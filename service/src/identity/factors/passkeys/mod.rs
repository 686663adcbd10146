//! Passkeys (Web Authentication, level 3): a second factor, and a sign-in of their own. Every one is asked to make sure
//! that it is its owner who holds it, so that it proves two things at once. What device it is nobody asks
//! (attestation `none`).

mod prove;
mod register;

pub use prove::Shown;
pub(super) use register::forget;

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{ErrorCode, Problem, id::UserId, identity::factor, text::Name};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use url::Url;
use webauthn_rs::prelude::{Passkey, Webauthn, WebauthnBuilder, WebauthnError};

use super::{Factors, is_over};
use crate::{Error, Result, Settings, clock::at, crypto::Purpose, entity::passkeys, oauth::used_ids};

/// So long a browser may take; a page of the sign-in may be open for as long.
const LIFE: TimeDelta = TimeDelta::minutes(30);
/// So many a user may have.
const MOST: usize = 20;
/// The longest answer of a browser, in bytes. Those of authenticators have some hundred, or a few thousand with an
/// attestation that nobody asked for.
const LONGEST: usize = 16 * 1024;

/// What a page hands to the browser, and what comes back with the browser's answer.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// The options as JSON, bytes in base64url.
    pub options: String,
    /// Sealed; works once.
    pub sealed: String,
}

/// A challenge on its way. It is sealed, so that no row keeps those that nobody answers, and its name can be taken once.
#[derive(Serialize, Deserialize)]
struct Sealed<T> {
    /// Whose it is; nobody's where a passkey is to say who they are.
    user: Option<UserId>,
    state: T,
    /// Random, to take it once.
    name: String,
    /// Milliseconds since the epoch.
    at: i64,
}

/// The server as passkeys know it; `None` where it has no host name: browsers make none for an IP address.
pub(crate) fn relying_party(settings: &Settings) -> Result<Option<Arc<Webauthn>>> {
    let origin = Url::parse(&settings.issuer).map_err(Error::internal)?;
    let Some(host) = origin.domain() else { return Ok(None) };
    let server = WebauthnBuilder::new(host, &origin).and_then(WebauthnBuilder::build).map_err(Error::internal)?;
    Ok(Some(Arc::new(server)))
}

impl Factors<'_> {
    /// Whether this server can have passkeys.
    pub fn have_passkeys(&self) -> bool {
        self.0.webauthn.is_some()
    }

    fn server(&self) -> Result<&Webauthn> {
        self.0
            .webauthn
            .as_deref()
            .ok_or_else(|| Problem::new(ErrorCode::InvalidInput, "there are no passkeys without a host name").into())
    }

    fn challenge<T: Serialize>(&self, user: Option<UserId>, options: &impl Serialize, state: T) -> Result<Challenge> {
        let services = self.0;
        let name = crate::crypto::base64url(services.rng.bytes::<16>());
        let sealed = Sealed { user, state, name, at: services.now().timestamp_millis() };
        Ok(Challenge {
            options: serde_json::to_string(options).map_err(Error::internal)?,
            sealed: services.vault.seal_value(Purpose::Passkey, &sealed, &*services.rng)?,
        })
    }

    /// Opens a challenge of this user, or of nobody.
    fn open_challenge<T: DeserializeOwned>(&self, user: Option<UserId>, sealed: &str) -> Result<Sealed<T>> {
        let opened: Option<Sealed<T>> = self.0.vault.open_value(Purpose::Passkey, sealed);
        let fits = |opened: &Sealed<T>| opened.user == user && !is_over(at(opened.at), LIFE, self.0.now());
        opened.filter(fits).ok_or_else(refused)
    }

    /// Takes a challenge that was answered rightly: of several answers at once one counts.
    async fn spend<T>(&self, challenge: &Sealed<T>) -> Result<()> {
        let taken = used_ids::take(self.0, "passkey", "", &challenge.name, at(challenge.at) + LIFE).await?;
        if taken { Ok(()) } else { Err(refused()) }
    }
}

/// The passkeys of a user, oldest first.
pub(super) async fn of(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<passkeys::Model>> {
    let rows = passkeys::Entity::find()
        .filter(passkeys::Column::UserId.eq(user.get()))
        .order_by_asc(passkeys::Column::Id)
        .all(db)
        .await?;
    Ok(rows)
}

/// As their owner sees one.
pub(super) fn shown(row: passkeys::Model) -> factor::Passkey {
    factor::Passkey {
        id: row.id.into(),
        name: Name::stored(row.name),
        since: at(row.created_at),
        last_used: row.last_used_at.map(at),
    }
}

fn key(row: &passkeys::Model) -> Result<Passkey> {
    domain::stored::read(&row.credential).map_err(Error::internal)
}

/// What a browser answered.
fn read<T: DeserializeOwned>(answer: &str) -> Result<T> {
    if answer.len() > LONGEST {
        return Err(refused());
    }
    serde_json::from_str(answer).map_err(|_| refused())
}

fn refused() -> Error {
    Problem::new(ErrorCode::BadCredentials, "the passkey was not accepted").into()
}

/// What the library found wrong is for the log: whoever sent it is told nothing.
fn wrong(error: WebauthnError) -> Error {
    tracing::info!(%error, "a passkey was not accepted");
    refused()
}
