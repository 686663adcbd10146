//! Initial access tokens (RFC 7591, section 1.2): who has one may register clients with its application. The database
//! keeps their hash.

use chrono::TimeDelta;
use domain::{
    ErrorCode, Flaw, Problem, Secret, Timestamp,
    billing::ledger::Action,
    id::{ApplicationId, RegistrationTokenId},
    text::Name,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use crate::{Ctx, Result, Services, clock::at, crypto, entity::registration_tokens as rows, ledger::Entry};

const PREFIX: &str = "reg_";
/// How long a token holds at most, in days.
pub const MOST_DAYS: i64 = 365;

/// What may be shown of a token.
#[derive(Clone, Debug)]
pub struct RegistrationToken {
    pub id: RegistrationTokenId,
    pub name: String,
    /// Its prefix and last four characters.
    pub hint: String,
    /// Whether the clients that register with it must use PKCE; public ones always must.
    pub require_pkce: bool,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// What a new token is to be.
#[derive(Clone, Debug)]
pub struct NewRegistrationToken {
    pub name: Name,
    /// For how many days it holds.
    pub days: i64,
    /// See [`RegistrationToken::require_pkce`].
    pub require_pkce: bool,
}

/// What a token allows whoever has it.
pub(crate) struct Permit {
    pub token: RegistrationTokenId,
    pub application: ApplicationId,
    pub require_pkce: bool,
}

/// See the module.
pub struct RegistrationTokens<'a>(&'a Services);

impl Services {
    pub const fn registration_tokens(&self) -> RegistrationTokens<'_> {
        RegistrationTokens(self)
    }
}

impl From<rows::Model> for RegistrationToken {
    fn from(row: rows::Model) -> Self {
        Self {
            id: row.id.into(),
            name: row.name,
            hint: row.hint,
            require_pkce: row.require_pkce,
            created_at: at(row.created_at),
            expires_at: at(row.expires_at),
        }
    }
}

impl RegistrationTokens<'_> {
    /// The application's tokens, oldest first; those that are over too, until somebody deletes them.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`.
    pub async fn list(&self, ctx: &Ctx, application: ApplicationId) -> Result<Vec<RegistrationToken>> {
        self.0.require_admin(ctx, application).await?;
        let own = rows::Entity::find()
            .filter(rows::Column::ApplicationId.eq(application.get()))
            .order_by_asc(rows::Column::Id)
            .all(self.0.db.read())
            .await?;
        Ok(own.into_iter().map(RegistrationToken::from).collect())
    }

    /// Makes a token. It is shown this once.
    ///
    /// # Errors
    /// As [`Self::list`]; `AUTH_001` or `AUTH_004` in a session whose sign-in is not recent; `APP_001` for days outside
    /// 1 to [`MOST_DAYS`].
    pub async fn create(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        new: NewRegistrationToken,
    ) -> Result<(RegistrationToken, Secret)> {
        self.0.require_admin(ctx, application).await?;
        self.0.factors().recent(ctx).await?;
        let NewRegistrationToken { name, days, require_pkce } = new;
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(Problem::field("days", Flaw::Between { min: 1, max: MOST_DAYS }).into());
        }
        let secret = self.0.rng.secret(PREFIX);
        let (hash, hint) = (crypto::hash(secret.expose()), crypto::hint(PREFIX, &secret));
        let row = self
            .0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let row = rows::Model {
                        id: tx.id::<RegistrationTokenId>().get(),
                        application_id: application.get(),
                        name: name.to_string(),
                        hash,
                        hint,
                        created_at: tx.millis(),
                        expires_at: (tx.now + TimeDelta::days(days)).timestamp_millis(),
                        require_pkce,
                    };
                    let columns = rows::ActiveModel {
                        id: Set(row.id),
                        application_id: Set(row.application_id),
                        name: Set(row.name.clone()),
                        hash: Set(row.hash.clone()),
                        hint: Set(row.hint.clone()),
                        created_at: Set(row.created_at),
                        expires_at: Set(row.expires_at),
                        require_pkce: Set(row.require_pkce),
                    };
                    rows::Entity::insert(columns).exec_without_returning(tx.db).await?;
                    let made = Entry::new(Action::RegistrationTokenCreated).application(application);
                    tx.log(made.to(json!({ "name": name, "days": days, "require_pkce": require_pkce }))).await?;
                    Ok(row)
                })
            })
            .await?;
        Ok((row.into(), secret))
    }

    /// Takes a token back. The clients that registered with it stay.
    ///
    /// # Errors
    /// As [`Self::list`]; `APP_002` when the application has no such token.
    pub async fn delete(&self, ctx: &Ctx, application: ApplicationId, id: RegistrationTokenId) -> Result<()> {
        self.0.require_admin(ctx, application).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let gone = rows::Entity::delete_many()
                        .filter(rows::Column::Id.eq(id.get()))
                        .filter(rows::Column::ApplicationId.eq(application.get()))
                        .exec(tx.db)
                        .await?;
                    if gone.rows_affected == 0 {
                        let missing = "the application has no such registration token";
                        return Err(Problem::new(ErrorCode::ApplicationNotFound, missing).into());
                    }
                    let entry = Entry::new(Action::RegistrationTokenDeleted).application(application);
                    tx.log(entry.from(json!({ "id": id }))).await?;
                    Ok(())
                })
            })
            .await
    }

    /// What a token allows.
    ///
    /// # Errors
    /// The database's own.
    pub(crate) async fn permit(&self, token: &str) -> Result<Option<Permit>> {
        if !token.starts_with(PREFIX) {
            return Ok(None);
        }
        let row = rows::Entity::find()
            .filter(rows::Column::Hash.eq(crypto::hash(token)))
            .filter(rows::Column::ExpiresAt.gt(self.0.now().timestamp_millis()))
            .one(self.0.db.read())
            .await?;
        Ok(row.map(|row| Permit {
            token: row.id.into(),
            application: row.application_id.into(),
            require_pkce: row.require_pkce,
        }))
    }
}
