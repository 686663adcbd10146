//! The authorization that waits behind a page.

use axum::response::Response;
use domain::route::ReturnTo;
use service::oauth::FlowView;

use super::{Mishap, asked::Asked};
use crate::{
    http::redirect::see_other,
    oidc::{Place, step_answer},
};

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
    asked.flow().map(|flow| open(asked, flow)).transpose()
}

/// As [`of`], for a flow that the address is known to have.
///
/// # Errors
/// As [`of`].
pub fn open(asked: &mut Asked, flow: String) -> service::Result<Waiting> {
    let view = asked.services().authorize().flow(&flow)?;
    asked.prefer(view.ui_locale);
    asked.speak_for(view.application.application.id);
    Ok(Waiting { flow, view })
}

/// The flow of somebody who is signed in as it wants; anybody else goes back to where the flow sorts that out.
pub async fn admitted(asked: &mut Asked) -> Result<Waiting, Response> {
    let waiting = match of(asked) {
        Err(error) => return Err(asked.fail(error)),
        Ok(None) => return Err(asked.mishap(Mishap::FlowExpired { application: None })),
        Ok(Some(waiting)) => waiting,
    };
    let proved = match asked.session() {
        None => false,
        Some(session) => {
            let proved = asked.services().authorize().is_proved(session, &waiting.flow).await;
            proved.map_err(|error| asked.fail(error))?
        }
    };
    if proved { Ok(waiting) } else { Err(see_other(&ReturnTo::Flow(waiting.flow).path())) }
}

/// As [`admitted`], of somebody who has consented: whoever goes on becomes a member of the application.
pub async fn consented(asked: &mut Asked) -> Result<Waiting, Response> {
    let waiting = admitted(asked).await?;
    let consented = asked.services().authorize().is_consented(&asked.ctx, &waiting.flow).await;
    match consented.map_err(|error| asked.fail(error))? {
        true => Ok(waiting),
        false => Err(see_other(&ReturnTo::Flow(waiting.flow).path())),
    }
}

/// Speaks the language that the application asks for whose flow waits at `to`, if one does.
pub fn speak(asked: &mut Asked, to: &ReturnTo) {
    if let ReturnTo::Flow(flow) = to
        && let Ok(view) = asked.services().authorize().flow(flow)
    {
        asked.prefer(view.ui_locale);
        asked.speak_for(view.application.application.id);
    }
}

/// Writes the answer to the consent page down and takes the next step.
pub async fn consent(asked: &Asked, flow: &str, allow: bool) -> Response {
    let step = asked.services().authorize().consent(&asked.ctx, flow, allow).await;
    let place = Place { state: &asked.state, uri: &asked.uri, headers: &asked.headers, ctx: &asked.ctx };
    step_answer(&place, step)
}
