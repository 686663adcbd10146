//! The ways to sign in that an application offers besides its own. A provider's secret is typed once, sealed in the
//! database, and shown by its last four characters.

use std::sync::Arc;

use domain::{
    ErrorCode, Flaw, Problem, Secret,
    billing::ledger::Action,
    id::{ApplicationId, SignInMethodId},
    identity::upstream::{
        MethodPatch, NewMethod, SignInMethod, UpstreamKind,
        method::{Issuer, Setter, UpstreamClientId},
    },
    route,
    text::{Name, Slug},
};
use sea_orm::{
    ActiveValue::{NotSet, Set, Unchanged},
    EntityTrait,
};

use super::{
    client::{self, Probed},
    discovery::Undiscovered,
};
use crate::{
    Ctx, Error, Result, Services,
    clock::at,
    crypto::Purpose,
    directory::ApplicationEntry,
    entity::sign_in_methods as rows,
    ledger::Entry,
    tx::{Tx, taken},
};

/// A method with its secret.
#[derive(Clone, Debug)]
pub struct MethodEntry {
    pub method: SignInMethod,
    pub secret: Secret,
}

impl MethodEntry {
    /// The last four characters of the secret; fewer of a short one, so that most of it stays unknown.
    pub fn secret_hint(&self) -> String {
        let chars: Vec<char> = self.secret.expose().chars().collect();
        let shown = (chars.len() / 4).min(4);
        chars[chars.len() - shown..].iter().collect()
    }

    /// A method as it lies in the database; `None` when this server's secret key does not open it.
    pub(crate) fn open(services: &Services, row: rows::Model) -> Result<Option<Self>> {
        let Some(plain) = services.vault.open(Purpose::UpstreamSecret, &row.sealed) else { return Ok(None) };
        let secret = String::from_utf8(plain).map_err(Error::internal)?;
        Ok(Some(Self { method: method(row)?, secret: Secret::new(secret) }))
    }
}

/// See the module.
pub struct SignInMethods<'a>(&'a Services);

impl Services {
    pub const fn sign_in_methods(&self) -> SignInMethods<'_> {
        SignInMethods(self)
    }

    /// What a provider must know as the redirect URI of one of an application's methods.
    pub fn upstream_redirect_uri(&self, application: &ApplicationEntry, method: &str) -> String {
        let path = route::upstream_callback(application.application.slug.as_str(), method);
        format!("{}{path}", self.settings.issuer)
    }
}

impl SignInMethods<'_> {
    /// Every method of an application, oldest first.
    ///
    /// # Errors
    /// As every use case of an admin.
    pub async fn list(&self, ctx: &Ctx, application: ApplicationId) -> Result<Vec<Arc<MethodEntry>>> {
        Ok(self.0.require_admin(ctx, application).await?.sign_in_methods.clone())
    }

    /// # Errors
    /// As every use case of an admin; `APP_002` when the application has no such method.
    pub async fn get(&self, ctx: &Ctx, application: ApplicationId, id: SignInMethodId) -> Result<Arc<MethodEntry>> {
        let entry = self.0.require_admin(ctx, application).await?;
        let found = entry.sign_in_methods.iter().find(|own| own.method.id == id);
        found.cloned().ok_or_else(|| missing().into())
    }

    /// Makes a method.
    ///
    /// # Errors
    /// As [`NewMethod::build`]; `APP_003` when the application has one of that slug; `AUTH_001` or `AUTH_004` in a
    /// session whose sign-in is not recent.
    pub async fn create(&self, ctx: &Ctx, application: ApplicationId, new: NewMethod) -> Result<Arc<MethodEntry>> {
        self.0.require_admin(ctx, application).await?;
        self.0.factors().recent(ctx).await?;
        let by = self.setter(ctx);
        let made = self
            .0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move { insert(&tx, application, &new, by, false).await.map(|made| made.id) })
            })
            .await?;
        self.get(ctx, application, made).await
    }

    /// Changes a method. What is left out stays.
    ///
    /// # Errors
    /// As [`MethodPatch::apply`] and [`Self::get`]; `AUTH_001` or `AUTH_004` in a session whose sign-in is not recent.
    pub async fn update(
        &self,
        ctx: &Ctx,
        application: ApplicationId,
        id: SignInMethodId,
        patch: MethodPatch,
    ) -> Result<Arc<MethodEntry>> {
        self.get(ctx, application, id).await?;
        self.0.factors().recent(ctx).await?;
        let by = self.setter(ctx);
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    let row = rows::Entity::find_by_id(id.get()).one(tx.db).await?.ok_or_else(missing)?;
                    update(&tx, row, &patch, by).await.map(|_| ())
                })
            })
            .await?;
        self.get(ctx, application, id).await
    }

    /// Deletes a method. Accounts that are linked to its provider stay linked: another method of the same issuer signs
    /// them in again.
    ///
    /// # Errors
    /// As [`Self::get`]; `AUTH_011` as [`Setter::may_offer`].
    pub async fn delete(&self, ctx: &Ctx, application: ApplicationId, id: SignInMethodId) -> Result<()> {
        let before = self.get(ctx, application, id).await?;
        self.setter(ctx).may_offer(before.method.kind)?;
        self.0
            .transact_directory(ctx, move |tx| {
                Box::pin(async move {
                    let gone = rows::Entity::delete_by_id(id.get()).exec(tx.db).await?;
                    if gone.rows_affected == 0 {
                        return Err(missing().into());
                    }
                    let entry = Entry::new(Action::SignInMethodDeleted).application(application);
                    tx.log(entry.from(&before.method)).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Asks the provider for its discovery document, past the cache, and whether it knows this server.
    ///
    /// # Errors
    /// As [`Self::get`]; `SRV_002` on the field `issuer` for an address that is not public, a document that is none, or
    /// one of another issuer, and on `clientSecret` where the provider refuses id or secret; `SRV_003` on `issuer` where
    /// nobody answers.
    pub async fn check(&self, ctx: &Ctx, application: ApplicationId, id: SignInMethodId) -> Result<()> {
        let (entry, own) = (self.get(ctx, application, id).await?, self.0.require_admin(ctx, application).await?);
        let endpoints = self.0.discover_anew(&entry.method).await.map_err(Undiscovered::problem)?;
        let redirect_uri = self.0.upstream_redirect_uri(&own, entry.method.slug.as_str());
        let client = client::client(&entry, &endpoints, redirect_uri)?;
        let flaw = match client::probe(self.0, &client).await {
            Probed::Known => return Ok(()),
            Probed::Unknown => {
                let refused = Problem::field("clientSecret", Flaw::KeyRefused);
                Problem { code: ErrorCode::ProviderNotConfigured, ..refused }
            }
            Probed::Silence => {
                Problem { code: ErrorCode::ProviderUnavailable, ..Problem::field("issuer", Flaw::Unreachable) }
            }
        };
        Err(flaw.into())
    }

    fn setter(&self, ctx: &Ctx) -> Setter {
        if self.0.is_superadmin(ctx) { Setter::Superadmin } else { Setter::Admin }
    }
}

fn missing() -> Problem {
    Problem::new(ErrorCode::ApplicationNotFound, "the application has no such sign-in method")
}

/// Makes a method inside a transaction of the directory.
///
/// # Errors
/// As [`SignInMethods::create`].
pub(crate) async fn insert(
    tx: &Tx<'_>,
    application: ApplicationId,
    new: &NewMethod,
    by: Setter,
    from_catalog: bool,
) -> Result<SignInMethod> {
    let method = new.build(tx.id(), application, by, tx.now)?;
    let row = rows::ActiveModel {
        id: Set(method.id.get()),
        application_id: Set(application.get()),
        slug: Set(method.slug.to_string()),
        kind: Set(method.kind.as_str().into()),
        sealed: Set(seal(tx, &new.client_secret)),
        from_catalog: Set(from_catalog),
        created_at: Set(tx.millis()),
        ..changing(&method)
    };
    let slug_taken = Problem { code: ErrorCode::SlugTaken, ..Problem::field("slug", Flaw::Taken) };
    rows::Entity::insert(row).exec_without_returning(tx.db).await.map_err(|error| taken(error, slug_taken))?;
    tx.log(Entry::new(Action::SignInMethodCreated).application(application).to(&method)).await?;
    Ok(method)
}

/// Changes a method inside a transaction of the directory, and says whether anything did; the same again changes
/// nothing.
///
/// # Errors
/// As [`SignInMethods::update`].
pub(crate) async fn update(tx: &Tx<'_>, row: rows::Model, patch: &MethodPatch, by: Setter) -> Result<bool> {
    let sealed = row.sealed.clone();
    let before = method(row)?;
    let known = tx.services.vault.open(Purpose::UpstreamSecret, &sealed);
    let same = |new: &Secret| known.as_deref() == Some(new.expose().as_bytes());
    let secret = patch.client_secret.as_ref().filter(|new| !same(new));
    let after = patch.apply(&before, by)?;
    if after == before && secret.is_none() {
        return Ok(false);
    }
    let after = SignInMethod { updated_at: tx.now, ..after };
    let row = rows::ActiveModel {
        id: Unchanged(after.id.get()),
        sealed: secret.map_or(NotSet, |secret| Set(seal(tx, secret))),
        ..changing(&after)
    };
    rows::Entity::update(row).exec(tx.db).await?;
    let mut entry = Entry::new(Action::SignInMethodUpdated).application(after.application_id);
    if secret.is_some() {
        entry = entry.because("a new client secret");
    }
    tx.log(entry.from(&before).to(&after)).await?;
    Ok(true)
}

fn seal(tx: &Tx<'_>, secret: &Secret) -> Vec<u8> {
    tx.services.vault.seal(Purpose::UpstreamSecret, secret.expose().as_bytes(), &*tx.services.rng)
}

/// The columns that can change, but for the secret.
fn changing(method: &SignInMethod) -> rows::ActiveModel {
    rows::ActiveModel {
        name: Set(method.name.to_string()),
        issuer: Set(method.issuer.to_string()),
        client_id: Set(method.client_id.to_string()),
        enabled: Set(method.enabled),
        trust_email: Set(method.trust_email),
        updated_at: Set(method.updated_at.timestamp_millis()),
        ..Default::default()
    }
}

fn method(row: rows::Model) -> Result<SignInMethod> {
    Ok(SignInMethod {
        id: row.id.into(),
        application_id: row.application_id.into(),
        slug: Slug::stored(row.slug),
        kind: UpstreamKind::parse(&row.kind).map_err(Error::internal)?,
        name: Name::stored(row.name),
        issuer: Issuer::stored(row.issuer),
        client_id: UpstreamClientId::stored(row.client_id),
        enabled: row.enabled,
        trust_email: row.trust_email,
        created_at: at(row.created_at),
        updated_at: at(row.updated_at),
    })
}
