//! Admin API keys: Bearer tokens with the rights of a superadmin. The database keeps their hash.

use domain::{Secret, Timestamp, billing::ledger::Action, id::ApiKeyId, text::Name};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde_json::json;

use crate::{Ctx, Result, Services, clock::at, crypto, entity::api_keys, ledger::Entry, security_log::Event, tx::LOCK};

const PREFIX: &str = "ak_";

/// What may be shown of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub name: String,
    /// Its prefix and last four characters.
    pub hint: String,
    pub created_at: Timestamp,
    /// From then on it opens nothing.
    pub revoked_at: Option<Timestamp>,
}

impl From<api_keys::Model> for ApiKey {
    fn from(row: api_keys::Model) -> Self {
        Self {
            id: row.id.into(),
            name: row.name,
            hint: row.hint,
            created_at: at(row.created_at),
            revoked_at: row.revoked_at.map(at),
        }
    }
}

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
    /// `AUTH_001` or `AUTH_011` for anybody but superadmins and the command line; `AUTH_001` or `AUTH_004` in a session
    /// whose sign-in is not recent.
    pub async fn create(&self, ctx: &Ctx, name: Name) -> Result<Secret> {
        self.0.require_superadmin(ctx)?;
        self.0.factors().recent(ctx).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let key = tx.services.rng.secret(PREFIX);
                    let row = api_keys::ActiveModel {
                        id: Set(tx.id()),
                        name: Set(name.to_string()),
                        hash: Set(crypto::hash(key.expose())),
                        hint: Set(crypto::hint(PREFIX, &key)),
                        created_at: Set(tx.millis()),
                        revoked_at: Set(None),
                    };
                    api_keys::Entity::insert(row).exec_without_returning(tx.db).await?;
                    tx.log(Entry::new(Action::ApiKeyCreated).to(json!({ "name": name }))).await?;
                    tx.tell(Event::AdminKeyCreated, None);
                    Ok(key)
                })
            })
            .await
    }

    /// Every key, oldest first; those that are revoked, too.
    ///
    /// # Errors
    /// `AUTH_001` or `AUTH_011` for anybody but superadmins and the command line.
    pub async fn list(&self, ctx: &Ctx) -> Result<Vec<ApiKey>> {
        self.0.require_superadmin(ctx)?;
        let rows = api_keys::Entity::find().order_by_asc(api_keys::Column::Id).all(self.0.db.read()).await?;
        Ok(rows.into_iter().map(ApiKey::from).collect())
    }

    /// Takes a key back: it opens nothing from now on. Once more changes nothing. `None` for an unknown one.
    ///
    /// # Errors
    /// `AUTH_001` or `AUTH_011` for anybody but superadmins and the command line.
    pub async fn revoke(&self, ctx: &Ctx, id: ApiKeyId) -> Result<Option<ApiKey>> {
        self.0.require_superadmin(ctx)?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let found = api_keys::Entity::find_by_id(id.get()).lock(LOCK).one(tx.db).await?;
                    let Some(before) = found.map(ApiKey::from) else { return Ok(None) };
                    if before.revoked_at.is_some() {
                        return Ok(Some(before));
                    }
                    api_keys::Entity::update_many()
                        .col_expr(api_keys::Column::RevokedAt, Expr::value(tx.millis()))
                        .filter(api_keys::Column::Id.eq(id.get()))
                        .exec(tx.db)
                        .await?;
                    let revoked = Entry::new(Action::ApiKeyRevoked);
                    tx.log(revoked.from(json!({ "id": id, "name": before.name }))).await?;
                    tx.tell(Event::AdminKeyRevoked, None);
                    Ok(Some(ApiKey { revoked_at: Some(tx.now), ..before }))
                })
            })
            .await
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
