use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device_codes")]
pub struct Model {
    /// The id of the grant to come.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub hash: Vec<u8>,
    pub user_code_hash: Vec<u8>,
    pub client_id: Uuid,
    pub scopes: String,
    pub resource: Option<String>,
    /// JSON.
    pub decision: String,
    pub wait_seconds: i64,
    /// When the device asked last.
    pub asked_at: Option<i64>,
    pub expires_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
