//! How much is taken in of bodies: of each so much and no more, of all that are read at once so much together, and of
//! one that does not come, nothing.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    BoxError,
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::{
        StatusCode,
        header::{RETRY_AFTER, VARY},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use domain::{ErrorCode, Problem, route};
use futures::future::BoxFuture;
use http_body_util::{LengthLimitError, Limited};
use hyper::body::{Frame, SizeHint};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Sleep, sleep, timeout},
};

use super::{
    body,
    envelope::is_api,
    error::{Refusal, envelope},
};
use crate::oidc;

/// The largest body of a form, and of what speaks OAuth, in bytes: nobody needs to be known to send one.
pub const FORM: usize = 64 * 1024;

/// So much of every body is read in any case. What most requests send is less, and never waits for others.
const FREE: usize = 8 * 1024;
/// Beyond it, room is taken in pieces of so many bytes.
const PIECE: usize = 16 * 1024;
/// When to try again, in seconds, where there was no room.
const AGAIN: i64 = 1;

/// The room for the bodies that are read at once.
#[derive(Clone)]
pub struct Room {
    pieces: Arc<Semaphore>,
    /// How long a body waits for others to make room.
    wait: Duration,
    /// How long a body may take to come.
    arrival: Duration,
}

impl Default for Room {
    /// As servers have it: 64 MiB. A body comes before the request as a whole has taken too long.
    fn default() -> Self {
        Self::new(64 << 20, Duration::from_secs(1), Duration::from_secs(25))
    }
}

impl Room {
    /// Room for so many bytes beyond what is free.
    pub fn new(bytes: usize, wait: Duration, arrival: Duration) -> Self {
        Self { pieces: Arc::new(Semaphore::new(bytes / PIECE)), wait, arrival }
    }
}

/// The largest body that a path takes, in bytes.
fn most(path: &str) -> usize {
    let is_contract = is_api(path) && !oidc::speaks_oauth(path);
    if is_contract || is_for_admins(path) { body::LIMIT } else { FORM }
}

/// Whether a path's forms are read for admins alone, who may list much in them.
pub fn is_for_admins(path: &str) -> bool {
    [route::DASHBOARD, route::ORGANIZATIONS]
        .into_iter()
        .any(|base| path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// Middleware: refuses a body that is longer than its path takes, does not come, or finds no room. Whatever the handler
/// makes of half a body, the answer says what was wrong with it.
pub async fn take(State(room): State<Room>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let path = request.uri().path();
    let (most, tongue) = (most(path), Tongue::of(path));
    if request.body().size_hint().lower() > most as u64 {
        return Fault::TooLarge.answer(tongue);
    }
    let account = Arc::new(Account::default());
    let reader = account.clone();
    let request = request.map(|body| {
        let body = Limited::new(body, most);
        Body::new(Taken { body, room, account: reader, read: 0, paid: FREE, waiting: None, arrival: None })
    });
    let response = next.run(request).await;
    match account.fault.get() {
        // Most handlers say it themselves.
        Some(fault) if response.status() != fault.status() => {
            tracing::debug!(?fault, "a body was not taken");
            in_place_of(&response, fault.answer(tongue))
        }
        _ => response,
    }
}

/// An answer instead of another, which pages of other sites may read where they might read that one.
fn in_place_of(other: &Response, mut answer: Response) -> Response {
    for (name, value) in other.headers() {
        if *name == VARY || name.as_str().starts_with("access-control-") {
            answer.headers_mut().append(name, value.clone());
        }
    }
    answer
}

/// What is known of a body, as long as its request is under way: until then what was read of it is held.
#[derive(Default)]
struct Account {
    fault: OnceLock<Fault>,
    pieces: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Account {
    fn add(&self, pieces: OwnedSemaphorePermit) {
        let mut own = self.pieces.lock().unwrap_or_else(PoisonError::into_inner);
        match own.as_mut() {
            Some(own) => own.merge(pieces),
            None => *own = Some(pieces),
        }
    }
}

/// What was wrong with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    TooLarge,
    /// It did not come in time.
    Late,
    /// The client, or the connection, gave up.
    Broken,
    /// There was no room for it.
    Crowded,
}

impl Fault {
    const fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Late => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
            Self::Crowded => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::TooLarge => "the body is too large",
            Self::Late => "the body did not come in time",
            Self::Broken => "the body could not be read",
            Self::Crowded => "too much is being sent to this server",
        }
    }

    fn answer(self, tongue: Tongue) -> Response {
        let status = self.status();
        let mut response = match (self, tongue) {
            (Self::TooLarge, Tongue::Oauth) => oidc::too_large(),
            (_, Tongue::Oauth) => oidc::refuse_body(status, self.description()),
            (Self::TooLarge, Tongue::Api) => body::too_large().into_response(),
            (Self::Crowded, Tongue::Api) => {
                let wait = TimeDelta::seconds(AGAIN);
                envelope(status, Problem::wait(ErrorCode::RateLimited, self.description(), wait))
            }
            (_, Tongue::Api) => Refusal::new(status, self.description()).into_response(),
            (_, Tongue::Page) => status.into_response(),
        };
        if self == Self::Crowded {
            response.headers_mut().insert(RETRY_AFTER, AGAIN.into());
        }
        response
    }
}

/// In whose words a path answers.
#[derive(Clone, Copy, Debug)]
enum Tongue {
    Oauth,
    Api,
    /// Browsers get a page from a layer outside.
    Page,
}

impl Tongue {
    fn of(path: &str) -> Self {
        match (oidc::speaks_oauth(path), is_api(path)) {
            (true, _) => Self::Oauth,
            (false, true) => Self::Api,
            (false, false) => Self::Page,
        }
    }
}

/// A body that is taken in.
struct Taken {
    body: Limited<Body>,
    room: Room,
    account: Arc<Account>,
    /// Bytes.
    read: usize,
    /// Bytes for which there is room.
    paid: usize,
    /// A piece of the body, and the room that it waits for.
    waiting: Option<(Frame<Bytes>, BoxFuture<'static, Option<OwnedSemaphorePermit>>)>,
    /// Runs from when the body has to be waited for.
    arrival: Option<Pin<Box<Sleep>>>,
}

type Piece = Poll<Option<Result<Frame<Bytes>, BoxError>>>;

impl Taken {
    fn fail(&self, fault: Fault, error: BoxError) -> Piece {
        // The first one counts.
        let _ = self.account.fault.set(fault);
        Poll::Ready(Some(Err(error)))
    }

    /// Waits for more of the body.
    fn wait(&mut self, context: &mut Context<'_>) -> Piece {
        let most = self.room.arrival;
        let arrival = self.arrival.get_or_insert_with(|| Box::pin(sleep(most)));
        match arrival.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => self.fail(Fault::Late, Fault::Late.description().into()),
        }
    }

    /// Takes room for a piece of the body, at once where there is some.
    fn pay(&mut self, frame: Frame<Bytes>, context: &mut Context<'_>) -> Piece {
        self.read += frame.data_ref().map_or(0, Bytes::len);
        if self.read <= self.paid {
            return Poll::Ready(Some(Ok(frame)));
        }
        let count = (self.read - self.paid).div_ceil(PIECE);
        self.paid += count * PIECE;
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        if let Ok(pieces) = self.room.pieces.clone().try_acquire_many_owned(count) {
            self.account.add(pieces);
            return Poll::Ready(Some(Ok(frame)));
        }
        let (pieces, most) = (self.room.pieces.clone(), self.room.wait);
        let room = async move { timeout(most, pieces.acquire_many_owned(count)).await.ok()?.ok() };
        self.waiting = Some((frame, Box::pin(room)));
        self.wait_for_room(context)
    }

    fn wait_for_room(&mut self, context: &mut Context<'_>) -> Piece {
        let Some((frame, mut room)) = self.waiting.take() else { return Poll::Ready(None) };
        match room.as_mut().poll(context) {
            Poll::Pending => {
                self.waiting = Some((frame, room));
                Poll::Pending
            }
            Poll::Ready(Some(pieces)) => {
                self.account.add(pieces);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(None) => self.fail(Fault::Crowded, Fault::Crowded.description().into()),
        }
    }
}

impl HttpBody for Taken {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Piece {
        let own = self.get_mut();
        if own.waiting.is_some() {
            return own.wait_for_room(context);
        }
        match Pin::new(&mut own.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => own.pay(frame, context),
            Poll::Ready(Some(Err(error))) => {
                let fault = if error.is::<LengthLimitError>() { Fault::TooLarge } else { Fault::Broken };
                own.fail(fault, error)
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => own.wait(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.waiting.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, io};

    use axum::{
        Router,
        extract::DefaultBodyLimit,
        http::{self, Method},
        middleware,
    };
    use futures::{StreamExt, stream};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    const SHORT: Duration = Duration::from_millis(50);
    const LONG: Duration = Duration::from_secs(20);

    /// A server that says how long a body was.
    fn server(room: &Room) -> Router {
        let measure = async move |body: Bytes| body.len().to_string();
        let layer = middleware::from_fn_with_state(room.clone(), take);
        Router::new().fallback(measure).layer(DefaultBodyLimit::disable()).layer(layer)
    }

    async fn send(room: &Room, path: &str, body: Body) -> (StatusCode, String) {
        let request = http::Request::builder().method(Method::POST).uri(path).body(body).unwrap();
        let response = server(room).oneshot(request).await.unwrap();
        let again = response.headers().contains_key(RETRY_AFTER);
        assert_eq!(again, response.status() == StatusCode::SERVICE_UNAVAILABLE);
        let status = response.status();
        let text = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(text.to_vec()).unwrap())
    }

    /// Of so many bytes, in parts, without saying how many there are.
    fn streamed(size: usize) -> Body {
        let parts: Vec<_> =
            vec![b'x'; size].chunks(1000).map(Bytes::copy_from_slice).map(Ok::<_, Infallible>).collect();
        Body::from_stream(stream::iter(parts))
    }

    #[tokio::test]
    async fn each_path_takes_so_much() {
        let room = Room::default();
        for (path, most) in [
            ("/oauth2/token", FORM),
            ("/api/platform/token", FORM),
            ("/sign-in", FORM),
            ("/dashboards", FORM),
            ("/dashboard/acme/plans/new", body::LIMIT),
            ("/organizations", body::LIMIT),
            ("/api/platform/claims", body::LIMIT),
            ("/api/webhooks/stripe", body::LIMIT),
        ] {
            for exact in [Body::from(vec![b'x'; most]), streamed(most)] {
                assert_eq!(send(&room, path, exact).await, (StatusCode::OK, most.to_string()), "{path}");
            }
            for longer in [Body::from(vec![b'x'; most + 1]), streamed(most + 1)] {
                assert_eq!(send(&room, path, longer).await.0, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
            }
        }
    }

    #[tokio::test]
    async fn what_does_not_come_is_not_waited_for() {
        let room = Room::new(1 << 20, LONG, SHORT);
        let half = || Body::from_stream(stream::iter([Ok::<_, Infallible>("half")]).chain(stream::pending()));
        assert_eq!(send(&room, "/sign-in", half()).await, (StatusCode::REQUEST_TIMEOUT, String::new()));
        let (status, text) = send(&room, "/oauth2/token", half()).await;
        assert_eq!(status, StatusCode::REQUEST_TIMEOUT);
        assert!(text.contains("invalid_request"), "{text}");
        let (status, text) = send(&room, "/api/platform/claims", half()).await;
        assert_eq!(status, StatusCode::REQUEST_TIMEOUT);
        assert!(text.contains("APP_001"), "{text}");
        let broken =
            Body::from_stream(stream::iter([Ok("half"), Err(io::Error::from(io::ErrorKind::ConnectionReset))]));
        assert_eq!(send(&room, "/sign-in", broken).await.0, StatusCode::BAD_REQUEST);
    }

    #[tokio::test]
    async fn all_together_get_so_much_room() {
        let room = Room::new(4 * PIECE, SHORT, LONG);
        let held = room.pieces.clone().try_acquire_many_owned(3).unwrap();
        for path in ["/oauth2/token", "/sign-in", "/api/platform/claims"] {
            for small in [FREE, FREE + PIECE] {
                assert_eq!(send(&room, path, streamed(small)).await.0, StatusCode::OK, "what is left is enough");
            }
            assert_eq!(
                send(&room, path, streamed(FREE + PIECE + 1)).await.0,
                StatusCode::SERVICE_UNAVAILABLE,
                "{path}"
            );
        }
        let larger = || streamed(FREE + 4 * PIECE - 1);
        assert!(send(&room, "/oauth2/token", larger()).await.1.contains("temporarily_unavailable"));
        assert!(send(&room, "/api/platform/claims", larger()).await.1.contains("RATE_001"));
        assert_eq!(room.pieces.available_permits(), 1, "what was refused is free again");

        let room = Room { wait: LONG, ..room };
        let (answer, ()) = tokio::join!(send(&room, "/api/platform/claims", larger()), async { drop(held) });
        assert_eq!(answer.0, StatusCode::OK);
        assert_eq!(room.pieces.available_permits(), 4);
    }

    /// Until the answer is there, the handler may hold what it has read.
    #[tokio::test]
    async fn room_is_taken_until_the_answer() {
        let room = Room::new(4 * PIECE, SHORT, LONG);
        let pieces = room.pieces.clone();
        let look = async move |_: Bytes| pieces.available_permits().to_string();
        let layer = middleware::from_fn_with_state(room.clone(), take);
        let router = Router::new().fallback(look).layer(DefaultBodyLimit::disable()).layer(layer);
        let request = http::Request::builder().method(Method::POST).body(streamed(FREE + 1)).unwrap();
        let left = router.oneshot(request).await.unwrap().into_body().collect().await.unwrap().to_bytes();
        assert_eq!(left, "3");
        assert_eq!(room.pieces.available_permits(), 4);
    }
}
