//! Connections: as `axum::serve` keeps them, and with an end for clients that are slow to say what they want, or to take
//! it.

use std::{future::Future, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    middleware,
    serve::Listener,
};
use futures::FutureExt;
use hyper::server::conn::http1::Builder;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    time::timeout,
};
use tower::ServiceExt;

use crate::{http::leftover, places, unread::Watched};

/// What connections may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many there may be at once. Further ones wait in the system's queue.
    pub connections: usize,
    /// How long the head of a request may take, the first of a connection or the next one.
    pub head: Duration,
    /// How long a client may take nothing of what is written to it.
    pub unread: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: places::most(),
            // Longer than the proxies before us usually keep an idle connection (60 s), so that none of them sends into
            // one that is just being closed.
            head: Duration::from_secs(75),
            unread: Duration::from_secs(30),
        }
    }
}

/// The longest head of a request, in bytes: some of what a client may send before anybody asks who it is. Browsers and
/// proxies stay far below.
const LONGEST_HEAD: usize = 64 * 1024;

/// When the server stops, so long a connection has for what its client had sent by then.
const LAST: Duration = Duration::from_millis(100);

/// Serves until `stop` ends, then until every request that is under way has its answer.
pub async fn serve<L>(mut listener: L, router: Router, limits: Limits, stop: impl Future<Output = ()>)
where
    L: Listener<Io = TcpStream, Addr = SocketAddr>,
{
    let router = router.layer(middleware::from_fn(leftover::settle));
    let (stopping, stopped) = watch::channel(false);
    let (open, mut closed) = mpsc::channel::<()>(1);
    let mut stop = pin!(stop);
    let places = Arc::new(Semaphore::new(limits.connections));
    let keep = |place: OwnedSemaphorePermit, (stream, peer): (TcpStream, SocketAddr)| {
        let (router, stopped, open) = (router.clone(), stopped.clone(), open.clone());
        tokio::spawn(async move {
            connection(stream, peer, router, limits, stopped).await;
            drop((place, open));
        });
    };
    let mut crowded = false;
    loop {
        let free = places.available_permits();
        if free == 0 && !crowded {
            tracing::warn!(connections = limits.connections, "there are as many connections as may be: others wait");
        }
        // Said once, not for every place that is taken again.
        crowded = free == 0 || (crowded && free < limits.connections.div_ceil(10));
        let next = async {
            let place = places.clone().acquire_owned().await;
            (place, listener.accept().await)
        };
        tokio::select! {
            (place, accepted) = next => match place {
                Ok(place) => keep(place, accepted),
                // Nobody closes the semaphore.
                Err(_) => break,
            },
            () = &mut stop => break,
        }
    }
    // Those who were there before the end.
    while let Ok(place) = places.clone().try_acquire_owned()
        && let Some(accepted) = listener.accept().now_or_never()
    {
        keep(place, accepted);
    }
    drop((listener, open));
    stopping.send_replace(true);
    // Nothing is ever sent: it ends when the last connection has dropped its end.
    closed.recv().await;
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    mut stopped: watch::Receiver<bool>,
) {
    // Until something arrives there is no protocol yet, and no timer of one.
    let mut first = [0];
    let arrived = tokio::select! {
        arrived = timeout(limits.head, stream.peek(&mut first)) => arrived,
        () = end(&mut stopped) => timeout(LAST, stream.peek(&mut first)).await,
    };
    if !matches!(arrived, Ok(Ok(1))) {
        return;
    }
    let service = router.map_request(move |request: Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    });
    // HTTP/1.1 alone: before the preface of HTTP/2, and between its frames, no timer runs.
    let mut builder = Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(LONGEST_HEAD);
    let stream = TokioIo::new(Watched::new(stream, limits.unread));
    let mut connection = pin!(builder.serve_connection(stream, TowerToHyperService::new(service)));
    tokio::select! {
        // In this order: a connection that has not been looked at is closed, whatever has arrived on it.
        biased;
        ended = connection.as_mut() => return gone(ended),
        () = end(&mut stopped) => connection.as_mut().graceful_shutdown(),
    }
    gone(connection.await);
}

/// When the server stops.
async fn end(stopped: &mut watch::Receiver<bool>) {
    // One whose sender is gone has stopped as well.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// A client that goes away in the middle is no news.
fn gone(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::trace!(error = &error as &dyn std::error::Error, "a connection broke off");
    }
}
