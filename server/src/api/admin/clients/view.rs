use chrono::{DateTime, Utc};
use domain::oauth::{client::Client, client_keys::ClientKeys};
use serde::Serialize;
use service::directory::ClientEntry;
use utoipa::ToSchema;
use uuid::Uuid;

/// An OAuth client.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientView {
    id: Uuid,
    /// Its public name.
    #[schema(example = "acme-web")]
    client_id: String,
    /// Shown once: only in the answer that creates the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    name: String,
    /// `confidential` or `public`.
    r#type: &'static str,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    /// `authorization_code`, `refresh_token`, `client_credentials`.
    grants: Vec<&'static str>,
    require_pkce: bool,
    skip_consent: bool,
    /// `RS256`, `ES256` or `EdDSA`; signs its access tokens too.
    id_token_alg: &'static str,
    /// Whether its tokens repeat the claims as `custom_claims`.
    custom_claims: bool,
    /// `client_secret_basic` (or `client_secret_post`), `private_key_jwt` or `none`.
    token_endpoint_auth_method: &'static str,
    /// `{"jwks": {"keys": […]}}` or `{"jwksUri": "https://…"}`, where it authenticates by keys.
    #[schema(value_type = Option<Object>)]
    keys: Option<ClientKeys>,
    /// Whether it must push its authorization requests.
    require_pushed_authorization_requests: bool,
    /// Whether its access tokens must be bound to a key.
    dpop_bound_access_tokens: bool,
    /// Where logout tokens are posted.
    backchannel_logout_uri: Option<String>,
    /// What may be shown of its secrets.
    secrets: Vec<SecretView>,
    created_at: DateTime<Utc>,
}

/// What may be shown of a secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretView {
    /// Its prefix and last four characters.
    #[schema(example = "sec_…x7Qa")]
    hint: String,
    created_at: DateTime<Utc>,
    /// Until when a rotated secret keeps working.
    expires_at: Option<DateTime<Utc>>,
}

impl ClientView {
    pub fn new(client: &Client) -> Self {
        let settings = &client.settings;
        Self {
            id: client.id.get(),
            client_id: client.client_id.to_string(),
            client_secret: None,
            name: settings.name.to_string(),
            r#type: client.kind.as_str(),
            redirect_uris: settings.redirect_uris.0.iter().map(ToString::to_string).collect(),
            post_logout_redirect_uris: settings.post_logout_redirect_uris.0.iter().map(ToString::to_string).collect(),
            grants: settings.grants.iter().map(|grant| grant.as_str()).collect(),
            require_pkce: client.requires_pkce(),
            skip_consent: settings.skip_consent,
            id_token_alg: settings.id_token_alg.as_str(),
            custom_claims: settings.custom_claims,
            token_endpoint_auth_method: client.auth_method(),
            keys: settings.keys.clone(),
            require_pushed_authorization_requests: settings.require_pushed,
            dpop_bound_access_tokens: settings.dpop_bound,
            backchannel_logout_uri: settings.backchannel_logout_uri.as_ref().map(ToString::to_string),
            secrets: Vec::new(),
            created_at: client.created_at,
        }
    }

    pub fn of(entry: &ClientEntry) -> Self {
        let secrets = entry.secrets.iter().map(|secret| SecretView {
            hint: secret.hint.clone(),
            created_at: secret.created_at,
            expires_at: secret.expires_at,
        });
        Self { secrets: secrets.collect(), ..Self::new(&entry.client) }
    }

    pub fn with_secret(self, secret: Option<&str>) -> Self {
        Self { client_secret: secret.map(str::to_owned), ..self }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ClientBody {
    pub client: ClientView,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientList {
    pub clients: Vec<ClientView>,
    pub next_cursor: Option<String>,
}
