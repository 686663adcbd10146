use domain::billing::order::Status;
use sea_orm::{Condition, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub application_id: Uuid,
    pub membership_id: Uuid,
    pub plan_id: Uuid,
    pub status: String,
    pub status_at: Option<i64>,
    pub late: bool,
    pub quote: String,
    pub provider: String,
    pub destination: String,
    pub metadata: Option<String>,
    pub created_at: i64,
    pub expires_at: i64,
    pub mode: String,
    pub reference: Option<String>,
    pub invoice_id: Option<Uuid>,
    pub payer: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// It can still be paid in time, by status.
pub fn open() -> Condition {
    let open = [Status::Open.as_str(), Status::Pending.as_str(), Status::Failed.as_str()];
    Condition::all().add(Column::Status.is_in(open))
}
