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
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, Func, LikeExpr},
};
use uuid::Uuid;

use crate::{
    Result, Services,
    entity::{memberships, users},
    identity::{memberships::escaped, sessions},
};

/// What somebody typed to find: part of the e-mail address or the name of a user.
fn named(text: &str) -> Condition {
    let like = || LikeExpr::new(format!("%{}%", escaped(&text.to_lowercase()))).escape('\\');
    let name = Expr::expr(Func::lower(Expr::col((users::Entity, users::Column::Name))));
    let email = Expr::col((users::Entity, users::Column::Email));
    Condition::any().add(email.like(like())).add(name.like(like()))
}

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
