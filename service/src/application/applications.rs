//! Applications: made with their first, confidential client and the roles `user` and `admin`.

use std::sync::Arc;

use domain::{
    ErrorCode, Flaw, Problem, Secret,
    application::{Application, RoleName, Settings, SettingsPatch},
    billing::ledger::Action,
    id::ApplicationId,
    oauth::client::{Client, ClientPatch, ClientSettings, ClientType},
    text::Slug,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};

use super::clients::{self, MadeBy, NewClient};
use crate::{
    Ctx, Error, Result, Services,
    billing::{agreements, prices},
    db::json,
    directory,
    directory::ApplicationEntry,
    entity::{applications, memberships, roles},
    ledger::Entry,
    tx::{LOCK, Tx, taken},
};

/// An application that is to be made.
#[derive(Clone, Debug)]
pub struct NewApplication {
    pub slug: Slug,
    pub settings: Settings,
    /// Of its first client, which is confidential.
    pub client: ClientSettings,
}

/// A partial change of an application.
#[derive(Clone, Debug, Default)]
pub struct ApplicationPatch {
    pub settings: SettingsPatch,
    /// Of its oldest client.
    pub first_client: Option<ClientPatch>,
}

impl From<SettingsPatch> for ApplicationPatch {
    fn from(settings: SettingsPatch) -> Self {
        Self { settings, first_client: None }
    }
}

/// What making an application gives; the secret is shown this once.
#[derive(Clone, Debug)]
pub struct CreatedApplication {
    pub application: Application,
    pub client: Client,
    pub secret: Secret,
}

/// See the module.
pub struct Applications<'a>(&'a Services);

impl Services {
    pub const fn applications(&self) -> Applications<'_> {
        Applications(self)
    }
}

impl Applications<'_> {
    /// The applications that the actor may administer, by name.
    ///
    /// # Errors
    /// `AUTH_001`, `AUTH_011`.
    pub async fn list(&self, ctx: &Ctx) -> Result<Vec<Arc<ApplicationEntry>>> {
        let own = self.0.administered(ctx).await?;
        let directory = self.0.directory();
        let mut entries: Vec<_> = directory
            .applications
            .values()
            .filter(|entry| own.as_ref().is_none_or(|own| own.contains(&entry.application.id)))
            .cloned()
            .collect();
        entries.sort_by(|a, b| {
            let (a, b) = (&a.application, &b.application);
            (&a.settings.name, a.id).cmp(&(&b.settings.name, b.id))
        });
        Ok(entries)
    }

    /// # Errors
    /// `AUTH_001`, `AUTH_011`, `APP_002`.
    pub async fn get(&self, ctx: &Ctx, id: ApplicationId) -> Result<Arc<ApplicationEntry>> {
        self.0.require_admin(ctx, id).await
    }

    /// # Errors
    /// As [`Self::get`].
    pub async fn by_slug(&self, ctx: &Ctx, slug: &str) -> Result<Arc<ApplicationEntry>> {
        self.0.administered(ctx).await?;
        let id = self.0.directory().slugs.get(slug).copied().ok_or(ErrorCode::ApplicationNotFound)?;
        self.0.require_admin(ctx, id).await
    }

    /// # Errors
    /// `AUTH_001`, and that or `AUTH_004` in a session whose sign-in is not recent; `AUTH_011` for anybody but a
    /// superadmin; `APP_003` when the slug is taken, `APP_001` on the field `resources` for one of another application,
    /// and for addresses that are too many or cannot be.
    pub async fn create(&self, ctx: &Ctx, new: NewApplication) -> Result<CreatedApplication> {
        self.0.require_superadmin(ctx)?;
        self.0.factors().recent(ctx).await?;
        new.settings.check()?;
        new.client.check()?;
        self.0
            .transact_directory(ctx, |tx| {
                Box::pin(async move {
                    let application = insert(&tx, new.slug, new.settings, false).await?;
                    check_resources(&tx, &application).await?;
                    let client = NewClient { client_id: None, kind: ClientType::Confidential, settings: new.client };
                    let (client, secret) = clients::insert(&tx, application.id, client, None, MadeBy::Admin).await?;
                    let secret = secret.ok_or_else(|| Error::internal("a confidential client has a secret"))?;
                    Ok(CreatedApplication { application, client, secret })
                })
            })
            .await
    }

    /// Changes all of what is asked for, or nothing; the slug never changes.
    ///
    /// # Errors
    /// `AUTH_001`; that or `AUTH_004` in a session whose sign-in is not recent, when the provider, the return URLs, the
    /// consent page or the client change, or when people or clients may do what they might not before; `AUTH_011`, also
    /// for an admin who turns the consent page off; `APP_002`, also where a client is to change and there is none;
    /// `APP_001` for a provider that does not take what a price asks for, for a resource of another application, and
    /// for addresses that are too many or cannot be.
    pub async fn update(&self, ctx: &Ctx, id: ApplicationId, patch: ApplicationPatch) -> Result<Application> {
        self.0.require_admin(ctx, id).await?;
        let recent = self.0.factors().recent(ctx).await;
        patch.settings.check()?;
        patch.first_client.as_ref().map_or(Ok(()), ClientPatch::check)?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    let before = lock(&tx, id).await?.settings;
                    let application = update(&tx, id, patch.settings).await?;
                    if application.settings.provider != before.provider {
                        prices::check_taken(&tx, &application).await?;
                    }
                    if application.settings.resources != before.resources {
                        check_resources(&tx, &application).await?;
                    }
                    let mut delicate = is_delicate(&before, &application.settings);
                    if let Some(patch) = patch.first_client {
                        delicate |= clients::update_first(&tx, id, patch).await?;
                    }
                    if delicate {
                        recent?;
                    }
                    Ok(application)
                })
            })
            .await
    }

    /// Deletes the application with everything that belongs to it, payments and invoices too. The ledger keeps what
    /// happened.
    ///
    /// # Errors
    /// `AUTH_001`, and that or `AUTH_004` in a session whose sign-in is not recent; `AUTH_011` for anybody but a
    /// superadmin, `APP_002`; `SUB_006` with `billedSubscriptions`, `openOrders` and `waitingChanges` while a provider
    /// renews what members hold or can still pay for, or has not been told everything.
    pub async fn delete(&self, ctx: &Ctx, id: ApplicationId) -> Result<()> {
        self.0.require_superadmin(ctx)?;
        self.0.factors().recent(ctx).await?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    let application = lock(&tx, id).await?;
                    agreements::refuse_left(&tx, id).await?;
                    // PostgreSQL deletes roles and plans first, which what members hold refers to.
                    memberships::Entity::delete_many()
                        .filter(memberships::Column::ApplicationId.eq(id.get()))
                        .exec(tx.db)
                        .await?;
                    applications::Entity::delete_by_id(id.get()).exec(tx.db).await?;
                    tx.log(Entry::new(Action::ApplicationDeleted).application(id).from(application)).await?;
                    Ok(())
                })
            })
            .await
    }
}

/// Whether a change says who collects the money, where people are sent back to, or whether they are asked before a
/// client gets to know them; or lets in whoever was kept out: people without a second factor or a membership, clients
/// with more scopes or for more APIs.
fn is_delicate(before: &Settings, after: &Settings) -> bool {
    before.provider != after.provider
        || before.return_urls != after.return_urls
        || before.skip_consent != after.skip_consent
        || (before.is_mfa_required && !after.is_mfa_required)
        || (!before.allow_register && after.allow_register)
        || !after.allowed_scopes.is_subset(&before.allowed_scopes)
        || after.resources.iter().any(|resource| !before.resources.contains(resource))
}

/// Locks the application: whatever must happen one after the other within it, such as changes of its plans.
pub(crate) async fn lock(tx: &Tx<'_>, id: ApplicationId) -> Result<Application> {
    let row = applications::Entity::find_by_id(id.get()).lock(LOCK).one(tx.db).await?;
    directory::application(row.ok_or(ErrorCode::ApplicationNotFound)?)
}

/// Makes an application with its two roles.
pub(crate) async fn insert(tx: &Tx<'_>, slug: Slug, settings: Settings, from_catalog: bool) -> Result<Application> {
    let application = Application { id: tx.id(), slug, settings, created_at: tx.now };
    let row = applications::ActiveModel {
        id: Set(application.id.get()),
        slug: Set(application.slug.to_string()),
        settings: Set(json(&application.settings)?),
        from_catalog: Set(from_catalog),
        created_at: Set(tx.millis()),
    };
    let slug_taken = Problem::new(ErrorCode::SlugTaken, format!("the slug {} is taken", application.slug));
    applications::Entity::insert(row).exec_without_returning(tx.db).await.map_err(|e| taken(e, slug_taken))?;
    let role = |name: &str| roles::ActiveModel {
        id: Set(tx.id()),
        application_id: Set(application.id.get()),
        name: Set(name.into()),
    };
    roles::Entity::insert_many([role(RoleName::USER), role(RoleName::ADMIN)]).exec_without_returning(tx.db).await?;
    tx.log(Entry::new(Action::ApplicationCreated).application(application.id).to(&application)).await?;
    Ok(application)
}

/// Changes settings; the same again changes nothing.
pub(crate) async fn update(tx: &Tx<'_>, id: ApplicationId, patch: SettingsPatch) -> Result<Application> {
    let before = lock(tx, id).await?;
    let after = Application { settings: patch.apply(&before.settings), ..before.clone() };
    if after != before {
        let skips = |own: &Application| own.settings.skip_consent;
        tx.services.allow_skip_consent(&tx.ctx, skips(&before), skips(&after))?;
        applications::Entity::update_many()
            .col_expr(applications::Column::Settings, Expr::value(json(&after.settings)?))
            .filter(applications::Column::Id.eq(id.get()))
            .exec(tx.db)
            .await?;
        let entry = Entry::new(Action::ApplicationUpdated).application(id);
        tx.log(entry.from(&before.settings).to(&after.settings)).await?;
    }
    Ok(after)
}

/// Refuses resources that another application has: whoever takes tokens for one cannot tell whose plans and roles they
/// say. Changes of the directory come one after the other, so that of two who name the same one is refused.
///
/// # Errors
/// `APP_001` on the field `resources`.
pub(crate) async fn check_resources(tx: &Tx<'_>, application: &Application) -> Result<()> {
    let own = &application.settings.resources;
    if own.is_empty() {
        return Ok(());
    }
    let others = applications::Entity::find().filter(applications::Column::Id.ne(application.id.get()));
    for row in others.all(tx.db).await? {
        // One that cannot be read is in no directory, and holds up nobody else.
        let Ok(Application { settings: other, .. }) = directory::application(row) else { continue };
        if let Some(taken) = own.iter().find(|own| other.resources.contains(own)) {
            return Err(Problem::field("resources", Flaw::Elsewhere.of(taken.as_str())).into());
        }
    }
    Ok(())
}
