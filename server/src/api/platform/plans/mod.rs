//! Plans, as products manage them: one price shown, more in `prices`.

use domain::{ErrorCode, billing::plan::PlanKey, id::ApplicationId};
use service::{Ctx, Services, billing::plans::PlanSummary};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{http::error::ApiResult, state::AppState};

mod create;
mod delete;
mod get;
mod input;
mod list;
mod money;
mod update;
mod view;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list::list, create::create)).routes(routes!(
        get::get,
        update::update,
        delete::delete
    ))
}

/// The application's plan of that key.
async fn find(services: &Services, ctx: &Ctx, app: ApplicationId, key: &PlanKey) -> ApiResult<PlanSummary> {
    let application = services.require_client(ctx)?;
    let plan = application.plan_by_key(key.as_str()).ok_or(ErrorCode::PlanNotFound)?;
    Ok(services.plans().get(ctx, app, plan.id).await?)
}
