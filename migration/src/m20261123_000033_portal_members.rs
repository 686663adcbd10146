//! The portal sessions of a member are found by the member: what ends every session ends their visits.

use sea_orm_migration::prelude::*;

use crate::sql;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, "CREATE INDEX portal_sessions_membership ON portal_sessions (membership_id);").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        sql::run(manager, "DROP INDEX portal_sessions_membership;").await
    }
}
