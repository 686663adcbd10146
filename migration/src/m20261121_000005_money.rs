use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE TABLE clocks (
    application_id UUID PRIMARY KEY REFERENCES applications (id) ON DELETE CASCADE,
    ahead_ms BIGINT NOT NULL CHECK (ahead_ms >= 0)
);

ALTER TABLE subscriptions ADD COLUMN anchor_at BIGINT;
ALTER TABLE subscriptions ADD COLUMN scheduled_at BIGINT;
ALTER TABLE subscriptions ADD COLUMN scheduled_plan_id UUID;
ALTER TABLE subscriptions ADD COLUMN scheduled_price_id UUID;

CREATE TABLE payment_methods (
    id UUID PRIMARY KEY,
    membership_id UUID NOT NULL REFERENCES memberships (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    token TEXT NOT NULL,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    is_current BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (membership_id, provider, token)
);
CREATE UNIQUE INDEX payment_methods_one_current ON payment_methods (membership_id) WHERE is_current;

CREATE TABLE orders (
    id UUID PRIMARY KEY,
    application_id UUID NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    membership_id UUID NOT NULL REFERENCES memberships (id) ON DELETE CASCADE,
    plan_id UUID NOT NULL REFERENCES plans (id),
    status TEXT NOT NULL CHECK (status IN ('open', 'pending', 'paid', 'failed', 'expired', 'canceled')),
    status_at BIGINT,
    late BOOLEAN NOT NULL,
    quote TEXT NOT NULL,
    provider TEXT NOT NULL,
    destination TEXT NOT NULL,
    metadata TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX orders_one_open ON orders (membership_id) WHERE status IN ('open', 'pending', 'failed');
CREATE INDEX orders_membership ON orders (membership_id);
CREATE INDEX orders_application ON orders (application_id, id);

CREATE TABLE payments (
    id UUID PRIMARY KEY,
    application_id UUID NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    membership_id UUID NOT NULL REFERENCES memberships (id) ON DELETE CASCADE,
    order_id UUID NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    reference TEXT NOT NULL,
    status TEXT NOT NULL,
    known TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount >= 0),
    currency TEXT NOT NULL,
    method TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (provider, reference)
);
CREATE INDEX payments_application ON payments (application_id, id);
CREATE INDEX payments_membership ON payments (membership_id);

CREATE TABLE trials (
    membership_id UUID PRIMARY KEY REFERENCES memberships (id) ON DELETE CASCADE,
    started_at BIGINT NOT NULL
);

CREATE TABLE alerts (
    id UUID PRIMARY KEY,
    application_id UUID NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    resolved_at BIGINT,
    UNIQUE (application_id, kind, subject)
);

CREATE TABLE sandbox_payments (
    reference TEXT PRIMARY KEY,
    application_id UUID NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    request TEXT NOT NULL,
    facts TEXT NOT NULL,
    method TEXT,
    created_at BIGINT NOT NULL,
    pay_until_at BIGINT
);
CREATE INDEX sandbox_payments_application ON sandbox_payments (application_id);
";

const TABLES: &[&str] = &["sandbox_payments", "alerts", "trials", "payments", "orders", "payment_methods", "clocks"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::drop_tables(manager, TABLES).await?;
        for column in ["anchor_at", "scheduled_at", "scheduled_plan_id", "scheduled_price_id"] {
            sql::run(manager, &format!("ALTER TABLE subscriptions DROP COLUMN {column}")).await?;
        }
        Ok(())
    }
}
