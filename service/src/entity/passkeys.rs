use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "passkeys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    /// By which browsers name it.
    pub credential_id: Vec<u8>,
    /// By which its owner knows it.
    pub name: String,
    /// JSON of its public key and its counter.
    pub credential: String,
    pub created_at: i64,
    pub last_used_at: Option<i64>,
    /// The host of the issuer for which it was made: it works nowhere else. Nothing in a row from before this was kept,
    /// until it is used.
    pub host: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
