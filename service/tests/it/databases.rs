//! How databases are opened.

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::Path,
    thread,
};

use sea_orm::{ConnectionTrait, DbErr};
use service::{
    db::{self, DatabaseUrl},
    testing::TestServices,
};

/// What is asked of a server of PostgreSQL that offers TLS, and the first byte that follows.
async fn greeting(mode: &str) -> ([u8; 8], u8) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut asked, mut next) = ([0; 8], [0; 1]);
        stream.read_exact(&mut asked).unwrap();
        stream.write_all(b"S").unwrap();
        stream.read_exact(&mut next).unwrap();
        (asked, next[0])
    });
    let url = format!("postgres://turnpike:secret@127.0.0.1:{port}/turnpike?sslmode={mode}");
    assert!(db::connect(&DatabaseUrl::parse(&url).unwrap()).await.is_err(), "it hangs up");
    server.join().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mode_of_tls_can_be_had() {
    // SSLRequest: its length and its number. Then the first record of a handshake.
    let tls = ([0, 0, 0, 8, 4, 210, 22, 47], 22);
    for mode in ["require", "verify-ca", "verify-full"] {
        assert_eq!(greeting(mode).await, tls, "{mode}");
    }
    assert_ne!(greeting("disable").await.0, tls.0);
}

/// What of a file's bytes is `marker`.
fn holds(file: &Path, marker: &str) -> bool {
    fs::read(file).unwrap().windows(marker.len()).any(|bytes| bytes == marker.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_leaves_the_file_of_sqlite() {
    const MARKER: &str = "somebody who wants to be forgotten";
    let test = TestServices::start().await;
    let directory = test.path().join("forgetting");
    fs::create_dir(&directory).unwrap();
    let [file, log] = ["turnpike.db", "turnpike.db-wal"].map(|name| directory.join(name));
    let url = DatabaseUrl::in_directory(&directory);
    let db = db::connect(&url).await.unwrap();
    let write = async |sql: String| {
        let written =
            db.write::<_, DbErr, _>(move |db| Box::pin(async move { db.execute_unprepared(&sql).await.map(drop) }));
        written.await.unwrap();
        db.settle().await.unwrap();
    };
    // More than a page has room for, too.
    let long = MARKER.repeat(1000);
    write("CREATE TABLE people (name TEXT)".to_owned()).await;
    write(format!("INSERT INTO people VALUES ('{MARKER}'), ('{long}')")).await;
    assert!(holds(&file, MARKER), "it is in the file itself");
    write("DELETE FROM people".to_owned()).await;
    assert!(!holds(&file, MARKER) && !holds(&log, MARKER));
}

/// In a directory that everybody may look into, as one of a container's volumes is.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_reads_a_database_of_sqlite() {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt};
    let test = TestServices::start().await;
    let directory = test.path().join("volume");
    fs::create_dir(&directory).unwrap();
    fs::set_permissions(&directory, Permissions::from_mode(0o755)).unwrap();
    let files = ["turnpike.db", "turnpike.db-wal", "turnpike.db-shm"].map(|name| directory.join(name));
    let modes = || files.each_ref().map(|file| fs::metadata(file).unwrap().permissions().mode() & 0o777);
    let url = DatabaseUrl::in_directory(&directory);

    let db = db::connect(&url).await.unwrap();
    db::migrate(&db).await.unwrap();
    assert_eq!(modes(), [0o600; 3], "new");
    // Another node opens it meanwhile.
    files.iter().for_each(|file| fs::set_permissions(file, Permissions::from_mode(0o644)).unwrap());
    let other = db::connect(&url).await.unwrap();
    assert_eq!(modes(), [0o600; 3], "from before");
    assert!(!db::is_empty(&other).await.unwrap());
}
