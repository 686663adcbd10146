//! Authorization codes (RFC 6749, section 4.1.2): sealed values that need no row until they are redeemed. The row of
//! the grant that a code becomes has the code's id, so that its key lets one redemption win.

use chrono::TimeDelta;
use domain::{
    Timestamp,
    identity::proof::Proofs,
    oauth::{authorize::AuthorizationRequest, claims_request::ClaimsRequest, pkce::Challenge, scope::ScopeSet},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Result, Services, clock::at, crypto::Purpose, directory::ClientEntry};

/// How long a code can be redeemed.
pub const LIFE: TimeDelta = TimeDelta::seconds(60);

const PREFIX: &str = "ac_";

/// What a code stands for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Code {
    /// The id of the grant to come.
    pub id: Uuid,
    pub client: Uuid,
    pub user: Uuid,
    pub session: Uuid,
    pub redirect_uri: String,
    pub challenge: Option<Challenge>,
    pub scopes: ScopeSet,
    pub nonce: Option<String>,
    pub resource: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_jkt: Option<String>,
    #[serde(default, skip_serializing_if = "ClaimsRequest::is_empty")]
    pub claims: ClaimsRequest,
    /// What the session had proved.
    #[serde(default)]
    pub proofs: Proofs,
    /// Milliseconds since the epoch, as the next one.
    pub authenticated_at: i64,
    expires_at: i64,
}

impl Code {
    pub fn is_over(&self, now: Timestamp) -> bool {
        at(self.expires_at) <= now
    }

    /// When it was made, in milliseconds since the epoch.
    pub const fn issued_at(&self) -> i64 {
        self.expires_at - LIFE.num_milliseconds()
    }
}

/// Makes a code for the signed-in user of `session`.
pub(super) fn issue(
    services: &Services,
    client: &ClientEntry,
    session: &domain::identity::session::Session,
    request: AuthorizationRequest,
) -> Result<String> {
    let code = Code {
        id: services.id(),
        client: client.client.id.get(),
        user: session.user.id.get(),
        session: session.id.get(),
        redirect_uri: request.redirect_uri,
        challenge: request.challenge,
        scopes: request.scopes,
        nonce: request.nonce,
        resource: request.resource,
        dpop_jkt: request.dpop_jkt,
        claims: request.claims,
        proofs: session.proofs.clone(),
        authenticated_at: session.authenticated_at.timestamp_millis(),
        expires_at: (services.now() + LIFE).timestamp_millis(),
    };
    let sealed = services.vault.seal_value(Purpose::Code, &code, &*services.rng)?;
    Ok(format!("{PREFIX}{sealed}"))
}

/// Opens a code, whatever its age.
pub(super) fn open(services: &Services, text: &str) -> Option<Code> {
    services.vault.open_value(Purpose::Code, text.strip_prefix(PREFIX)?)
}
