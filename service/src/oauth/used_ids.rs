//! Names that may be used once: of client assertions, of DPoP proofs, of challenges to passkeys, of notices that come
//! once a day. Their hash is kept for as long as what they name would be accepted.

use domain::Timestamp;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, SqlErr};

use crate::{Error, Result, Services, crypto, entity::used_ids};

/// The longest `jti`, in bytes.
const LONGEST: usize = 256;

/// Whether a `jti` is of a sensible length.
pub(super) const fn fits(jti: &str) -> bool {
    !jti.is_empty() && jti.len() <= LONGEST
}

/// Takes a name; false when it has been taken.
///
/// # Errors
/// The database's own.
pub(crate) async fn take(
    services: &Services,
    kind: &'static str,
    whose: &str,
    name: &str,
    until: Timestamp,
) -> Result<bool> {
    let row = row(kind, whose, name, until)?;
    let taken = services
        .db
        .write(move |db| {
            Box::pin(async move {
                used_ids::Entity::insert(row).exec_without_returning(db).await?;
                Ok::<_, sea_orm::DbErr>(())
            })
        })
        .await;
    match taken {
        Ok(()) => Ok(true),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Takes a name within a transaction that has locked whose it is; false when it has been taken.
///
/// # Errors
/// The database's own.
pub(crate) async fn take_in(
    db: &impl ConnectionTrait,
    kind: &'static str,
    whose: &str,
    name: &str,
    until: Timestamp,
) -> Result<bool> {
    let row = row(kind, whose, name, until)?;
    if used_ids::Entity::find_by_id(row.hash.clone().unwrap()).one(db).await?.is_some() {
        return Ok(false);
    }
    used_ids::Entity::insert(row).exec_without_returning(db).await?;
    Ok(true)
}

fn row(kind: &'static str, whose: &str, name: &str, until: Timestamp) -> Result<used_ids::ActiveModel> {
    let hash = crypto::hash(&serde_json::to_string(&(kind, whose, name)).map_err(Error::internal)?);
    Ok(used_ids::ActiveModel { hash: Set(hash), expires_at: Set(until.timestamp_millis()) })
}
