use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
ALTER TABLE users ADD COLUMN profile TEXT;
ALTER TABLE users ADD COLUMN updated_at BIGINT;
ALTER TABLE grants ADD COLUMN claims TEXT;
";

const DOWN: &str = "
ALTER TABLE grants DROP COLUMN claims;
ALTER TABLE users DROP COLUMN updated_at;
ALTER TABLE users DROP COLUMN profile;
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
