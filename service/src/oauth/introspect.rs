//! Introspection (RFC 7662): only the client that a token was issued to learns anything about it. A token for an API that
//! the application has no more counts no more, nor does a refresh token for which nothing could be issued.

use domain::{
    identity::email::Email,
    oauth::scope::{Scope, ScopeSet},
};
use serde_json::{Map, Value, json};

use super::{
    Failure,
    grants::{Grants, over_at, yields},
    presented::Presented,
    refresh_tokens,
};
use crate::{Result, Services, clock::at, directory::ClientEntry};

/// What introspection and revocation are asked.
#[derive(Clone, Copy, Default)]
pub struct TokenQuery<'a> {
    pub credentials: super::PresentedCredentials<'a>,
    pub token: Option<&'a str>,
}

impl TokenQuery<'_> {
    pub(super) fn token(&self) -> Result<&str, domain::oauth::error::OAuthError> {
        self.token.ok_or_else(|| domain::oauth::error::OAuthError::invalid_request("token is missing"))
    }
}

impl Grants<'_> {
    /// Whether a token is alive, and what it says.
    ///
    /// # Errors
    /// `invalid_client`, or `invalid_request` without a token.
    pub async fn introspect(&self, query: &TokenQuery<'_>) -> Result<Value, Failure> {
        let services = self.services();
        let client = services.client_auth().confidential(&query.credentials).await?;
        let token = query.token()?;
        let found = match access_token(services, &client, token).await? {
            None => refresh_token(services, &client, token).await?,
            found => found,
        };
        Ok(match found {
            Some(mut claims) => {
                claims.insert("active".into(), true.into());
                Value::Object(claims)
            }
            None => json!({ "active": false }),
        })
    }
}

async fn access_token(services: &Services, client: &ClientEntry, token: &str) -> Result<Option<Map<String, Value>>> {
    let own = |presented: &Presented| presented.client.client.id == client.client.id && presented.has_known_audience();
    let Some(mut presented) = Presented::read(services, token).filter(own) else { return Ok(None) };
    let mut claims = std::mem::take(&mut presented.claims);
    if presented.is_of_client() {
        if presented.is_revoked(services).await? {
            return Ok(None);
        }
    } else {
        let Some((_, holder)) = presented.holder(services).await? else { return Ok(None) };
        name(&mut claims, &ScopeSet::parse(&presented.token.scope), &holder.user.email);
    }
    let token_type = if presented.token.cnf.is_some() { "DPoP" } else { "Bearer" };
    claims.insert("token_type".into(), token_type.into());
    Ok(Some(claims))
}

async fn refresh_token(services: &Services, client: &ClientEntry, token: &str) -> Result<Option<Map<String, Value>>> {
    let Some((id, generation)) = refresh_tokens::open(services, token) else { return Ok(None) };
    let Some((grant, holder)) = services.entitlements().holder_of_grant(id).await? else { return Ok(None) };
    let alive = grant.client_id == client.client.id.get()
        && grant.generation == generation
        && grant.has_refresh
        && grant.revoked_at.is_none()
        && over_at(&grant) > services.now()
        && holder.has_access()
        && yields(client, &grant);
    let scopes = ScopeSet::parse(&grant.scopes).intersection(&client.application.application.settings.allowed_scopes);
    let claims = json!({
        "client_id": client.client.client_id,
        "sub": holder.user.id,
        "scope": scopes.to_string(),
        "iss": services.settings.issuer,
        "iat": at(grant.created_at).timestamp(),
        "exp": over_at(&grant).timestamp(),
    });
    let Value::Object(mut claims) = claims else { return Ok(None) };
    name(&mut claims, &scopes, &holder.user.email);
    Ok(alive.then_some(claims))
}

/// People sign in by their address: only a client that may know it learns their name.
fn name(claims: &mut Map<String, Value>, scopes: &ScopeSet, email: &Email) {
    if scopes.contains(Scope::Email) {
        claims.insert("username".into(), email.as_str().into());
    }
}
