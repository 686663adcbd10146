//! Notifications that were handled name nobody any more: new ones lose their body then, earlier ones now.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, "UPDATE inbox SET body = CAST('' AS BYTES) WHERE handled_at IS NOT NULL;").await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        // What they said is gone.
        Ok(())
    }
}
