use chrono::{DateTime, Utc};
use domain::id::ApplicationId;
use serde::Serialize;
use service::{Services, upstream::methods::MethodEntry};
use utoipa::ToSchema;
use uuid::Uuid;

/// A way to sign in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignInMethodView {
    id: Uuid,
    /// `google`, `github` or `oidc`.
    kind: &'static str,
    #[schema(example = "google")]
    slug: String,
    /// What stands on the button.
    #[schema(example = "Google")]
    name: String,
    #[schema(example = "https://accounts.google.com")]
    issuer: String,
    client_id: String,
    /// The secret's last characters, four at most.
    client_secret_last4: String,
    enabled: bool,
    /// Whether an address counts as verified because the provider says so.
    trust_email: bool,
    /// What the provider must know as this server's redirect URI.
    redirect_uri: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl SignInMethodView {
    pub fn new(services: &Services, application: ApplicationId, entry: &MethodEntry) -> Self {
        let method = &entry.method;
        let directory = services.directory();
        let own = directory.application(application);
        Self {
            id: method.id.get(),
            kind: method.kind.as_str(),
            slug: method.slug.to_string(),
            name: method.name.to_string(),
            issuer: method.issuer.to_string(),
            client_id: method.client_id.to_string(),
            client_secret_last4: entry.secret_hint(),
            enabled: method.enabled,
            trust_email: method.trust_email,
            redirect_uri: own.map(|own| services.upstream_redirect_uri(own, method.slug.as_str())).unwrap_or_default(),
            created_at: method.created_at,
            updated_at: method.updated_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignInMethodBody {
    pub sign_in_method: SignInMethodView,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignInMethodList {
    pub sign_in_methods: Vec<SignInMethodView>,
    pub next_cursor: Option<String>,
}
