//! The client in its own name (RFC 6749, section 4.4). No database is asked.

use domain::oauth::{
    error::{OAuthError, OAuthErrorCode},
    scope::ScopeSet,
};

use super::{Client, TokenRequest};
use crate::{
    Services,
    oauth::{Failure, TokenAnswer, tokens},
};

pub(super) fn issue(
    services: &Services,
    client: &Client,
    request: &TokenRequest<'_>,
    key: Option<&str>,
) -> Result<TokenAnswer, Failure> {
    let asked = request.scope.filter(|asked| !asked.is_empty());
    check_scope(client, asked.unwrap_or_default())?;
    let settings = &client.application.application.settings;
    let resource = request.resource.map(|named| settings.resource(named)).transpose()?;
    let answer = tokens::issue_to_client(services, client, resource.as_deref(), key)?;
    // Whoever asked for some has to be told (RFC 6749, section 3.3).
    Ok(TokenAnswer { scope: asked.map(|_| String::new()), ..answer })
}

/// The token has no scope, as every scope is about a user; what the application could never be given is refused.
fn check_scope(client: &Client, asked: &str) -> Result<(), OAuthError> {
    let allowed = &client.application.application.settings.allowed_scopes;
    if ScopeSet::parse_known(asked).is_some_and(|asked| asked.is_subset(allowed)) {
        return Ok(());
    }
    Err(OAuthError::new(OAuthErrorCode::InvalidScope, "scope goes beyond what the application allows"))
}
