use axum::{Json, extract::State, http::StatusCode};
use domain::{
    Problem, Secret,
    identity::upstream::{Issuer, NewMethod, UpstreamClientId, UpstreamKind},
    text::{Name, Slug},
};
use serde::Deserialize;
use service::Services;
use utoipa::ToSchema;

use super::view::{SignInMethodBody, SignInMethodView};
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult},
};

/// A new way to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignInMethodInput {
    /// `google` or, for superadmins, `github` or `oidc`.
    #[schema(example = "oidc")]
    kind: String,
    /// Stands in addresses and never changes. The kind when left out; for `oidc` made from the name.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[a-z0-9-]{1,64}$")]
    slug: Option<Slug>,
    /// What stands on the button. Google and GitHub have their own.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "Acme login")]
    name: Option<Name>,
    /// For `oidc`, and only for it.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "https://login.example.com")]
    issuer: Option<Issuer>,
    /// As the provider gave it.
    #[schema(value_type = String, min_length = 1, max_length = 255)]
    client_id: UpstreamClientId,
    /// Kept encrypted, never shown again.
    client_secret: String,
    /// Default true.
    #[serde(default)]
    enabled: Option<bool>,
    /// Whether an address counts as verified because the provider says so. Default true for Google and GitHub, false for
    /// `oidc`.
    #[serde(default)]
    trust_email: Option<bool>,
}

impl SignInMethodInput {
    fn parse(self) -> Result<NewMethod, Problem> {
        Ok(NewMethod {
            kind: UpstreamKind::parse(&self.kind).map_err(|flaw| Problem::field("kind", flaw))?,
            slug: self.slug,
            name: self.name,
            issuer: self.issuer,
            client_id: self.client_id,
            client_secret: Secret::new(self.client_secret),
            enabled: self.enabled.unwrap_or(true),
            trust_email: self.trust_email,
        })
    }
}

/// Create a sign-in method
///
/// Register its `redirectUri` with the provider. Accounts are linked only by an address that the provider verified, and
/// after their owner has proved the account here.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/sign-in-methods", tag = "Sign-in methods",
    operation_id = "createSignInMethod",
    params(("appId" = Uuid, Path)),
    request_body = SignInMethodInput,
    responses(
        (status = 201, body = SignInMethodBody),
        (status = 403, description = "`AUTH_011` the kinds `github` and `oidc` are for superadmins"),
        (status = 409, description = "`APP_003` the slug is taken"),
    ),
)]
pub async fn create(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Body(input): Body<SignInMethodInput>,
) -> ApiResult<(StatusCode, Json<SignInMethodBody>)> {
    let entry = services.sign_in_methods().create(&ctx, app, input.parse()?).await?;
    let body = SignInMethodBody { sign_in_method: SignInMethodView::new(&services, app, &entry) };
    Ok((StatusCode::CREATED, Json(body)))
}
