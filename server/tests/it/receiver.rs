//! A product's server: it notes what is posted to it.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use service::testing::http::{Answer, HttpServer, Reply, Request};

/// Answers with a status of the test's.
pub struct Receiver {
    server: HttpServer,
    posted: Arc<Mutex<Vec<Request>>>,
    status: Arc<Mutex<StatusCode>>,
}

impl Receiver {
    /// One that says `thanks`, with 200 at first.
    pub async fn start(thanks: &'static str) -> Self {
        let posted = Arc::new(Mutex::new(Vec::new()));
        let status = Arc::new(Mutex::new(StatusCode::OK));
        let (seen, answer) = (posted.clone(), status.clone());
        let server = HttpServer::start(move |request| {
            seen.lock().unwrap().push(request);
            Reply::Answer(Answer::new(*answer.lock().unwrap(), "text/html", thanks))
        })
        .await;
        Self { server, posted, status }
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    pub fn answers(&self, status: StatusCode) {
        *self.status.lock().unwrap() = status;
    }

    /// What has been posted since the last time.
    pub fn posted(&self) -> Vec<Request> {
        std::mem::take(&mut *self.posted.lock().unwrap())
    }
}
