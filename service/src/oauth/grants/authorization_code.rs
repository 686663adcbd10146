//! Redeeming a code (RFC 6749, section 4.1.3; RFC 7636, section 4.6).

use aws_lc_rs::digest;
use domain::{
    id::GrantId,
    oauth::{client::GrantType, error::OAuthError, pkce::is_verifier, scope::Scope},
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, SqlErr};

use super::{ACCESS_ONLY, Client, REFRESH_IDLE, TokenRequest, missing, same_resource};
use crate::{
    Error, Services,
    crypto::{self, base64url},
    entity::grants,
    oauth::{
        Failure, TokenAnswer,
        codes::{self, Code},
        refresh_tokens,
        tokens::{self, Subject},
    },
};

pub(super) async fn redeem(
    services: &Services,
    client: &Client,
    request: &TokenRequest<'_>,
) -> Result<TokenAnswer, Failure> {
    let text = request.code.ok_or_else(|| missing("code"))?;
    let own = |code: &Code| code.client == client.client.id.get();
    let code = codes::open(services, text).filter(own).ok_or_else(|| OAuthError::invalid_grant("no such code"))?;
    let now = services.now();
    if code.is_over(now) {
        services.grants().revoke(GrantId::from(code.id)).await?;
        return Err(OAuthError::invalid_grant("the code has expired").into());
    }
    if request.redirect_uri != Some(code.redirect_uri.as_str()) {
        return Err(OAuthError::invalid_grant("redirect_uri is not the one of the authorization request").into());
    }
    prove(&code, request.code_verifier)?;
    same_resource(code.resource.as_deref(), request.resource)?;

    let holder = services
        .entitlements()
        .holder(code.user.into(), client.client.application_id)
        .await?
        .filter(|holder| holder.has_access())
        .ok_or_else(|| OAuthError::invalid_grant("the user has no access any more"))?;
    let has_refresh = code.scopes.contains(Scope::OfflineAccess) && client.client.may(GrantType::RefreshToken);
    let grant = grants::Model {
        id: code.id,
        user_id: code.user,
        client_id: code.client,
        membership_id: holder.membership.id.get(),
        session_id: Some(code.session),
        scopes: code.scopes.to_string(),
        resource: code.resource,
        auth_time: code.authenticated_at,
        has_refresh,
        generation: 0,
        rotations: String::new(),
        created_at: now.timestamp_millis(),
        expires_at: (now + if has_refresh { REFRESH_IDLE } else { ACCESS_ONLY }).timestamp_millis(),
        revoked_at: None,
    };
    if !insert(services, &grant).await? {
        services.grants().revoke(GrantId::from(grant.id)).await?;
        return Err(OAuthError::invalid_grant("the code has been used").into());
    }
    let refresh_token = has_refresh.then(|| refresh_tokens::mint(services, grant.id, 0));
    let subject =
        Subject { client, holder: &holder, grant: &grant, scopes: &code.scopes, nonce: code.nonce.as_deref() };
    Ok(tokens::issue(services, &subject, refresh_token)?)
}

/// The verifier must fit the challenge, and there must be none without one.
fn prove(code: &Code, verifier: Option<&str>) -> Result<(), OAuthError> {
    match (&code.challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(OAuthError::invalid_grant("there was no code_challenge")),
        (Some(_), None) => Err(OAuthError::invalid_grant("code_verifier is missing")),
        (Some(challenge), Some(verifier)) => {
            let hash = base64url(digest::digest(&digest::SHA256, verifier.as_bytes()));
            let fits = is_verifier(verifier) && crypto::equal(hash.as_bytes(), challenge.as_str().as_bytes());
            if fits { Ok(()) } else { Err(OAuthError::invalid_grant("code_verifier does not fit the challenge")) }
        }
    }
}

/// Whether this was the code's first use.
async fn insert(services: &Services, grant: &grants::Model) -> Result<bool, Error> {
    let row = grant.clone().into_active_model().reset_all();
    let inserted = services
        .db
        .write(move |db| {
            Box::pin(async move { grants::Entity::insert(row).exec_without_returning(db).await.map(|_| ()) })
        })
        .await;
    match inserted {
        Ok(()) => Ok(true),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
