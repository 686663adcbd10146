//! The schema, one reversible file per change. Columns ending in `_at` are milliseconds since the epoch; JSON is text.

use sea_orm_migration::prelude::*;

mod m20261121_000001_identity;
mod m20261121_000002_applications;
mod m20261121_000003_billing;
mod m20261121_000004_oauth;
mod m20261121_000005_money;
mod m20261121_000006_collection;
mod m20261121_000007_portal;
mod m20261121_000008_mail;
mod m20261121_000009_mail_links;
mod m20261121_000010_claims;
mod m20261121_000011_client_proofs;
mod m20261121_000012_logout_notices;
mod m20261121_000013_dpop;
mod m20261121_000014_registration;
mod m20261121_000015_catalog_coupons;
mod m20261121_000016_callers;
mod m20261121_000017_factors;
mod m20261121_000018_passkeys;
mod m20261121_000019_upstream;
mod m20261121_000020_grants_user;
mod m20261121_000021_deleted_users;
mod m20261121_000022_device_codes;
mod m20261121_000023_organizations;
mod m20261121_000024_webhooks;
mod m20261122_000025_passkey_hosts;
mod m20261122_000026_consents_revoked;
mod m20261122_000027_wares;
mod m20261122_000028_accounts;
mod m20261122_000029_sorted_lists;
mod m20261122_000030_registered_clients;
mod m20261123_000031_rounds;
mod m20261123_000032_registration_pkce;
mod m20261123_000033_portal_members;
mod m20261123_000034_lookups;
mod m20261124_000035_redacted;
mod m20261124_000036_handled_bodies;
mod m20261124_000037_counterparts;
mod m20261124_000038_tokens_from;
mod sql;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, TransactionTrait};

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_identity::Migration),
            Box::new(m20261121_000002_applications::Migration),
            Box::new(m20261121_000003_billing::Migration),
            Box::new(m20261121_000004_oauth::Migration),
            Box::new(m20261121_000005_money::Migration),
            Box::new(m20261121_000006_collection::Migration),
            Box::new(m20261121_000007_portal::Migration),
            Box::new(m20261121_000008_mail::Migration),
            Box::new(m20261121_000009_mail_links::Migration),
            Box::new(m20261121_000010_claims::Migration),
            Box::new(m20261121_000011_client_proofs::Migration),
            Box::new(m20261121_000012_logout_notices::Migration),
            Box::new(m20261121_000013_dpop::Migration),
            Box::new(m20261121_000014_registration::Migration),
            Box::new(m20261121_000015_catalog_coupons::Migration),
            Box::new(m20261121_000016_callers::Migration),
            Box::new(m20261121_000017_factors::Migration),
            Box::new(m20261121_000018_passkeys::Migration),
            Box::new(m20261121_000019_upstream::Migration),
            Box::new(m20261121_000020_grants_user::Migration),
            Box::new(m20261121_000021_deleted_users::Migration),
            Box::new(m20261121_000022_device_codes::Migration),
            Box::new(m20261121_000023_organizations::Migration),
            Box::new(m20261121_000024_webhooks::Migration),
            Box::new(m20261122_000025_passkey_hosts::Migration),
            Box::new(m20261122_000026_consents_revoked::Migration),
            Box::new(m20261122_000027_wares::Migration),
            Box::new(m20261122_000028_accounts::Migration),
            Box::new(m20261122_000029_sorted_lists::Migration),
            Box::new(m20261122_000030_registered_clients::Migration),
            Box::new(m20261123_000031_rounds::Migration),
            Box::new(m20261123_000032_registration_pkce::Migration),
            Box::new(m20261123_000033_portal_members::Migration),
            Box::new(m20261123_000034_lookups::Migration),
            Box::new(m20261124_000035_redacted::Migration),
            Box::new(m20261124_000036_handled_bodies::Migration),
            Box::new(m20261124_000037_counterparts::Migration),
            Box::new(m20261124_000038_tokens_from::Migration),
        ]
    }
}

/// Applies what is missing. On PostgreSQL several nodes may start at once: an advisory lock lets one work at a time.
///
/// # Errors
/// The database's own; nothing stays applied then.
pub async fn up(db: &DatabaseConnection) -> Result<(), DbErr> {
    let transaction = db.begin().await?;
    if db.get_database_backend() == DbBackend::Postgres {
        transaction.execute_unprepared("SELECT pg_advisory_xact_lock(8413021)").await?;
    }
    Migrator::up(&transaction, None).await?;
    transaction.commit().await
}

/// Takes back the last `steps` changes.
///
/// # Errors
/// The database's own.
pub async fn down(db: &DatabaseConnection, steps: u32) -> Result<(), DbErr> {
    Migrator::down(db, Some(steps)).await
}

/// Whether this database was ever migrated.
///
/// # Errors
/// The database's own.
pub async fn has_history(db: &DatabaseConnection) -> Result<bool, DbErr> {
    SchemaManager::new(db).has_table("seaql_migrations").await
}
