use sea_orm::{
    Condition,
    entity::prelude::*,
    sea_query::{ExprTrait, Func},
};

use crate::db::containing;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub email: String,
    pub email_verified: bool,
    pub name: Option<String>,
    pub role: String,
    pub locale: Option<String>,
    pub disabled_at: Option<i64>,
    pub created_at: i64,
    /// JSON of what else is known; nothing when nothing is.
    pub profile: Option<String>,
    pub updated_at: Option<i64>,
    /// The row of somebody who is gone keeps the id that their invoices name, and nothing else.
    pub deleted_at: Option<i64>,
    /// The organization that they act for.
    pub organization_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// With this text in their e-mail address, which is in lower case, or in their name.
pub fn named(text: &str) -> Condition {
    let email = Expr::col((Entity, Column::Email));
    let name = Expr::expr(Func::lower(Expr::col((Entity, Column::Name))));
    Condition::any().add(email.like(containing(text))).add(name.like(containing(text)))
}
