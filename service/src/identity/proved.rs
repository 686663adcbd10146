//! What somebody has proved when they sign in, and for how long it counts.

use domain::{
    Timestamp,
    id::UserId,
    identity::{proof::Proofs, user::User},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QuerySelect,
    RelationTrait, sea_query::LockType,
};

use crate::{
    Result, Services,
    clock::at,
    entity::{password_credentials, users},
};

/// Somebody who has just proved who they are.
#[derive(Clone, Debug)]
pub(super) struct Proved {
    pub user: User,
    pub proofs: Proofs,
    /// When they proved it.
    pub at: Timestamp,
    /// When the password was set that the account had then: see [`still_counts`].
    pub password_set_at: Option<Timestamp>,
}

impl Proved {
    /// What was proved at that moment without the password, and without a transaction that says which one the account
    /// had: it counts for as long as the account has the one of now.
    ///
    /// # Errors
    /// The database's own.
    pub async fn of(services: &Services, user: &User, proofs: Proofs, at: Timestamp) -> Result<Self> {
        let password_set_at = password_set_at(services.db.read(), user.id).await?;
        Ok(Self { user: user.clone(), proofs, at, password_set_at })
    }
}

/// When the user's password was set, if they have one. Where the proof lies in a transaction, it asks there, behind the
/// lock of the user's row: later it may be somebody else's.
///
/// # Errors
/// The database's own.
pub(crate) async fn password_set_at(db: &impl ConnectionTrait, user: UserId) -> Result<Option<Timestamp>, DbErr> {
    let row = password_credentials::Entity::find_by_id(user.get()).one(db).await?;
    Ok(row.map(|row| at(row.updated_at)))
}

/// Whether what was proved of an account still counts: it has the password and the role that it had then, and is not
/// disabled. It waits for whoever is just changing that, by the lock of the user's row that they take first, and
/// whoever changes it later waits for the end of this transaction, and finds the session that began in it.
///
/// # Errors
/// The database's own.
pub(super) async fn still_counts(
    db: &impl ConnectionTrait,
    user: &User,
    password_set_at: Option<Timestamp>,
) -> Result<bool, DbErr> {
    let id = user.id.get();
    let able = users::Entity::find_by_id(id)
        .filter(users::Column::DisabledAt.is_null())
        .filter(users::Column::Role.eq(user.role.as_str()))
        .lock(LockType::Share);
    let Some(set) = password_set_at else {
        let is_able = able.one(db).await?.is_some();
        // Not before: until now somebody may have held the account who was giving it its first password.
        return Ok(is_able && password_credentials::Entity::find_by_id(id).count(db).await? == 0);
    };
    // Both rows are locked, so that both are looked at as they are once nobody else holds them.
    let same = able
        .join_rev(JoinType::InnerJoin, password_credentials::Relation::User.def())
        .filter(password_credentials::Column::UpdatedAt.eq(set.timestamp_millis()));
    Ok(same.one(db).await?.is_some())
}
