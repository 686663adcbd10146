use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invoices")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub application_id: Uuid,
    pub membership_id: Uuid,
    pub subscription_id: Uuid,
    pub number: String,
    pub is_renewal: bool,
    pub period_start_at: i64,
    pub period_end_at: i64,
    pub anchor_at: i64,
    pub quote: String,
    pub status: String,
    pub status_at: i64,
    pub attempts: String,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
