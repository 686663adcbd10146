//! What a request's body still holds when its answer is there. A handler need not read the body that it refuses, and
//! hyper then closes the connection without a word, unless everything has arrived already: the next request of the
//! client, or of the proxy that keeps the connection, dies with it.

use std::{
    mem,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{
        HeaderValue, Version,
        header::{CONNECTION, EXPECT},
    },
    middleware::Next,
    response::Response,
};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Frame, SizeHint};

use super::body::LIMIT;

/// How long an answer waits for the rest of its request.
const PATIENCE: Duration = Duration::from_secs(1);

/// Middleware: reads what nobody has read, or says with `Connection: close` (RFC 9112, section 9.6) that the connection
/// ends.
pub async fn settle(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() || request.version() > Version::HTTP_11 {
        return next.run(request).await;
    }
    // Such a client sends the body only when somebody asks for it.
    let waits = request.headers().contains_key(EXPECT);
    let left = Left::default();
    let request = request.map(|body| Body::new(Lent { body, ended: false, left: left.clone() }));
    let mut response = next.run(request).await;
    let rest = left.lock().ok().and_then(|mut left| left.take());
    if let Some(rest) = rest
        && (waits || !drained(rest).await)
    {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Whether the body came to its end within the limits.
async fn drained(body: Body) -> bool {
    if body.size_hint().lower() > LIMIT as u64 {
        return false;
    }
    let mut body = Limited::new(body, LIMIT);
    let end = async {
        while let Some(frame) = body.frame().await {
            if frame.is_err() {
                return false;
            }
        }
        true
    };
    tokio::time::timeout(PATIENCE, end).await.unwrap_or(false)
}

type Left = Arc<Mutex<Option<Body>>>;

/// A body that is left behind when whoever got it drops it before its end.
struct Lent {
    body: Body,
    ended: bool,
    left: Left,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        self.ended |= matches!(frame, Poll::Ready(None));
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.ended
            && !self.body.is_end_stream()
            && let Ok(mut left) = self.left.lock()
        {
            *left = Some(mem::take(&mut self.body));
        }
    }
}
