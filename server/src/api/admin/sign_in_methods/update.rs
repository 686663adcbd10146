use axum::{Json, extract::State};
use domain::{
    Secret,
    id::SignInMethodId,
    identity::upstream::{Issuer, MethodPatch, UpstreamClientId},
    text::Name,
};
use serde::Deserialize;
use service::Services;
use utoipa::ToSchema;

use super::view::{SignInMethodBody, SignInMethodView};
use crate::{
    api::{admin::door::AppAdmin, text::unchanged},
    http::{
        body::{Body, present},
        error::ApiResult,
        params::Id,
    },
};

/// A partial change of a sign-in method. Whatever is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignInMethodPatchInput {
    #[serde(default)]
    #[schema(ignore)]
    kind: Option<String>,
    #[serde(default)]
    #[schema(ignore)]
    slug: Option<String>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    name: Option<Name>,
    /// For `oidc`. Another one goes with `clientSecret`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false)]
    issuer: Option<Issuer>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 255)]
    client_id: Option<UpstreamClientId>,
    /// Kept encrypted, never shown again.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false)]
    client_secret: Option<String>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    enabled: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    trust_email: Option<bool>,
}

/// Change a sign-in method
///
/// What is left out stays; `kind` and `slug` never change. It counts from the next sign-in on. Of any kind but `google`
/// an admin changes the `name`, and switches the method off; the rest is for superadmins.
#[utoipa::path(
    patch, path = "/api/admin/applications/{appId}/sign-in-methods/{methodId}", tag = "Sign-in methods",
    operation_id = "updateSignInMethod",
    params(("appId" = Uuid, Path), ("methodId" = Uuid, Path)),
    request_body = SignInMethodPatchInput,
    responses(
        (status = 200, body = SignInMethodBody),
        (status = 403, description = "`AUTH_011` of any kind but `google`, what is for superadmins"),
    ),
)]
pub async fn update(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Id(method): Id<SignInMethodId>,
    Body(input): Body<SignInMethodPatchInput>,
) -> ApiResult<Json<SignInMethodBody>> {
    let before = services.sign_in_methods().get(&ctx, app, method).await?;
    unchanged("kind", input.kind.as_deref(), before.method.kind.as_str())?;
    unchanged("slug", input.slug.as_deref(), before.method.slug.as_str())?;
    let patch = MethodPatch {
        name: input.name,
        issuer: input.issuer,
        client_id: input.client_id,
        client_secret: input.client_secret.map(Secret::new),
        enabled: input.enabled,
        trust_email: input.trust_email,
    };
    let entry = services.sign_in_methods().update(&ctx, app, method, patch).await?;
    Ok(Json(SignInMethodBody { sign_in_method: SignInMethodView::new(&services, app, &entry) }))
}
