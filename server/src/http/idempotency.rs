//! `Idempotency-Key` on POSTs: same key and body, same answer; same key and another body, 409. Each API says who calls.

use std::collections::BTreeMap;

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::{
        HeaderMap, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{Problem, Timestamp};
use serde_json::value::RawValue;
use service::{
    Services,
    idempotency::{Answer, Begin, Caller, Ticket},
};

use super::{
    body,
    error::{ApiError, Refusal, status},
};

/// Put into the extensions of an answer that holds a secret: the moment at which the secret dies, and until which the
/// answer is kept.
#[derive(Clone, Copy)]
pub struct Secretive(pub Timestamp);

/// The key that a request carries.
///
/// # Errors
/// `APP_001` unless it has 1 to 255 printable characters of ASCII.
pub fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    if text.is_empty() || text.len() > 255 {
        return Err(Problem::field("Idempotency-Key", "must have 1 to 255 printable ASCII characters"));
    }
    Ok(Some(text.to_owned()))
}

/// Executes a request of a caller who is known and may make it, or repeats its answer.
pub async fn once(services: Services, caller: Caller, key: &str, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = match body::read(body).await {
        Ok(bytes) => bytes,
        Err(refused) => return refused.into_response(),
    };
    let content = format!("{} {}\n{}", parts.method, parts.uri, canonical(&bytes));
    let request = Request::from_parts(parts, Body::from(bytes));
    match begin(&services, caller, key, &content).await {
        Ok(ticket) => execute(services, ticket, request, next).await,
        Err(answered) => answered,
    }
}

async fn begin(services: &Services, caller: Caller, key: &str, content: &str) -> Result<Ticket, Response> {
    let conflict = |message| Err(Refusal::new(StatusCode::CONFLICT, message).into_response());
    match services.idempotency().begin(caller, key, content).await {
        Ok(Begin::Execute(ticket)) => Ok(ticket),
        Ok(Begin::Repeat(answer)) => Err(repeat(answer)),
        Ok(Begin::Different) => conflict("this Idempotency-Key was used for another request"),
        Ok(Begin::Busy) => conflict("the first request with this Idempotency-Key is still being executed"),
        Err(error) => Err(ApiError::from(error).into_response()),
    }
}

/// Executes to the end, also when the caller goes away, and keeps the answer.
async fn execute(services: Services, ticket: Ticket, request: Request, next: Next) -> Response {
    let work = async move {
        let (parts, body) = next.run(request).await.into_parts();
        let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        // A server's own trouble is no answer, nor is that it wants a more recent sign-in: the next try executes.
        let passing = [StatusCode::TOO_MANY_REQUESTS, StatusCode::UNAUTHORIZED].contains(&parts.status);
        let kept = !parts.status.is_server_error() && !passing;
        let until = parts.extensions.get().map(|Secretive(until)| *until);
        let answer = kept.then(|| Answer { status: parts.status.as_u16(), body: bytes.to_vec(), until });
        if let Err(error) = services.idempotency().finish(ticket, answer).await {
            tracing::error!(error = &error as &dyn std::error::Error, "the answer was not kept");
        }
        Response::from_parts(parts, Body::from(bytes))
    };
    tokio::spawn(work).await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn repeat(answer: Answer) -> Response {
    let no_store = answer.until.map(|_| [(CACHE_CONTROL, HeaderValue::from_static("no-store"))]);
    let mut response = (status(answer.status), answer.body).into_response();
    response.headers_mut().extend(no_store.into_iter().flatten());
    if response.body().size_hint().exact() != Some(0) {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    } else {
        response.headers_mut().remove(CONTENT_TYPE);
    }
    response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    response
}

/// The body without the client's credentials, which may change between two tries, its fields in order.
fn canonical(bytes: &[u8]) -> String {
    let Ok(mut fields) = serde_json::from_slice::<BTreeMap<String, Box<RawValue>>>(bytes) else {
        return String::from_utf8_lossy(bytes).into_owned();
    };
    fields.remove("client_id");
    fields.remove("client_secret");
    fields.iter().map(|(name, value)| format!("{name:?}: {value}\n")).collect()
}
