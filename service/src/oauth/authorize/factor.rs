//! The second factor: whether the application or the request wants one, and whether it was proved.

use domain::{identity::session::Session, oauth::acr::AcrWish};

use super::Authorize;
use crate::{Result, directory::ClientEntry, oauth::flow::Flow};

/// How the second factor stands.
pub(super) enum Factor {
    /// It was proved, or nobody asks.
    Proved,
    Wanted,
    /// There is none to prove, and it is needed.
    Missing,
}

impl Authorize<'_> {
    /// Whether the session goes on without a second factor. A wish is no reason to fail where there is none, nor to ask
    /// where nobody may be asked.
    pub(super) async fn factor(&self, session: &Session, client: &ClientEntry, flow: &Flow) -> Result<Factor> {
        let settings = &client.application.application.settings;
        let required = settings.is_mfa_required || flow.request.acr == AcrWish::Essential;
        let wished = flow.request.acr == AcrWish::Voluntary && !flow.request.prompts.is_silent();
        if session.proofs.is_multi_factor() || !(required || wished) {
            return Ok(Factor::Proved);
        }
        let has = self.0.factors().of(session.user.id).await?.any();
        Ok(match (has, required) {
            (true, _) => Factor::Wanted,
            (false, true) => Factor::Missing,
            (false, false) => Factor::Proved,
        })
    }

    /// Whether the session has proved what the application wants before it does anything at its pages.
    ///
    /// # Errors
    /// The database's own.
    pub async fn is_proved(&self, session: &Session, flow: &str) -> Result<bool> {
        let flow = Flow::open(self.0, flow)?;
        let client = flow.client(self.0)?;
        Ok(matches!(self.factor(session, &client, &flow).await?, Factor::Proved))
    }
}
