//! What seldom changes and every request needs, held in memory: applications, clients, plans, roles, keys, webhooks.
//!
//! `meta.config_version` grows in the transaction of every change. The node that made the change reloads before it
//! answers; the others ask for the number several times a second ([`Services::follow_directory`]).

mod load;
mod rows;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, RwLock},
    time::Duration,
};

use chrono::TimeDelta;
use domain::{
    Timestamp,
    application::{Application, PlanSelection, Provider, Role},
    billing::{plan::Plan, price::Price, subscription::Subscription},
    id::{ApplicationId, ClientRowId, PlanId, RoleId},
    identity::user::GlobalRole,
    oauth::client::Client,
    webhook::endpoint::Endpoint,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};
use tokio::sync::Semaphore;

pub(crate) use rows::{application, client, plan, price};

use crate::{
    Error, Result, Services, db::Work, entity::meta, keys::Keyring, payment::keys::Keys, upstream::methods::MethodEntry,
};

/// One application with everything that hangs on it.
#[derive(Clone, Debug)]
pub struct ApplicationEntry {
    pub application: Application,
    /// Every plan that is not deleted, in the order of pages; archived ones too.
    pub plans: Vec<Arc<Plan>>,
    /// Plans that were deleted: for what is told of the past, and for nothing else.
    deleted_plans: HashMap<PlanId, Plan>,
    pub roles: Vec<Role>,
    /// Names of permissions by id.
    pub permissions: Vec<(domain::id::PermissionId, String)>,
    /// How far its billing time runs ahead of the machine's, in whole seconds: the sandbox's test clock. Real money is
    /// collected in real time.
    pub ahead: TimeDelta,
    /// Its keys at payment providers.
    pub keys: Vec<Keys>,
    /// The ways to sign in that it offers or could offer, oldest first.
    pub sign_in_methods: Vec<Arc<MethodEntry>>,
    /// Where it is told of events, oldest first; disabled ones too.
    pub webhooks: Vec<Endpoint>,
}

impl ApplicationEntry {
    /// The moment `now` in the application's billing time.
    pub fn billing_time(&self, now: Timestamp) -> Timestamp {
        now + self.ahead
    }

    /// The moment at which the machine's clock shows what `moment` of billing time stands for.
    pub fn real_time(&self, moment: Timestamp) -> Timestamp {
        moment - self.ahead
    }

    /// Its keys at one provider.
    pub fn keys_of(&self, provider: Provider) -> Option<&Keys> {
        self.keys.iter().find(|keys| keys.provider == provider)
    }

    /// A way to sign in that is on, by its slug.
    pub fn sign_in_method(&self, slug: &str) -> Option<&Arc<MethodEntry>> {
        self.sign_in_methods_on().find(|entry| entry.method.slug.as_str() == slug)
    }

    /// The ways to sign in that are on.
    pub fn sign_in_methods_on(&self) -> impl Iterator<Item = &Arc<MethodEntry>> {
        self.sign_in_methods.iter().filter(|entry| entry.method.enabled)
    }

    pub fn plan(&self, id: PlanId) -> Option<&Arc<Plan>> {
        self.plans.iter().find(|plan| plan.id == id)
    }

    pub fn plan_by_key(&self, key: &str) -> Option<&Arc<Plan>> {
        self.plans.iter().find(|plan| plan.key.as_str() == key)
    }

    /// The plan of that key, or of that id.
    pub fn plan_named(&self, name: &str) -> Option<&Arc<Plan>> {
        self.plan_by_key(name).or_else(|| self.plan(name.parse().ok()?))
    }

    /// A plan that is or was there.
    fn plan_ever(&self, id: PlanId) -> Option<&Plan> {
        self.plan(id).map(|plan| &**plan).or_else(|| self.deleted_plans.get(&id))
    }

    /// What a plan is called, or was until it was deleted; empty for a plan of another application.
    pub fn plan_name(&self, id: PlanId) -> String {
        self.plan_ever(id).map(|plan| plan.name.to_string()).unwrap_or_default()
    }

    /// The key of a plan, as [`Self::plan_name`]. One that was deleted may have the key of a newer one.
    pub fn plan_key(&self, id: PlanId) -> String {
        self.plan_ever(id).map(|plan| plan.key.to_string()).unwrap_or_default()
    }

    /// The price that a subscription is billed by, or was until it ended.
    pub fn billed_price(&self, held: &Subscription) -> Option<&Price> {
        let id = held.price_id?;
        self.plan_ever(held.plan_id)?.prices.iter().find(|price| price.id == id)
    }

    /// The plan that new members get.
    pub fn default_plan(&self) -> Option<&Arc<Plan>> {
        self.plans.iter().find(|plan| plan.is_default)
    }

    pub fn plans_on_offer(&self) -> impl Iterator<Item = &Arc<Plan>> {
        self.plans.iter().filter(|plan| plan.is_on_offer())
    }

    /// Whether its people choose a plan at all.
    pub fn selects_plans(&self) -> bool {
        let never = self.application.settings.plan_selection == PlanSelection::Never;
        !never && self.plans_on_offer().next().is_some()
    }

    pub fn role(&self, id: RoleId) -> Option<&Role> {
        self.roles.iter().find(|role| role.id == id)
    }

    pub fn role_named(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name.as_str() == name)
    }
}

/// One client with its application and the hashes of its secrets.
#[derive(Clone, Debug)]
pub struct ClientEntry {
    pub client: Client,
    pub application: Arc<ApplicationEntry>,
    pub secrets: Vec<SecretEntry>,
    /// When its secrets were last ended at once, in milliseconds, or 0: its own tokens of before count no more.
    pub tokens_from: i64,
}

/// The hash of a client secret, and until when it counts.
#[derive(Clone, Debug)]
pub struct SecretEntry {
    pub hash: Vec<u8>,
    /// What the dashboard shows of it: its prefix and last four characters.
    pub hint: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
}

/// All of it, as of one version.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    pub version: i64,
    pub applications: HashMap<ApplicationId, Arc<ApplicationEntry>>,
    pub slugs: HashMap<String, ApplicationId>,
    /// By public `client_id`.
    pub clients: HashMap<String, Arc<ClientEntry>>,
    /// The same, as rows name them.
    pub clients_by_row: HashMap<ClientRowId, Arc<ClientEntry>>,
    /// Of every redirect URI, as browsers write them.
    pub origins: HashSet<String>,
    pub keys: Arc<Keyring>,
}

impl Directory {
    pub fn application(&self, id: ApplicationId) -> Option<&Arc<ApplicationEntry>> {
        self.applications.get(&id)
    }

    pub fn by_slug(&self, slug: &str) -> Option<&Arc<ApplicationEntry>> {
        self.application(*self.slugs.get(slug)?)
    }

    /// The application whose providers sign in to the server itself: the oldest that has any that may. What others add
    /// and take away changes nothing there.
    pub fn first_with_sign_in_methods(&self) -> Option<&Arc<ApplicationEntry>> {
        let vouched_for = |entry: &ApplicationEntry| entry.sign_in_methods_on().any(|own| own.method.is_vouched_for());
        self.applications.values().filter(|entry| vouched_for(entry)).min_by_key(|entry| entry.application.id)
    }

    /// Whether somebody of this role can sign in by an issuer, in whichever application.
    pub fn offers(&self, issuer: &str, role: GlobalRole) -> bool {
        let mut on = self.applications.values().flat_map(|entry| entry.sign_in_methods_on());
        on.any(|own| own.method.issuer.as_str() == issuer && own.method.admits(role))
    }

    pub fn client(&self, client_id: &str) -> Option<&Arc<ClientEntry>> {
        self.clients.get(client_id)
    }

    pub fn client_of_row(&self, id: ClientRowId) -> Option<&Arc<ClientEntry>> {
        self.clients_by_row.get(&id)
    }
}

impl ClientEntry {
    /// Whether its users are not asked what it may know. A client that registered itself skips nothing, whatever it or
    /// its application may: nobody here vouches for it.
    pub fn skips_consent(&self) -> bool {
        let may_skip = self.client.settings.skip_consent || self.application.application.settings.skip_consent;
        may_skip && !self.client.is_registered
    }
}

/// The directory of this node.
#[derive(Default)]
pub(crate) struct Cache {
    current: RwLock<Arc<Directory>>,
    /// Lets one reload at a time, so that an older snapshot never replaces a newer one.
    reloading: tokio::sync::Mutex<()>,
    changing: Turns,
}

/// At most so many changes wait for each other in the database: the connections are everybody's.
const CHANGES: usize = 4;

struct Turns(Semaphore);

impl Default for Turns {
    fn default() -> Self {
        Self(Semaphore::new(CHANGES))
    }
}

/// How often other nodes' changes are looked for.
const POLL: Duration = Duration::from_millis(300);

impl Services {
    /// The directory as this node knows it.
    pub fn directory(&self) -> Arc<Directory> {
        self.directory.current.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// A write that changes something of the directory. When it returns, this node has the new directory.
    ///
    /// # Errors
    /// As [`crate::db::Db::write`].
    pub async fn write_directory<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c DatabaseTransaction) -> Work<'c, T, Error> + Send + 'static,
    {
        let turn = self.directory.changing.0.acquire().await.map_err(Error::internal)?;
        let answer = self
            .db
            .write(|transaction| {
                Box::pin(async move {
                    bump(transaction).await?;
                    work(transaction).await
                })
            })
            .await?;
        drop(turn);
        self.reload_directory().await?;
        Ok(answer)
    }

    /// Reads the directory again.
    ///
    /// # Errors
    /// The database's own.
    pub async fn reload_directory(&self) -> Result<()> {
        let _one = self.directory.reloading.lock().await;
        let directory = Arc::new(self.load_directory().await?);
        *self.directory.current.write().unwrap_or_else(std::sync::PoisonError::into_inner) = directory;
        Ok(())
    }

    /// Reads the directory again when another node or the command line changed it.
    ///
    /// # Errors
    /// As [`Self::reload_directory`].
    pub async fn refresh_directory(&self) -> Result<()> {
        if version(self.db.read()).await? != self.directory().version {
            self.reload_directory().await?;
        }
        Ok(())
    }

    /// Looks for others' changes for as long as the server runs.
    pub async fn follow_directory(self) {
        loop {
            tokio::time::sleep(POLL).await;
            if let Err(error) = self.refresh_directory().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "the directory could not be refreshed");
            }
        }
    }
}

async fn version(db: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let row = meta::Entity::find_by_id("config_version").one(db).await?;
    Ok(row.map_or(0, |row| row.value))
}

/// Says, inside a transaction, that something of the directory changes.
pub(crate) async fn bump(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    meta::Entity::update_many()
        .col_expr(meta::Column::Value, Expr::col(meta::Column::Value).add(1))
        .filter(meta::Column::Key.eq("config_version"))
        .exec(db)
        .await?;
    Ok(())
}
