use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "ALTER TABLE consents ADD COLUMN revoked_at BIGINT;";

/// A row that only says when everything was taken back meant no consent before.
const DOWN: &str = "
DELETE FROM consents WHERE scopes = '';
ALTER TABLE consents DROP COLUMN revoked_at;
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
