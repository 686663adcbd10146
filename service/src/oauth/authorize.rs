//! The authorization endpoint (OpenID Connect Core, 3.1.2): from the request to the code, one step at a time. Every
//! step is decided from what the database says now, so that reloading, going back and racing tabs cannot disagree.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{
    ErrorCode,
    application::PlanSelection,
    billing::plan::PlanKey,
    identity::{membership::Membership, session::Session},
    oauth::{
        acr::AcrWish,
        authorize::{
            self, AuthorizationRequest, AuthorizationResponse, Door, RawParameters, ReturnAddress, Unanswerable,
        },
        error::{OAuthError, OAuthErrorCode},
        prompt::Prompt,
    },
};

use super::{
    codes, consent,
    flow::{Flow, FlowView, WaitingFlow},
};
use crate::{
    Ctx, Error, Result, Services,
    directory::{ApplicationEntry, ClientEntry},
    upstream::Recency,
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

    /// A flow as a row keeps it while its user is at checkout.
    ///
    /// # Errors
    /// As [`Self::advance`].
    pub fn wait(&self, flow: &str) -> Result<WaitingFlow> {
        Flow::open(self.0, flow).map(WaitingFlow)
    }

    /// The application of a flow, even of one that has expired: where its user may start again.
    pub fn application_of(&self, flow: &str) -> Option<Arc<ApplicationEntry>> {
        let client = Flow::unseal(self.0, flow)?.client(self.0).ok()?;
        Some(client.application.clone())
    }

    /// Writes down the user's answer to the consent page and takes the next step.
    ///
    /// # Errors
    /// As [`Self::advance`].
    pub async fn consent(&self, ctx: &Ctx, flow: &str, allow: bool) -> Result<Step, AuthorizeError> {
        let (flow, client) = self.open(flow)?;
        if !allow {
            let error = OAuthError::new(OAuthErrorCode::AccessDenied, "the user did not allow it");
            return Ok(self.refuse(flow.request.return_address(), &error));
        }
        if let Some(session) = &ctx.session {
            consent::grant(self.0, ctx, session.user.id, client.client.id, flow.request.wanted_scopes()).await?;
        }
        Ok(self.step(ctx, &client, flow).await?)
    }

    /// The validated request, or the refusal that goes back to the client.
    async fn validate(&self, raw: &RawParameters, door: Door) -> Result<Result<Begun, Step>, AuthorizeError> {
        let named = raw.get("client_id").filter(|_| !raw.is_repeated("client_id"));
        let client = named.and_then(|id| self.0.directory().client(id).cloned()).ok_or(Unanswerable::Client)?;
        if let Some(name) = Self::pushed_name(raw) {
            let request = self.take_pushed(name, client.client.id.get()).await?.ok_or(Unanswerable::RequestUri)?;
            if !client.client.settings.redirect_uris.allow(&request.redirect_uri) {
                return Err(Unanswerable::RedirectUri.into());
            }
            return Ok(match authorize::beside_pushed(raw) {
                Ok(()) => Ok((Flow::begin(request, self.0.now()), client)),
                Err(error) => Err(self.refuse(request.return_address(), &error)),
            });
        }
        let address = ReturnAddress::find(raw, &client.client)?;
        let settings = &client.application.application.settings;
        let validated = authorize::validate(raw, &client.client, settings, door, address.clone())
            .and_then(|request| self.with_hint(raw, request));
        let request = match validated {
            Ok(request) => request,
            Err(error) => return Ok(Err(self.refuse(address, &error))),
        };
        Ok(Ok((Flow::begin(request, self.0.now()), client)))
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

    /// The user whom an id_token of this client names; its age does not matter. Where `claims` wants another one, nobody
    /// can be both.
    pub(super) fn with_hint(
        &self,
        raw: &RawParameters,
        mut request: AuthorizationRequest,
    ) -> Result<AuthorizationRequest, OAuthError> {
        if let Some(hint) = raw.get("id_token_hint") {
            let own = self.0.id_token_hint(hint).filter(|hint| hint.aud == request.client_id);
            let hint = own.ok_or_else(|| OAuthError::invalid_request("id_token_hint is not one of this client's"))?;
            if request.expected_user.is_some_and(|wanted| wanted != hint.sub) {
                return Err(OAuthError::invalid_request("id_token_hint and claims want different users"));
            }
            request.expected_user = Some(hint.sub);
        }
        Ok(request)
    }

    fn refuse(&self, address: ReturnAddress, error: &OAuthError) -> Step {
        Step::Redirect(AuthorizationResponse::error(address, &self.0.settings.issuer, error))
    }

    /// Session, access, second factor, consent, plan selection, code: the first that is missing is the step. Who may
    /// become a member by signing in becomes one after consent: whoever only follows a link is none for that.
    async fn step(&self, ctx: &Ctx, client: &ClientEntry, flow: Flow) -> Result<Step> {
        let silent = flow.request.prompts.is_silent();
        let address = flow.request.return_address();
        let halt =
            |code, description: &'static str| Ok(self.refuse(address.clone(), &OAuthError::new(code, description)));

        let Some(session) = ctx.session.as_ref().filter(|session| !self.must_sign_in(session, &flow)) else {
            if silent {
                return halt(OAuthErrorCode::LoginRequired, "the user has to sign in");
            }
            return Ok(Step::SignIn { flow: flow.seal(self.0)? });
        };
        if is_other_user(session, &flow) {
            return halt(OAuthErrorCode::LoginRequired, "another user than that of id_token_hint has signed in");
        }
        let (memberships, application) = (self.0.memberships(), client.client.application_id);
        let found = match memberships.admissible(&session.user, application).await {
            Ok(found) => found,
            Err(error) if error.code() == ErrorCode::NoAccess && silent => {
                return halt(OAuthErrorCode::AccessDenied, "the user has no access to this application");
            }
            Err(error) if error.code() == ErrorCode::NoAccess => {
                return Ok(Step::NoAccess { flow: flow.seal(self.0)? });
            }
            Err(error) => return Err(error),
        };
        match self.factor(session, client, &flow).await? {
            Factor::Proved => {}
            Factor::Wanted | Factor::Missing if silent => {
                return halt(OAuthErrorCode::LoginRequired, "the user has to prove a second factor");
            }
            Factor::Wanted => return Ok(Step::Factor { flow: flow.seal(self.0)? }),
            Factor::Missing => return Ok(Step::Enrol { flow: flow.seal(self.0)? }),
        }
        if self.must_consent(session, client, &flow).await? {
            if silent {
                return halt(OAuthErrorCode::ConsentRequired, "the user has to consent");
            }
            return Ok(Step::Consent { flow: flow.seal(self.0)? });
        }
        let membership = match found {
            Some(membership) => membership,
            None => memberships.admit(ctx, &session.user, application).await?,
        };
        match self.plan_selection(session, client, &membership, &flow).await? {
            Selection::Passed => {}
            Selection::Asked if silent => {
                return halt(OAuthErrorCode::InteractionRequired, "the user has to select a plan");
            }
            // Nobody asked for it, so that a silent request passes it over.
            Selection::Due if silent => {}
            Selection::Asked | Selection::Due => return Ok(Step::SelectPlan { flow: flow.seal(self.0)? }),
        }
        let code = codes::issue(self.0, client, session, flow.request)?;
        Ok(Step::Redirect(AuthorizationResponse::code(address, &self.0.settings.issuer, code)))
    }

    /// Whether the session goes on without a second factor. A wish is no reason to fail where there is none, nor to ask
    /// where nobody may be asked.
    async fn factor(&self, session: &Session, client: &ClientEntry, flow: &Flow) -> Result<Factor> {
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

    /// Whether this session is not enough: too old for what the request wants, or another user's.
    fn must_sign_in(&self, session: &Session, flow: &Flow) -> bool {
        let request = &flow.request;
        let age = self.0.now() - session.authenticated_at;
        let too_old = request.prompts.has(Prompt::Login)
            || request.max_age.is_some_and(|seconds| age > TimeDelta::seconds(seconds.into()));
        let another = request.prompts.has(Prompt::SelectAccount) || is_other_user(session, flow);
        (too_old && session.authenticated_at < flow.started_at())
            || (another && session.signed_in_at < flow.started_at())
    }

    /// How lately the user of a flow must have signed in, who does so now. Where their session would do for the request,
    /// a page on the way asks for a recent sign-in.
    pub(crate) fn recency(&self, ctx: &Ctx, flow: &str) -> Recency {
        let Some(flow) = Flow::unseal(self.0, flow) else { return Recency::Any };
        let would_do = ctx.session.as_ref().is_some_and(|session| !self.must_sign_in(session, &flow));
        match flow.request.max_age {
            _ if would_do || flow.request.prompts.has(Prompt::Login) => Recency::Now,
            Some(seconds) => Recency::Within(seconds),
            None => Recency::Any,
        }
    }

    /// A client that registered itself skips nothing, whatever it or its application may: nobody here vouches for it.
    async fn must_consent(&self, session: &Session, client: &ClientEntry, flow: &Flow) -> Result<bool> {
        let asked = flow.request.prompts.has(Prompt::Consent);
        let may_skip = client.client.settings.skip_consent || client.application.application.settings.skip_consent;
        let skipped = may_skip && !client.client.is_registered;
        if skipped && !asked {
            return Ok(false);
        }
        let Some(given) = consent::find(self.0, session.user.id, client.client.id).await? else { return Ok(true) };
        let covered = skipped || flow.request.wanted_scopes().is_subset(&given.scopes);
        Ok(!covered || (asked && given.granted_at < flow.started_at()))
    }

    async fn plan_selection(
        &self,
        session: &Session,
        client: &ClientEntry,
        membership: &Membership,
        flow: &Flow,
    ) -> Result<Selection> {
        let application = &client.application;
        if !application.selects_plans() {
            return Ok(Selection::Passed);
        }
        if membership.chosen_at.is_some_and(|chosen| chosen >= flow.started_at()) {
            return Ok(Selection::Passed);
        }
        if flow.request.prompts.has(Prompt::SelectPlan) || self.wants_other_plan(session, client, flow).await? {
            return Ok(Selection::Asked);
        }
        let always = application.application.settings.plan_selection == PlanSelection::Always;
        let due = always || membership.chosen_at.is_none();
        Ok(if due { Selection::Due } else { Selection::Passed })
    }

    /// Whether `plan` names a plan on offer that is not the one held.
    async fn wants_other_plan(&self, session: &Session, client: &ClientEntry, flow: &Flow) -> Result<bool> {
        let on_offer = |key: &&PlanKey| client.application.plans_on_offer().any(|plan| plan.key == **key);
        let Some(wanted) = flow.request.plan.as_ref().filter(on_offer) else { return Ok(false) };
        let holder = self.0.entitlements().holder(session.user.id, client.client.application_id).await?;
        let held = holder
            .and_then(|holder| holder.subscription)
            .filter(|held| held.is_live(client.application.billing_time(self.0.now())));
        let held = held.and_then(|held| client.application.plan(held.plan_id).cloned());
        Ok(held.is_none_or(|held| held.key != *wanted))
    }
}

/// How the second factor stands.
enum Factor {
    /// It was proved, or nobody asks.
    Proved,
    Wanted,
    /// There is none to prove, and it is needed.
    Missing,
}

/// How plan selection stands.
enum Selection {
    Passed,
    /// By the application's own rule.
    Due,
    /// By the request.
    Asked,
}

fn is_other_user(session: &Session, flow: &Flow) -> bool {
    flow.request.expected_user.as_ref().is_some_and(|expected| *expected != session.user.id.to_string())
}
