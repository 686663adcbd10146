//! Recovery codes: each works once, the database keeps their MACs.

use domain::{
    id::UserId,
    identity::factor::{RECOVERY_CODES, RecoveryCode},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::{Result, Services, entity::recovery_codes, tx::Tx};

/// Makes new ones in the place of those that there are.
pub(super) async fn make(tx: &Tx<'_>, user: UserId) -> Result<Vec<RecoveryCode>> {
    forget(tx, user).await?;
    let rng = &tx.services.rng;
    let codes: Vec<_> = (0..RECOVERY_CODES).map(|_| RecoveryCode::of(rng.bytes())).collect();
    let rows = codes.iter().map(|code| recovery_codes::ActiveModel {
        user_id: Set(user.get()),
        code_hash: Set(mac(&tx.services, user, code)),
    });
    recovery_codes::Entity::insert_many(rows).exec_without_returning(tx.db).await?;
    Ok(codes)
}

/// Uses a code up: of several at once one wins.
pub(super) async fn take(tx: &Tx<'_>, user: UserId, code: &RecoveryCode) -> Result<bool> {
    let key = (user.get(), mac(&tx.services, user, code));
    let deleted = recovery_codes::Entity::delete_by_id(key).exec(tx.db).await?;
    Ok(deleted.rows_affected == 1)
}

pub(super) async fn forget(tx: &Tx<'_>, user: UserId) -> Result<()> {
    recovery_codes::Entity::delete_many().filter(recovery_codes::Column::UserId.eq(user.get())).exec(tx.db).await?;
    Ok(())
}

fn mac(services: &Services, user: UserId, code: &RecoveryCode) -> Vec<u8> {
    services.vault.mac(&[b"recovery code", user.get().as_bytes(), code.expose().as_bytes()]).to_vec()
}
