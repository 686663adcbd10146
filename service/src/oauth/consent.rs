//! What users allowed clients to know (OpenID Connect Core, 3.1.2.4).

use domain::{
    id::{ClientRowId, UserId},
    oauth::scope::ScopeSet,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    EntityTrait, SqlErr,
    sea_query::OnConflict,
};

use super::flow;
use crate::{Ctx, Error, Result, Services, entity::consents};

/// What a user has allowed a client.
pub(super) async fn find(services: &Services, user: UserId, client: ClientRowId) -> Result<Option<ScopeSet>> {
    let row = consents::Entity::find_by_id((user.get(), client.get())).one(services.db.read()).await?;
    Ok(row.filter(|row| !row.scopes.is_empty()).map(|row| ScopeSet::parse(&row.scopes)))
}

/// Adds `scopes` to what the user allowed before.
///
/// # Errors
/// `AUTH_001` for a client that was deleted in between.
pub(super) async fn grant(
    services: &Services,
    ctx: &Ctx,
    user: UserId,
    client: ClientRowId,
    scopes: ScopeSet,
) -> Result<()> {
    services
        .transact(ctx, move |tx| {
            Box::pin(async move {
                let before = consents::Entity::find_by_id((user.get(), client.get())).one(tx.db).await?;
                let scopes = before.map_or_else(|| scopes.clone(), |old| ScopeSet::parse(&old.scopes).union(&scopes));
                let row = consents::ActiveModel {
                    user_id: Set(user.get()),
                    client_id: Set(client.get()),
                    scopes: Set(scopes.to_string()),
                    granted_at: Set(tx.millis()),
                    revoked_at: NotSet,
                };
                let again = OnConflict::columns([consents::Column::UserId, consents::Column::ClientId])
                    .update_columns([consents::Column::Scopes, consents::Column::GrantedAt])
                    .to_owned();
                let written = consents::Entity::insert(row).on_conflict(again).exec_without_returning(tx.db).await;
                written.map_err(|error| match error.sql_err() {
                    Some(SqlErr::ForeignKeyConstraintViolation(_)) => flow::lost().into(),
                    _ => Error::from(error),
                })?;
                Ok(())
            })
        })
        .await
}
