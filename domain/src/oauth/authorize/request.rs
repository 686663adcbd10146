//! A request that has passed the table of checks.

use serde::{Deserialize, Serialize};

use super::ResponseMode;
use crate::{
    Locale,
    billing::plan::PlanKey,
    oauth::{acr::AcrWish, claims_request::ClaimsRequest, pkce::Challenge, prompt::Prompts, scope::ScopeSet},
};

/// Through which door the request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Authorize,
    /// Pushed by the client itself (RFC 9126).
    Pushed,
    /// `/auth/login`, where a confidential client needs no challenge.
    ShortForm,
}

/// A validated request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    pub client_id: String,
    pub redirect_uri: String,
    #[serde(default)]
    pub response_mode: ResponseMode,
    /// What of the asked scopes this server knows and the client may have.
    pub scopes: ScopeSet,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub challenge: Option<Challenge>,
    pub prompts: Prompts,
    /// The oldest sign-in that will do, in seconds.
    pub max_age: Option<u32>,
    pub login_hint: Option<String>,
    pub ui_locale: Option<Locale>,
    pub plan: Option<PlanKey>,
    pub resource: Option<String>,
    /// The thumbprint of the key with which the code must be redeemed (RFC 9449, section 10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_jkt: Option<String>,
    /// The `sub` that must sign in: of a verified id_token_hint, or asked for in `claims`.
    pub expected_user: Option<String>,
    /// How much the client cares for a second factor.
    #[serde(default, skip_serializing_if = "AcrWish::is_none")]
    pub acr: AcrWish,
    /// Single claims that are wanted beside those of the scopes.
    #[serde(default, skip_serializing_if = "ClaimsRequest::is_empty")]
    pub claims: ClaimsRequest,
}

impl AuthorizationRequest {
    /// What the user is asked to allow: the scopes, and those that single claims belong to.
    pub fn wanted_scopes(&self) -> ScopeSet {
        self.scopes.union(&self.claims.scopes())
    }
}
