use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE TABLE mail_links (
    id UUID PRIMARY KEY,
    token_hash BYTES NOT NULL UNIQUE,
    address_hash BYTES NOT NULL,
    sealed BYTES NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX mail_links_address ON mail_links (address_hash, created_at);
CREATE INDEX mail_links_expires ON mail_links (expires_at);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::drop_tables(manager, &["mail_links"]).await
    }
}
