//! Organizations, their people and invitations. For superadmins.

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

mod add_member;
mod create;
mod delete;
mod get;
mod invitations;
mod invite;
mod list;
mod members;
mod remove_member;
mod uninvite;
mod update;
mod update_member;
mod view;

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create))
        .routes(routes!(get::get, update::update, delete::delete))
        .routes(routes!(members::members, add_member::add_member))
        .routes(routes!(update_member::update_member, remove_member::remove_member))
        .routes(routes!(invitations::invitations, invite::invite))
        .routes(routes!(uninvite::uninvite))
}
