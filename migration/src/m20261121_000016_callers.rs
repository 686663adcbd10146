//! Answers to idempotent requests belong to whoever called: admins and their keys beside clients. A table cannot lose a
//! foreign key on every database, so it is made anew with what it held.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE TABLE callers_answers (
    caller_id UUID NOT NULL,
    key TEXT NOT NULL,
    request_hash BYTES NOT NULL,
    status INTEGER,
    sealed_answer BYTES,
    created_at BIGINT NOT NULL,
    answer_until_at BIGINT,
    PRIMARY KEY (caller_id, key)
);
INSERT INTO callers_answers (caller_id, key, request_hash, status, sealed_answer, created_at, answer_until_at)
    SELECT client_id, key, request_hash, status, sealed_answer, created_at, answer_until_at FROM idempotency_keys;
DROP TABLE idempotency_keys;
ALTER TABLE callers_answers RENAME TO idempotency_keys;
CREATE INDEX idempotency_keys_answer_until ON idempotency_keys (answer_until_at) WHERE answer_until_at IS NOT NULL;
";

const DOWN: &str = "
CREATE TABLE clients_answers (
    client_id UUID NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    request_hash BYTES NOT NULL,
    status INTEGER,
    sealed_answer BYTES,
    created_at BIGINT NOT NULL,
    answer_until_at BIGINT,
    PRIMARY KEY (client_id, key)
);
INSERT INTO clients_answers (client_id, key, request_hash, status, sealed_answer, created_at, answer_until_at)
    SELECT caller_id, key, request_hash, status, sealed_answer, created_at, answer_until_at FROM idempotency_keys
    WHERE caller_id IN (SELECT id FROM clients);
DROP TABLE idempotency_keys;
ALTER TABLE clients_answers RENAME TO idempotency_keys;
CREATE INDEX idempotency_keys_answer_until ON idempotency_keys (answer_until_at) WHERE answer_until_at IS NOT NULL;
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
