//! How databases are opened.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

use service::db::{self, DatabaseUrl};

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
