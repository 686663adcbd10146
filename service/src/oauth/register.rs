//! Dynamic client registration (RFC 7591), for whoever has an initial access token of an application.

use domain::{
    ErrorCode, Secret,
    oauth::{
        client::{Client, ClientSettings},
        error::{OAuthError, OAuthErrorCode},
        registration::ClientMetadata,
    },
};

use super::Failure;
use crate::{
    Ctx, Error, Services,
    application::{
        clients::{self, MadeBy, NewClient},
        registration_tokens::Permit,
    },
    identity::attempts::Network,
    security_log::{Event, Reason},
};

impl Services {
    /// Makes the client that `metadata` describes; its secret is told this once. Its users are always asked for their
    /// consent. `address` is the peer's.
    ///
    /// # Errors
    /// `invalid_token`, or what is wrong with the metadata; `RATE_001` when too many come from a network.
    pub async fn register_client(
        &self,
        token: Option<&str>,
        metadata: ClientMetadata,
        address: Option<&str>,
    ) -> Result<(Client, Option<Secret>), Failure> {
        self.pace_unproved(Network::of(address))?;
        let invalid = || {
            let reason = if token.is_some() { Reason::WrongToken } else { Reason::CredentialsMissing };
            Event::InitialAccessTokenRejected.at(address).because(reason).write();
            OAuthError::new(OAuthErrorCode::InvalidToken, "the initial access token is not valid")
        };
        let permit = match token {
            Some(token) => self.registration_tokens().permit(token).await?,
            None => None,
        };
        let Permit { token, application, require_pkce } = permit.ok_or_else(invalid)?;
        let (kind, settings) = metadata.parse()?;
        let new = NewClient { client_id: None, kind, settings: ClientSettings { require_pkce, ..settings } };
        let made = self
            .transact_directory(&Ctx::system(), move |tx| {
                Box::pin(async move { clients::insert(&tx, application, new, None, MadeBy::Itself(token)).await })
            })
            .await;
        made.map_err(|error| match error {
            // The application has as many as it may have.
            Error::Problem(problem) if problem.code == ErrorCode::InvalidInput => {
                OAuthError::new(OAuthErrorCode::InvalidClientMetadata, problem.message).into()
            }
            error => error.into(),
        })
    }
}
