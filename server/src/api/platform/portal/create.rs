use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderName, StatusCode, header::CACHE_CONTROL},
};
use serde::{Deserialize, Serialize};
use service::{Services, portal::SESSION};
use utoipa::ToSchema;

use crate::{
    api::platform::{door::Client, user_ref},
    http::{body::Body, error::ApiResult, idempotency::Secretive},
};

/// Who is to see the portal, and where they go back to.
#[derive(Deserialize, ToSchema)]
pub struct PortalInput {
    #[schema(format = Uuid)]
    end_user_id: String,
    /// At or below a return URL of the application; its first one, when left out.
    #[schema(example = "https://app.example/account")]
    redirect_uri: Option<String>,
}

/// Where to send the user.
#[derive(Serialize, ToSchema)]
pub struct PortalBody {
    /// Opens the portal once.
    #[schema(example = "ps_…")]
    session_token: String,
    /// The portal's address with the token; `&redirect_uri=…` can be appended.
    #[schema(example = "https://id.example/portal?session=ps_…")]
    portal_url: String,
    /// Seconds until the token is of no use any more.
    #[schema(example = 300)]
    expires_in: i64,
}

/// Open the customer portal
///
/// Send the user to `portal_url` within five minutes: it works once. There they see their plan and payments, change
/// or cancel the plan, and go back to your application.
#[utoipa::path(
    post, path = "/api/platform/portal/sessions", tag = "Platform: portal",
    operation_id = "platformCreatePortalSession",
    request_body = PortalInput,
    responses(
        (status = 201, body = PortalBody),
        (status = 403, description = "`APP_005` the user's access is suspended or revoked"),
        (status = 404, description = "`USR_001` no such user here"),
    ),
)]
pub async fn create(
    State(services): State<Services>,
    Client(ctx, app): Client,
    Body(input): Body<PortalInput>,
) -> ApiResult<(StatusCode, [(HeaderName, &'static str); 1], Extension<Secretive>, Json<PortalBody>)> {
    let user = user_ref::resolve(&services, app, None, Some(&input.end_user_id)).await?;
    let until = services.now() + SESSION;
    let opened = services.portal().open(&ctx, app, user, input.redirect_uri).await?;
    let body = PortalBody {
        session_token: opened.token.expose().to_owned(),
        portal_url: opened.url.expose().to_owned(),
        expires_in: SESSION.num_seconds(),
    };
    let no_store = [(CACHE_CONTROL, "no-store")];
    Ok((StatusCode::CREATED, no_store, Extension(Secretive(until)), Json(body)))
}
