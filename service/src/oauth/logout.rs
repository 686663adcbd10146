//! Signing out at the client's wish (OpenID Connect RP-Initiated Logout 1.0).

use domain::{
    id::SessionId,
    oauth::{authorize::with_query, claims::IdTokenHint},
};
use sea_orm::EntityTrait;

use crate::{Ctx, Result, Services, directory::ClientEntry, entity::sessions, keys::TokenType};

/// The parameters of a logout request.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogoutRequest<'a> {
    pub id_token_hint: Option<&'a str>,
    pub client_id: Option<&'a str>,
    pub post_logout_redirect_uri: Option<&'a str>,
    pub state: Option<&'a str>,
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
    /// Ends the session of a valid id_token_hint. Where the hint or the address is not right, a page asks.
    ///
    /// # Errors
    /// The database's own.
    pub async fn begin(&self, ctx: &Ctx, request: &LogoutRequest<'_>) -> Result<LogoutStep> {
        let Some((client, hint)) = self.hint(request) else { return Ok(LogoutStep::Ask) };
        let back = request.post_logout_redirect_uri;
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
                let state = request.state.map(|state| ("state", state.to_owned()));
                LogoutStep::Redirect(with_query(uri, state.as_slice()))
            }
            None => LogoutStep::Done,
        })
    }

    /// The hint, where it was made for a client that exists.
    fn hint(&self, request: &LogoutRequest<'_>) -> Option<(std::sync::Arc<ClientEntry>, IdTokenHint)> {
        let hint = self.0.id_token_hint(request.id_token_hint?)?;
        let client = self.0.directory().client(&hint.aud)?.clone();
        request.client_id.is_none_or(|id| id == hint.aud).then_some((client, hint))
    }

    /// The hint's session, where it is known and that user's.
    async fn session_of(&self, hint: &IdTokenHint) -> Result<Option<SessionId>> {
        let Some(id) = hint.sid.as_ref().and_then(|sid| sid.parse::<SessionId>().ok()) else { return Ok(None) };
        let row = sessions::Entity::find_by_id(id.get()).one(self.0.db.read()).await?;
        Ok(row.filter(|row| row.user_id.to_string() == hint.sub).map(|_| id))
    }
}
