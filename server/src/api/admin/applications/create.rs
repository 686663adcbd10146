use axum::{Json, extract::State, http::StatusCode};
use domain::{
    Problem,
    application::Settings,
    oauth::client::ClientSettings,
    text::{Slug, slugify},
};
use serde::Serialize;
use service::{Services, application::applications::NewApplication};
use utoipa::ToSchema;

use super::{input::NewApplicationInput, view::ApplicationView};
use crate::{
    api::admin::door::Superadmin,
    http::{body::Body, error::ApiResult},
};

/// The new application, with the credentials of its first client.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedApplicationBody {
    application: ApplicationView,
    client_id: String,
    /// Shown this once.
    client_secret: String,
}

/// Create an application
///
/// With its first client, which is confidential. The secret is in this answer and never again. Superadmins only.
#[utoipa::path(
    post, path = "/api/admin/applications", tag = "Applications", operation_id = "createApplication",
    request_body = NewApplicationInput,
    responses(
        (status = 201, body = CreatedApplicationBody),
        (status = 409, description = "`APP_003` the slug is taken"),
    ),
)]
pub async fn create(
    State(services): State<Services>,
    Superadmin(ctx): Superadmin,
    Body(input): Body<NewApplicationInput>,
) -> ApiResult<(StatusCode, Json<CreatedApplicationBody>)> {
    let slug = input.slug.clone().map_or_else(|| Slug::parse(&slugify(input.name.as_str())), Ok);
    let slug = slug.map_err(|error| Problem::field("slug", error))?;
    let mut client = ClientSettings::new(input.name.clone());
    client.redirect_uris = input.redirect_uris.clone().unwrap_or_default();
    let settings = Settings::new(input.name.clone());
    let settings = input.into_patch(None)?.apply(&settings);
    let made = services.applications().create(&ctx, NewApplication { slug, settings, client }).await?;
    let secret = made.secret.expose();
    let body = CreatedApplicationBody {
        application: ApplicationView::new(&made.application, Some(&made.client)).with_secret(secret),
        client_id: made.client.client_id.to_string(),
        client_secret: secret.to_owned(),
    };
    Ok((StatusCode::CREATED, Json(body)))
}
