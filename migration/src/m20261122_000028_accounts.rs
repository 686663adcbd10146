//! Subscriptions and payment methods know in which mode they are billed, so that test and live never mix. What a
//! provider renews is looked at again when its period has ended.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
ALTER TABLE subscriptions ADD COLUMN mode TEXT;
UPDATE subscriptions SET mode = (
    SELECT orders.mode FROM orders
    WHERE orders.membership_id = subscriptions.membership_id AND orders.provider = subscriptions.provider
        AND orders.status = 'paid'
    ORDER BY orders.id DESC LIMIT 1
) WHERE provider IS NOT NULL;
UPDATE subscriptions SET mode = 'test' WHERE provider = 'sandbox';
UPDATE subscriptions SET due_at = period_end_at
    WHERE due_at IS NULL AND reference IS NOT NULL AND status NOT IN ('canceled', 'expired');
ALTER TABLE payment_methods ADD COLUMN mode TEXT;
UPDATE payment_methods SET mode = (
    SELECT orders.mode FROM orders
    WHERE orders.membership_id = payment_methods.membership_id AND orders.provider = payment_methods.provider
        AND orders.status = 'paid'
    ORDER BY orders.id DESC LIMIT 1
);
UPDATE payment_methods SET mode = 'test' WHERE provider = 'sandbox';
";

const DOWN: &str = "
ALTER TABLE payment_methods DROP COLUMN mode;
ALTER TABLE subscriptions DROP COLUMN mode;
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
