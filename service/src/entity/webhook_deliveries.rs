use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub endpoint_id: Uuid,
    pub user_id: Option<Uuid>,
    pub event_id: Uuid,
    pub event: String,
    pub body: String,
    pub created_at: i64,
    pub attempts: i32,
    pub next_at: Option<i64>,
    pub delivered_at: Option<i64>,
    pub last_at: Option<i64>,
    pub last_status: Option<i32>,
    pub last_answer: Option<String>,
    pub last_error: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
