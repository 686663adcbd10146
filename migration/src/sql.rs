//! Runs schema text on either database.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Executes `text`, in which `UUID` and `BYTES` stand for the database's own types.
pub async fn run(manager: &SchemaManager<'_>, text: &str) -> Result<(), DbErr> {
    let (uuid, bytes) = match manager.get_database_backend() {
        DbBackend::Postgres => ("uuid", "bytea"),
        _ => ("blob", "blob"),
    };
    let text = text.replace("UUID", uuid).replace("BYTES", bytes);
    manager.get_connection().execute_unprepared(&text).await?;
    Ok(())
}

/// Drops tables in the given order.
pub async fn drop_tables(manager: &SchemaManager<'_>, tables: &[&str]) -> Result<(), DbErr> {
    for table in tables {
        run(manager, &format!("DROP TABLE {table}")).await?;
    }
    Ok(())
}
