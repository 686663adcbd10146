use chrono::{DateTime, Utc};
use serde::Serialize;
use service::application::registration_tokens::RegistrationToken;
use utoipa::ToSchema;
use uuid::Uuid;

/// What may be shown of an initial access token.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationTokenView {
    id: Uuid,
    name: String,
    /// Its prefix and last four characters.
    #[schema(example = "reg_…x7Qa")]
    hint: String,
    /// Whether the clients that register with it must use PKCE. Public ones always must.
    require_pkce: bool,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl From<&RegistrationToken> for RegistrationTokenView {
    fn from(token: &RegistrationToken) -> Self {
        Self {
            id: token.id.get(),
            name: token.name.clone(),
            hint: token.hint.clone(),
            require_pkce: token.require_pkce,
            created_at: token.created_at,
            expires_at: token.expires_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationTokenList {
    pub registration_tokens: Vec<RegistrationTokenView>,
    pub next_cursor: Option<String>,
}

/// A new token.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedRegistrationToken {
    pub registration_token: RegistrationTokenView,
    /// Shown this once.
    pub token: String,
}
