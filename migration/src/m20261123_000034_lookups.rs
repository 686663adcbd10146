//! Rows are found by what they refer to, so that what goes with something that is deleted is not looked for in whole
//! tables; and by what lists and jobs look for. An index over some rows says word for word what its query asks.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// By name, each with what it is on.
const INDEXES: [(&str, &str); 20] = [
    ("payments_order", "payments (order_id)"),
    ("payments_invoice", "payments (invoice_id)"),
    ("invoices_subscription", "invoices (subscription_id)"),
    ("redemptions_membership", "redemptions (membership_id)"),
    ("redemptions_order", "redemptions (order_id)"),
    ("subscriptions_plan", "subscriptions (plan_id, id)"),
    ("subscriptions_price", "subscriptions (price_id)"),
    ("orders_plan", "orders (plan_id)"),
    ("plans_application", "plans (application_id)"),
    ("role_permissions_permission", "role_permissions (permission_id)"),
    ("consents_client", "consents (client_id)"),
    ("device_codes_client", "device_codes (client_id)"),
    ("ledger_action", "ledger (action, id)"),
    ("ledger_application_action", "ledger (application_id, action, id)"),
    ("inbox_failed", "inbox (application_id, id) WHERE handled_at IS NULL AND error IS NOT NULL"),
    ("webhook_deliveries_waiting", "webhook_deliveries (endpoint_id, id) WHERE next_at IS NOT NULL"),
    (
        "webhook_deliveries_failed",
        "webhook_deliveries (endpoint_id, id) WHERE next_at IS NULL AND delivered_at IS NULL",
    ),
    ("revoked_tokens_expires", "revoked_tokens (expires_at)"),
    ("idempotency_keys_created", "idempotency_keys (created_at)"),
    ("organization_invitations_email", "organization_invitations (email)"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, on) in INDEXES {
            sql::run(manager, &format!("CREATE INDEX {name} ON {on}")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in INDEXES {
            sql::run(manager, &format!("DROP INDEX {name}")).await?;
        }
        Ok(())
    }
}
