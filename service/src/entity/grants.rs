use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "grants")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub client_id: Uuid,
    pub membership_id: Uuid,
    pub session_id: Option<Uuid>,
    pub scopes: String,
    pub resource: Option<String>,
    pub auth_time: i64,
    pub has_refresh: bool,
    pub generation: i64,
    pub rotations: String,
    pub created_at: i64,
    pub expires_at: i64,
    pub revoked_at: Option<i64>,
    /// JSON of the single claims that were asked for; nothing when none were.
    pub claims: Option<String>,
    /// The thumbprint of the key without which its refresh tokens do not work: a public client's.
    pub bound_key: Option<String>,
    /// What the session had proved, by name.
    pub proofs: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::memberships::Entity",
        from = "Column::MembershipId",
        to = "super::memberships::Column::Id"
    )]
    Membership,
    #[sea_orm(belongs_to = "super::users::Entity", from = "Column::UserId", to = "super::users::Column::Id")]
    User,
    #[sea_orm(
        belongs_to = "super::subscriptions::Entity",
        from = "Column::MembershipId",
        to = "super::subscriptions::Column::MembershipId"
    )]
    Subscription,
    #[sea_orm(
        belongs_to = "super::membership_roles::Entity",
        from = "Column::MembershipId",
        to = "super::membership_roles::Column::MembershipId"
    )]
    Role,
}

impl Related<super::memberships::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Membership.def()
    }
}

impl Related<super::users::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

/// Only the open subscription of the membership.
impl Related<super::subscriptions::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Subscription.def().on_condition(|_, right| super::subscriptions::open(right))
    }
}

impl Related<super::membership_roles::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Role.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
