//! The dashboard sorts payments by amount, and subscriptions by the end of what is paid: those without one last.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE INDEX payments_amount ON payments (application_id, currency, amount, id);
CREATE INDEX subscriptions_period_end ON subscriptions (COALESCE(period_end_at, 9223372036854775807), id);
";

const DOWN: &str = "
DROP INDEX subscriptions_period_end;
DROP INDEX payments_amount;
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
