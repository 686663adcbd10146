use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE TABLE applications (
    id UUID PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    settings TEXT NOT NULL,
    from_catalog BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE clients (
    id UUID PRIMARY KEY,
    application_id UUID NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    client_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('confidential', 'public')),
    settings TEXT NOT NULL,
    from_catalog BOOLEAN NOT NULL,
    archived_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX clients_application ON clients (application_id);

CREATE TABLE client_secrets (
    id UUID PRIMARY KEY,
    client_id UUID NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    hash BYTES NOT NULL,
    hint TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);
CREATE INDEX client_secrets_client ON client_secrets (client_id);

CREATE TABLE roles (
    id UUID PRIMARY KEY,
    application_id UUID NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    UNIQUE (application_id, name)
);

CREATE TABLE permissions (
    id UUID PRIMARY KEY,
    application_id UUID NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    UNIQUE (application_id, name)
);

CREATE TABLE role_permissions (
    role_id UUID NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    permission_id UUID NOT NULL REFERENCES permissions (id) ON DELETE CASCADE,
    PRIMARY KEY (role_id, permission_id)
);

CREATE TABLE memberships (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    application_id UUID NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    status TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'revoked')),
    claims TEXT NOT NULL,
    overrides TEXT NOT NULL,
    ent_ver BIGINT NOT NULL,
    chosen_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (user_id, application_id)
);
CREATE INDEX memberships_application ON memberships (application_id, id);

CREATE TABLE membership_roles (
    membership_id UUID NOT NULL REFERENCES memberships (id) ON DELETE CASCADE,
    role_id UUID NOT NULL REFERENCES roles (id),
    PRIMARY KEY (membership_id, role_id)
);
CREATE INDEX membership_roles_role ON membership_roles (role_id);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::drop_tables(
            manager,
            &[
                "membership_roles",
                "memberships",
                "role_permissions",
                "permissions",
                "roles",
                "client_secrets",
                "clients",
                "applications",
            ],
        )
        .await
    }
}
