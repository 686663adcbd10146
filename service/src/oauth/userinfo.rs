//! The userinfo endpoint (OpenID Connect Core, 5.3), and who a bearer token speaks for.

use std::sync::Arc;

use domain::{
    ErrorCode,
    id::{ApplicationId, SessionId, UserId},
    oauth::{
        claim::ClaimSet,
        claims::UserInfo,
        error::{OAuthError, OAuthErrorCode},
        scope::{Scope, ScopeSet},
    },
};
use serde_json::Value;

use super::{Failure, PresentedProof, dpop, presented::Presented, tokens};
use crate::{Error, Result, Services, directory::ClientEntry};

/// For whom a bearer token speaks.
#[derive(Clone, Debug)]
pub enum Bearer {
    /// A client in its own name (client_credentials).
    Client(Arc<ClientEntry>),
    /// A user, through a client.
    User(UserToken),
}

/// What the access token of a user says, and whether they may still come in.
#[derive(Clone, Debug)]
pub struct UserToken {
    pub user: UserId,
    /// The application that it was issued for.
    pub application: ApplicationId,
    /// The session in which it was issued: `sid`.
    pub session: Option<SessionId>,
    pub scopes: ScopeSet,
    refused: Option<ErrorCode>,
}

impl UserToken {
    /// The token of a user who has access.
    ///
    /// # Errors
    /// `AUTH_006` while the account is disabled, `APP_005` while the access to the application is suspended.
    pub fn admitted(self) -> Result<Self> {
        match self.refused {
            Some(code) => Err(code.into()),
            None => Ok(self),
        }
    }
}

/// See the module.
pub struct AccessTokens<'a>(&'a Services);

impl Services {
    pub const fn access_tokens(&self) -> AccessTokens<'_> {
        AccessTokens(self)
    }
}

impl AccessTokens<'_> {
    /// Who presents this access token; `None` when it is not a valid one, or not any more, or is for a `resource`.
    ///
    /// # Errors
    /// The database's own.
    pub async fn bearer(&self, token: &str) -> Result<Option<Bearer>> {
        // One that is bound to a key is nobody's without the proof.
        let opens = |presented: &Presented| presented.token.cnf.is_none() && presented.is_for_application();
        let Some(presented) = Presented::read(self.0, token).filter(opens) else { return Ok(None) };
        if presented.is_of_client() {
            let revoked = presented.is_revoked(self.0).await?;
            return Ok((!revoked).then_some(Bearer::Client(presented.client)));
        }
        let found = presented.member(self.0).await?;
        Ok(found.map(|(grant, holder)| {
            let refused = match (holder.has_access(), holder.user.disabled_at) {
                (true, _) => None,
                (false, Some(_)) => Some(ErrorCode::AccountDisabled),
                (false, None) => Some(ErrorCode::NoAccess),
            };
            Bearer::User(UserToken {
                user: holder.user.id,
                application: holder.membership.application_id,
                session: grant.session_id.map(Into::into),
                scopes: ScopeSet::parse(&presented.token.scope),
                refused,
            })
        }))
    }

    /// What the token's scopes let its client know about the user, as it is now. A token that is bound to a key comes
    /// with a proof of it, and one that is not comes without (RFC 9449, section 7).
    ///
    /// # Errors
    /// `invalid_token`, or `insufficient_scope` without `openid`.
    pub async fn userinfo(&self, token: &str, proof: Option<&PresentedProof<'_>>) -> Result<Value, Failure> {
        let invalid = || OAuthError::new(OAuthErrorCode::InvalidToken, "the access token is not valid");
        let presented = Presented::read(self.0, token).filter(Presented::is_for_application).ok_or_else(invalid)?;
        match (&presented.token.cnf, proof) {
            (None, None) => {}
            (Some(bound), Some(proof)) => {
                if dpop::check(self.0, &presented.client, proof, Some(token)).await? != bound.jkt {
                    return Err(invalid().into());
                }
            }
            _ => return Err(invalid().into()),
        }
        let (grant, holder) = presented.holder(self.0).await?.ok_or_else(invalid)?;
        let scopes = ScopeSet::parse(&presented.token.scope);
        if !scopes.contains(Scope::Openid) {
            let description = "the access token has not the scope openid";
            return Err(OAuthError::new(OAuthErrorCode::InsufficientScope, description).into());
        }
        let application = &presented.client.application;
        // The token may be older than what its application allows by now.
        let of_scopes = ClaimSet::of_scopes(&scopes.intersection(&application.application.settings.allowed_scopes));
        let wanted = of_scopes.union(tokens::requested(&grant, application)?.userinfo);
        let user = tokens::user_claims(&holder, &holder.entitlement, application, wanted);
        let answer = UserInfo { sub: &presented.token.sub, user: &user };
        Ok(serde_json::to_value(answer).map_err(Error::internal)?)
    }
}
