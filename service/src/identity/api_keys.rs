//! Admin API keys: Bearer tokens with the rights of a superadmin. The database keeps their hash.

use domain::{Secret, billing::ledger::Action, id::ApiKeyId, text::Name};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::{Ctx, Error, Result, Services, crypto, entity::api_keys, ledger};

const PREFIX: &str = "ak_";

/// See the module.
pub struct ApiKeys<'a>(&'a Services);

impl Services {
    pub const fn api_keys(&self) -> ApiKeys<'_> {
        ApiKeys(self)
    }
}

impl ApiKeys<'_> {
    /// Makes a key. It is shown this once.
    ///
    /// # Errors
    /// `AUTH_001` or `AUTH_011` for anybody but superadmins and the command line.
    pub async fn create(&self, ctx: &Ctx, name: Name) -> Result<Secret> {
        let services = self.0;
        services.require_superadmin(ctx)?;
        let (key, now) = (services.rng.secret(PREFIX), services.now());
        let row = api_keys::ActiveModel {
            id: Set(services.id()),
            name: Set(name.to_string()),
            hash: Set(crypto::hash(key.expose())),
            hint: Set(hint(PREFIX, &key)),
            created_at: Set(now.timestamp_millis()),
            revoked_at: Set(None),
        };
        let (services, ctx) = (self.0.clone(), ctx.clone());
        self.0
            .db
            .write(move |db| {
                Box::pin(async move {
                    api_keys::Entity::insert(row).exec_without_returning(db).await?;
                    let created = ledger::Entry::new(Action::ApiKeyCreated).to(json!({ "name": name }));
                    ledger::append(db, &services, &ctx, services.id(), now, created).await?;
                    Ok::<_, Error>(())
                })
            })
            .await?;
        Ok(key)
    }

    /// The key that a Bearer token is, unless it is unknown or revoked.
    ///
    /// # Errors
    /// The database's own.
    pub async fn authenticate(&self, token: &str) -> Result<Option<ApiKeyId>> {
        if !token.starts_with(PREFIX) {
            return Ok(None);
        }
        let row = api_keys::Entity::find()
            .filter(api_keys::Column::Hash.eq(crypto::hash(token)))
            .filter(api_keys::Column::RevokedAt.is_null())
            .one(self.0.db.read())
            .await?;
        Ok(row.map(|row| row.id.into()))
    }
}

/// What may be shown of a secret: its prefix and its last four characters.
pub(crate) fn hint(prefix: &str, secret: &Secret) -> String {
    let text = secret.expose();
    let tail: Vec<char> = text.chars().rev().take(4).collect();
    format!("{prefix}…{}", tail.into_iter().rev().collect::<String>())
}
