//! The sign-in methods of an application in a catalog.

use std::collections::HashSet;

use domain::{
    id::ApplicationId,
    identity::upstream::{MethodPatch, method::Setter},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{ApplicationItem, Changes, Verb, apply::left};
use crate::{Result, entity::sign_in_methods as rows, tx::Tx, upstream::methods};

pub(super) async fn apply(
    tx: &Tx<'_>,
    application: &ApplicationItem,
    id: ApplicationId,
    changes: &mut Changes,
) -> Result<()> {
    let own = all(tx, id).await?;
    let mut kept = HashSet::new();
    for item in &application.sign_in_methods {
        let blame = |error| item.place.blame("applications.sign_in_methods", error);
        let what = format!("sign-in method {}/{}", application.slug, item.slug);
        let Some(row) = own.iter().find(|row| row.slug == item.slug.as_str()) else {
            let made = methods::insert(tx, id, &item.new, Setter::Superadmin, !application.seed).await;
            kept.insert(made.map_err(blame)?.id.get());
            changes.note(Verb::Create, what);
            continue;
        };
        kept.insert(row.id);
        if row.kind != item.new.kind.as_str() {
            let message = format!("{} is there already, of the kind {}", item.slug, row.kind);
            return Err(item.place.problem("applications.sign_in_methods.kind", message).into());
        }
        if methods::update(tx, row.clone(), &item.patch, Setter::Superadmin).await.map_err(blame)? {
            changes.note(Verb::Update, what);
        }
    }
    if application.seed {
        return Ok(());
    }
    switch_others_off(tx, application.slug.as_str(), id, &kept, changes).await
}

async fn all(tx: &Tx<'_>, application: ApplicationId) -> Result<Vec<rows::Model>> {
    let own = rows::Entity::find().filter(rows::Column::ApplicationId.eq(application.get()));
    Ok(own.order_by_asc(rows::Column::Id).all(tx.db).await?)
}

/// Switches the methods off that a file made and no longer names.
pub(super) async fn switch_others_off(
    tx: &Tx<'_>,
    slug: &str,
    application: ApplicationId,
    kept: &HashSet<Uuid>,
    changes: &mut Changes,
) -> Result<()> {
    let own = all(tx, application).await?;
    for row in left(&own, kept, |row| (row.id, row.from_catalog, !row.enabled)) {
        changes.note(Verb::Archive, format!("sign-in method {slug}/{}", row.slug));
        let off = MethodPatch { enabled: Some(false), ..MethodPatch::default() };
        methods::update(tx, row.clone(), &off, Setter::Superadmin).await?;
    }
    Ok(())
}
