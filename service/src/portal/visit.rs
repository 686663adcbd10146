//! A visit to the portal: who came, from which application, and where they go back to.

use std::sync::Arc;

use domain::{
    Secret, Timestamp,
    billing::ledger::Actor,
    id::{ApplicationId, UserId},
};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};

use super::Portal;
use crate::{
    Ctx, Result, Services,
    billing::entitlements::Holder,
    clock::at,
    crypto::Purpose,
    directory::ApplicationEntry,
    entity::{memberships, portal_sessions},
};

/// What the cookie carries, sealed.
#[derive(Serialize, Deserialize)]
struct Visit {
    application: ApplicationId,
    user: UserId,
    /// Of the session's token, whose row goes when the member is put out.
    session: Vec<u8>,
    return_url: Option<String>,
    /// Milliseconds since the epoch.
    until: i64,
}

/// Somebody in front of the portal, as they stand now.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub application: Arc<ApplicationEntry>,
    pub holder: Holder,
    /// Where "Back" leads: an address that the application has registered, or its own.
    pub back: Option<String>,
}

impl Visitor {
    /// The circumstances of `ctx` with the member for an actor: the portal acts for them, whoever else is signed in.
    pub fn ctx(&self, ctx: &Ctx) -> Ctx {
        let actor = Actor::User(self.holder.user.id);
        Ctx { actor, session: None, client_application: None, ..ctx.clone() }
    }
}

pub(super) fn seal(
    services: &Services,
    membership: &memberships::Model,
    session: Vec<u8>,
    return_url: Option<String>,
    until: Timestamp,
) -> Result<Secret> {
    let visit = Visit {
        application: membership.application_id.into(),
        user: membership.user_id.into(),
        session,
        return_url,
        until: until.timestamp_millis(),
    };
    Ok(Secret::new(services.vault.seal_value(Purpose::Portal, &visit, &*services.rng)?))
}

impl Portal<'_> {
    /// Whose visit this is, over or not.
    pub fn user(&self, sealed: &str) -> Option<UserId> {
        self.unseal(sealed).map(|visit| visit.user)
    }

    /// Ends a visit. Ending it again changes nothing.
    ///
    /// # Errors
    /// The database's own.
    pub async fn leave(&self, sealed: &str) -> Result<()> {
        let Some(visit) = self.unseal(sealed) else { return Ok(()) };
        let gone = portal_sessions::Entity::delete_by_id(visit.session);
        self.0.db.write(move |db| Box::pin(async move { Ok(gone.exec(db).await.map(drop)?) })).await
    }

    fn unseal(&self, sealed: &str) -> Option<Visit> {
        self.0.vault.open_value(Purpose::Portal, sealed)
    }

    /// The visitor whose sealed visit this is; `None` when it is over, or their access is, or was since they came.
    ///
    /// # Errors
    /// The database's own.
    pub async fn visitor(&self, sealed: &str) -> Result<Option<Visitor>> {
        let Some(visit) = self.unseal(sealed).filter(|visit| self.0.now() < at(visit.until)) else { return Ok(None) };
        let Some(entry) = self.0.directory().application(visit.application).cloned() else { return Ok(None) };
        let session = portal_sessions::Entity::find_by_id(visit.session);
        if session.one(self.0.db.read()).await?.is_none() {
            return Ok(None);
        }
        let holder = self.0.entitlements().holder(visit.user, visit.application).await?;
        let Some(holder) = holder.filter(Holder::has_access) else { return Ok(None) };
        let settings = &entry.application.settings;
        // What was registered when they came may not be any more.
        let back = visit.return_url.filter(|url| settings.may_return_to(url));
        let first = || settings.return_urls.first().map(|url| url.as_str().to_owned());
        let own = || settings.url.as_ref().map(|url| url.as_str().to_owned());
        Ok(Some(Visitor { back: back.or_else(first).or_else(own), application: entry, holder }))
    }
}
