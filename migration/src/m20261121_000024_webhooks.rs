//! Outgoing webhooks: where applications want to be told of events, and what waits to be told.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE TABLE webhook_endpoints (
    id UUID PRIMARY KEY,
    application_id UUID NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    events TEXT NOT NULL,
    disabled_at BIGINT,
    disabled_by TEXT,
    sealed_secret BYTES NOT NULL,
    hint TEXT NOT NULL,
    sealed_old_secret BYTES,
    old_until_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX webhook_endpoints_application ON webhook_endpoints (application_id);

CREATE TABLE webhook_deliveries (
    id UUID PRIMARY KEY,
    endpoint_id UUID NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    user_id UUID,
    event_id UUID NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at BIGINT,
    delivered_at BIGINT,
    last_at BIGINT,
    last_status INTEGER,
    last_answer TEXT,
    last_error TEXT,
    UNIQUE (endpoint_id, event_id)
);
CREATE INDEX webhook_deliveries_next ON webhook_deliveries (endpoint_id, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint_id, id);
CREATE INDEX webhook_deliveries_user ON webhook_deliveries (user_id);
CREATE INDEX webhook_deliveries_created ON webhook_deliveries (created_at);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::drop_tables(manager, &["webhook_deliveries", "webhook_endpoints"]).await
    }
}
