//! Second factors, and what each session and each grant has proved.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE TABLE totp_factors (
    user_id UUID PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sealed_key BYTES NOT NULL,
    last_step BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE TABLE recovery_codes (
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    code_hash BYTES NOT NULL,
    PRIMARY KEY (user_id, code_hash)
);
ALTER TABLE sessions ADD COLUMN proofs TEXT;
ALTER TABLE grants ADD COLUMN proofs TEXT;
";

const DOWN: &str = "
ALTER TABLE grants DROP COLUMN proofs;
ALTER TABLE sessions DROP COLUMN proofs;
DROP TABLE recovery_codes;
DROP TABLE totp_factors;
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
