//! An admin says whether the clients that register with a token must use PKCE; so far all had to.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "ALTER TABLE registration_tokens ADD COLUMN require_pkce BOOLEAN NOT NULL DEFAULT TRUE;";

const DOWN: &str = "ALTER TABLE registration_tokens DROP COLUMN require_pkce;";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, DOWN).await
    }
}
