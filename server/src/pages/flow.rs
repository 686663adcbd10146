//! The authorization that waits behind a page.

use axum::response::Response;
use domain::route::ReturnTo;
use service::oauth::{AuthorizeError, FlowView, Step};

use super::asked::{Asked, see_other};

/// A sealed request and what pages may know of it.
pub struct Waiting {
    /// Sealed, for the next address.
    pub flow: String,
    pub view: FlowView,
}

/// The flow of the address, where it has one. The page then speaks the language that the application asks for.
///
/// # Errors
/// `AUTH_001` for a flow that was bent or has expired.
pub fn of(asked: &mut Asked) -> service::Result<Option<Waiting>> {
    let Some(flow) = asked.flow() else { return Ok(None) };
    let view = asked.services().authorize().flow(&flow)?;
    asked.visit = asked.visit.clone().prefer(view.ui_locale);
    Ok(Some(Waiting { flow, view }))
}

/// Writes the answer to the consent page down. Allowed, the authorization goes on; refused, the client is told so.
///
/// # Errors
/// `AUTH_001` for a flow that was bent or has expired.
pub async fn consent(asked: &Asked, flow: &str, allow: bool) -> Result<Response, AuthorizeError> {
    let step = asked.services().authorize().consent(&asked.ctx, flow, allow).await?;
    Ok(match step {
        Step::Redirect(response) if !allow => see_other(&response.location()),
        _ => see_other(&ReturnTo::Flow(flow.to_owned()).path()),
    })
}
