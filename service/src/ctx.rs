//! Who asks, and in which circumstances. Every use case takes one first.

use domain::{
    ErrorCode, Locale, Secret,
    billing::ledger::Actor,
    id::{ApplicationId, SessionId, UserId},
    identity::{session::Session, user::GlobalRole},
};

use crate::{Result, identity::attempts::Network};

/// One request's actor and circumstances.
#[derive(Clone, Debug)]
pub struct Ctx {
    pub actor: Actor,
    /// The browser's session, where a cookie names a live one.
    pub session: Option<Session>,
    /// The session that the user's access token belongs to, where a program shows one and no browser its cookie.
    pub sid: Option<SessionId>,
    /// The application of the client that authenticated, for [`Actor::Client`].
    pub client_application: Option<ApplicationId>,
    /// The application for whose sake the page is there that asks: what waits behind it is of that application.
    pub waiting_for: Option<ApplicationId>,
    /// In which the page is read that asks, where anybody told it.
    pub locale: Option<Locale>,
    pub request_id: Option<String>,
    /// The peer's address, for limits, the list of sessions and the security log.
    pub address: Option<String>,
    pub user_agent: Option<String>,
    /// What the browser remembers of the accounts that signed in with it.
    pub device: Option<Secret>,
    pub idempotency_key: Option<String>,
    /// Why, in the actor's own words: every entry of the ledger that follows says it.
    pub reason: Option<String>,
}

impl Ctx {
    /// From where somebody asks.
    pub(crate) fn network(&self) -> Network {
        Network::of(self.address.as_deref())
    }

    /// A visitor without a session.
    pub const fn anonymous() -> Self {
        Self {
            actor: Actor::Anonymous,
            session: None,
            sid: None,
            client_application: None,
            waiting_for: None,
            locale: None,
            request_id: None,
            address: None,
            user_agent: None,
            device: None,
            idempotency_key: None,
            reason: None,
        }
    }

    /// The command line.
    pub fn operator() -> Self {
        Self { actor: Actor::Operator, ..Self::anonymous() }
    }

    /// The clock.
    pub fn system() -> Self {
        Self { actor: Actor::System, ..Self::anonymous() }
    }

    /// These circumstances, with the reason that the actor gives.
    pub fn because(&self, reason: Option<String>) -> Self {
        Self { reason, ..self.clone() }
    }

    /// The browser's session.
    ///
    /// # Errors
    /// `AUTH_001` without one.
    pub fn require_session(&self) -> Result<&Session> {
        self.session.as_ref().ok_or_else(|| ErrorCode::NoSession.into())
    }

    /// The user who asks, by a session or by an access token.
    ///
    /// # Errors
    /// `AUTH_001` for anybody but a user.
    pub fn require_user(&self) -> Result<UserId> {
        match self.actor {
            Actor::User(id) => Ok(id),
            _ => Err(ErrorCode::NoSession.into()),
        }
    }

    /// The signed-in user's role on the whole server.
    pub fn role(&self) -> Option<GlobalRole> {
        self.session.as_ref().map(|session| session.user.role)
    }
}
