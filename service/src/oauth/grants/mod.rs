//! The token endpoint (RFC 6749, section 3.2): one grant type per file.

mod authorization_code;
mod begin;
mod client_credentials;
mod device_code;
mod refresh_token;

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{
    ErrorCode, Timestamp,
    billing::ledger::Action,
    id::{ApplicationId, GrantId, UserId},
    oauth::{
        client::GrantType,
        error::{OAuthError, OAuthErrorCode},
    },
};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};
use serde_json::json;

pub(super) use refresh_token::yields;

use super::{Failure, PresentedCredentials, PresentedProof, TokenAnswer, consents, dpop};
use crate::{
    Ctx, Result, Services,
    clock::at,
    directory::ClientEntry,
    entity::{grants, memberships},
    ledger::Entry,
    tx::LOCK,
};

/// A refresh token that nobody uses is over after this long.
pub(super) const REFRESH_IDLE: TimeDelta = TimeDelta::days(30);
/// The refresh tokens of a grant are over this long after it began, however often they are used.
pub(super) const REFRESH_LIFE: TimeDelta = TimeDelta::days(365);
/// A grant without refresh tokens is kept as long as its access token can live.
pub(super) const ACCESS_ONLY: TimeDelta = TimeDelta::hours(1);

/// The parameters of a token request. Those that a grant type does not know are ignored.
#[derive(Clone, Copy, Default)]
pub struct TokenRequest<'a> {
    pub credentials: PresentedCredentials<'a>,
    pub grant_type: Option<&'a str>,
    pub code: Option<&'a str>,
    pub redirect_uri: Option<&'a str>,
    pub code_verifier: Option<&'a str>,
    pub refresh_token: Option<&'a str>,
    pub device_code: Option<&'a str>,
    pub scope: Option<&'a str>,
    pub resource: Option<&'a str>,
    pub dpop: Option<PresentedProof<'a>>,
}

/// What users granted to clients.
pub struct Grants<'a>(&'a Services);

impl Services {
    pub const fn grants(&self) -> Grants<'_> {
        Grants(self)
    }
}

impl Grants<'_> {
    pub(super) const fn services(&self) -> &Services {
        self.0
    }

    /// Answers a token request.
    ///
    /// # Errors
    /// The protocol's, as RFC 6749, section 5.2, names them.
    pub async fn token(&self, request: &TokenRequest<'_>) -> Result<TokenAnswer, Failure> {
        let client = self.0.client_auth().authenticate(&request.credentials).await?;
        let asked = request.grant_type.ok_or_else(|| missing("grant_type"))?;
        let grant = GrantType::named(asked)
            .ok_or_else(|| OAuthError::new(OAuthErrorCode::UnsupportedGrantType, "this grant type is not supported"))?;
        if !client.client.may(grant) {
            let description = "this client may not use this grant type";
            return Err(OAuthError::new(OAuthErrorCode::UnauthorizedClient, description).into());
        }
        let key = match &request.dpop {
            Some(proof) => Some(dpop::check(self.0, &client, proof, None).await?),
            None if client.client.settings.dpop_bound => {
                let description = "this client must prove its key";
                return Err(OAuthError::new(OAuthErrorCode::InvalidDpopProof, description).into());
            }
            None => None,
        };
        let key = key.as_deref();
        match grant {
            GrantType::AuthorizationCode => authorization_code::redeem(self.0, &client, request, key).await,
            GrantType::RefreshToken => refresh_token::refresh(self.0, &client, request, key).await,
            GrantType::ClientCredentials => client_credentials::issue(self.0, &client, request, key),
            GrantType::DeviceCode => device_code::redeem(self.0, &client, request, key).await,
        }
    }

    /// Takes back everything that a user granted to the clients of an application, and says how many grants that
    /// were: no refresh token of theirs works any more, and codes that are on their way give none.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`.
    pub async fn revoke_all(&self, ctx: &Ctx, application: ApplicationId, user: UserId) -> Result<u64> {
        self.0.require_manager(ctx, application).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    // As where a user takes back themselves: whoever redeems a code holds the membership meanwhile.
                    let membership = memberships::Entity::find()
                        .filter(memberships::Column::ApplicationId.eq(application.get()))
                        .filter(memberships::Column::UserId.eq(user.get()))
                        .lock(LOCK)
                        .one(tx.db)
                        .await?;
                    let Some(membership) = membership else { return Ok(0) };
                    consents::take_back(tx.db, application, user, tx.millis()).await?;
                    let revoked = grants::Entity::update_many()
                        .col_expr(grants::Column::RevokedAt, Expr::value(tx.millis()))
                        .filter(grants::Column::MembershipId.eq(membership.id))
                        .filter(grants::Column::RevokedAt.is_null())
                        .exec(tx.db)
                        .await?
                        .rows_affected;
                    if revoked > 0 {
                        let entry = Entry::new(Action::GrantsRevoked).application(application).user(user);
                        tx.log(entry.from(json!({ "grants": revoked }))).await?;
                    }
                    Ok(revoked)
                })
            })
            .await
    }

    /// The user to whom a refresh token of this application belongs, whether or not it still works.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`; `USR_001` for a token that is none, or another application's.
    pub async fn user_of_refresh_token(&self, ctx: &Ctx, application: ApplicationId, token: &str) -> Result<UserId> {
        self.0.require_manager(ctx, application).await?;
        let (id, _) = super::refresh_tokens::open(self.0, token).ok_or(ErrorCode::UserNotFound)?;
        let membership = grants::Entity::find_by_id(id.get()).select_only().column(grants::Column::MembershipId);
        let membership = memberships::Entity::find()
            .filter(memberships::Column::ApplicationId.eq(application.get()))
            .filter(memberships::Column::Id.in_subquery(sea_orm::QueryTrait::into_query(membership)))
            .one(self.0.db.read())
            .await?;
        Ok(membership.ok_or(ErrorCode::UserNotFound)?.user_id.into())
    }

    /// Ends a grant and with it every token of it; false where none lives any more.
    ///
    /// # Errors
    /// The database's own.
    pub(super) async fn revoke(&self, id: GrantId) -> Result<bool> {
        let now = self.0.now().timestamp_millis();
        self.0.db.write(move |db| Box::pin(async move { Ok(revoke(db, id, now).await?) })).await
    }
}

async fn revoke(db: &impl ConnectionTrait, id: GrantId, now: i64) -> Result<bool, DbErr> {
    let revoked = grants::Entity::update_many()
        .col_expr(grants::Column::RevokedAt, Expr::value(now))
        .filter(grants::Column::Id.eq(id.get()))
        .filter(grants::Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(revoked.rows_affected == 1)
}

/// Until when the refresh token works that a grant gives now.
fn refreshes_until(grant: &grants::Model, now: Timestamp) -> Timestamp {
    (now + REFRESH_IDLE).min(at(grant.created_at) + REFRESH_LIFE)
}

/// When the refresh tokens of a grant are over, also of one that says a later moment: grants had no end before.
pub(super) fn over_at(grant: &grants::Model) -> Timestamp {
    at(grant.expires_at).min(at(grant.created_at) + REFRESH_LIFE)
}

fn missing(parameter: &'static str) -> OAuthError {
    OAuthError::invalid_request(format!("{parameter} is missing"))
}

/// A request may repeat the audience that was granted, and name no other (RFC 8707, section 2.2). One that the
/// application has no more gets no tokens.
fn same_resource(client: &ClientEntry, granted: Option<&str>, asked: Option<&str>) -> Result<(), Failure> {
    if asked.is_some() && asked != granted {
        return Err(OAuthError::new(OAuthErrorCode::InvalidTarget, "this resource was not granted").into());
    }
    if let Some(granted) = granted {
        client.application.application.settings.resource(granted)?;
    }
    Ok(())
}

/// A client of the token endpoint.
type Client = Arc<ClientEntry>;
