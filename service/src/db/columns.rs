//! What columns of JSON hold; and statements that are written once and read by position, for the few reads that every
//! request waits for: a query builder would put them together, and look up their columns by name, each time.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, QueryResult, Statement, TryGetable, Value};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Error, Result};

/// Reads a row from left to right.
pub(crate) struct Columns<'a> {
    row: &'a QueryResult,
    at: usize,
}

impl<'a> Columns<'a> {
    pub const fn of(row: &'a QueryResult) -> Self {
        Self { row, at: 0 }
    }

    pub fn next<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        let value = self.row.try_get_by_index(self.at)?;
        self.at += 1;
        Ok(value)
    }

    /// Passes over the columns of a row that is not there.
    pub const fn skip(&mut self, columns: usize) {
        self.at += columns;
    }
}

/// A value as a JSON column holds it. It is read again, as the column will be: what could not be read afterwards is
/// never written.
///
/// # Errors
/// When it cannot be serialised, or read again.
pub(crate) fn json<T: Serialize + DeserializeOwned>(value: &T) -> Result<String> {
    let text = serde_json::to_string(value).map_err(Error::internal)?;
    domain::stored::read::<T>(&text).map_err(Error::internal)?;
    Ok(text)
}

/// # Errors
/// The database's own.
pub(crate) async fn query<const N: usize>(
    db: &DatabaseConnection,
    sql: &'static str,
    values: [Value; N],
) -> Result<Vec<QueryResult>, DbErr> {
    db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await
}
