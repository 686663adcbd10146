use axum::{Json, extract::State};
use domain::{Problem, billing::clock::ClockStep};
use serde::Deserialize;
use service::Services;
use utoipa::ToSchema;

use super::view::{ClockMovedBody, ClockView};
use crate::{
    api::admin::door::AppAdmin,
    http::{body::Body, error::ApiResult},
};

/// By how much.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdvanceInput {
    /// Hours, days, weeks, months or years: `12h`, `3d`, `2w`, `1mo`, `1y`; ten years at most.
    #[schema(example = "1mo")]
    advance: String,
}

/// Move the test clock
///
/// Forward only. When this answers, everything that was due on the way is done: trials, renewals, dunning, expiry.
#[utoipa::path(
    post, path = "/api/admin/applications/{appId}/clock", tag = "Test clock", operation_id = "advanceClock",
    params(("appId" = Uuid, Path)),
    request_body = AdvanceInput,
    responses(
        (status = 200, body = ClockMovedBody),
        (status = 409, description = "`SRV_002` the application does not collect in the sandbox"),
    ),
)]
pub async fn advance(
    State(services): State<Services>,
    AppAdmin(ctx, app): AppAdmin,
    Body(input): Body<AdvanceInput>,
) -> ApiResult<Json<ClockMovedBody>> {
    let step = ClockStep::parse(&input.advance).map_err(|flaw| Problem::field("advance", flaw))?;
    let clocks = services.clocks();
    clocks.advance(&ctx, app, step).await?;
    let entries = match clocks.last_move(&ctx, app).await? {
        Some(since) => clocks.happened(&ctx, app, since).await?.entries,
        None => Vec::new(),
    };
    let entries = entries.into_iter().map(Into::into).collect();
    Ok(Json(ClockMovedBody { clock: ClockView::of(&services, app), entries }))
}
