//! When what was made at a provider is to be told what became of its plan or price. What was made before is told once.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
ALTER TABLE provider_objects ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE provider_objects ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE provider_objects ADD COLUMN next_at BIGINT;
CREATE INDEX provider_objects_next ON provider_objects (next_at) WHERE next_at IS NOT NULL;
UPDATE provider_objects SET next_at = 0
    WHERE provider = 'stripe' AND (reference LIKE 'prod_%' OR reference LIKE 'price_%');
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, "DROP INDEX provider_objects_next").await?;
        for column in ["changes", "attempts", "next_at"] {
            sql::run(manager, &format!("ALTER TABLE provider_objects DROP COLUMN {column}")).await?;
        }
        Ok(())
    }
}
