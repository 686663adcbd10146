use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub application_id: Uuid,
    pub membership_id: Uuid,
    pub order_id: Option<Uuid>,
    pub invoice_id: Option<Uuid>,
    pub provider: String,
    pub mode: String,
    pub key: Uuid,
    pub reference: String,
    pub status: String,
    pub known: String,
    pub amount: i64,
    pub currency: String,
    pub method: String,
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::memberships::Entity",
        from = "Column::MembershipId",
        to = "super::memberships::Column::Id"
    )]
    Membership,
}

impl ActiveModelBehavior for ActiveModel {}
