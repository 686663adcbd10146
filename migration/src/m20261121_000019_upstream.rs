//! Signing in with other providers' accounts. An identity belongs to its issuer and not to the method by which it came:
//! a user signs in once for all applications.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE TABLE sign_in_methods (
    id UUID PRIMARY KEY,
    application_id UUID NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    slug TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('google', 'github', 'oidc')),
    name TEXT NOT NULL,
    issuer TEXT NOT NULL,
    client_id TEXT NOT NULL,
    sealed BYTES NOT NULL,
    enabled BOOLEAN NOT NULL,
    trust_email BOOLEAN NOT NULL,
    from_catalog BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (application_id, slug)
);

CREATE TABLE upstream_identities (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    email TEXT,
    linked_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    UNIQUE (issuer, subject)
);
CREATE INDEX upstream_identities_user ON upstream_identities (user_id);

CREATE TABLE upstream_states (
    hash BYTES PRIMARY KEY,
    sealed BYTES NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX upstream_states_expires ON upstream_states (expires_at);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::drop_tables(manager, &["upstream_states", "upstream_identities", "sign_in_methods"]).await
    }
}
