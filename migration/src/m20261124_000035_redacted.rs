//! The ledger says no more to whom invitations went, nor what it was that an account said of somebody whose account was
//! deleted before deleting took that out; and their orders no more who was billed, and what was noted with them.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const GONE: &str = r#"
UPDATE ledger SET before_json = NULL, after_json = NULL
WHERE user_id IN (SELECT id FROM users WHERE deleted_at IS NOT NULL) AND action <> 'user.deleted'
    AND (action LIKE 'user.%' OR action LIKE 'identity.%' OR action LIKE 'payment_method.%');
UPDATE ledger SET before_json = NULL, after_json = '{}'
WHERE user_id IN (SELECT id FROM users WHERE deleted_at IS NOT NULL)
    AND action IN ('claims.updated', 'feature.overridden');
UPDATE orders SET payer = NULL, metadata = NULL, destination = '{"to":"here"}'
WHERE membership_id IN (
    SELECT own.id FROM memberships AS own JOIN users ON users.id = own.user_id WHERE users.deleted_at IS NOT NULL
);
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let rest = match manager.get_database_backend() {
            DbBackend::Postgres => "CAST(CAST(after_json AS jsonb) - 'email' AS text)",
            _ => "json_remove(after_json, '$.email')",
        };
        let invited = format!("UPDATE ledger SET after_json = {rest} WHERE action = 'invitation.created'");
        sql::run(manager, &invited).await?;
        sql::run(manager, GONE).await
    }

    /// What is taken out is gone.
    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
