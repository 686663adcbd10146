use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

// A row is a device that waits; once it is allowed, its id becomes the grant's.
const UP: &str = "
CREATE TABLE device_codes (
    id UUID PRIMARY KEY,
    hash BYTEA NOT NULL UNIQUE,
    user_code_hash BYTEA NOT NULL UNIQUE,
    client_id UUID NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    scopes TEXT NOT NULL,
    resource TEXT,
    decision TEXT NOT NULL,
    wait_seconds BIGINT NOT NULL,
    asked_at BIGINT,
    expires_at BIGINT NOT NULL
);
CREATE INDEX device_codes_expires ON device_codes (expires_at);
";

const DOWN: &str = "DROP TABLE device_codes;";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, DOWN).await
    }
}
