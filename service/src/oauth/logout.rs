//! Signing out at the client's wish (OpenID Connect RP-Initiated Logout 1.0).

use chrono::TimeDelta;
use domain::{
    Locale,
    id::SessionId,
    oauth::{authorize::with_query, claims::IdTokenHint},
};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};

use crate::{
    Ctx, Result, Services, clock::at, crypto::Purpose, directory::ClientEntry, entity::sessions, keys::TokenType,
};

/// How long a request that was posted may take to come back by a GET.
const ON_ITS_WAY: TimeDelta = TimeDelta::minutes(5);

/// The parameters of a logout request.
#[derive(Serialize, Deserialize)]
pub struct LogoutRequest {
    pub id_token_hint: Option<String>,
    pub client_id: Option<String>,
    pub post_logout_redirect_uri: Option<String>,
    pub state: Option<String>,
    /// The language for the pages.
    pub ui_locale: Option<Locale>,
}

/// One that is sent on, sealed.
#[derive(Serialize, Deserialize)]
struct Sent {
    request: LogoutRequest,
    /// Milliseconds since the epoch.
    until: i64,
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogoutStep {
    /// Nothing proves that the user wants it: a page asks.
    Ask,
    /// The session is over, and nowhere to go.
    Done,
    /// The session is over; back to the client.
    Redirect(String),
}

/// See the module.
pub struct Logout<'a>(&'a Services);

impl Services {
    pub const fn logout(&self) -> Logout<'_> {
        Logout(self)
    }

    /// An id_token that this server made under the name that it has now. Its age does not matter.
    pub(super) fn id_token_hint(&self, text: &str) -> Option<IdTokenHint> {
        let hint: IdTokenHint = self.directory().keys.verify(TokenType::Id, text)?;
        (hint.iss == self.settings.issuer).then_some(hint)
    }
}

impl Logout<'_> {
    /// A request as text for an address: who posts an id_token wants it in no history and no log.
    ///
    /// # Errors
    /// When it cannot be serialised.
    pub fn seal(&self, request: LogoutRequest) -> Result<String> {
        let sent = Sent { request, until: (self.0.now() + ON_ITS_WAY).timestamp_millis() };
        self.0.vault.seal_value(Purpose::Logout, &sent, &*self.0.rng)
    }

    /// The request of [`Self::seal`]; `None` for a text that was bent or is too old.
    pub fn unseal(&self, text: &str) -> Option<LogoutRequest> {
        let sent: Sent = self.0.vault.open_value(Purpose::Logout, text)?;
        (self.0.now() < at(sent.until)).then_some(sent.request)
    }

    /// Ends the session of a valid id_token_hint. Where the hint or the address is not right, a page asks.
    ///
    /// # Errors
    /// The database's own.
    pub async fn begin(&self, ctx: &Ctx, request: &LogoutRequest) -> Result<LogoutStep> {
        let Some((client, hint)) = self.hint(request) else { return Ok(LogoutStep::Ask) };
        let back = request.post_logout_redirect_uri.as_deref();
        if back.is_some_and(|uri| !client.client.settings.post_logout_redirect_uris.has(uri)) {
            return Ok(LogoutStep::Ask);
        }
        let Some(named) = self.session_of(&hint).await? else { return Ok(LogoutStep::Ask) };
        // Somebody else is signed in here by now: the hint does not speak for them.
        if ctx.session.as_ref().is_some_and(|own| own.id != named && own.user.id.to_string() != hint.sub) {
            return Ok(LogoutStep::Ask);
        }
        self.0.sessions().end(ctx, named).await?;
        if let Some(own) = ctx.session.as_ref().filter(|own| own.id != named) {
            self.0.sessions().end(ctx, own.id).await?;
        }
        Ok(match back {
            Some(uri) => {
                let state = request.state.clone().map(|state| ("state", state));
                LogoutStep::Redirect(with_query(uri, state.as_slice()))
            }
            None => LogoutStep::Done,
        })
    }

    /// The hint, where it was made for a client that exists.
    fn hint(&self, request: &LogoutRequest) -> Option<(std::sync::Arc<ClientEntry>, IdTokenHint)> {
        let hint = self.0.id_token_hint(request.id_token_hint.as_deref()?)?;
        let client = self.0.directory().client(&hint.aud)?.clone();
        request.client_id.as_ref().is_none_or(|id| *id == hint.aud).then_some((client, hint))
    }

    /// The hint's session, where it is known and that user's.
    async fn session_of(&self, hint: &IdTokenHint) -> Result<Option<SessionId>> {
        let Some(id) = hint.sid.as_ref().and_then(|sid| sid.parse::<SessionId>().ok()) else { return Ok(None) };
        let row = sessions::Entity::find_by_id(id.get()).one(self.0.db.read()).await?;
        Ok(row.filter(|row| row.user_id.to_string() == hint.sub).map(|_| id))
    }
}
