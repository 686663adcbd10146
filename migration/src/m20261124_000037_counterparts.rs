//! What was made at a provider is found by whose it is: who changes their address has a customer in several applications.
//! Customers of those who have changed since they came, or are gone, are told who they are now.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE INDEX provider_objects_local ON provider_objects (local_id);
UPDATE provider_objects SET next_at = 0
    WHERE provider = 'stripe' AND mode IN ('live', 'test') AND local_id IN (
        SELECT memberships.id FROM memberships JOIN users ON users.id = memberships.user_id
            WHERE users.deleted_at IS NOT NULL OR users.updated_at > users.created_at);
CREATE INDEX orders_noted ON orders (status_at) WHERE payer IS NOT NULL OR metadata IS NOT NULL;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, "DROP INDEX orders_noted; DROP INDEX provider_objects_local;").await
    }
}
