//! Endpoints: where an application's own servers want to be told of events. A secret is made here, shown once, sealed
//! in the database, and rolled with an overlap.

use domain::{
    ErrorCode, Flaw, Problem, Secret,
    billing::ledger::Action,
    id::{ApplicationId, WebhookEndpointId},
    oauth::client_keys::ClientUri,
    webhook::{
        delivery::Delivery,
        endpoint::{DisabledBy, Endpoint, EndpointChange, EndpointState, NewEndpoint},
    },
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::{
    deliveries::{delivery, forget, forget_settled},
    outbox,
    signature::{PREFIX, generate},
};
use crate::{
    Ctx, Error, Result, Services,
    application::clients::OVERLAP,
    billing::alerts::{self, AlertKind},
    clock::at,
    crypto::{Purpose, hint},
    db::json,
    entity::{webhook_deliveries, webhook_endpoints as rows},
    ledger::Entry,
    outbound::is_public_url,
    tx::{LOCK, Tx},
};

/// The most endpoints of one application.
pub const MOST: u64 = 20;

/// See the module.
pub struct Webhooks<'a>(&'a Services);

impl Services {
    pub const fn webhooks(&self) -> Webhooks<'_> {
        Webhooks(self)
    }
}

impl Webhooks<'_> {
    /// The application's endpoints, oldest first.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`.
    pub async fn list(&self, ctx: &Ctx, application: ApplicationId) -> Result<Vec<Endpoint>> {
        Ok(self.0.require_admin(ctx, application).await?.webhooks.clone())
    }

    /// # Errors
    /// As [`Self::list`]; `APP_002` when the application has no such endpoint.
    pub async fn get(&self, ctx: &Ctx, application: ApplicationId, id: WebhookEndpointId) -> Result<Endpoint> {
        let entry = self.0.require_admin(ctx, application).await?;
        let found = entry.webhooks.iter().find(|own| own.id == id);
        found.cloned().ok_or_else(|| missing().into())
    }

    /// Makes an endpoint, with its secret, which is shown this once.
    ///
    /// # Errors
    /// As [`Self::list`]; `AUTH_001` or `AUTH_004` in a session whose sign-in is not recent; `APP_001` on the field
    /// `url` for an address that is not public, and when the application has [`MOST`] endpoints already.
    pub async fn create(&self, ctx: &Ctx, application: ApplicationId, new: NewEndpoint) -> Result<(Endpoint, Secret)> {
        self.0.require_admin(ctx, application).await?;
        self.0.factors().recent(ctx).await?;
        self.require_public(&new.url)?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    let own = rows::Column::ApplicationId.eq(application.get());
                    if rows::Entity::find().filter(own).count(tx.db).await? >= MOST {
                        return Err(Problem::field("url", Flaw::Webhooks { max: MOST }).into());
                    }
                    insert(&tx, application, new).await
                })
            })
            .await
    }

    /// Changes an endpoint. What is left out stays; the same again changes nothing.
    ///
    /// # Errors
    /// As [`Self::get`]; `APP_001` on the field `url` for an address that is not public; for another address `AUTH_001`
    /// or `AUTH_004` in a session whose sign-in is not recent.
    pub async fn update(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        id: WebhookEndpointId,
        change: EndpointChange,
    ) -> Result<Endpoint> {
        self.0.require_admin(ctx, application).await?;
        if let Some(url) = &change.url {
            self.require_public(url)?;
        }
        let recent = self.0.factors().recent(ctx).await;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    let before = endpoint(locked(&tx, application, id).await?)?;
                    let after = change.apply(&before, tx.now);
                    if after.url != before.url {
                        recent?;
                    }
                    store(&tx, &before, &after).await?;
                    Ok(after)
                })
            })
            .await
    }

    /// Gives an endpoint another secret, which is shown this once. Messages carry the old one's signature as well for
    /// [`OVERLAP`].
    ///
    /// # Errors
    /// As [`Self::get`]; `AUTH_001` or `AUTH_004` in a session whose sign-in is not recent.
    pub async fn rotate_secret(&self, ctx: &Ctx, application: ApplicationId, id: WebhookEndpointId) -> Result<Secret> {
        self.0.require_admin(ctx, application).await?;
        self.0.factors().recent(ctx).await?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    let row = locked(&tx, application, id).await?;
                    let old = row.sealed_secret.clone();
                    let before = endpoint(row)?;
                    let (sealed, secret) = new_secret(&tx);
                    let after = Endpoint { hint: hint(PREFIX, &secret), ..before.clone() };
                    rows::Entity::update_many()
                        .col_expr(rows::Column::SealedSecret, Expr::value(sealed))
                        .col_expr(rows::Column::Hint, Expr::value(after.hint.clone()))
                        .col_expr(rows::Column::SealedOldSecret, Expr::value(old))
                        .col_expr(rows::Column::OldUntilAt, Expr::value((tx.now + OVERLAP).timestamp_millis()))
                        .filter(rows::Column::Id.eq(id.get()))
                        .exec(tx.db)
                        .await?;
                    let entry = Entry::new(Action::WebhookSecretRotated).application(application);
                    tx.log(entry.from(&before).to(&after)).await?;
                    Ok(secret)
                })
            })
            .await
    }

    /// Deletes an endpoint with all its deliveries, and the alert about it.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn delete(&self, ctx: &Ctx, application: ApplicationId, id: WebhookEndpointId) -> Result<()> {
        let entry = self.0.require_admin(ctx, application).await?;
        if entry.webhooks.iter().any(|own| own.id == id) {
            forget_settled(self.0, id).await?;
        }
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    let before = endpoint(locked(&tx, application, id).await?)?;
                    forget(tx.db, webhook_deliveries::Column::EndpointId.eq(id.get())).await?;
                    rows::Entity::delete_by_id(id.get()).exec(tx.db).await?;
                    alerts::forget(&tx, application, AlertKind::WebhookFailed, id).await?;
                    tx.log(Entry::new(Action::WebhookDeleted).application(application).from(before)).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Queues an event that means nothing, to see whether the endpoint answers.
    ///
    /// # Errors
    /// As [`Self::get`]; `APP_001` on the field `enabled` while it is disabled.
    pub async fn test(&self, ctx: &Ctx, application: ApplicationId, id: WebhookEndpointId) -> Result<Delivery> {
        self.enabled(ctx, application, id).await?;
        self.0
            .transact(ctx, move |tx| {
                Box::pin(async move {
                    let event: Uuid = tx.id();
                    outbox::store(tx.db, &tx.services, vec![id.get()], outbox::test(application, event, tx.now))
                        .await?;
                    let row = webhook_deliveries::Entity::find()
                        .filter(webhook_deliveries::Column::EndpointId.eq(id.get()))
                        .filter(webhook_deliveries::Column::EventId.eq(event))
                        .one(tx.db)
                        .await?;
                    delivery(row.ok_or_else(missing)?)
                })
            })
            .await
    }

    /// The endpoint, while it is enabled.
    ///
    /// # Errors
    /// As [`Self::test`].
    pub(super) async fn enabled(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        id: WebhookEndpointId,
    ) -> Result<Endpoint> {
        let own = self.get(ctx, application, id).await?;
        if own.state.is_enabled() {
            return Ok(own);
        }
        Err(Problem::field("enabled", Flaw::Off).into())
    }

    /// Disables an endpoint whose receiver, where it was `told`, wants to be told no more. One that is deleted or
    /// disabled already stays so, and one that has another URL by now goes on.
    pub(super) async fn give_up(&self, told: rows::Model) -> Result<()> {
        let done = self
            .0
            .transact_directory(&Ctx::system(), move |tx| {
                Box::pin(async move {
                    let before = endpoint(locked(&tx, told.application_id.into(), told.id.into()).await?)?;
                    if before.state.is_enabled() && before.url.as_str() == told.url {
                        let state = EndpointState::Disabled { at: tx.now, cause: DisabledBy::Gone };
                        store(&tx, &before, &Endpoint { state, ..before.clone() }).await?;
                    }
                    Ok(())
                })
            })
            .await;
        match done {
            Err(error) if error.code() == ErrorCode::ApplicationNotFound => Ok(()),
            done => done,
        }
    }

    /// A name is judged when it is resolved; an address in numbers at once.
    fn require_public(&self, url: &ClientUri) -> Result<()> {
        let allowed = self.0.settings.private_targets || is_public_url(url.as_str());
        if allowed { Ok(()) } else { Err(Problem::field("url", Flaw::PrivateAddress).into()) }
    }
}

fn missing() -> Problem {
    Problem::new(ErrorCode::ApplicationNotFound, "the application has no such webhook")
}

async fn locked(tx: &Tx<'_>, application: ApplicationId, id: WebhookEndpointId) -> Result<rows::Model> {
    let row = rows::Entity::find_by_id(id.get())
        .filter(rows::Column::ApplicationId.eq(application.get()))
        .lock(LOCK)
        .one(tx.db)
        .await?;
    Ok(row.ok_or_else(missing)?)
}

async fn insert(tx: &Tx<'_>, application: ApplicationId, new: NewEndpoint) -> Result<(Endpoint, Secret)> {
    let (sealed, secret) = new_secret(tx);
    let endpoint = Endpoint {
        id: tx.id(),
        application_id: application,
        url: new.url,
        description: new.description,
        events: new.events,
        state: EndpointState::Enabled,
        hint: hint(PREFIX, &secret),
        created_at: tx.now,
    };
    let row = rows::ActiveModel {
        id: Set(endpoint.id.get()),
        application_id: Set(application.get()),
        url: Set(endpoint.url.to_string()),
        description: Set(endpoint.description.clone()),
        events: Set(json(&endpoint.events)?),
        disabled_at: Set(None),
        disabled_by: Set(None),
        sealed_secret: Set(sealed),
        hint: Set(endpoint.hint.clone()),
        sealed_old_secret: Set(None),
        old_until_at: Set(None),
        created_at: Set(tx.millis()),
    };
    rows::Entity::insert(row).exec_without_returning(tx.db).await?;
    tx.log(Entry::new(Action::WebhookCreated).application(application).to(&endpoint)).await?;
    Ok((endpoint, secret))
}

/// Writes what can be set; the same again changes nothing.
async fn store(tx: &Tx<'_>, before: &Endpoint, after: &Endpoint) -> Result<()> {
    if after == before {
        return Ok(());
    }
    let (disabled_at, disabled_by) = match after.state {
        EndpointState::Enabled => (None, None),
        EndpointState::Disabled { at, cause } => (Some(at.timestamp_millis()), Some(cause.as_str())),
    };
    rows::Entity::update_many()
        .col_expr(rows::Column::Url, Expr::value(after.url.as_str()))
        .col_expr(rows::Column::Description, Expr::value(after.description.as_str()))
        .col_expr(rows::Column::Events, Expr::value(json(&after.events)?))
        .col_expr(rows::Column::DisabledAt, Expr::value(disabled_at))
        .col_expr(rows::Column::DisabledBy, Expr::value(disabled_by))
        .filter(rows::Column::Id.eq(after.id.get()))
        .exec(tx.db)
        .await?;
    tx.log(Entry::new(Action::WebhookUpdated).application(after.application_id).from(before).to(after)).await?;
    Ok(())
}

/// A key, sealed, and the secret that it is.
fn new_secret(tx: &Tx<'_>) -> (Vec<u8>, Secret) {
    let rng = &*tx.services.rng;
    let (key, secret) = generate(rng);
    (tx.services.vault.seal(Purpose::WebhookKey, &key, rng), secret)
}

/// An endpoint as it lies in the database.
pub(crate) fn endpoint(row: rows::Model) -> Result<Endpoint> {
    let disabled = |since| EndpointState::Disabled {
        at: at(since),
        cause: row.disabled_by.as_deref().and_then(DisabledBy::parse).unwrap_or(DisabledBy::Admin),
    };
    Ok(Endpoint {
        id: row.id.into(),
        application_id: row.application_id.into(),
        state: row.disabled_at.map_or(EndpointState::Enabled, disabled),
        url: ClientUri::stored(row.url),
        description: row.description,
        events: domain::stored::read(&row.events).map_err(Error::internal)?,
        hint: row.hint,
        created_at: at(row.created_at),
    })
}
