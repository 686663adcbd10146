//! Users of an application: their memberships.

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

mod get;
mod grant;
mod list;
mod revoke;
mod update;
mod view;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list::list, grant::grant)).routes(routes!(
        get::get,
        update::update,
        revoke::revoke
    ))
}
