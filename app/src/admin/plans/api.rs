//! What the islands of the Plans tab ask of the server.

use domain::id::{ApplicationId, PlanId};
use leptos::{prelude::*, server_fn::codec::Json};

use crate::error::Failure;

/// Puts the plans of an application into this order; plans that are not named follow behind.
///
/// # Errors
/// `AUTH_001`, `AUTH_011`, `APP_002`; `SUB_001` for a plan of another application.
#[server(prefix = "/rpc", endpoint = "plans/reorder", input = Json, output = Json)]
pub async fn reorder_plans(application: ApplicationId, order: Vec<PlanId>) -> Result<(), Failure> {
    use crate::ssr::{ctx, services};
    Ok(services().plans().reorder(&ctx(), application, order).await?)
}
