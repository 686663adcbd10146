//! OAuth clients. A secret is random, kept as its SHA-256, and rolled with an overlap.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{
    ErrorCode, Flaw, Problem, Secret, Timestamp,
    billing::ledger::Action,
    id::{ApplicationId, ClientRowId, RegistrationTokenId},
    oauth::client::{Client, ClientId, ClientPatch, ClientSettings, ClientType},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    Ctx, Error, Result, Services, crypto,
    db::json,
    directory,
    directory::ClientEntry,
    entity::{client_secrets, clients},
    ledger::Entry,
    tx::{LOCK, Tx, taken},
};

/// What our own secrets begin with; a catalog may bring others.
pub(crate) const PREFIX: &str = "sec_";
/// How long a rotated secret keeps working.
pub const OVERLAP: TimeDelta = TimeDelta::hours(24);

/// The most clients of one application, those that registered themselves too: every node holds them in memory.
pub const MOST: u64 = 1000;

/// A client that is to be made.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// Generated when left out.
    pub client_id: Option<ClientId>,
    pub kind: ClientType,
    pub settings: ClientSettings,
}

/// By whom a client is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MadeBy {
    Admin,
    /// By a catalog that archives it once it no longer names it.
    Catalog,
    /// It registers itself with this token.
    Itself(RegistrationTokenId),
}

/// See the module.
pub struct Clients<'a>(&'a Services);

impl Services {
    pub const fn clients(&self) -> Clients<'_> {
        Clients(self)
    }
}

impl Clients<'_> {
    /// The application's clients, oldest first.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`.
    pub async fn list(&self, ctx: &Ctx, application: ApplicationId) -> Result<Vec<Arc<ClientEntry>>> {
        self.0.require_admin(ctx, application).await?;
        Ok(self.of(application))
    }

    fn of(&self, application: ApplicationId) -> Vec<Arc<ClientEntry>> {
        let directory = self.0.directory();
        let mut own: Vec<_> =
            directory.clients.values().filter(|entry| entry.client.application_id == application).cloned().collect();
        own.sort_by_key(|entry| entry.client.id);
        own
    }

    /// Makes a client; a confidential one comes with its secret, shown this once.
    ///
    /// # Errors
    /// `AUTH_001`, and that or `AUTH_004` in a session whose sign-in is not recent; `AUTH_011`, also for an admin who
    /// turns the consent page off; `APP_002`; `APP_001` when the `client_id` is taken, for addresses that are too
    /// many or cannot be, and when the application has [`MOST`] clients already.
    pub async fn create(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        new: NewClient,
    ) -> Result<(Client, Option<Secret>)> {
        self.0.require_admin(ctx, application).await?;
        self.0.factors().recent(ctx).await?;
        new.settings.check()?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move { insert(&tx, application, new, None, MadeBy::Admin).await })
            })
            .await
    }

    /// # Errors
    /// `AUTH_001`, and that or `AUTH_004` in a session whose sign-in is not recent; `AUTH_011`, also for an admin who
    /// turns the consent page off; `APP_002` when the application has no such client; `APP_001` for addresses
    /// that are too many or cannot be.
    pub async fn update(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        id: ClientRowId,
        patch: ClientPatch,
    ) -> Result<Client> {
        self.0.require_admin(ctx, application).await?;
        self.0.factors().recent(ctx).await?;
        patch.check()?;
        self.0
            .transact_directory(ctx, move |tx| Box::pin(async move { update(&tx, application, id, patch).await }))
            .await
    }

    /// Deletes a client with everything that was granted to it.
    ///
    /// # Errors
    /// As [`Self::list`]; `APP_002` when the application has no such client.
    pub async fn delete(&self, ctx: &Ctx, application: ApplicationId, id: ClientRowId) -> Result<()> {
        self.0.require_admin(ctx, application).await?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    let client = lock(&tx, application, id).await?;
                    clients::Entity::delete_by_id(id.get()).exec(tx.db).await?;
                    tx.log(Entry::new(Action::ClientDeleted).application(application).from(client)).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Makes a new secret, shown this once; the old ones keep working for [`OVERLAP`]. Where others may know them, they
    /// end `at_once`, and with them every token that the client has got in its own name; what users have granted to it
    /// lives on. `None` means the first confidential client.
    ///
    /// # Errors
    /// As [`Self::update`]; `APP_001` for a public client.
    pub async fn rotate_secret(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        id: Option<ClientRowId>,
        at_once: bool,
    ) -> Result<Secret> {
        self.0.require_admin(ctx, application).await?;
        self.0.factors().recent(ctx).await?;
        let first = || self.of(application).iter().find(|entry| entry.client.has_secret()).map(|entry| entry.client.id);
        let id = id.or_else(first).ok_or_else(no_such_client)?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    let row = locked(&tx, application, id).await?;
                    let tokens_from = row.tokens_from;
                    let client = directory::client(row)?;
                    if !client.has_secret() {
                        return Err(Problem::new(ErrorCode::InvalidInput, "this client has no secret").into());
                    }
                    let mut entry = Entry::new(Action::SecretRotated).application(application).to(&client.client_id);
                    if at_once {
                        let own = client_secrets::Column::ClientId.eq(id.get());
                        client_secrets::Entity::delete_many().filter(own).exec(tx.db).await?;
                        end_tokens(&tx, id, tokens_from).await?;
                        entry = entry.because("the old secrets ended at once");
                    } else {
                        end_secrets(&tx, id, tx.now + OVERLAP).await?;
                    }
                    let secret = tx.services.rng.secret(PREFIX);
                    add_secret(&tx, id, &secret).await?;
                    tx.log(entry).await?;
                    Ok(secret)
                })
            })
            .await
    }
}

fn no_such_client() -> Error {
    Problem::new(ErrorCode::ApplicationNotFound, "the application has no such client").into()
}

async fn lock(tx: &Tx<'_>, application: ApplicationId, id: ClientRowId) -> Result<Client> {
    directory::client(locked(tx, application, id).await?)
}

async fn locked(tx: &Tx<'_>, application: ApplicationId, id: ClientRowId) -> Result<clients::Model> {
    let row = clients::Entity::find_by_id(id.get())
        .filter(clients::Column::ApplicationId.eq(application.get()))
        .filter(clients::Column::ArchivedAt.is_null())
        .lock(LOCK)
        .one(tx.db)
        .await?;
    row.ok_or_else(no_such_client)
}

/// Makes a client. A confidential one gets `secret`, or a new one that is handed back. Changes of the directory come
/// one after the other, so that of two only one can be the last.
pub(crate) async fn insert(
    tx: &Tx<'_>,
    application: ApplicationId,
    new: NewClient,
    secret: Option<Secret>,
    by: MadeBy,
) -> Result<(Client, Option<Secret>)> {
    tx.services.allow_skip_consent(&tx.ctx, false, new.settings.skip_consent)?;
    new.settings.follow(new.kind, None)?;
    let there = clients::Entity::find()
        .filter(clients::Column::ApplicationId.eq(application.get()))
        .filter(clients::Column::ArchivedAt.is_null());
    if there.count(tx.db).await? >= MOST {
        return Err(Problem::field("name", Flaw::Clients { max: MOST }).into());
    }
    let generated = || ClientId::parse(&tx.id::<Uuid>().simple().to_string());
    let client_id = new.client_id.map_or_else(generated, Ok).map_err(Error::internal)?;
    let client = Client {
        id: tx.id(),
        application_id: application,
        client_id,
        kind: new.kind,
        settings: new.settings,
        is_registered: matches!(by, MadeBy::Itself(_)),
        created_at: tx.now,
    };
    let row = clients::ActiveModel {
        id: Set(client.id.get()),
        application_id: Set(application.get()),
        client_id: Set(client.client_id.to_string()),
        kind: Set(client.kind.as_str().into()),
        settings: Set(json(&client.settings)?),
        from_catalog: Set(by == MadeBy::Catalog),
        is_registered: Set(client.is_registered),
        archived_at: Set(None),
        created_at: Set(tx.millis()),
        tokens_from: Set(0),
    };
    let id_taken = Problem::field("clientId", Flaw::Taken);
    clients::Entity::insert(row).exec_without_returning(tx.db).await.map_err(|e| taken(e, id_taken))?;
    let mut generated = None;
    if client.has_secret() {
        let secret = secret.unwrap_or_else(|| generated.insert(tx.services.rng.secret(PREFIX)).clone());
        add_secret(tx, client.id, &secret).await?;
    }
    let mut entry = Entry::new(Action::ClientCreated).application(application).to(&client);
    if let MadeBy::Itself(token) = by {
        entry = entry.because(format!("registration token {token}"));
    }
    tx.log(entry).await?;
    Ok((client, generated))
}

/// Lets the client's secrets end at `until`; those that end sooner keep their end.
pub(crate) async fn end_secrets(tx: &Tx<'_>, client: ClientRowId, until: Timestamp) -> Result<()> {
    let until = until.timestamp_millis();
    let ends_later = Condition::any()
        .add(client_secrets::Column::ExpiresAt.is_null())
        .add(client_secrets::Column::ExpiresAt.gt(until));
    client_secrets::Entity::update_many()
        .col_expr(client_secrets::Column::ExpiresAt, Expr::value(until))
        .filter(client_secrets::Column::ClientId.eq(client.get()))
        .filter(ends_later)
        .exec(tx.db)
        .await?;
    Ok(())
}

/// Ends the tokens that the client has got in its own name. Their beginning only moves on, also where this node's clock
/// is behind the one that moved it last.
async fn end_tokens(tx: &Tx<'_>, client: ClientRowId, before: i64) -> Result<()> {
    clients::Entity::update_many()
        .col_expr(clients::Column::TokensFrom, Expr::value(tx.millis().max(before + 1)))
        .filter(clients::Column::Id.eq(client.get()))
        .exec(tx.db)
        .await?;
    Ok(())
}

/// Adds a secret beside those that the client has.
pub(crate) async fn add_secret(tx: &Tx<'_>, client: ClientRowId, secret: &Secret) -> Result<()> {
    let row = client_secrets::ActiveModel {
        id: Set(tx.id()),
        client_id: Set(client.get()),
        hash: Set(crypto::hash(secret.expose())),
        hint: Set(crypto::hint(PREFIX, secret)),
        created_at: Set(tx.millis()),
        expires_at: Set(None),
    };
    client_secrets::Entity::insert(row).exec_without_returning(tx.db).await?;
    Ok(())
}

/// Changes settings of the application's oldest client, and says whether any did.
pub(crate) async fn update_first(tx: &Tx<'_>, application: ApplicationId, patch: ClientPatch) -> Result<bool> {
    let first = clients::Entity::find()
        .filter(clients::Column::ApplicationId.eq(application.get()))
        .filter(clients::Column::ArchivedAt.is_null())
        .order_by_asc(clients::Column::Id)
        .one(tx.db)
        .await?
        .ok_or_else(no_such_client)?;
    let before = directory::client(first)?;
    let after = update(tx, application, before.id, patch).await?;
    Ok(after != before)
}

/// Changes settings; the same again changes nothing.
pub(crate) async fn update(
    tx: &Tx<'_>,
    application: ApplicationId,
    id: ClientRowId,
    patch: ClientPatch,
) -> Result<Client> {
    let before = lock(tx, application, id).await?;
    let after = Client { settings: patch.apply(&before.settings), ..before.clone() };
    if after != before {
        let skips = |own: &Client| own.settings.skip_consent;
        tx.services.allow_skip_consent(&tx.ctx, skips(&before), skips(&after))?;
        after.settings.follow(after.kind, Some(&before.settings))?;
        clients::Entity::update_many()
            .col_expr(clients::Column::Settings, Expr::value(json(&after.settings)?))
            .filter(clients::Column::Id.eq(id.get()))
            .exec(tx.db)
            .await?;
        // A secret that does not count beside keys would count again without them.
        if before.settings.keys.is_some() != after.settings.keys.is_some() {
            let own = client_secrets::Column::ClientId.eq(id.get());
            client_secrets::Entity::delete_many().filter(own).exec(tx.db).await?;
        }
        let entry = Entry::new(Action::ClientUpdated).application(application);
        tx.log(entry.from(&before.settings).to(&after.settings)).await?;
    }
    Ok(after)
}
