//! OAuth clients of an application.

use std::sync::Arc;

use domain::{ErrorCode, Problem, id::ApplicationId};
use service::{Ctx, Services, directory::ClientEntry};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    http::{error::ApiResult, params::PathParam},
    state::AppState,
};

mod create;
mod delete;
mod get;
mod input;
mod list;
mod rotate_secret;
mod update;
mod view;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(get::get, update::update, delete::delete))
        .routes(routes!(rotate_secret::rotate_secret))
}

/// A client in a path: by its public `client_id` or by its row's id.
pub struct ClientName(String);

impl PathParam for ClientName {
    const NAME: &'static str = "clientId";
    const MISSING: ErrorCode = ErrorCode::ApplicationNotFound;

    fn parse(text: &str) -> Option<Self> {
        Some(Self(text.to_owned()))
    }
}

impl ClientName {
    /// The application's client of that name.
    pub async fn find(&self, services: &Services, ctx: &Ctx, app: ApplicationId) -> ApiResult<Arc<ClientEntry>> {
        let clients = services.clients().list(ctx, app).await?;
        let named = |entry: &&Arc<ClientEntry>| {
            entry.client.client_id.as_str() == self.0 || entry.client.id.to_string() == self.0
        };
        let missing = || Problem::new(ErrorCode::ApplicationNotFound, "the application has no such client");
        Ok(clients.iter().find(named).cloned().ok_or_else(missing)?)
    }
}
