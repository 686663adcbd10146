use domain::billing::subscription::Status;
use sea_orm::{
    Condition,
    entity::prelude::*,
    sea_query::{ExprTrait, IntoIden},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "subscriptions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub membership_id: Uuid,
    pub plan_id: Uuid,
    pub price_id: Option<Uuid>,
    pub status: String,
    pub status_since_at: Option<i64>,
    pub status_until_at: Option<i64>,
    pub source: String,
    pub period_start_at: Option<i64>,
    pub period_end_at: Option<i64>,
    pub expires_at: Option<i64>,
    pub cancel_at: Option<i64>,
    pub started_at: i64,
    pub anchor_at: Option<i64>,
    pub scheduled_at: Option<i64>,
    pub scheduled_plan_id: Option<Uuid>,
    pub scheduled_price_id: Option<Uuid>,
    pub provider: Option<String>,
    pub reference: Option<String>,
    pub discount: Option<String>,
    pub due_at: Option<i64>,
    pub mode: Option<String>,
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

impl Related<super::memberships::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Membership.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

/// Neither canceled nor expired by status, in the table or alias `table`.
pub fn open(table: impl IntoIden) -> Condition {
    let over = [Status::Canceled.as_str(), Status::Expired.as_str()];
    Condition::all().add(Expr::col((table.into_iden(), Column::Status)).is_not_in(over))
}
