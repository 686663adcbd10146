//! What the schema of SQLite must have.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use service::{Services, testing::TestServices};

/// Columns in their order, by their table and what of it they make up.
async fn columns(services: &Services, sql: &str) -> BTreeMap<(String, String), Vec<String>> {
    let db = services.db.read();
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for row in db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap() {
        let text = |at: usize| row.try_get_by_index::<String>(at).unwrap();
        all.entry((text(0), text(1))).or_default().push(text(2));
    }
    all
}

/// Without an index over them all rows of the table are gone through for each one that is deleted of the other table.
/// An index over only some rows is none.
#[tokio::test(flavor = "multi_thread")]
async fn every_foreign_key_has_an_index() {
    let test = TestServices::start().await;
    let services = &test.services;
    if services.db.read().get_database_backend() != DbBackend::Sqlite {
        return;
    }
    let keys = r#"
        SELECT own.name, CAST(key.id AS TEXT), key."from"
        FROM sqlite_master AS own JOIN pragma_foreign_key_list(own.name) AS key
        WHERE own.type = 'table' ORDER BY own.name, key.id, key.seq
    "#;
    let indexes = r#"
        SELECT own.name, list.name, COALESCE(part.name, '')
        FROM sqlite_master AS own JOIN pragma_index_list(own.name) AS list JOIN pragma_index_info(list.name) AS part
        WHERE own.type = 'table' AND list.partial = 0 ORDER BY own.name, list.name, part.seqno
    "#;
    let (keys, indexes) = (columns(services, keys).await, columns(services, indexes).await);
    assert!(keys.contains_key(&("memberships".to_owned(), "0".to_owned())), "they are found");
    let has_index =
        |table: &str, key: &[String]| indexes.iter().any(|((on, _), columns)| on == table && columns.starts_with(key));
    let without: Vec<_> = keys.iter().filter(|((table, _), key)| !has_index(table, key)).collect();
    assert!(without.is_empty(), "{without:?}");
}
