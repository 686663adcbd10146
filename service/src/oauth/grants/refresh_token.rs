//! Refreshing (RFC 6749, section 6) with rotation and the detection of reuse (RFC 9700, section 4.14.2): one read and
//! one conditional update. Who loses a race within the leeway gets the very successor that the winner got.

use domain::{
    id::{GrantId, UserId},
    oauth::{
        client::GrantType,
        error::{OAuthError, OAuthErrorCode},
        scope::{Scope, ScopeSet},
    },
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

use super::{Client, TokenRequest, missing, over_at, refreshes_until, same_resource};
use crate::{
    Error, Services,
    billing::entitlements::Holder,
    directory::ClientEntry,
    entity::grants,
    oauth::{
        Failure, TokenAnswer,
        refresh_tokens::{self, Rotations},
        tokens::{self, Subject},
    },
    security_log::Event,
};

pub(super) async fn refresh(
    services: &Services,
    client: &Client,
    request: &TokenRequest<'_>,
    key: Option<&str>,
) -> Result<TokenAnswer, Failure> {
    let token = request.refresh_token.ok_or_else(|| missing("refresh_token"))?;
    let (id, generation) = refresh_tokens::open(services, token).ok_or_else(unknown)?;
    let (grant, holder) = read(services, client, id).await?;
    let current = grant.generation == generation;
    let used = Used { client, generation, address: request.credentials.address };
    if let Err(refused) = prove(&grant, key) {
        // Whoever bound it may have stolen it: a used token ends the family without the key, too.
        if !current {
            repeat(services, &grant, &used).await?;
        }
        return Err(refused.into());
    }
    let (granted, allowed) = (ScopeSet::parse(&grant.scopes), &client.application.application.settings.allowed_scopes);
    if !allowed.contains(Scope::OfflineAccess) {
        return Err(unknown().into());
    }
    let scopes = narrowed(&granted, request.scope, allowed)?;
    same_resource(client, grant.resource.as_deref(), request.resource)?;

    let won = current && rotate(services, &grant, key.filter(|_| client.client.is_public())).await?;
    if !won {
        // Where another request with the same token has just been faster, it has changed the row.
        let grant = if current { read(services, client, id).await?.0 } else { grant.clone() };
        prove(&grant, key)?;
        repeat(services, &grant, &used).await?;
    }
    let successor = refresh_tokens::mint(services, grant.id, generation + 1);
    let subject = Subject { client, holder: &holder, grant: &grant, scopes: &scopes, nonce: None, key };
    Ok(tokens::issue(services, &subject, Some(successor))?)
}

fn unknown() -> OAuthError {
    OAuthError::invalid_grant("the refresh token is not valid")
}

/// The client's living grant and its member, who still has access.
async fn read(services: &Services, client: &Client, id: GrantId) -> Result<(grants::Model, Holder), Failure> {
    let now = services.now();
    let found = services.entitlements().holder_of_grant(id).await?.filter(|(grant, holder)| {
        grant.client_id == client.client.id.get()
            && grant.has_refresh
            && grant.revoked_at.is_none()
            && over_at(grant) > now
            && holder.has_access()
    });
    found.ok_or_else(|| unknown().into())
}

/// A grant that is bound to a key needs a proof of that key.
fn prove(grant: &grants::Model, key: Option<&str>) -> Result<(), OAuthError> {
    if grant.bound_key.is_some() && grant.bound_key.as_deref() != key {
        return Err(OAuthError::invalid_grant("the refresh token is bound to another key"));
    }
    Ok(())
}

/// The scopes of the new access token: those asked for, of those granted and still allowed.
fn narrowed(granted: &ScopeSet, asked: Option<&str>, allowed: &ScopeSet) -> Result<ScopeSet, OAuthError> {
    let asked = asked.map_or_else(|| Some(granted.clone()), ScopeSet::parse_known);
    asked
        .filter(|asked| asked.is_subset(granted))
        .map(|asked| asked.intersection(allowed))
        .filter(|scopes| !scopes.is_empty())
        .ok_or_else(|| OAuthError::new(OAuthErrorCode::InvalidScope, "scope goes beyond what was granted"))
}

/// Whether the client may still be issued anything for a grant that lives, by what it and its application may by now.
pub(in crate::oauth) fn yields(client: &ClientEntry, grant: &grants::Model) -> bool {
    let allowed = &client.application.application.settings.allowed_scopes;
    client.client.may(GrantType::RefreshToken)
        && allowed.contains(Scope::OfflineAccess)
        && narrowed(&ScopeSet::parse(&grant.scopes), None, allowed).is_ok()
        && same_resource(client, grant.resource.as_deref(), None).is_ok()
}

/// Moves the grant on to its next generation; false when somebody else did. From then on `key` binds it, unless one
/// does already (RFC 9449, section 5).
async fn rotate(services: &Services, grant: &grants::Model, key: Option<&str>) -> Result<bool, Error> {
    let now = services.now();
    let bound = grant.bound_key.as_deref().or(key).map(str::to_owned);
    let rotations =
        Rotations::parse(&grant.rotations).after(grant.generation, now.timestamp_millis(), leeway(services));
    let update = grants::Entity::update_many()
        .col_expr(grants::Column::Generation, Expr::value(grant.generation + 1))
        .col_expr(grants::Column::Rotations, Expr::value(rotations))
        .col_expr(grants::Column::BoundKey, Expr::value(bound))
        .col_expr(grants::Column::ExpiresAt, Expr::value(refreshes_until(grant, now).timestamp_millis()))
        .filter(grants::Column::Id.eq(grant.id))
        .filter(grants::Column::Generation.eq(grant.generation))
        .filter(grants::Column::RevokedAt.is_null());
    services
        .db
        .write(move |db| Box::pin(async move { Ok::<_, Error>(update.exec(db).await?.rows_affected == 1) }))
        .await
}

/// A token that may have been used already, and who brings it from where.
struct Used<'a> {
    client: &'a Client,
    generation: i64,
    address: Option<&'a str>,
}

/// Lets a token that has been used already pass within the leeway; later its whole family ends.
async fn repeat(services: &Services, grant: &grants::Model, used: &Used<'_>) -> Result<(), Failure> {
    if grant.generation <= used.generation {
        return Err(unknown().into());
    }
    let first = Rotations::parse(&grant.rotations).first_use(used.generation);
    let age = first.map(|first| services.now().timestamp_millis() - first);
    if age.is_some_and(|age| age <= leeway(services)) {
        return Ok(());
    }
    let line = Event::RefreshTokenReplayed.at(used.address).client(used.client);
    line.user(UserId::from(grant.user_id)).grant(grant.id).write();
    services.grants().revoke(GrantId::from(grant.id)).await?;
    Err(unknown().into())
}

/// In milliseconds.
fn leeway(services: &Services) -> i64 {
    i64::try_from(services.settings.refresh_leeway.as_millis()).unwrap_or(i64::MAX)
}
