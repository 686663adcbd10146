//! A small HTTP server on loopback: puts a fake provider, which answers requests in process, behind an address.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::{Bytes, Incoming},
    service::service_fn,
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
};

/// A request, read whole.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    /// Path without query.
    pub path: String,
    /// Without the question mark; empty when there is none.
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Request {
    /// A header's text, empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// An answer, whole.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(status: StatusCode, body: &serde_json::Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    pub fn new(status: StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(media_type))]);
        Self { status, headers, body: body.into() }
    }

    /// With one more header. A value that is no header value is left out.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }
}

/// What becomes of a request.
#[derive(Clone, Debug)]
pub enum Reply {
    Answer(Answer),
    /// Nothing comes back, and the connection stays open until the client gives up.
    Silence,
    /// The connection ends without an answer.
    HangUp,
}

/// A server that runs until it is dropped.
pub struct HttpServer {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl HttpServer {
    /// Listens on a free port of 127.0.0.1.
    pub async fn start(answer: impl Fn(Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen(SocketAddr::from(([127, 0, 0, 1], 0)), answer).await.expect("a free port")
    }

    /// Listens on `address`; port 0 is any free one.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn listen(
        address: SocketAddr,
        answer: impl Fn(Request) -> Reply + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let accepting = tokio::spawn(accept(listener, Arc::new(answer)));
        Ok(Self { address, accepting })
    }

    /// `http://127.0.0.1:PORT`, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

type Answering<F> = Arc<F>;

async fn accept<F: Fn(Request) -> Reply + Send + Sync + 'static>(listener: TcpListener, answer: Answering<F>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                let answer = answer.clone();
                connections.spawn(async move {
                    let service = service_fn(|request| serve(request, answer.clone()));
                    // A client that goes away is no fault of the server.
                    _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
                });
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve<F: Fn(Request) -> Reply>(
    request: http::Request<Incoming>,
    answer: Answering<F>,
) -> Result<http::Response<Full<Bytes>>, std::io::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(std::io::Error::other)?.to_bytes();
    let request = Request {
        method: head.method,
        path: head.uri.path().into(),
        query: head.uri.query().unwrap_or_default().into(),
        headers: head.headers,
        body,
    };
    match answer(request) {
        Reply::Answer(Answer { status, headers, body }) => {
            let mut response = http::Response::new(Full::new(body));
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            Ok(response)
        }
        Reply::Silence => match std::future::pending::<Infallible>().await {},
        Reply::HangUp => Err(std::io::Error::other("hung up")),
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    use super::*;

    async fn ask(server: &HttpServer, path: &str) -> String {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let request = format!("POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn answers_and_hangs_up() {
        let server = HttpServer::start(|request| match request.path.as_str() {
            "/gone" => Reply::HangUp,
            _ => {
                let seen = serde_json::json!({ "query": request.query, "body": request.body.as_ref() });
                Reply::Answer(Answer::json(StatusCode::CREATED, &seen).with("x-test", "yes"))
            }
        })
        .await;
        let text = ask(&server, "/a?b=c").await;
        assert!(text.starts_with("HTTP/1.1 201"), "{text}");
        assert!(text.contains("x-test: yes") && text.contains(r#"{"query":"b=c","body":[104,105]}"#), "{text}");
        assert_eq!(ask(&server, "/gone").await, "");
    }
}
