//! From what the browser sent, or the client has pushed, to a request that can be answered.

use std::borrow::Cow;

use domain::oauth::{
    authorize::{self, AuthorizationRequest, Door, RawParameters, ReturnAddress, Unanswerable},
    error::OAuthError,
};

use serde::Deserialize;

use super::{Authorize, AuthorizeError, Begun, Step};
use crate::{Result, crypto, oauth::flow::Flow};

/// The largest request object that is looked into, in bytes.
const LARGEST: usize = 4096;

/// What a request object says of the answer.
#[derive(Deserialize)]
struct Told {
    response_mode: Option<String>,
    state: Option<String>,
}

/// A request object is refused, and the refusal goes back in the way that it says (OpenID Connect Core, 6.1): whoever
/// sends one may have `response_mode` and `state` nowhere else. They count as if they stood in the query, so nobody's
/// signature is asked for; the address is the query's own.
fn with_object(raw: &RawParameters) -> Cow<'_, RawParameters> {
    let object = raw.get("request").filter(|object| object.len() <= LARGEST && !raw.is_repeated("request"));
    let claims = object.and_then(|object| crypto::from_base64url(object.split('.').nth(1)?));
    let Some(told) = claims.and_then(|claims| serde_json::from_slice::<Told>(&claims).ok()) else {
        return Cow::Borrowed(raw);
    };
    let mut raw = raw.clone();
    for (name, value) in [("response_mode", told.response_mode), ("state", told.state)] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            raw.or_set(name, &value);
        }
    }
    Cow::Owned(raw)
}

impl Authorize<'_> {
    /// The validated request, or the refusal that goes back to the client.
    pub(super) async fn validate(
        &self,
        raw: &RawParameters,
        door: Door,
    ) -> Result<Result<Begun, Step>, AuthorizeError> {
        let named = raw.get("client_id").filter(|_| !raw.is_repeated("client_id"));
        let client = named.and_then(|id| self.0.directory().client(id).cloned()).ok_or(Unanswerable::Client)?;
        if let Some(name) = Self::pushed_name(raw) {
            let request = self.pushed(name, client.client.id.get()).await?.ok_or(Unanswerable::RequestUri)?;
            if !client.client.settings.redirect_uris.allow(&request.redirect_uri) {
                return Err(Unanswerable::RedirectUri.into());
            }
            let flow = Flow::begin_pushed(request, name, self.0.now());
            if let Err(error) = authorize::beside_pushed(raw) {
                return Ok(Err(self.answer(&flow, &error).await?));
            }
            return Ok(Ok((flow, client)));
        }
        let address = ReturnAddress::find(&with_object(raw), &client.client)?;
        let settings = &client.application.application.settings;
        let validated = authorize::validate(raw, &client.client, settings, door, address.clone())
            .and_then(|request| self.with_hint(raw, request));
        let request = match validated {
            Ok(request) => request,
            Err(error) => return Ok(Err(self.refuse(address, &error))),
        };
        Ok(Ok((Flow::begin(request, self.0.now()), client)))
    }

    /// The user whom an id_token of this client names; its age does not matter. Where `claims` wants another one, nobody
    /// can be both.
    pub(in crate::oauth) fn with_hint(
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
}
