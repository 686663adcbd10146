//! Pushed authorization requests (RFC 9126): a client sends its request itself, and the browser carries only a name. It
//! works until an answer has gone back, other than that it came too often: browsers and what looks at links for them may
//! come more than once before. What began before goes on.

use chrono::TimeDelta;
use domain::oauth::{
    authorize::{self, AuthorizationRequest, Door, RawParameters, ReturnAddress},
    error::OAuthError,
};
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait};
use serde::Serialize;

use super::{Failure, PresentedCredentials, PresentedProof, authorize::Authorize, dpop};
use crate::{
    Error, Result,
    clock::at,
    crypto::{self, base64url},
    entity::pushed_requests,
    identity::attempts::Network,
};

/// What a `request_uri` of ours begins with.
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// How long the browser may take to come.
const LIFE: TimeDelta = TimeDelta::seconds(90);

/// The answer (RFC 9126, section 2.2).
#[derive(Serialize)]
pub struct Pushed {
    pub request_uri: String,
    /// Seconds.
    pub expires_in: i64,
}

impl Authorize<'_> {
    /// Checks a request as the authorization endpoint would and keeps it for the browser.
    ///
    /// # Errors
    /// `invalid_client`, and whatever is wrong with the request; `RATE_001` after too many of public clients from a
    /// network.
    pub async fn push(
        &self,
        credentials: &PresentedCredentials<'_>,
        mut raw: RawParameters,
        proof: Option<&PresentedProof<'_>>,
    ) -> Result<Pushed, Failure> {
        let services = self.services();
        let client = services.client_auth().authenticate(credentials).await?;
        raw.or_set("client_id", client.client.client_id.as_str());
        let address = ReturnAddress::find(&raw, &client.client)
            .map_err(|_| OAuthError::invalid_request("redirect_uri is missing or not registered for this client"))?;
        let settings = &client.application.application.settings;
        let request = authorize::validate(&raw, &client.client, settings, Door::Pushed, address)?;
        let mut request = self.with_hint(&raw, request)?;
        services.pace_kept(&client, Network::of(credentials.address))?;
        if let Some(proof) = proof {
            // The key of the proof is the key of the code (RFC 9449, section 10.1).
            let key = dpop::check(services, &client, proof, None).await?;
            if request.dpop_jkt.as_ref().is_some_and(|asked| *asked != key) {
                return Err(OAuthError::invalid_request("dpop_jkt is not the key of the proof").into());
            }
            request.dpop_jkt = Some(key);
        }

        let name = base64url(services.rng.bytes::<32>());
        let row = pushed_requests::ActiveModel {
            hash: Set(crypto::hash(&name)),
            client_id: Set(client.client.id.get()),
            request: Set(serde_json::to_string(&request).map_err(Error::internal)?),
            expires_at: Set((services.now() + LIFE).timestamp_millis()),
        };
        services
            .db
            .write(move |db| {
                Box::pin(async move {
                    pushed_requests::Entity::insert(row).exec_without_returning(db).await?;
                    Ok::<_, DbErr>(())
                })
            })
            .await
            .map_err(Failure::unwritten)?;
        Ok(Pushed { request_uri: format!("{PREFIX}{name}"), expires_in: LIFE.num_seconds() })
    }

    /// The name of the pushed request that the parameters speak of.
    pub(super) fn pushed_name(raw: &RawParameters) -> Option<&str> {
        raw.get("request_uri").filter(|_| !raw.is_repeated("request_uri"))?.strip_prefix(PREFIX)
    }

    /// A pushed request. `None` where there is none of this client's.
    pub(super) async fn pushed(&self, name: &str, client: uuid::Uuid) -> Result<Option<AuthorizationRequest>> {
        let services = self.services();
        let row = pushed_requests::Entity::find_by_id(crypto::hash(name)).one(services.db.read()).await?;
        let row = row.filter(|row| row.client_id == client && at(row.expires_at) > services.now());
        row.map(|row| domain::stored::read(&row.request).map_err(Error::internal)).transpose()
    }

    /// A pushed request has its answer: nothing begins with it any more (RFC 9126, section 4). `hash` is that of its name,
    /// in base64url.
    pub(super) async fn spend(&self, hash: &str) -> Result<()> {
        let hash = crypto::from_base64url(hash).unwrap_or_default();
        self.services()
            .db
            .write(move |db| {
                Box::pin(async move {
                    pushed_requests::Entity::delete_by_id(hash).exec(db).await?;
                    Ok::<_, Error>(())
                })
            })
            .await
    }
}
