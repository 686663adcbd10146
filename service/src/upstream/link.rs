//! Linking a provider's account to the account here that has the same address, once its owner has proved it. Until then
//! the provider's account travels sealed through the pages, in the browser that brought it: whoever else gets hold of
//! the address of such a page, or reads the mail that it leads to, links nothing.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{
    ErrorCode, Problem, Timestamp,
    id::{ApplicationId, SignInMethodId},
    identity::{email::Email, session::Session},
    route::ReturnTo,
};
use serde::{Deserialize, Serialize};

use super::{Upstreams, arrive::Back, depart::Kept, identities::NewIdentity, methods::MethodEntry};
use crate::{Ctx, Result, Services, clock::at, crypto, crypto::Purpose, directory::ApplicationEntry};

/// How long somebody may take to prove an account.
const LIFE: TimeDelta = TimeDelta::minutes(30);

#[derive(Serialize, Deserialize)]
struct Sealed {
    application: ApplicationId,
    method: SignInMethodId,
    email: Email,
    identity: NewIdentity,
    to: ReturnTo,
    /// Milliseconds since the epoch.
    since: i64,
    /// The hash of the browser's cookie.
    browser: Vec<u8>,
}

/// A provider's account that waits for the proof of the account here.
#[derive(Clone, Debug)]
pub struct Pending {
    pub application: Arc<ApplicationEntry>,
    pub method: Arc<MethodEntry>,
    /// The address of both.
    pub email: Email,
    /// Where its owner goes on.
    pub to: ReturnTo,
    since: Timestamp,
    browser: Vec<u8>,
}

impl Pending {
    /// Whether this session proves the account: it is of the account with that address, and they signed in to it after
    /// they came back from the provider.
    pub fn is_proved_by(&self, session: &Session) -> bool {
        session.user.email == self.email && session.authenticated_at >= self.since
    }

    /// Whether this is the browser that came back from the provider, by its cookie.
    pub fn is_of(&self, browser: Option<&str>) -> bool {
        browser.is_some_and(|browser| crypto::equal(&self.browser, &crypto::hash(browser)))
    }
}

impl Services {
    pub(super) fn seal_pending(
        &self,
        kept: &Kept,
        back: &Back,
        email: Email,
        identity: NewIdentity,
    ) -> Result<ReturnTo> {
        let sealed = Sealed {
            application: kept.application,
            method: kept.method,
            email,
            identity,
            to: kept.to.clone(),
            since: self.now().timestamp_millis(),
            browser: crypto::hash(back.browser.as_deref().unwrap_or_default()),
        };
        let pending = self.vault.seal_value(Purpose::UpstreamLink, &sealed, &*self.rng)?;
        Ok(ReturnTo::Link { pending })
    }
}

impl Upstreams<'_> {
    /// What waits behind a sealed text.
    ///
    /// # Errors
    /// `AUTH_001` for a text that was bent or is too old, and where the method is gone.
    pub fn pending(&self, text: &str) -> Result<Pending> {
        self.open(text).map(|(pending, _)| pending)
    }

    /// Links the two. Again: nothing.
    ///
    /// # Errors
    /// `AUTH_001` as [`Self::pending`], in another browser, and where the account is not proved; `USR_003` when the
    /// provider's account belongs to somebody else meanwhile; `AUTH_011` for an admin, where the server does not vouch for
    /// the provider.
    pub async fn link(&self, ctx: &Ctx, text: &str, browser: Option<&str>) -> Result<Pending> {
        let (pending, identity) = self.open(text)?;
        let session = ctx.session.as_ref().filter(|session| pending.is_proved_by(session));
        let owner = session.filter(|_| pending.is_of(browser)).ok_or_else(lost)?.user.id;
        self.0.identities().link(ctx, owner, &pending.method.method, identity).await?;
        Ok(pending)
    }

    fn open(&self, text: &str) -> Result<(Pending, NewIdentity)> {
        let sealed: Sealed = self.0.vault.open_value(Purpose::UpstreamLink, text).ok_or_else(lost)?;
        let since = at(sealed.since);
        if self.0.now() >= since + LIFE {
            return Err(lost().into());
        }
        let application = self.0.directory().application(sealed.application).cloned().ok_or_else(lost)?;
        let method = application.sign_in_methods_on().find(|own| own.method.id == sealed.method);
        let method = method.cloned().ok_or_else(lost)?;
        let Sealed { email, identity, to, browser, .. } = sealed;
        Ok((Pending { application, method, email, to, since, browser }, identity))
    }
}

pub(super) fn lost() -> Problem {
    Problem::new(ErrorCode::NoSession, "this sign-in has expired, or was begun in another browser")
}
