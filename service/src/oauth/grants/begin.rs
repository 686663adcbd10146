//! The first tokens of a grant, by whichever way its user allowed it.

use domain::{
    Timestamp,
    id::{GrantId, UserId},
    identity::{membership::MembershipStatus, proof::Proofs},
    oauth::{
        claims_request::ClaimsRequest,
        client::GrantType,
        error::{OAuthError, OAuthErrorCode},
        scope::{Scope, ScopeSet},
    },
};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable, SqlErr,
    sea_query::{Expr, ExprTrait, LockType, Query},
};
use uuid::Uuid;

use super::{ACCESS_ONLY, Client, REFRESH_IDLE};
use crate::{
    Error, Services,
    entity::{consents, grants, memberships, sessions},
    oauth::{
        Failure, TokenAnswer, refresh_tokens,
        tokens::{self, Subject},
    },
    security_log::Event,
};

/// What a user allowed a client.
pub(super) struct Granted<'a> {
    /// The id of the grant to come: of those who bring it at once, one begins.
    pub id: Uuid,
    pub user: UserId,
    /// In which they allowed it. When it has ended meanwhile nothing begins.
    pub session: Uuid,
    /// Milliseconds since the epoch, as the next one. When they took it back since then nothing begins.
    pub allowed_at: i64,
    /// Whether what they consented to is written down. When it does not cover the scopes any more nothing begins.
    pub is_consented: bool,
    pub authenticated_at: i64,
    /// As they were allowed; what the application has no more by now is not granted.
    pub scopes: ScopeSet,
    pub resource: Option<String>,
    /// What the session had proved.
    pub proofs: Proofs,
    pub nonce: Option<String>,
    pub claims: ClaimsRequest,
    /// From where it is brought.
    pub address: Option<&'a str>,
    /// How the security log calls it when it is brought a second time.
    pub replay: Event,
}

/// Begins a grant and issues its first tokens. Whoever brings the same a second time ends it.
pub(super) async fn begin(
    services: &Services,
    client: &Client,
    granted: Granted<'_>,
    key: Option<&str>,
) -> Result<TokenAnswer, Failure> {
    let now = services.now();
    let scopes = still_allowed(client, &granted.scopes)?;
    let holder = services
        .entitlements()
        .holder(granted.user, client.client.application_id)
        .await?
        .filter(|holder| holder.has_access())
        .ok_or_else(no_access)?;
    let has_refresh = scopes.contains(Scope::OfflineAccess) && client.client.may(GrantType::RefreshToken);
    let grant = grants::Model {
        id: granted.id,
        user_id: granted.user.get(),
        client_id: client.client.id.get(),
        membership_id: holder.membership.id.get(),
        session_id: Some(granted.session),
        scopes: scopes.to_string(),
        resource: granted.resource,
        auth_time: granted.authenticated_at,
        has_refresh,
        generation: 0,
        rotations: String::new(),
        created_at: now.timestamp_millis(),
        expires_at: until(now, has_refresh),
        revoked_at: None,
        claims: requested(&granted.claims)?,
        proofs: Some(granted.proofs.to_string()),
        // A confidential client proves itself at each refresh; a public one has nothing but its key (RFC 9449, 5).
        bound_key: key.filter(|_| client.client.is_public()).map(str::to_owned),
    };
    let consented = granted.is_consented.then_some(granted.scopes);
    let refused = match insert(services, &grant, granted.allowed_at, consented).await? {
        Inserted::Now => None,
        Inserted::Before => {
            granted.replay.at(granted.address).client(client).user(granted.user).grant(grant.id).write();
            Some("the code has been used")
        }
        Inserted::Refused => Some("the client is gone, or the user has no access, has signed out or taken it back"),
    };
    if let Some(description) = refused {
        // It may have begun before, also where it could not begin any more.
        services.grants().revoke(GrantId::from(grant.id)).await?;
        return Err(OAuthError::invalid_grant(description).into());
    }
    let refresh_token = has_refresh.then(|| refresh_tokens::mint(services, grant.id, 0));
    let nonce = granted.nonce.as_deref();
    let subject = Subject { client, holder: &holder, grant: &grant, scopes: &scopes, nonce, key };
    Ok(tokens::issue(services, &subject, refresh_token)?)
}

/// The scopes that the application still allows.
fn still_allowed(client: &Client, granted: &ScopeSet) -> Result<ScopeSet, OAuthError> {
    let scopes = granted.intersection(&client.application.application.settings.allowed_scopes);
    if scopes.is_empty() {
        let description = "the application allows none of these scopes any more";
        return Err(OAuthError::new(OAuthErrorCode::InvalidScope, description));
    }
    Ok(scopes)
}

fn until(now: Timestamp, has_refresh: bool) -> i64 {
    (now + if has_refresh { REFRESH_IDLE } else { ACCESS_ONLY }).timestamp_millis()
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

/// What became of a grant.
enum Inserted {
    Now,
    /// The code was used before.
    Before,
    /// The membership is no longer active, the session has ended, the user has taken back what they allowed, or the
    /// client is gone.
    Refused,
}

/// Writes the grant, in one statement with a look at membership and session: the locks make it wait for whoever is
/// ending one of them, and who ends it later finds the grant.
async fn insert(
    services: &Services,
    grant: &grants::Model,
    allowed_at: i64,
    consented: Option<ScopeSet>,
) -> Result<Inserted, Error> {
    let row = grant.clone().into_active_model();
    let values = grants::Column::iter().map(|column| row.get(column).into_value());
    let values = values.collect::<Option<Vec<_>>>().ok_or_else(|| Error::internal("a grant has every column"))?;
    let session = |column| Expr::col((sessions::Entity, column));
    let membership = |column| Expr::col((memberships::Entity, column));
    let allowed = Query::select()
        .exprs(values.into_iter().map(Expr::value))
        .from(memberships::Entity)
        .inner_join(sessions::Entity, session(sessions::Column::Id).eq(grant.session_id))
        .and_where(membership(memberships::Column::Id).eq(grant.membership_id))
        .and_where(membership(memberships::Column::Status).eq(MembershipStatus::Active.as_str()))
        .and_where(session(sessions::Column::EndedAt).is_null())
        .lock(LockType::Share)
        .to_owned();
    let statement = Query::insert()
        .into_table(grants::Entity)
        .columns(grants::Column::iter())
        .select_from(allowed)
        .map_err(Error::internal)?
        .to_owned();
    let consent = consents::Entity::find_by_id((grant.user_id, grant.client_id));
    let inserted = services
        .db
        .write(move |db| {
            Box::pin(async move {
                if db.execute(&statement).await?.rows_affected() == 0 {
                    return Ok(Inserted::Refused);
                }
                // Not before: until now somebody may have held the membership who was just taking it back.
                let consent = consent.one(db).await?;
                // The moment alone says too little: whoever took it back had read the clock before a code was made that
                // went by what they had allowed.
                let covered = consented.is_none_or(|wanted| {
                    consent.as_ref().is_some_and(|own| wanted.is_subset(&ScopeSet::parse(&own.scopes)))
                });
                let taken_back = consent.is_some_and(|own| own.revoked_at.is_some_and(|at| at >= allowed_at));
                Ok::<_, DbErr>(if covered && !taken_back { Inserted::Now } else { Inserted::Refused })
            })
        })
        .await;
    inserted.or_else(|error| match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => Ok(Inserted::Before),
        // The client was deleted in between.
        Some(SqlErr::ForeignKeyConstraintViolation(_)) => Ok(Inserted::Refused),
        _ => Err(error.into()),
    })
}
