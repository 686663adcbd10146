use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE TABLE plans (
    id UUID PRIMARY KEY,
    application_id UUID NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    features TEXT NOT NULL,
    is_default BOOLEAN NOT NULL,
    is_listed BOOLEAN NOT NULL,
    position INTEGER NOT NULL,
    stripe_product_id TEXT,
    version BIGINT NOT NULL,
    from_catalog BOOLEAN NOT NULL,
    archived_at BIGINT,
    deleted_at BIGINT,
    created_at BIGINT NOT NULL,
    CHECK (NOT (is_default AND (archived_at IS NOT NULL OR deleted_at IS NOT NULL)))
);
CREATE UNIQUE INDEX plans_key ON plans (application_id, key) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX plans_name ON plans (application_id, name) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX plans_one_default ON plans (application_id) WHERE is_default;

CREATE TABLE prices (
    id UUID PRIMARY KEY,
    plan_id UUID NOT NULL REFERENCES plans (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount >= 0),
    currency TEXT NOT NULL,
    billing_interval TEXT NOT NULL CHECK (billing_interval IN ('month', 'year', 'one_time')),
    trial_days INTEGER CHECK (trial_days BETWEEN 1 AND 730),
    stripe_price_id TEXT,
    from_catalog BOOLEAN NOT NULL,
    archived_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX prices_plan ON prices (plan_id);

CREATE TABLE subscriptions (
    id UUID PRIMARY KEY,
    membership_id UUID NOT NULL REFERENCES memberships (id) ON DELETE CASCADE,
    plan_id UUID NOT NULL REFERENCES plans (id),
    price_id UUID REFERENCES prices (id),
    status TEXT NOT NULL CHECK (status IN
        ('incomplete', 'trialing', 'active', 'past_due', 'paused', 'canceled', 'expired')),
    status_since_at BIGINT,
    status_until_at BIGINT,
    source TEXT NOT NULL CHECK (source IN ('default', 'user', 'admin', 'api', 'catalog', 'provider')),
    period_start_at BIGINT,
    period_end_at BIGINT,
    expires_at BIGINT,
    cancel_at BIGINT,
    started_at BIGINT NOT NULL,
    CHECK (status NOT IN ('canceled', 'expired') OR status_since_at IS NOT NULL)
);
CREATE UNIQUE INDEX subscriptions_one_live ON subscriptions (membership_id)
    WHERE status NOT IN ('canceled', 'expired');
CREATE INDEX subscriptions_membership ON subscriptions (membership_id);
CREATE INDEX subscriptions_plan_live ON subscriptions (plan_id) WHERE status NOT IN ('canceled', 'expired');
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::drop_tables(manager, &["subscriptions", "prices", "plans"]).await
    }
}
