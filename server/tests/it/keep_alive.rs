//! Connections after requests whose body nobody wanted.

use std::{future::pending, net::SocketAddr, time::Duration};

use axum::{extract::Request, middleware, middleware::Next};
use server::serve::{Limits, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};

use crate::support::TestApp;

const LONG: Duration = Duration::from_secs(20);

struct Connection(TcpStream);

impl Connection {
    async fn open(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    async fn say(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// The head of one answer, in lower case. Its body is read, too.
    async fn hear(&mut self) -> String {
        let mut heard = Vec::new();
        let head = loop {
            let byte = timeout(LONG, self.0.read_u8()).await.expect("an answer").expect("an open connection");
            heard.push(byte);
            if heard.ends_with(b"\r\n\r\n") {
                break String::from_utf8(heard).unwrap().to_lowercase();
            }
        };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
        let mut body = vec![0; length.parse().unwrap()];
        self.0.read_exact(&mut body).await.unwrap();
        head
    }

    async fn is_closed(&mut self) -> bool {
        matches!(timeout(LONG, self.0.read(&mut [0])).await, Ok(Ok(0) | Err(_)))
    }
}

/// The server, where it listens, and word of every answer that it has made and not sent yet.
async fn start() -> (TestApp, SocketAddr, mpsc::UnboundedReceiver<()>) {
    let app = TestApp::demo().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = mpsc::unbounded_channel();
    let told_of = middleware::from_fn(move |request: Request, next: Next| {
        let tell = tell.clone();
        async move {
            let answer = next.run(request).await;
            let _ = tell.send(());
            answer
        }
    });
    tokio::spawn(serve(listener, app.router().layer(told_of), Limits::default(), pending()));
    (app, address, told)
}

fn head(path: &str, more: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: x\r\n{more}\r\n\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_body_leaves_the_connection_usable() {
    let (_app, address, mut answered) = start().await;
    let mut connection = Connection::open(address).await;
    for (path, more, status) in [
        ("/api/admin/applications", "content-type: application/json", 401),
        ("/sign-in", "content-type: application/x-www-form-urlencoded\r\norigin: https://evil.example", 403),
        ("/api/nope", "content-type: application/json", 404),
        ("/healthz", "content-type: application/json", 405),
        ("/api/platform/claims", "content-type: text/plain", 401),
        ("/demo/sign-out", "origin: https://evil.example", 403),
    ] {
        for (framing, body) in
            [("content-length: 9", "{\"a\": 12}"), ("transfer-encoding: chunked", "1\r\n{\r\n0\r\n\r\n")]
        {
            connection.say(&head(path, &format!("{more}\r\n{framing}"))).await;
            // The answer is made before the body is there.
            timeout(LONG, answered.recv()).await.expect("an answer that needs no body").unwrap();
            connection.say(body).await;
            let answer = connection.hear().await;
            assert!(answer.starts_with(&format!("http/1.1 {status}")), "{path}: {answer}");
            assert!(!answer.contains("connection: close"), "{path}: {answer}");
            connection.say("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await;
            assert!(connection.hear().await.starts_with("http/1.1 200"), "{path}");
            answered.recv().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_ends_says_so() {
    let (_app, address, _) = start().await;
    for (framing, body) in [
        // More than anybody reads.
        ("content-length: 2000000", ""),
        // Half a body, and nothing more.
        ("content-length: 9", "{"),
        // A client that waits to be asked.
        ("content-length: 9\r\nexpect: 100-continue", ""),
    ] {
        let mut connection = Connection::open(address).await;
        connection.say(&head("/api/nope", framing)).await;
        connection.say(body).await;
        let answer = connection.hear().await;
        assert!(answer.starts_with("http/1.1 4") && answer.contains("connection: close"), "{framing}: {answer}");
        assert!(connection.is_closed().await, "{framing}");
    }
}
