//! What waits is looked for by application. A row for which nothing waits is in none of these indexes.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
DROP INDEX inbox_next;
DROP INDEX steering_next;
DROP INDEX provider_objects_next;
CREATE INDEX inbox_next ON inbox (application_id, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX steering_next ON steering (application_id, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX provider_objects_next ON provider_objects (application_id, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX orders_due ON orders (application_id, status, status_at);
";

const DOWN: &str = "
DROP INDEX orders_due;
DROP INDEX inbox_next;
DROP INDEX steering_next;
DROP INDEX provider_objects_next;
CREATE INDEX inbox_next ON inbox (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX steering_next ON steering (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX provider_objects_next ON provider_objects (next_at) WHERE next_at IS NOT NULL;
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
