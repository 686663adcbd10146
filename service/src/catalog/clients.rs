//! The clients of an application in a catalog.

use std::collections::HashSet;

use domain::{
    billing::ledger::Action,
    id::{ApplicationId, ClientRowId},
    oauth::client::{ClientSettings, ClientType},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use uuid::Uuid;

use super::{ApplicationItem, Changes, ClientItem, Verb, apply::left};
use crate::{
    Result,
    application::clients::{self, MadeBy, NewClient, OVERLAP},
    crypto, directory,
    entity::{client_secrets, clients as rows},
    ledger::Entry,
    tx::Tx,
};

pub(super) async fn apply(
    tx: &Tx<'_>,
    application: &ApplicationItem,
    id: ApplicationId,
    changes: &mut Changes,
) -> Result<()> {
    let mut kept = HashSet::new();
    for item in &application.clients {
        kept.insert(client(tx, application, item, id, &kept, changes).await?);
    }
    if application.seed {
        return Ok(());
    }
    archive_others(tx, application.slug.as_str(), id.get(), &kept, changes).await
}

async fn client(
    tx: &Tx<'_>,
    application: &ApplicationItem,
    item: &ClientItem,
    id: ApplicationId,
    kept: &HashSet<Uuid>,
    changes: &mut Changes,
) -> Result<Uuid> {
    let name = item.client_id.as_ref().map_or(item.name.as_str(), |client_id| client_id.as_str());
    let what = format!("client {}/{name}", application.slug);
    let Some(row) = find(tx, item, id, kept).await? else {
        let settings = item.settings.clone().apply(&ClientSettings::new(item.name.clone()));
        let new = NewClient { client_id: item.client_id.clone(), kind: item.kind, settings };
        let by = if application.seed { MadeBy::Admin } else { MadeBy::Catalog };
        let made = clients::insert(tx, id, new, item.secret.clone(), by).await;
        let (client, secret) = made.map_err(|error| item.place.blame("applications.clients", error))?;
        changes.note(Verb::Create, what);
        changes.secrets.extend(secret.map(|secret| (client.client_id, secret)));
        return Ok(client.id.get());
    };
    let row_id = ClientRowId::from(row.id);
    let revived = row.archived_at.is_some();
    if revived {
        archive(tx, row.id, None).await?;
    }
    let before = directory::client(row)?;
    let retyped = before.kind != item.kind;
    if retyped {
        set_kind(tx, row_id, item.kind).await?;
    }
    let after = clients::update(tx, id, row_id, item.settings.clone()).await;
    let after = after.map_err(|error| item.place.blame("applications.clients", error))?;
    let mut resecreted = false;
    if item.kind == ClientType::Confidential && after.settings.keys.is_none() {
        let (changed, made) = secret(tx, item, id, row_id).await?;
        changes.secrets.extend(made.map(|secret| (before.client_id.clone(), secret)));
        resecreted = changed;
    }
    if revived || retyped || resecreted || after != before {
        changes.note(Verb::Update, what);
    }
    Ok(row_id.get())
}

async fn find(tx: &Tx<'_>, item: &ClientItem, id: ApplicationId, kept: &HashSet<Uuid>) -> Result<Option<rows::Model>> {
    let Some(client_id) = &item.client_id else {
        let own = rows::Entity::find()
            .filter(rows::Column::ApplicationId.eq(id.get()))
            .filter(rows::Column::FromCatalog.eq(true))
            .order_by_asc(rows::Column::Id)
            .all(tx.db)
            .await?;
        for row in own {
            if !kept.contains(&row.id) && directory::client(row.clone())?.settings.name == item.name {
                return Ok(Some(row));
            }
        }
        return Ok(None);
    };
    let row = rows::Entity::find().filter(rows::Column::ClientId.eq(client_id.as_str())).one(tx.db).await?;
    match row {
        Some(row) if row.application_id != id.get() => {
            let message = format!("{client_id} is a client of another application");
            Err(item.place.problem("applications.clients.client_id", message).into())
        }
        row => Ok(row),
    }
}

async fn archive(tx: &Tx<'_>, id: Uuid, at: Option<i64>) -> Result<()> {
    rows::Entity::update_many()
        .col_expr(rows::Column::ArchivedAt, Expr::value(at))
        .filter(rows::Column::Id.eq(id))
        .exec(tx.db)
        .await?;
    Ok(())
}

async fn set_kind(tx: &Tx<'_>, id: ClientRowId, kind: ClientType) -> Result<()> {
    rows::Entity::update_many()
        .col_expr(rows::Column::Kind, Expr::value(kind.as_str()))
        .filter(rows::Column::Id.eq(id.get()))
        .exec(tx.db)
        .await?;
    if kind == ClientType::Public {
        client_secrets::Entity::delete_many().filter(client_secrets::Column::ClientId.eq(id.get())).exec(tx.db).await?;
    }
    Ok(())
}

/// Adds the file's secret where it is new, while the old ones run out; makes one where there is none at all.
/// Answers whether anything changed, and what was made.
async fn secret(
    tx: &Tx<'_>,
    item: &ClientItem,
    application: ApplicationId,
    id: ClientRowId,
) -> Result<(bool, Option<domain::Secret>)> {
    let valid = Condition::any()
        .add(client_secrets::Column::ExpiresAt.is_null())
        .add(client_secrets::Column::ExpiresAt.gt(tx.millis()));
    let secrets = client_secrets::Entity::find()
        .filter(client_secrets::Column::ClientId.eq(id.get()))
        .filter(valid)
        .all(tx.db)
        .await?;
    let made = match &item.secret {
        Some(secret) => {
            let hash = crypto::hash(secret.expose());
            if secrets.iter().any(|own| own.hash == hash) {
                return Ok((false, None));
            }
            None
        }
        None if !secrets.is_empty() => return Ok((false, None)),
        None => Some(tx.services.rng.secret(clients::PREFIX)),
    };
    clients::end_secrets(tx, id, tx.now + OVERLAP).await?;
    if let Some(secret) = item.secret.as_ref().or(made.as_ref()) {
        clients::add_secret(tx, id, secret).await?;
    }
    tx.log(Entry::new(Action::SecretRotated).application(application).because("catalog")).await?;
    Ok((true, made))
}

/// Archives the clients that a file made and no longer names.
pub(super) async fn archive_others(
    tx: &Tx<'_>,
    slug: &str,
    application: Uuid,
    kept: &HashSet<Uuid>,
    changes: &mut Changes,
) -> Result<()> {
    let own = rows::Entity::find()
        .filter(rows::Column::ApplicationId.eq(application))
        .order_by_asc(rows::Column::Id)
        .all(tx.db)
        .await?;
    for row in left(&own, kept, |row| (row.id, row.from_catalog, row.archived_at.is_some())) {
        archive(tx, row.id, Some(tx.millis())).await?;
        let client = directory::client(row.clone())?;
        changes.note(Verb::Archive, format!("client {slug}/{}", client.client_id));
        tx.log(Entry::new(Action::ClientDeleted).application(application.into()).from(client)).await?;
    }
    Ok(())
}
