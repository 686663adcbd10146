use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
ALTER TABLE orders ADD COLUMN payer TEXT;
ALTER TABLE idempotency_keys ADD COLUMN answer_until_at BIGINT;
CREATE INDEX idempotency_keys_answer_until ON idempotency_keys (answer_until_at) WHERE answer_until_at IS NOT NULL;
";

const DOWN: &str = "
DROP INDEX idempotency_keys_answer_until;
ALTER TABLE idempotency_keys DROP COLUMN answer_until_at;
ALTER TABLE orders DROP COLUMN payer;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, DOWN).await
    }
}
