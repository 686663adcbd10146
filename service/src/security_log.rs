//! The security log: who proved who they are and who did not, what was refused, and what guards an account from now on
//! (OWASP ASVS 5, 16.3.1 to 16.3.3). Each event is one line of the log with the target [`TARGET`], at `warn` where
//! something was refused, else at `info`. It is written where the decision is made, within the span of the request,
//! which has its id.
//!
//! A line names accounts and clients as the server knows them and never repeats what somebody typed: a password is soon
//! typed into the wrong field. Nothing else of a request is in it but the address that it came from. What succeeds with
//! every call (tokens issued, refreshed and introspected, keys and secrets that are right) has no line.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{
    billing::ledger::Actor,
    id::{ApplicationId, SessionId, UserId},
    identity::proof::Proofs,
};
use tracing::Level;
use uuid::Uuid;

use crate::{Ctx, directory::ClientEntry};

/// The target of every line.
pub const TARGET: &str = "security";

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $word:ident $text:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$of])* $word,)*
        }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$word,)*];

            /// As lines have it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$word => $text,)* }
            }
        }
    };
}

words! {
    /// What happened: `event` in a line.
    Event {
        /// A session has begun, or has got a new token, by what its `proofs` say.
        SignInSucceeded "sign_in_succeeded";
        /// The first proof was right; the account has a second factor, which comes next.
        SecondFactorRequired "second_factor_required";
        /// A session has shown a second factor.
        StepUpSucceeded "step_up_succeeded";
        /// Somebody could not prove who they are: to sign in, or once more in a session.
        AuthenticationFailed "authentication_failed";
        /// Somebody signed out, or ended another session of theirs.
        SessionEnded "session_ended";
        /// An account has another password; its sessions have ended.
        PasswordChanged "password_changed";
        AddressChanged "address_changed";
        RoleChanged "role_changed";
        FactorAdded "factor_added";
        FactorRemoved "factor_removed";
        /// All factors of an account were taken away for its owner; its sessions have ended.
        FactorsReset "factors_reset";
        RecoveryCodesMade "recovery_codes_made";
        /// A provider's account signs in to the account from now on.
        IdentityLinked "identity_linked";
        IdentityUnlinked "identity_unlinked";
        AccountDisabled "account_disabled";
        AccountEnabled "account_enabled";
        AccountDeleted "account_deleted";
        AdminKeyCreated "admin_key_created";
        AdminKeyRevoked "admin_key_revoked";
        /// What was shown as an admin API key is none that works.
        AdminKeyRejected "admin_key_rejected";
        /// A client could not prove who it is.
        ClientAuthenticationFailed "client_authentication_failed";
        /// A code came a second time: what it had given has ended.
        AuthorizationCodeReplayed "authorization_code_replayed";
        /// As before, the code of a device.
        DeviceCodeReplayed "device_code_replayed";
        /// A refresh token came again after its successor: its family has ended.
        RefreshTokenReplayed "refresh_token_replayed";
        DpopProofRejected "dpop_proof_rejected";
        /// Somebody wanted to register a client without an initial access token that works.
        InitialAccessTokenRejected "initial_access_token_rejected";
        /// Somebody is known, and may not do this.
        AccessDenied "access_denied";
        /// Another site's page sent a request, or a form one to the API.
        CrossSiteRequestRefused "cross_site_request_refused";
    }
}

words! {
    /// Why something was refused: `reason` in a line.
    Reason {
        /// Nobody has that address and a password.
        UnknownAccount "unknown_account";
        WrongPassword "wrong_password";
        /// Of an app or for recovery, or used before.
        WrongCode "wrong_code";
        WrongPasskey "wrong_passkey";
        /// In a mail: used before, too old, or not ours.
        WrongLink "wrong_link";
        AccountDisabled "account_disabled";
        /// Nothing was looked at: somebody has to wait.
        TooManyAttempts "too_many_attempts";
        /// A sign-in provider's answer cannot be believed.
        ProviderUntrusted "provider_untrusted";
        /// A provider's account opens none here.
        NotAdmitted "not_admitted";
        UnknownClient "unknown_client";
        WrongSecret "wrong_secret";
        /// A `client_assertion` that is not this client's, not for this server, or not of now.
        WrongAssertion "wrong_assertion";
        WrongProof "wrong_proof";
        WrongToken "wrong_token";
        /// It came before.
        Replayed "replayed";
        /// There was nothing that could prove it.
        CredentialsMissing "credentials_missing";
    }
}

impl Event {
    /// Something was refused.
    const fn is_suspicious(self) -> bool {
        matches!(
            self,
            Self::AuthenticationFailed
                | Self::AdminKeyRejected
                | Self::ClientAuthenticationFailed
                | Self::AuthorizationCodeReplayed
                | Self::DeviceCodeReplayed
                | Self::RefreshTokenReplayed
                | Self::DpopProofRejected
                | Self::InitialAccessTokenRejected
                | Self::AccessDenied
                | Self::CrossSiteRequestRefused
        )
    }

    /// A line about what somebody did, or tried.
    pub fn by(self, ctx: &Ctx) -> Line<'_> {
        Line { actor: Some(ctx.actor), ..self.at(ctx.address.as_deref()) }
    }

    /// A line about what came from an address. Who sent it is what was to be proved.
    pub const fn at(self, address: Option<&str>) -> Line<'_> {
        Line {
            event: self,
            reason: None,
            user: None,
            session: None,
            proofs: None,
            client: None,
            application: None,
            grant: None,
            actor: None,
            address,
        }
    }
}

/// A line that is being put together.
#[must_use = "it is not in the log before it is written"]
#[derive(Debug)]
pub struct Line<'a> {
    event: Event,
    reason: Option<Reason>,
    user: Option<UserId>,
    session: Option<SessionId>,
    proofs: Option<&'a Proofs>,
    client: Option<&'a str>,
    application: Option<ApplicationId>,
    grant: Option<Uuid>,
    actor: Option<Actor>,
    address: Option<&'a str>,
}

impl<'a> Line<'a> {
    pub const fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// Whose account it is about, where that is known.
    pub fn user(mut self, id: impl Into<Option<UserId>>) -> Self {
        self.user = id.into();
        self
    }

    pub const fn session(mut self, id: SessionId) -> Self {
        self.session = Some(id);
        self
    }

    /// What was proved.
    pub const fn proofs(mut self, proofs: &'a Proofs) -> Self {
        self.proofs = Some(proofs);
        self
    }

    /// Which client it is about, and so which application.
    pub fn client(mut self, entry: &'a ClientEntry) -> Self {
        self.client = Some(entry.client.client_id.as_str());
        self.application = Some(entry.client.application_id);
        self
    }

    pub fn application(mut self, id: impl Into<Option<ApplicationId>>) -> Self {
        self.application = id.into();
        self
    }

    /// What a client holds for a user.
    pub const fn grant(mut self, id: Uuid) -> Self {
        self.grant = Some(id);
        self
    }

    /// Writes the line.
    pub fn write(self) {
        let Self { event, reason, user, session, proofs, client, application, grant, actor, address } = self;
        macro_rules! emit {
            ($level:expr) => {
                tracing::event!(
                    target: TARGET,
                    $level,
                    event = event.as_str(),
                    reason = reason.map(Reason::as_str),
                    user = user.map(display),
                    session = session.map(display),
                    proofs = proofs.map(display),
                    client = client,
                    application = application.map(display),
                    grant = grant.map(display),
                    actor = actor.map(Actor::kind),
                    actor_id = actor.and_then(Actor::id).map(display),
                    address = address
                )
            };
        }
        if event.is_suspicious() { emit!(Level::WARN) } else { emit!(Level::INFO) }
    }
}

/// What a transaction has to tell, and of whose account. It is written once the transaction is durable.
#[derive(Clone, Default)]
pub(crate) struct Told(Arc<Mutex<Events>>);

type Events = Vec<(Event, Option<UserId>)>;

impl Told {
    fn events(&self) -> MutexGuard<'_, Events> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, event: Event, user: Option<UserId>) {
        self.events().push((event, user));
    }

    pub(crate) fn write(&self, ctx: &Ctx) {
        for (event, user) in self.events().drain(..) {
            event.by(ctx).user(user).write();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_explained() {
        let text = include_str!("../../docs/operations.md");
        let section = text.split("\n## The security log\n").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
        let events = Event::ALL.iter().map(|event| event.as_str());
        for word in events.chain(Reason::ALL.iter().map(|reason| reason.as_str())) {
            assert!(section.contains(&format!("`{word}`")), "{word}");
        }
    }
}
