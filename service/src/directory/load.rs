//! Reading the whole directory from the database. A row that cannot be read is left out with what hangs on it, so that
//! it stops nobody else: a client, a way to sign in, a webhook; a plan with its prices, and one of whose prices cannot
//! be read, as it would look free; an application with everything.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::TimeDelta;
use domain::{
    application::{Provider, Role, RoleName},
    billing::{plan::Plan, price::Price},
    id::{ApplicationId, PlanId, RoleId},
    oauth::redirect_uri::RedirectUri,
    webhook::endpoint::Endpoint,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{
    ApplicationEntry, ClientEntry, Directory, SecretEntry,
    rows::{application, client, plan, price},
    version,
};
use crate::{
    Result, Services,
    clock::at,
    entity::{
        applications, client_secrets, clients, clocks, payment_keys, permissions, plans, prices, role_permissions,
        roles, sign_in_methods, webhook_endpoints,
    },
    keys::Keyring,
    payment::keys::Keys,
    upstream::methods::MethodEntry,
    webhook::endpoints::endpoint,
};

impl Services {
    /// The directory as it is at one moment: no plan without its prices, no client without its secrets.
    pub(super) async fn load_directory(&self) -> Result<Directory> {
        let snapshot = self.db.snapshot().await?;
        let directory = self.read_directory(&snapshot).await?;
        snapshot.rollback().await?;
        Ok(directory)
    }

    async fn read_directory(&self, db: &DatabaseTransaction) -> Result<Directory> {
        let version = version(db).await?;
        let mut prices = HashMap::<_, Vec<Price>>::new();
        let mut unpriced = HashSet::new();
        for row in prices::Entity::find().order_by_asc(prices::Column::Id).all(db).await? {
            let (id, plan) = (row.id, PlanId::from(row.plan_id));
            match readable("prices", id, price(row)) {
                Some(price) => prices.entry(plan).or_default().push(price),
                None => {
                    unpriced.insert(plan);
                }
            }
        }
        let mut plans = HashMap::<_, Vec<Arc<Plan>>>::new();
        let mut deleted_plans = HashMap::<_, HashMap<PlanId, Plan>>::new();
        let rows =
            plans::Entity::find().order_by_asc(plans::Column::Position).order_by_asc(plans::Column::Id).all(db).await?;
        for row in rows {
            let (id, is_deleted) = (row.id, row.deleted_at.is_some());
            let of_plan = prices.remove(&id.into()).unwrap_or_default();
            let Some(plan) = readable("plans", id, plan(row, of_plan)) else { continue };
            if unpriced.contains(&plan.id) {
                continue;
            }
            if is_deleted {
                deleted_plans.entry(plan.application_id).or_default().insert(plan.id, plan);
            } else {
                plans.entry(plan.application_id).or_default().push(Arc::new(plan));
            }
        }
        let mut granted = HashMap::<_, Vec<_>>::new();
        for row in role_permissions::Entity::find().all(db).await? {
            granted.entry(RoleId::from(row.role_id)).or_default().push(row.permission_id.into());
        }
        let mut roles = HashMap::<_, Vec<Role>>::new();
        for row in roles::Entity::find().order_by_asc(roles::Column::Name).all(db).await? {
            let id = RoleId::from(row.id);
            let application_id = ApplicationId::from(row.application_id);
            let name = RoleName::stored(row.name);
            let permissions = granted.remove(&id).unwrap_or_default();
            roles.entry(application_id).or_default().push(Role { id, application_id, name, permissions });
        }
        let mut permissions = HashMap::<_, Vec<_>>::new();
        for row in permissions::Entity::find().order_by_asc(permissions::Column::Name).all(db).await? {
            permissions.entry(ApplicationId::from(row.application_id)).or_default().push((row.id.into(), row.name));
        }
        let mut ahead = HashMap::<_, TimeDelta>::new();
        for row in clocks::Entity::find().all(db).await? {
            ahead.insert(ApplicationId::from(row.application_id), TimeDelta::milliseconds(row.ahead_ms));
        }
        let mut keys = HashMap::<_, Vec<Keys>>::new();
        for row in payment_keys::Entity::find().all(db).await? {
            let id = ApplicationId::from(row.application_id);
            match Keys::open(self, row) {
                Some(own) => keys.entry(id).or_default().push(own),
                None => tracing::warn!(application = %id, "payment keys do not open with this secret key"),
            }
        }
        let mut methods = HashMap::<_, Vec<Arc<MethodEntry>>>::new();
        for row in sign_in_methods::Entity::find().order_by_asc(sign_in_methods::Column::Id).all(db).await? {
            let (row_id, id) = (row.id, ApplicationId::from(row.application_id));
            match readable("sign_in_methods", row_id, MethodEntry::open(self, row)) {
                Some(Some(own)) => methods.entry(id).or_default().push(Arc::new(own)),
                Some(None) => tracing::warn!(application = %id, "a sign-in method does not open with this secret key"),
                None => {}
            }
        }
        let mut webhooks = HashMap::<_, Vec<Endpoint>>::new();
        for row in webhook_endpoints::Entity::find().order_by_asc(webhook_endpoints::Column::Id).all(db).await? {
            let (row_id, id) = (row.id, ApplicationId::from(row.application_id));
            webhooks.entry(id).or_default().extend(readable("webhook_endpoints", row_id, endpoint(row)));
        }
        let mut directory = Directory { version, ..Directory::default() };
        for row in applications::Entity::find().all(db).await? {
            let Some(application) = readable("applications", row.id, application(row)) else { continue };
            let id = application.id;
            directory.slugs.insert(application.slug.to_string(), id);
            let has_clock = application.settings.provider == Provider::Sandbox;
            let entry = ApplicationEntry {
                application,
                plans: plans.remove(&id).unwrap_or_default(),
                deleted_plans: deleted_plans.remove(&id).unwrap_or_default(),
                roles: roles.remove(&id).unwrap_or_default(),
                permissions: permissions.remove(&id).unwrap_or_default(),
                ahead: ahead.remove(&id).filter(|_| has_clock).unwrap_or_default(),
                keys: keys.remove(&id).unwrap_or_default(),
                sign_in_methods: methods.remove(&id).unwrap_or_default(),
                webhooks: webhooks.remove(&id).unwrap_or_default(),
            };
            directory.applications.insert(id, Arc::new(entry));
        }
        let mut secrets = HashMap::<_, Vec<SecretEntry>>::new();
        for row in client_secrets::Entity::find().order_by_asc(client_secrets::Column::Id).all(db).await? {
            secrets.entry(row.client_id).or_default().push(SecretEntry {
                hash: row.hash,
                hint: row.hint,
                created_at: at(row.created_at),
                expires_at: row.expires_at.map(at),
            });
        }
        for row in clients::Entity::find().filter(clients::Column::ArchivedAt.is_null()).all(db).await? {
            let secrets = secrets.remove(&row.id).unwrap_or_default();
            let tokens_from = row.tokens_from;
            let Some(client) = readable("clients", row.id, client(row)) else { continue };
            let Some(application) = directory.applications.get(&client.application_id).cloned() else { continue };
            directory.origins.extend(client.settings.redirect_uris.0.iter().filter_map(RedirectUri::origin));
            let entry = Arc::new(ClientEntry { client, application, secrets, tokens_from });
            directory.clients_by_row.insert(entry.client.id, entry.clone());
            directory.clients.insert(entry.client.client_id.to_string(), entry);
        }
        directory.keys = Arc::new(Keyring::load(db, &self.vault, &self.directory().keys, self.now()).await?);
        Ok(directory)
    }
}

/// What a row says; nothing where it cannot be read, which is logged without what it holds.
fn readable<T>(table: &str, id: Uuid, read: Result<T>) -> Option<T> {
    if read.is_err() {
        tracing::error!(table, %id, "a row cannot be read, and is left out");
    }
    read.ok()
}
