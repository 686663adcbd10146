//! What admins see of an application's money: lists with filters, page by page, newest first or as they sort them.

pub mod alerts;
pub mod cancel;
pub mod columns;
pub mod history;
pub mod moves;
pub mod payments;
pub mod subscriptions;
pub mod switch;

use std::collections::HashMap;

use domain::identity::user::User;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::{
    Result, Services,
    entity::{memberships, users},
    identity::sessions,
};

/// The users of memberships, by membership.
async fn holders(services: &Services, ids: impl IntoIterator<Item = Uuid>) -> Result<HashMap<Uuid, User>> {
    let rows = memberships::Entity::find()
        .filter(memberships::Column::Id.is_in(ids))
        .find_also_related(users::Entity)
        .all(services.db.read())
        .await?;
    let found = rows.into_iter().filter_map(|(membership, user)| Some((membership.id, user?)));
    found.map(|(id, user)| Ok((id, sessions::user(user)?))).collect()
}
