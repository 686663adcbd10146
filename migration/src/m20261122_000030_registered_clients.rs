//! Clients know whether they registered themselves. Those of before are told by the ledger: nobody else is made by the
//! system. Without the index, which lasts only as long, each client would be looked for in the whole ledger.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = r#"
ALTER TABLE clients ADD COLUMN is_registered BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX ledger_clients_created ON ledger (application_id, at) WHERE action = 'client.created';
UPDATE clients SET is_registered = TRUE WHERE EXISTS (
    SELECT 1 FROM ledger
    WHERE ledger.application_id = clients.application_id AND ledger.at = clients.created_at
        AND ledger.action = 'client.created' AND ledger.actor_kind = 'system'
        AND ledger.after_json LIKE '%"client_id":"' || clients.client_id || '"%'
);
DROP INDEX ledger_clients_created;
"#;

const DOWN: &str = "ALTER TABLE clients DROP COLUMN is_registered;";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, DOWN).await
    }
}
