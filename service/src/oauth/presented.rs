//! Access tokens that come back to this server: at userinfo, introspection, revocation and the platform API.

use domain::{
    Timestamp,
    id::GrantId,
    oauth::{claims::PresentedAccessToken, client::GrantType},
};
use sea_orm::EntityTrait;
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::tokens::OWN_JTI;
use crate::{
    Result, Services,
    billing::entitlements::Holder,
    crypto::from_base64url,
    directory::ClientEntry,
    entity::{grants, revoked_tokens},
    keys::TokenType,
};

/// A token whose signature, issuer and age are right. Whether it has been taken back is another question.
pub(super) struct Presented {
    pub token: PresentedAccessToken,
    /// Everything that the token says.
    pub claims: Map<String, Value>,
    pub client: std::sync::Arc<ClientEntry>,
}

impl Presented {
    /// `None` for anything but a living token of a client that still exists.
    pub fn read(services: &Services, text: &str) -> Option<Self> {
        let directory = services.directory();
        let claims: Map<String, Value> = directory.keys.verify(TokenType::Access, text)?;
        let token = PresentedAccessToken::deserialize(&claims).ok()?;
        let now: Timestamp = services.now();
        if token.iss != services.settings.issuer || token.exp <= now.timestamp() {
            return None;
        }
        let client = directory.client(&token.client_id)?.clone();
        // One that had the same `client_id` before is another.
        if token.iat < client.client.created_at.timestamp() {
            return None;
        }
        let presented = Self { token, claims, client };
        // What a client may do no more its own tokens do no more either, nor do they outlive a secret that was ended.
        let may = || presented.client.client.may(GrantType::ClientCredentials);
        let counts = !presented.is_of_client() || (may() && presented.counts_from() >= presented.client.tokens_from);
        counts.then_some(presented)
    }

    /// Since when its client's own tokens counted when it was made: the front of its `jti`. The shorter ones of earlier
    /// versions do not say, and are from before any end.
    fn counts_from(&self) -> i64 {
        let jti = from_base64url(&self.token.jti).filter(|jti| jti.len() == OWN_JTI);
        jti.and_then(|jti| jti.first_chunk().copied()).map(i64::from_be_bytes).unwrap_or_default()
    }

    /// Whether it opens this server's own APIs: its audience is the application, no `resource` (RFC 9068, section 4).
    pub fn is_for_application(&self) -> bool {
        self.token.aud == self.client.client.application_id.to_string()
    }

    /// Whether its audience is the application, or one of the APIs that the application has by now.
    pub fn has_known_audience(&self) -> bool {
        let resources = &self.client.application.application.settings.resources;
        self.is_for_application() || resources.iter().any(|own| own.as_str() == self.token.aud)
    }

    /// The client speaks for itself, not for a user.
    pub fn is_of_client(&self) -> bool {
        self.token.sub == self.token.client_id
    }

    /// The grant that the token belongs to: the front of its `jti`.
    pub fn grant(&self) -> Option<GrantId> {
        let jti = from_base64url(&self.token.jti)?;
        Some(Uuid::from_slice(jti.get(..16)?).ok()?.into())
    }

    /// The member whom a user's token is about, unless the token, its grant or the access has been taken back.
    pub async fn holder(&self, services: &Services) -> Result<Option<(grants::Model, Holder)>> {
        Ok(self.member(services).await?.filter(|(_, holder)| holder.has_access()))
    }

    /// As [`Self::holder`], also a member who is kept out for now.
    pub async fn member(&self, services: &Services) -> Result<Option<(grants::Model, Holder)>> {
        let Some(grant) = self.grant().filter(|_| !self.is_of_client()) else { return Ok(None) };
        let found = services.entitlements().holder_of_token(grant, &self.token.jti).await?;
        Ok(found.filter(|(grant, holder)| {
            grant.revoked_at.is_none()
                && grant.client_id == self.client.client.id.get()
                && holder.user.id.to_string() == self.token.sub
        }))
    }

    /// Whether this very token has been revoked.
    pub async fn is_revoked(&self, services: &Services) -> Result<bool> {
        let row = revoked_tokens::Entity::find_by_id(self.token.jti.clone()).one(services.db.read()).await?;
        Ok(row.is_some())
    }
}
