use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE TABLE mails (
    id UUID PRIMARY KEY,
    application_id UUID REFERENCES applications (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    sealed BYTES,
    created_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at BIGINT,
    sent_at BIGINT,
    error TEXT
);
CREATE INDEX mails_next ON mails (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX mails_created ON mails (created_at);
CREATE INDEX mails_application ON mails (application_id);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::drop_tables(manager, &["mails"]).await
    }
}
