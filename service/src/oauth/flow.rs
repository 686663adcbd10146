//! An authorization request on its way through the pages: a sealed parameter, no row.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{
    ErrorCode, Locale, Problem, Timestamp,
    billing::plan::PlanKey,
    id::{SessionId, UserId},
    identity::session::Session,
    oauth::{authorize::AuthorizationRequest, client::Client, redirect_uri::RedirectUri, scope::ScopeSet},
};
use serde::{Deserialize, Serialize};

use crate::{
    Result, Services,
    clock::at,
    crypto::{self, Purpose},
    directory::{ApplicationEntry, ClientEntry},
};

/// How long a user may take on the pages.
const LIFE: TimeDelta = TimeDelta::minutes(30);

/// How long a browser may take to come back with its cookies where no page may be shown: whoever kept the address could
/// else ask again and again, unseen.
const SILENT_LIFE: TimeDelta = TimeDelta::seconds(60);

/// A request and when it began.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Flow {
    pub request: AuthorizationRequest,
    /// Milliseconds since the epoch.
    started_at: i64,
    /// When it came back from checkout: the time for the pages runs anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resumed_at: Option<i64>,
    /// The hash of the name of the pushed request that it is (RFC 9126), in base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed: Option<String>,
    /// The session in which this very request was allowed on the consent page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    allowed_in: Option<SessionId>,
}

/// A flow that waits, as a row keeps it, until something has been paid.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WaitingFlow(Flow);

impl Flow {
    pub fn begin(request: AuthorizationRequest, now: Timestamp) -> Self {
        Self { request, started_at: now.timestamp_millis(), resumed_at: None, pushed: None, allowed_in: None }
    }

    /// A request that was pushed under this name.
    pub fn begin_pushed(request: AuthorizationRequest, name: &str, now: Timestamp) -> Self {
        Self { pushed: Some(crypto::base64url(crypto::hash(name))), ..Self::begin(request, now) }
    }

    pub fn started_at(&self) -> Timestamp {
        at(self.started_at)
    }

    /// Notes that the user of the session has allowed this request. Only the flow that goes on from there says so: who
    /// kept an earlier copy has one that nobody allowed.
    pub const fn allow(&mut self, session: &Session) {
        self.allowed_in = Some(session.id);
    }

    /// Whether the user of the session has allowed this very request, in it.
    pub fn is_allowed_in(&self, session: &Session) -> bool {
        self.allowed_in == Some(session.id)
    }

    fn ends_at(&self) -> Timestamp {
        let life = if self.request.prompts.is_silent() { SILENT_LIFE } else { LIFE };
        at(self.resumed_at.unwrap_or(self.started_at)) + life
    }

    /// As text for a URL.
    pub fn seal(&self, services: &Services) -> Result<String> {
        services.vault.seal_value(Purpose::Flow, self, &*services.rng)
    }

    /// # Errors
    /// `AUTH_001` for a text that was bent or is too old.
    pub fn open(services: &Services, text: &str) -> Result<Self> {
        let flow = Self::unseal(services, text);
        flow.filter(|flow| services.now() < flow.ends_at()).ok_or_else(|| lost().into())
    }

    /// A flow of ours, however old: enough to say whose it was.
    pub fn unseal(services: &Services, text: &str) -> Option<Self> {
        services.vault.open_value(Purpose::Flow, text)
    }

    /// The client that asks.
    ///
    /// # Errors
    /// `AUTH_001` when it is gone.
    pub fn client(&self, services: &Services) -> Result<Arc<ClientEntry>> {
        services.directory().client(&self.request.client_id).cloned().ok_or_else(|| lost().into())
    }
}

impl WaitingFlow {
    /// A flow that goes on only with the user for whom it waits, whoever opens the address of what is paid.
    pub(super) fn of(mut flow: Flow, user: UserId) -> Self {
        flow.request.expected_user = Some(user.to_string());
        Self(flow)
    }

    /// The flow as text for a URL, with its time on the pages before it.
    ///
    /// # Errors
    /// When it cannot be sealed.
    pub fn resume(&self, services: &Services) -> Result<String> {
        let flow = Flow { resumed_at: Some(services.now().timestamp_millis()), ..self.0.clone() };
        flow.seal(services)
    }
}

/// The answer where a request can be followed no further.
pub(super) fn lost() -> Problem {
    Problem::new(ErrorCode::NoSession, "this sign-in has expired; go back to the application and start again")
}

/// What pages may know of a request.
#[derive(Clone, Debug)]
pub struct FlowView {
    pub application: Arc<ApplicationEntry>,
    pub client: Client,
    pub login_hint: Option<String>,
    pub requested_plan: Option<PlanKey>,
    pub scopes: ScopeSet,
    /// Where the answer goes: the host, or the scheme of an app's own.
    pub destination: String,
    pub ui_locale: Option<Locale>,
    pub started_at: Timestamp,
}

impl FlowView {
    pub(super) fn new(flow: Flow, client: &ClientEntry) -> Self {
        let (started_at, scopes) = (flow.started_at(), flow.request.wanted_scopes());
        Self {
            application: client.application.clone(),
            client: client.client.clone(),
            login_hint: flow.request.login_hint,
            requested_plan: flow.request.plan,
            scopes,
            destination: RedirectUri::destination(&flow.request.redirect_uri),
            ui_locale: flow.request.ui_locale,
            started_at,
        }
    }
}
