use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_endpoints")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub application_id: Uuid,
    pub url: String,
    pub description: String,
    pub events: String,
    pub disabled_at: Option<i64>,
    pub disabled_by: Option<String>,
    pub sealed_secret: Vec<u8>,
    pub hint: String,
    pub sealed_old_secret: Option<Vec<u8>>,
    pub old_until_at: Option<i64>,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
