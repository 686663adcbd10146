use axum::{Json, extract::State};
use domain::oauth::client::ClientPatch;
use service::{Services, application::applications::ApplicationPatch};

use super::{
    input::ApplicationPatchInput,
    view::{ApplicationBody, ApplicationView},
};
use crate::{
    api::{admin::door::AppAdmin, text::unchanged},
    http::{body::Body, error::ApiResult},
};

/// Change an application
///
/// What is left out stays. `slug` never changes; `redirectUris` are those of the first client.
#[utoipa::path(
    patch, path = "/api/admin/applications/{appId}", tag = "Applications", operation_id = "updateApplication",
    params(("appId" = Uuid, Path)),
    request_body = ApplicationPatchInput,
    responses((status = 200, body = ApplicationBody)),
)]
pub async fn update(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Body(input): Body<ApplicationPatchInput>,
) -> ApiResult<Json<ApplicationBody>> {
    let entry = services.applications().get(&ctx, app).await?;
    unchanged("slug", input.slug.as_deref(), entry.application.slug.as_str())?;
    let redirect_uris = input.redirect_uris.clone();
    let first_client = redirect_uris.map(|uris| ClientPatch { redirect_uris: Some(uris), ..ClientPatch::default() });
    let name = input.name.clone();
    let patch = ApplicationPatch { settings: input.into_patch(name)?, first_client };
    let application = services.applications().update(&ctx, app, patch).await?;
    let application = ApplicationView::load(&services, &application);
    Ok(Json(ApplicationBody { application }))
}
