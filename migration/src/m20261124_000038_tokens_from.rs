//! Clients know since when their own tokens count: whoever ends a leaked secret ends what was made with it.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "ALTER TABLE clients ADD COLUMN tokens_from BIGINT NOT NULL DEFAULT 0;";

const DOWN: &str = "ALTER TABLE clients DROP COLUMN tokens_from;";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, DOWN).await
    }
}
