use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE TABLE signing_keys (
    id UUID PRIMARY KEY,
    kid TEXT NOT NULL UNIQUE,
    alg TEXT NOT NULL CHECK (alg IN ('RS256', 'ES256', 'EdDSA')),
    sealed_private BYTES NOT NULL,
    created_at BIGINT NOT NULL,
    active_at BIGINT NOT NULL,
    retired_at BIGINT
);

CREATE TABLE grants (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id UUID NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    membership_id UUID NOT NULL REFERENCES memberships (id) ON DELETE CASCADE,
    session_id UUID,
    scopes TEXT NOT NULL,
    resource TEXT,
    auth_time BIGINT NOT NULL,
    has_refresh BOOLEAN NOT NULL,
    generation BIGINT NOT NULL,
    rotations TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX grants_membership ON grants (membership_id);
CREATE INDEX grants_session ON grants (session_id);
CREATE INDEX grants_client ON grants (client_id);

CREATE TABLE consents (
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    client_id UUID NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    scopes TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, client_id)
);

CREATE TABLE revoked_tokens (
    jti TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE TABLE idempotency_keys (
    client_id UUID NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    request_hash BYTES NOT NULL,
    status INTEGER,
    sealed_answer BYTES,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (client_id, key)
);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::drop_tables(manager, &["idempotency_keys", "revoked_tokens", "consents", "grants", "signing_keys"]).await
    }
}
