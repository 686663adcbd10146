//! Redeeming a code (RFC 6749, section 4.1.3; RFC 7636, section 4.6).

use aws_lc_rs::digest;
use domain::{
    id::GrantId,
    identity::membership::MembershipStatus,
    oauth::{claims_request::ClaimsRequest, client::GrantType, error::OAuthError, pkce::is_verifier, scope::Scope},
};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, IntoActiveModel, Iterable, SqlErr,
    sea_query::{Expr, ExprTrait, LockType, Query},
};

use super::{ACCESS_ONLY, Client, REFRESH_IDLE, TokenRequest, missing, same_resource};
use crate::{
    Error, Services,
    crypto::{self, base64url},
    entity::{grants, memberships},
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
    key: Option<&str>,
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
    if code.dpop_jkt.is_some() && code.dpop_jkt.as_deref() != key {
        return Err(OAuthError::invalid_grant("the code is bound to another key").into());
    }
    same_resource(code.resource.as_deref(), request.resource)?;

    let holder = services
        .entitlements()
        .holder(code.user.into(), client.client.application_id)
        .await?
        .filter(|holder| holder.has_access())
        .ok_or_else(no_access)?;
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
        claims: requested(&code.claims)?,
        // A confidential client proves itself at each refresh; a public one has nothing but its key (section 5).
        bound_key: key.filter(|_| client.client.is_public()).map(str::to_owned),
    };
    match insert(services, &grant).await? {
        Inserted::Now => {}
        Inserted::Before => {
            services.grants().revoke(GrantId::from(grant.id)).await?;
            return Err(OAuthError::invalid_grant("the code has been used").into());
        }
        Inserted::Refused => return Err(no_access().into()),
    }
    let refresh_token = has_refresh.then(|| refresh_tokens::mint(services, grant.id, 0));
    let subject =
        Subject { client, holder: &holder, grant: &grant, scopes: &code.scopes, nonce: code.nonce.as_deref(), key };
    Ok(tokens::issue(services, &subject, refresh_token)?)
}

/// What a grant keeps of the single claims that were asked for.
fn requested(claims: &ClaimsRequest) -> Result<Option<String>, Error> {
    if claims.is_empty() {
        return Ok(None);
    }
    serde_json::to_string(claims).map(Some).map_err(Error::internal)
}

fn no_access() -> OAuthError {
    OAuthError::invalid_grant("the user has no access any more")
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

/// What became of a grant.
enum Inserted {
    Now,
    /// The code was used before.
    Before,
    /// The membership is no longer active.
    Refused,
}

/// Writes the grant, in one statement with a look at the membership: the lock makes it wait for whoever is revoking
/// that, and who revokes later finds the grant.
async fn insert(services: &Services, grant: &grants::Model) -> Result<Inserted, Error> {
    let row = grant.clone().into_active_model();
    let values = grants::Column::iter().map(|column| row.get(column).into_value());
    let values = values.collect::<Option<Vec<_>>>().ok_or_else(|| Error::internal("a grant has every column"))?;
    let membership = Query::select()
        .exprs(values.into_iter().map(Expr::value))
        .from(memberships::Entity)
        .and_where(Expr::col(memberships::Column::Id).eq(grant.membership_id))
        .and_where(Expr::col(memberships::Column::Status).eq(MembershipStatus::Active.as_str()))
        .lock(LockType::Share)
        .to_owned();
    let statement = Query::insert()
        .into_table(grants::Entity)
        .columns(grants::Column::iter())
        .select_from(membership)
        .map_err(Error::internal)?
        .to_owned();
    let inserted = services.db.write(move |db| Box::pin(async move { db.execute(&statement).await })).await;
    match inserted {
        Ok(done) if done.rows_affected() == 0 => Ok(Inserted::Refused),
        Ok(_) => Ok(Inserted::Now),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(Inserted::Before),
        Err(error) => Err(error.into()),
    }
}
