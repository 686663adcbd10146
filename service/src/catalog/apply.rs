//! Brings the server to what the file says, in one transaction. A dry run does the same and takes it back.

use std::collections::{HashMap, HashSet};

use domain::{application::Settings, id::ApplicationId, identity::email::Email};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{ApplicationItem, Catalog, Catalogs, Changes, Verb, clients, coupons, plans, sign_in_methods, users};
use crate::{
    Ctx, Error, Result,
    application::applications,
    directory,
    entity::{applications as rows, users as user_rows},
    identity::attempts::Network,
    tx::Tx,
};

/// Carries the difference out of a transaction that is rolled back.
#[derive(Debug, thiserror::Error)]
#[error("only a dry run")]
struct DryRun(Changes);

impl Catalogs<'_> {
    /// Applies a catalog and says what changed, or, in a dry run, what would.
    ///
    /// # Errors
    /// `APP_001` with file, line and key for what does not fit what is there: an unknown application, a client id
    /// or plan name of somebody else. Nothing is applied then. `AUTH_001`, `AUTH_011` for anybody but superadmins
    /// and the command line.
    pub async fn apply(&self, ctx: &Ctx, catalog: Catalog, dry_run: bool) -> Result<Changes> {
        let services = self.0;
        services.require_superadmin(ctx)?;
        let hashes = self.hashes(&catalog, dry_run).await?;
        let applied = services
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    let mut changes = Changes::default();
                    apply(&tx, &catalog, &hashes, &mut changes).await?;
                    if dry_run { Err(Error::internal(DryRun(changes))) } else { Ok(changes) }
                })
            })
            .await;
        match applied {
            Err(Error::Internal(source)) => match source.downcast::<DryRun>() {
                Ok(only) => Ok(only.0),
                Err(source) => Err(Error::Internal(source)),
            },
            other => other,
        }
    }

    /// The password hashes of users to be: made before the transaction, which would otherwise wait for them.
    async fn hashes(&self, catalog: &Catalog, dry_run: bool) -> Result<HashMap<Email, String>> {
        let services = self.0;
        let emails = catalog.users.iter().map(|user| user.email.as_str());
        let known: HashSet<String> = user_rows::Entity::find()
            .filter(user_rows::Column::Email.is_in(emails))
            .all(services.db.read())
            .await?
            .into_iter()
            .map(|row| row.email)
            .collect();
        let mut hashes = HashMap::new();
        for user in catalog.users.iter().filter(|user| !known.contains(user.email.as_str())) {
            let hash = match &user.credential {
                super::Credential::Hash(hash) => hash.clone(),
                super::Credential::Password(_) if dry_run => String::new(),
                super::Credential::Password(password) => {
                    services.passwords.hash(Network::Unknown, password, &*services.rng).await?
                }
            };
            hashes.insert(user.email.clone(), hash);
        }
        Ok(hashes)
    }
}

async fn apply(tx: &Tx<'_>, catalog: &Catalog, hashes: &HashMap<Email, String>, changes: &mut Changes) -> Result<()> {
    let before = rows::Entity::find().all(tx.db).await?;
    let mut ids: HashMap<String, ApplicationId> = before.iter().map(|row| (row.slug.clone(), row.id.into())).collect();
    for item in &catalog.applications {
        let row = before.iter().find(|row| row.slug == item.slug.as_str());
        let id = application(tx, item, row, changes).await?;
        ids.insert(item.slug.to_string(), id);
        clients::apply(tx, item, id, changes).await?;
        plans::apply(tx, item, id, changes).await?;
        coupons::apply(tx, item, id, changes).await?;
        sign_in_methods::apply(tx, item, id, changes).await?;
    }
    // One may take over what another gives up in the same file.
    for item in catalog.applications.iter().filter(|item| item.settings.resources.is_some()) {
        let blame = |error| item.place.blame("resources", error);
        let own = applications::lock(tx, ids[item.slug.as_str()]).await?;
        applications::check_resources(tx, &own).await.map_err(blame)?;
    }
    let named: HashSet<&str> = catalog.applications.iter().map(|item| item.slug.as_str()).collect();
    for row in before.iter().filter(|row| !catalog.seed && row.from_catalog && !named.contains(row.slug.as_str())) {
        clients::archive_others(tx, &row.slug, row.id, &HashSet::new(), changes).await?;
        plans::archive_others(tx, &row.slug, row.id.into(), &HashSet::new(), changes).await?;
        coupons::archive_others(tx, &row.slug, row.id.into(), &HashSet::new(), changes).await?;
        sign_in_methods::switch_others_off(tx, &row.slug, row.id.into(), &HashSet::new(), changes).await?;
    }
    users::lock(tx, &catalog.users).await?;
    for item in &catalog.users {
        users::apply(tx, item, &ids, hashes, changes).await?;
    }
    Ok(())
}

async fn application(
    tx: &Tx<'_>,
    item: &ApplicationItem,
    row: Option<&rows::Model>,
    changes: &mut Changes,
) -> Result<ApplicationId> {
    let blame = |error| item.place.blame("applications", error);
    let what = format!("application {}", item.slug);
    let Some(row) = row else {
        let settings = item.settings.clone().apply(&Settings::new(item.name.clone()));
        let made = applications::insert(tx, item.slug.clone(), settings, !item.seed).await.map_err(blame)?;
        changes.note(Verb::Create, what);
        return Ok(made.id);
    };
    let before = directory::application(row.clone())?;
    let after = applications::update(tx, before.id, item.settings.clone()).await.map_err(blame)?;
    if after != before {
        changes.note(Verb::Update, what);
    }
    Ok(after.id)
}

/// Rows that the file no longer names: made by a file, not archived yet, not among `kept`.
pub(super) fn left<'a, T>(
    rows: &'a [T],
    kept: &'a HashSet<Uuid>,
    of: impl Fn(&T) -> (Uuid, bool, bool) + 'a,
) -> impl Iterator<Item = &'a T> {
    rows.iter().filter(move |row| {
        let (id, from_catalog, archived) = of(row);
        from_catalog && !archived && !kept.contains(&id)
    })
}
