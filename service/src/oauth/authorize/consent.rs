//! Consent: whether it is missing, and the user's answer.

use domain::{
    identity::session::Session,
    oauth::{
        error::{OAuthError, OAuthErrorCode},
        prompt::Prompt,
        redirect_uri::RedirectUri,
    },
};

use super::{Authorize, AuthorizeError, Step, sign_in::is_other_user};
use crate::{
    Ctx, Result,
    directory::ClientEntry,
    oauth::{consent, flow::Flow},
};

impl Authorize<'_> {
    /// Writes down the user's answer to the consent page and takes the next step.
    ///
    /// # Errors
    /// As [`Self::advance`].
    pub async fn consent(&self, ctx: &Ctx, flow: &str, allow: bool) -> Result<Step, AuthorizeError> {
        let (mut flow, client) = self.open(flow)?;
        if !allow {
            let error = OAuthError::new(OAuthErrorCode::AccessDenied, "the user did not allow it");
            return Ok(self.answer(&flow, &error).await?);
        }
        if let Some(session) = &ctx.session {
            consent::grant(self.0, ctx, session.user.id, client.client.id, flow.request.wanted_scopes()).await?;
            flow.allow(session);
        }
        Ok(self.step(ctx, &client, flow).await?)
    }

    /// Whether somebody has signed in as the request wants, and consented: what comes before plan selection, besides
    /// what [`Self::is_proved`] says.
    ///
    /// # Errors
    /// As [`Self::advance`].
    pub async fn is_consented(&self, ctx: &Ctx, flow: &str) -> Result<bool> {
        let flow = Flow::open(self.0, flow)?;
        let client = flow.client(self.0)?;
        match &ctx.session {
            Some(session) if !self.must_sign_in(session, &flow) && !is_other_user(session, &flow) => {
                Ok(!self.must_consent(session, &client, &flow).await?)
            }
            _ => Ok(false),
        }
    }

    pub(super) async fn must_consent(&self, session: &Session, client: &ClientEntry, flow: &Flow) -> Result<bool> {
        let asked = flow.request.prompts.has(Prompt::Consent);
        let skipped = client.skips_consent();
        if skipped && !asked {
            return Ok(false);
        }
        let Some(given) = consent::find(self.0, session.user.id, client.client.id).await? else { return Ok(true) };
        let covered = skipped || flow.request.wanted_scopes().is_subset(&given);
        let anew = asked || is_anybody(client, flow);
        Ok(!covered || (anew && !flow.is_allowed_in(session)))
    }
}

/// Whether any program on the user's device may have asked: the client has no secret, and whoever listens on the port or
/// has the scheme gets the answer. What was allowed before says nothing of who asks now (RFC 8252, section 8.6).
fn is_anybody(client: &ClientEntry, flow: &Flow) -> bool {
    client.client.is_public() && RedirectUri::is_on_device(&flow.request.redirect_uri)
}
