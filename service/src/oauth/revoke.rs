//! Revocation (RFC 7009): a refresh token takes its whole family with it, an access token only itself.

use domain::{id::GrantId, oauth::error::OAuthError};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use super::{Failure, grants::Grants, introspect::TokenQuery, presented::Presented, refresh_tokens};
use crate::{
    Error, Services,
    directory::ClientEntry,
    entity::{grants, revoked_tokens},
};

impl Grants<'_> {
    /// Takes a token back. One that is unknown or over already is no error.
    ///
    /// # Errors
    /// `invalid_client`; `invalid_request` without a token, or for another client's.
    pub async fn revoke_token(&self, query: &TokenQuery<'_>) -> Result<(), Failure> {
        let services = self.services();
        let client = services.client_auth().authenticate(&query.credentials).await?;
        let token = query.token()?;
        if let Some((id, _)) = refresh_tokens::open(services, token) {
            return self.family(services, &client, id).await;
        }
        let Some(presented) = Presented::read(services, token) else { return Ok(()) };
        if presented.client.client.id != client.client.id {
            return Err(foreign().into());
        }
        let row = revoked_tokens::ActiveModel {
            jti: Set(presented.token.jti),
            expires_at: Set(presented.token.exp.saturating_mul(1000)),
        };
        let again =
            OnConflict::column(revoked_tokens::Column::Jti).update_column(revoked_tokens::Column::ExpiresAt).to_owned();
        services
            .db
            .write(move |db| {
                Box::pin(async move {
                    revoked_tokens::Entity::insert(row).on_conflict(again).exec_without_returning(db).await?;
                    Ok::<_, Error>(())
                })
            })
            .await?;
        Ok(())
    }

    async fn family(&self, services: &Services, client: &ClientEntry, id: GrantId) -> Result<(), Failure> {
        match grants::Entity::find_by_id(id.get()).one(services.db.read()).await? {
            Some(grant) if grant.client_id != client.client.id.get() => Err(foreign().into()),
            Some(_) => {
                self.revoke(id).await?;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

fn foreign() -> OAuthError {
    OAuthError::invalid_request("the token was issued to another client")
}
