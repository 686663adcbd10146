use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
ALTER TABLE subscriptions ADD COLUMN provider TEXT;
ALTER TABLE subscriptions ADD COLUMN reference TEXT;
ALTER TABLE subscriptions ADD COLUMN discount TEXT;
ALTER TABLE subscriptions ADD COLUMN due_at BIGINT;
CREATE INDEX subscriptions_due ON subscriptions (due_at) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX subscriptions_reference ON subscriptions (provider, reference);

ALTER TABLE orders ADD COLUMN mode TEXT NOT NULL DEFAULT 'test';
ALTER TABLE orders ADD COLUMN reference TEXT;
ALTER TABLE orders ADD COLUMN invoice_id UUID;
CREATE INDEX orders_expiring ON orders (status, expires_at);

CREATE TABLE invoices (
    id UUID PRIMARY KEY,
    application_id UUID NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    membership_id UUID NOT NULL REFERENCES memberships (id) ON DELETE CASCADE,
    subscription_id UUID NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    number TEXT NOT NULL,
    is_renewal BOOLEAN NOT NULL,
    period_start_at BIGINT NOT NULL,
    period_end_at BIGINT NOT NULL,
    anchor_at BIGINT NOT NULL,
    quote TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'paid', 'void', 'uncollectible')),
    status_at BIGINT NOT NULL,
    attempts TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (application_id, number)
);
CREATE UNIQUE INDEX invoices_one_renewal ON invoices (subscription_id, period_start_at)
    WHERE is_renewal AND status <> 'void';
CREATE INDEX invoices_membership ON invoices (membership_id);

CREATE TABLE invoice_numbers (
    application_id UUID PRIMARY KEY REFERENCES applications (id) ON DELETE CASCADE,
    last BIGINT NOT NULL
);

CREATE TABLE payments_of (
    id UUID PRIMARY KEY,
    application_id UUID NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    membership_id UUID NOT NULL REFERENCES memberships (id) ON DELETE CASCADE,
    order_id UUID REFERENCES orders (id) ON DELETE CASCADE,
    invoice_id UUID REFERENCES invoices (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    mode TEXT NOT NULL,
    key UUID NOT NULL,
    reference TEXT NOT NULL,
    status TEXT NOT NULL,
    known TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount >= 0),
    currency TEXT NOT NULL,
    method TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CHECK (order_id IS NOT NULL OR invoice_id IS NOT NULL),
    UNIQUE (provider, reference)
);
INSERT INTO payments_of (id, application_id, membership_id, order_id, provider, mode, key, reference, status, known,
        amount, currency, method, created_at)
    SELECT id, application_id, membership_id, order_id, provider, 'test', order_id, reference, status, known,
        amount, currency, method, created_at FROM payments;
DROP TABLE payments;
ALTER TABLE payments_of RENAME TO payments;
CREATE INDEX payments_application ON payments (application_id, id);
CREATE INDEX payments_membership ON payments (membership_id);
CREATE INDEX payments_key ON payments (key);

CREATE TABLE credits (
    id UUID PRIMARY KEY,
    membership_id UUID NOT NULL REFERENCES memberships (id) ON DELETE CASCADE,
    amount BIGINT NOT NULL,
    currency TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX credits_membership ON credits (membership_id);

CREATE TABLE coupons (
    id UUID PRIMARY KEY,
    application_id UUID NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    code TEXT NOT NULL,
    terms TEXT NOT NULL,
    archived_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (application_id, code)
);
CREATE TABLE redemptions (
    coupon_id UUID NOT NULL REFERENCES coupons (id) ON DELETE CASCADE,
    membership_id UUID NOT NULL REFERENCES memberships (id) ON DELETE CASCADE,
    order_id UUID REFERENCES orders (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (coupon_id, membership_id)
);

CREATE TABLE payment_keys (
    application_id UUID NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    sealed BYTES NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (application_id, provider)
);

CREATE TABLE provider_objects (
    application_id UUID NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    mode TEXT NOT NULL,
    local_id UUID NOT NULL,
    reference TEXT NOT NULL,
    PRIMARY KEY (application_id, provider, mode, local_id)
);

CREATE TABLE inbox (
    id UUID PRIMARY KEY,
    application_id UUID NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    event_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    body BYTES NOT NULL,
    received_at BIGINT NOT NULL,
    handled_at BIGINT,
    attempts INTEGER NOT NULL,
    next_at BIGINT,
    error TEXT,
    UNIQUE (application_id, provider, event_id)
);
CREATE INDEX inbox_next ON inbox (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE steering (
    application_id UUID NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    reference TEXT NOT NULL,
    wanted TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at BIGINT,
    error TEXT,
    PRIMARY KEY (application_id, provider, reference)
);
CREATE INDEX steering_next ON steering (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE portal_sessions (
    token_hash BYTES PRIMARY KEY,
    membership_id UUID NOT NULL REFERENCES memberships (id) ON DELETE CASCADE,
    return_url TEXT,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX portal_sessions_expires ON portal_sessions (expires_at);
";

const DOWN: &str = "
CREATE TABLE payments_of (
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
INSERT INTO payments_of SELECT id, application_id, membership_id, order_id, provider, reference, status, known, amount,
    currency, method, created_at FROM payments WHERE order_id IS NOT NULL;
DROP TABLE payments;
ALTER TABLE payments_of RENAME TO payments;
CREATE INDEX payments_application ON payments (application_id, id);
CREATE INDEX payments_membership ON payments (membership_id);
DROP INDEX orders_expiring;
DROP INDEX subscriptions_due;
DROP INDEX subscriptions_reference;
";

const TABLES: &[&str] = &[
    "portal_sessions",
    "steering",
    "inbox",
    "provider_objects",
    "payment_keys",
    "redemptions",
    "coupons",
    "credits",
    "invoice_numbers",
    "invoices",
];

const COLUMNS: &[(&str, &[&str])] = &[
    ("subscriptions", &["provider", "reference", "discount", "due_at"]),
    ("orders", &["mode", "reference", "invoice_id"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, DOWN).await?;
        sql::drop_tables(manager, TABLES).await?;
        for (table, columns) in COLUMNS {
            for column in *columns {
                sql::run(manager, &format!("ALTER TABLE {table} DROP COLUMN {column}")).await?;
            }
        }
        Ok(())
    }
}
