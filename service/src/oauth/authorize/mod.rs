//! The authorization endpoint (OpenID Connect Core, 3.1.2): from the request to the code, one step at a time. Every
//! step is decided from what the database says now, so that reloading, going back and racing tabs cannot disagree.

mod consent;
mod factor;
mod plan;
mod sign_in;
mod step;
mod validate;

use std::sync::Arc;

use domain::oauth::{
    authorize::{AuthorizationResponse, Door, RawParameters, ReturnAddress, Unanswerable},
    error::OAuthError,
};

use super::flow::{Flow, FlowView, WaitingFlow};
use crate::{
    Ctx, Error, Result, Services,
    directory::{ApplicationEntry, ClientEntry},
};

/// What has to happen next.
#[derive(Clone, Debug)]
pub enum Step {
    /// Once more with the browser's cookies, which this request did not bring.
    Resume {
        flow: String,
    },
    SignIn {
        flow: String,
    },
    /// A second factor of the signed-in user.
    Factor {
        flow: String,
    },
    /// The user has none and needs one.
    Enrol {
        flow: String,
    },
    Consent {
        flow: String,
    },
    SelectPlan {
        flow: String,
    },
    /// The user may not use the application: a page says so.
    NoAccess {
        flow: String,
    },
    /// Back to the client, with a code or an error.
    Redirect(AuthorizationResponse),
}

/// Why there is no step: the answer is a page.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizeError {
    #[error(transparent)]
    Unanswerable(#[from] Unanswerable),
    #[error(transparent)]
    Service(#[from] Error),
}

/// A request that has begun, and the client that asks.
type Begun = (Flow, Arc<ClientEntry>);

/// See the module.
pub struct Authorize<'a>(&'a Services);

impl Services {
    pub const fn authorize(&self) -> Authorize<'_> {
        Authorize(self)
    }
}

impl Authorize<'_> {
    pub(super) const fn services(&self) -> &Services {
        self.0
    }

    /// Validates a request and takes its first step. One of too many goes back to the client as
    /// `temporarily_unavailable`.
    ///
    /// # Errors
    /// When the answer cannot go back to a client.
    pub async fn begin(&self, ctx: &Ctx, raw: &RawParameters, door: Door) -> Result<Step, AuthorizeError> {
        match self.validate(raw, door).await? {
            Ok((flow, client)) => match self.held_up(ctx, &flow) {
                None => Ok(self.step(ctx, &client, flow).await?),
                Some(refusal) => Ok(refusal),
            },
            Err(refusal) => Ok(refusal),
        }
    }

    /// Validates a request whose browser has not shown its cookies, and sends it round to fetch them.
    ///
    /// # Errors
    /// As [`Self::begin`].
    pub async fn defer(&self, ctx: &Ctx, raw: &RawParameters, door: Door) -> Result<Step, AuthorizeError> {
        match self.validate(raw, door).await? {
            Ok((flow, _)) => match self.held_up(ctx, &flow) {
                None => Ok(Step::Resume { flow: flow.seal(self.0)? }),
                Some(refusal) => Ok(refusal),
            },
            Err(refusal) => Ok(refusal),
        }
    }

    /// The refusal of a request that is one of too many.
    fn held_up(&self, ctx: &Ctx, flow: &Flow) -> Option<Step> {
        self.0.pace(ctx).err()?;
        Some(self.refuse(flow.request.return_address(), &OAuthError::too_many_requests()))
    }

    /// Takes the next step of a request that has been at a page.
    ///
    /// # Errors
    /// `AUTH_001` for a flow that was bent or has expired.
    pub async fn advance(&self, ctx: &Ctx, flow: &str) -> Result<Step, AuthorizeError> {
        let (flow, client) = self.open(flow)?;
        Ok(self.step(ctx, &client, flow).await?)
    }

    /// What a page may know of the request that it belongs to.
    ///
    /// # Errors
    /// As [`Self::advance`].
    pub fn flow(&self, flow: &str) -> Result<FlowView> {
        let flow = Flow::open(self.0, flow)?;
        let client = flow.client(self.0)?;
        Ok(FlowView::new(flow, &client))
    }

    /// A flow as a row keeps it while its user is at checkout. It goes on with nobody else.
    ///
    /// # Errors
    /// As [`Self::advance`]; `AUTH_001` without a session, too.
    pub fn wait(&self, ctx: &Ctx, flow: &str) -> Result<WaitingFlow> {
        let user = ctx.require_session()?.user.id;
        Flow::open(self.0, flow).map(|flow| WaitingFlow::of(flow, user))
    }

    /// The application of a flow, even of one that has expired: where its user may start again.
    pub fn application_of(&self, flow: &str) -> Option<Arc<ApplicationEntry>> {
        let client = Flow::unseal(self.0, flow)?.client(self.0).ok()?;
        Some(client.application.clone())
    }

    /// The client may have changed since the flow began: its redirect URI is looked up again.
    fn open(&self, flow: &str) -> Result<Begun, AuthorizeError> {
        let flow = Flow::open(self.0, flow)?;
        let client = flow.client(self.0)?;
        if !client.client.settings.redirect_uris.allow(&flow.request.redirect_uri) {
            return Err(Unanswerable::RedirectUri.into());
        }
        Ok((flow, client))
    }

    /// Refuses a request for good.
    async fn answer(&self, flow: &Flow, error: &OAuthError) -> Result<Step> {
        if let Some(hash) = &flow.pushed {
            self.spend(hash).await?;
        }
        Ok(self.refuse(flow.request.return_address(), error))
    }

    fn refuse(&self, address: ReturnAddress, error: &OAuthError) -> Step {
        Step::Redirect(AuthorizationResponse::error(address, &self.0.settings.issuer, error))
    }
}
