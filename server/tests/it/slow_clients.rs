use std::{convert::Infallible, future::pending, net::SocketAddr, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
    routing::get,
};
use futures::{StreamExt, stream};
use server::serve::{Limits, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
    time::timeout,
};

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(20);

async fn listen() -> (TcpListener, SocketAddr, Router) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let peer = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() };
    (listener, address, Router::new().route("/", get(peer)))
}

async fn ask(stream: &mut TcpStream) {
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
}

/// One answer.
async fn hear(stream: &mut TcpStream) {
    let mut heard = [0; 1024];
    let length = timeout(LONG, stream.read(&mut heard)).await.unwrap().unwrap();
    let heard = std::str::from_utf8(&heard[..length]).unwrap();
    assert!(heard.starts_with("HTTP/1.1 200 OK") && heard.ends_with("127.0.0.1"), "{heard}");
}

/// What a client hears until the server hangs up.
async fn rest(stream: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    timeout(LONG, stream.read_to_end(&mut heard)).await.expect("the server hangs up").unwrap();
    String::from_utf8(heard).unwrap()
}

#[tokio::test]
async fn half_a_head_and_silence_are_cut_off() {
    let (listener, address, router) = listen().await;
    tokio::spawn(serve(listener, router, Limits { head: SHORT, ..Limits::default() }, pending()));
    // The last two begin like HTTP/2, for which nothing here would run out.
    for start in ["", "G", "GET / HTTP/1.1\r\nhost: x\r\nx-slow: ", "P", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        let heard = rest(&mut stream).await;
        assert!(!heard.contains("200 OK"), "{start}: {heard}");
    }
}

#[tokio::test]
async fn connections_are_kept_and_closed_when_the_server_stops() {
    let (listener, address, router) = listen().await;
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, router, Limits::default(), async move {
        let _ = stopped.await;
    }));
    let mut stream = TcpStream::connect(address).await.unwrap();
    for _ in 0..2 {
        ask(&mut stream).await;
        hear(&mut stream).await;
    }
    // One that has not said anything yet does not hold the server up either.
    let _silent = TcpStream::connect(address).await.unwrap();
    stop.send(()).unwrap();
    assert_eq!(rest(&mut stream).await, "");
    timeout(LONG, serving).await.expect("the server stops").unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

/// An answer without an end, of which a client takes what fits between the two.
#[tokio::test]
async fn who_asks_and_never_reads_is_cut_off() {
    let (listener, address, router) = listen().await;
    let (alive, mut kept) = mpsc::unbounded_channel::<()>();
    let (weak, endless) = (alive.downgrade(), Bytes::from_static(&[b'x'; 64 * 1024]));
    let answer = async move || {
        let part = (weak.upgrade(), endless.clone());
        Body::from_stream(stream::repeat(part).map(|(_alive, part)| Ok::<_, Infallible>(part)))
    };
    let router = router.route("/endless", get(answer));
    tokio::spawn(serve(listener, router, Limits { unread: SHORT, ..Limits::default() }, pending()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /endless HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut heard = [0; 1024];
    let length = timeout(LONG, stream.read(&mut heard)).await.unwrap().unwrap();
    assert!(heard[..length].starts_with(b"HTTP/1.1 200 OK"));
    drop(alive);
    assert!(timeout(LONG, kept.recv()).await.expect("the server gives the answer up").is_none());
}

#[tokio::test]
async fn there_are_so_many_connections_and_others_wait() {
    let (listener, address, router) = listen().await;
    let limits = Limits { connections: 2, ..Limits::default() };
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, router, limits, async move {
        let _ = stopped.await;
    }));
    let mut kept = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        ask(&mut stream).await;
        hear(&mut stream).await;
        kept.push(stream);
    }
    let mut waiting = TcpStream::connect(address).await.unwrap();
    ask(&mut waiting).await;
    assert!(timeout(SHORT, waiting.read(&mut [0])).await.is_err(), "there is no place");
    // Those who have one are served.
    ask(&mut kept[0]).await;
    hear(&mut kept[0]).await;
    drop(kept.pop());
    hear(&mut waiting).await;
    stop.send(()).unwrap();
    timeout(LONG, serving).await.expect("the server stops").unwrap();
}

#[tokio::test]
async fn heads_are_long_and_not_longer() {
    let (listener, address, router) = listen().await;
    tokio::spawn(serve(listener, router, Limits::default(), pending()));
    let with = |more: &str| format!("GET /{more} HTTP/1.1\r\nhost: x\r\n");
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A hint of a session in the query, and as many cookies as a browser keeps for a host.
    let long = format!("{}cookie: {}\r\n\r\n", with(&format!("?hint={}", "x".repeat(16_000))), "x".repeat(32_000));
    stream.write_all(long.as_bytes()).await.unwrap();
    hear(&mut stream).await;
    // Many at once are no long one.
    let many = 200;
    let all = format!("{}x-more: {}\r\n\r\n", with(""), "x".repeat(1000)).repeat(many);
    let (mut reading, mut writing) = stream.split();
    let answers = async {
        let mut heard = String::new();
        while heard.matches("HTTP/1.1 200 OK").count() < many {
            let mut part = [0; 4096];
            let length = timeout(LONG, reading.read(&mut part)).await.expect("an answer").unwrap();
            assert!(length > 0, "{heard}");
            heard.push_str(std::str::from_utf8(&part[..length]).unwrap());
        }
    };
    let (written, ()) = tokio::join!(writing.write_all(all.as_bytes()), answers);
    written.unwrap();

    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut longer = with("") + "cookie: ";
    longer.push_str(&"x".repeat(64 * 1024 - longer.len()));
    stream.write_all(longer.as_bytes()).await.unwrap();
    let mut heard = [0; 1024];
    let length = timeout(LONG, stream.read(&mut heard)).await.unwrap().unwrap();
    assert!(heard[..length].starts_with(b"HTTP/1.1 431 "), "{:?}", std::str::from_utf8(&heard[..length]));
}
