//! Redeeming a code (RFC 6749, section 4.1.3; RFC 7636, section 4.6).

use aws_lc_rs::digest;
use domain::{
    id::{GrantId, UserId},
    oauth::{error::OAuthError, pkce::is_verifier},
};

use super::{
    Client, TokenRequest,
    begin::{Granted, begin},
    missing, same_resource,
};
use crate::{
    Services,
    crypto::{self, base64url},
    oauth::{
        Failure, TokenAnswer,
        codes::{self, Code},
    },
    security_log::Event,
};

pub(super) async fn redeem(
    services: &Services,
    client: &Client,
    request: &TokenRequest<'_>,
    key: Option<&str>,
) -> Result<TokenAnswer, Failure> {
    let text = request.code.ok_or_else(|| missing("code"))?;
    let own = |code: &Code| code.client == client.client.id.get();
    let code = codes::open(services, text).filter(own).ok_or_else(|| OAuthError::invalid_grant("no such code"))?;
    let (address, replay) = (request.credentials.address, Event::AuthorizationCodeReplayed);
    let now = services.now();
    if code.is_over(now) {
        // One that has given something was used before.
        if services.grants().revoke(GrantId::from(code.id)).await? {
            replay.at(address).client(client).user(UserId::from(code.user)).grant(code.id).write();
        }
        return Err(OAuthError::invalid_grant("the code has expired").into());
    }
    if request.redirect_uri != Some(code.redirect_uri.as_str()) {
        return Err(OAuthError::invalid_grant("redirect_uri is not the one of the authorization request").into());
    }
    prove(&code, request.code_verifier)?;
    if code.dpop_jkt.is_some() && code.dpop_jkt.as_deref() != key {
        return Err(OAuthError::invalid_grant("the code is bound to another key").into());
    }
    same_resource(client, code.resource.as_deref(), request.resource)?;

    let granted = Granted {
        id: code.id,
        allowed_at: code.issued_at(),
        is_consented: !client.skips_consent(),
        user: code.user.into(),
        session: code.session,
        scopes: code.scopes,
        resource: code.resource,
        authenticated_at: code.authenticated_at,
        proofs: code.proofs,
        nonce: code.nonce,
        claims: code.claims,
        address,
        replay,
    };
    begin(services, client, granted, key).await
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
