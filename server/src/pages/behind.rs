//! What waits behind the pages before a session: an authorization, a checkout by link, or the dashboard.

use std::sync::Arc;

use app::{auth::Offer, look::Product};
use domain::{id::ApplicationId, identity::upstream::SignInMethod, route::ReturnTo};
use service::{
    directory::ApplicationEntry,
    identity::mail_links::Origin,
    upstream::{identities::host, methods::MethodEntry},
};

use super::{asked::Asked, error::product, flow};

/// See the module.
pub struct Behind {
    pub to: ReturnTo,
    /// Whose it is; the server's own dashboard is nobody's.
    pub application: Option<Arc<ApplicationEntry>>,
    pub login_hint: Option<String>,
}

/// The server's own pages, which are no application's.
const fn own(to: ReturnTo) -> Behind {
    Behind { to, application: None, login_hint: None }
}

impl Behind {
    /// The flow of the address, or its checkout by link; else the dashboard.
    ///
    /// # Errors
    /// `AUTH_001` for a flow that was bent or has expired.
    pub fn of(asked: &mut Asked) -> service::Result<Self> {
        let behind = Self::found(asked)?;
        // Mails about what is done here wear the same look.
        asked.ctx.waiting_for = behind.application.as_ref().map(|entry| entry.application.id);
        Ok(behind)
    }

    fn found(asked: &mut Asked) -> service::Result<Self> {
        match asked.to() {
            ReturnTo::Flow(flow) => {
                let waiting = flow::open(asked, flow)?;
                let (application, login_hint) = (Some(waiting.view.application), waiting.view.login_hint);
                Ok(Self { to: ReturnTo::Flow(waiting.flow), application, login_hint })
            }
            ReturnTo::Link { pending } => {
                let waiting = asked.services().upstreams().pending(&pending)?;
                flow::speak(asked, &waiting.to);
                asked.speak_for(waiting.application.application.id);
                let (application, login_hint) = (Some(waiting.application), Some(waiting.email.to_string()));
                Ok(Self { to: ReturnTo::Link { pending }, application, login_hint })
            }
            to @ (ReturnTo::Account(_) | ReturnTo::Organization { .. }) => {
                // Who is signed in is asked once more.
                let login_hint = asked.session().map(|session| session.user.email.to_string());
                Ok(Self { login_hint, ..own(to) })
            }
            ReturnTo::Checkout { query } => {
                let Some(entry) = project(asked, &query) else { return Ok(own(ReturnTo::Dashboard)) };
                asked.speak_for(entry.application.id);
                Ok(Self { application: Some(entry), ..own(ReturnTo::Checkout { query }) })
            }
            to @ (ReturnTo::Dashboard
            | ReturnTo::Application { .. }
            | ReturnTo::Invitation { .. }
            | ReturnTo::Device { .. }
            | ReturnTo::MailLink { .. }) => Ok(own(to)),
        }
    }

    pub fn product(&self) -> Product {
        self.application.as_deref().map_or_else(Product::default, product)
    }

    /// The providers by which one can sign in here, and whose they are. Pages of the server itself (the dashboard, the
    /// account, a device that waits) belong to no application: they offer those of the oldest one that has any for
    /// which the server vouches.
    pub fn methods(&self, asked: &Asked) -> Vec<(Arc<ApplicationEntry>, Arc<MethodEntry>)> {
        let directory = asked.services().directory();
        let offering = self.application.as_ref().or_else(|| directory.first_with_sign_in_methods());
        let Some(entry) = offering else { return Vec::new() };
        let fits = |own: &&Arc<MethodEntry>| self.application.is_some() || own.method.is_vouched_for();
        entry.sign_in_methods_on().filter(fits).map(|own| (entry.clone(), own.clone())).collect()
    }

    pub fn offers(&self, asked: &Asked) -> Vec<Offer> {
        let server = self.application.is_none();
        let named =
            |own: &MethodEntry| if server { Offer { name: plain_name(&own.method), ..offer(own) } } else { offer(own) };
        self.methods(asked).iter().map(|(_, own)| named(own)).collect()
    }

    /// Where a mail that is asked for here leads back to.
    pub fn origin(&self) -> Origin {
        let application = self.application.as_ref().map(|entry| entry.application.id);
        Origin { to: self.to.clone(), application }
    }
}

/// The providers by which one can sign in to an application.
pub fn offers(entry: &ApplicationEntry) -> Vec<Offer> {
    entry.sign_in_methods_on().map(|own| offer(own)).collect()
}

fn offer(own: &MethodEntry) -> Offer {
    Offer { slug: own.method.slug.to_string(), name: own.method.name.to_string() }
}

/// What a provider is called on the server's own pages, where no application's admin chooses the words.
fn plain_name(method: &SignInMethod) -> String {
    method.kind.brand().map_or_else(|| host(method.issuer.as_str()), str::to_owned)
}

/// The application behind an address that somebody is on the way to; the server's own pages are nobody's.
pub(super) fn application_of(asked: &Asked, to: &ReturnTo) -> Option<Arc<ApplicationEntry>> {
    match to {
        ReturnTo::Flow(flow) => asked.services().authorize().application_of(flow),
        ReturnTo::Checkout { query } => project(asked, query),
        ReturnTo::Link { pending } => Some(asked.services().upstreams().pending(pending).ok()?.application),
        ReturnTo::Dashboard
        | ReturnTo::Application { .. }
        | ReturnTo::Account(_)
        | ReturnTo::Organization { .. }
        | ReturnTo::Invitation { .. }
        | ReturnTo::Device { .. }
        | ReturnTo::MailLink { .. } => None,
    }
}

/// The application that a checkout by link is for.
fn project(asked: &Asked, query: &str) -> Option<Arc<ApplicationEntry>> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).ok()?;
    let (_, id) = pairs.into_iter().find(|(name, _)| name == "project_id")?;
    asked.services().directory().application(id.parse::<ApplicationId>().ok()?).cloned()
}
