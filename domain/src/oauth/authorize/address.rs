//! Where the answer of an authorization goes, and what it is.

use serde::{Deserialize, Serialize};

use super::{AuthorizationRequest, RawParameters, parameters::LONGEST};
use crate::{
    Locale,
    oauth::{client::Client, error::OAuthError, redirect_uri::RedirectUri},
};

/// How the answer goes back to the client (OAuth 2.0 Form Post Response Mode).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    #[default]
    Query,
    FormPost,
}

impl ResponseMode {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "query" => Some(Self::Query),
            "form_post" => Some(Self::FormPost),
            _ => None,
        }
    }
}

/// Why a request is answered by a page and never by a redirect (RFC 6749, section 4.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswerable {
    #[error("there is no such client")]
    Client,
    #[error("the redirect_uri is missing or not registered for this client")]
    RedirectUri,
    #[error("there is no such pushed request, or not any more")]
    RequestUri,
}

/// Where the answer goes, once that much of the request is known to be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnAddress {
    pub redirect_uri: String,
    pub response_mode: ResponseMode,
    pub state: Option<String>,
    /// The first language of `ui_locales` that pages speak (OpenID Connect Core, 3.1.2.1).
    pub ui_locale: Option<Locale>,
}

impl AuthorizationRequest {
    pub fn return_address(&self) -> ReturnAddress {
        ReturnAddress {
            redirect_uri: self.redirect_uri.clone(),
            response_mode: self.response_mode,
            state: self.state.clone(),
            ui_locale: self.ui_locale,
        }
    }
}

impl ReturnAddress {
    /// Checks the redirect URI of `client`'s request.
    ///
    /// # Errors
    /// When the answer cannot be sent anywhere.
    pub fn find(raw: &RawParameters, client: &Client) -> Result<Self, Unanswerable> {
        let asked = raw.get("redirect_uri").filter(|_| !raw.is_repeated("redirect_uri"));
        let redirect_uri =
            asked.filter(|uri| client.settings.redirect_uris.allow(uri)).ok_or(Unanswerable::RedirectUri)?.to_owned();
        let response_mode = raw.get("response_mode").and_then(ResponseMode::parse).unwrap_or_default();
        let state = raw.get("state").filter(|state| !raw.is_repeated("state") && state.len() <= LONGEST);
        let state = state.map(str::to_owned);
        let ui_locale = raw.get("ui_locales").and_then(Locale::of_client);
        Ok(Self { redirect_uri, response_mode, state, ui_locale })
    }
}

/// What goes back to the client: a code or an error, with `state` and `iss` (RFC 9207); by a redirect, whatever was asked
/// for, where that is a page of the issuer's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationResponse {
    pub redirect_uri: String,
    pub response_mode: ResponseMode,
    /// Of the page that a form is on.
    pub ui_locale: Option<Locale>,
    pub parameters: Vec<(&'static str, String)>,
}

impl AuthorizationResponse {
    pub fn code(address: ReturnAddress, issuer: &str, code: String) -> Self {
        Self::new(address, issuer, vec![("code", code)])
    }

    pub fn error(address: ReturnAddress, issuer: &str, error: &OAuthError) -> Self {
        let description = ("error_description", error.description.to_string());
        Self::new(address, issuer, vec![("error", error.code.as_str().to_owned()), description])
    }

    fn new(address: ReturnAddress, issuer: &str, mut parameters: Vec<(&'static str, String)>) -> Self {
        parameters.extend(address.state.map(|state| ("state", state)));
        parameters.push(("iss", issuer.to_owned()));
        let ReturnAddress { redirect_uri, response_mode, ui_locale, .. } = address;
        // A form of ours that posts to ourselves would pass for a person's own doing (RFC 9700, section 4.7).
        let is_own = RedirectUri::leads_to(&redirect_uri, issuer);
        let response_mode = if is_own { ResponseMode::Query } else { response_mode };
        Self { redirect_uri, response_mode, ui_locale, parameters }
    }

    /// The redirect URI with the parameters in its query.
    pub fn location(&self) -> String {
        with_query(&self.redirect_uri, &self.parameters)
    }
}

/// `uri`, to the letter, with more parameters in its query.
pub fn with_query(uri: &str, parameters: &[(&'static str, String)]) -> String {
    if parameters.is_empty() {
        return uri.to_owned();
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    let joint = match uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    format!("{uri}{joint}{query}")
}
