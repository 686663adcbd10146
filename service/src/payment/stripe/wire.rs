//! Calls to Stripe: a time limit and repetitions with the same idempotency key around async-stripe's client, which
//! has neither by default. Answers are read tolerantly: only the fields that are used have to be there.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::{ErrorCode, Problem, Secret, billing::payment::Mode};
use serde::de::DeserializeOwned;
use stripe::{
    ApiErrors, ApiErrorsCode, Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError, StripeRequest,
};

use stripe_client_core::RequestBuilder;

use crate::{
    Error, Result, Settings, crypto,
    payment::{Refused, unanswered},
};

/// A client for every key: one keeps its sessions with Stripe, and takes long to make.
#[derive(Default)]
pub struct Connections(Mutex<HashMap<Vec<u8>, Client>>);

impl Connections {
    fn client(&self, settings: &Settings, secret: &Secret) -> Result<Client> {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Keys that were replaced are not kept for ever.
        if clients.len() > KEPT {
            clients.clear();
        }
        Ok(match clients.entry(crypto::hash(secret.expose())) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(new) => new.insert(client(settings, secret)?).clone(),
        })
    }
}

/// How many clients are kept.
const KEPT: usize = 1000;

/// An account's line to Stripe.
pub(super) struct Wire {
    client: Client,
    /// How long to wait before each repetition.
    waits: [Duration; 2],
}

/// Why a call gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Stripe(#[from] StripeError),
    #[error("Stripe answered what cannot be read")]
    Unreadable(#[from] serde_json::Error),
    #[error("Stripe answered an object of the other mode than the key's")]
    OtherMode,
}

impl Wire {
    /// # Errors
    /// Internal, for a key that cannot stand in a header.
    pub fn new(connections: &Connections, settings: &Settings, secret: &Secret) -> Result<Self> {
        Ok(Self { client: connections.client(settings, secret)?, waits: settings.provider_waits })
    }

    /// Asks for something that is there.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn get<T: DeserializeOwned + HasMode>(
        &self,
        request: &impl StripeRequest,
        mode: Mode,
    ) -> Result<Option<T>> {
        match self.call(request.build(), None).await {
            Ok(found) => checked(found, mode).map(Some),
            Err(Trouble::Stripe(error)) if is_missing(&error) => Ok(None),
            Err(trouble) => Err(fault(trouble)),
        }
    }

    /// Makes something, once: `purpose` and `of` name it together with what is asked for, so that a repetition is the
    /// same and another wish is another.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn make<T: DeserializeOwned + HasMode>(
        &self,
        request: &impl StripeRequest,
        (purpose, of): (&str, &str),
        mode: Mode,
    ) -> Result<T> {
        let request = request.build();
        let digest = crypto::base64url(crypto::hash(request.body.as_deref().unwrap_or_default()));
        let key = format!("{purpose}-{of}-{}", &digest[..digest.len().min(16)]);
        let made = self.call(request, Some(key)).await.map_err(fault)?;
        checked(made, mode)
    }

    /// Sets something to a value: twice is as once, without a key.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn set<T: DeserializeOwned + HasMode>(&self, request: RequestBuilder, mode: Mode) -> Result<Option<T>> {
        match self.call(request, None).await {
            Ok(found) => checked(found, mode).map(Some),
            Err(Trouble::Stripe(error)) if is_missing(&error) => Ok(None),
            Err(trouble) => Err(fault(trouble)),
        }
    }

    /// # Errors
    /// [`Trouble`], after the last repetition.
    async fn call<T: DeserializeOwned>(&self, request: RequestBuilder, key: Option<String>) -> Result<T, Trouble> {
        let mut waits = self.waits.iter();
        loop {
            match self.once(&request, key.as_deref()).await {
                Err(Trouble::Stripe(error)) if passes(&error) => match waits.next() {
                    Some(wait) => tokio::time::sleep(*wait).await,
                    None => return Err(error.into()),
                },
                answered => return answered,
            }
        }
    }

    async fn once<T: DeserializeOwned>(&self, request: &RequestBuilder, key: Option<&str>) -> Result<T, Trouble> {
        let mut call = again(request).customize::<miniserde::json::Value>();
        if let Some(key) = key.and_then(|key| IdempotencyKey::new(key).ok()) {
            call = call.request_strategy(RequestStrategy::Idempotent(key));
        }
        let answer = call.send(&self.client).await?;
        Ok(serde_json::from_str(&miniserde::json::to_string(&answer))?)
    }
}

fn client(settings: &Settings, secret: &Secret) -> Result<Client> {
    // Two libraries bring a provider each; whoever comes first chooses ours.
    _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut builder = ClientBuilder::new(secret.expose())
        .timeout(settings.provider_timeout)
        .request_strategy(RequestStrategy::Once)
        .app_info("turnpike", Some(env!("CARGO_PKG_VERSION").into()), None);
    if let Some(url) = &settings.stripe_url {
        builder = builder.url(format!("{}/", url.trim_end_matches('/')));
    }
    builder.build().map_err(Error::internal)
}

fn again(request: &RequestBuilder) -> RequestBuilder {
    RequestBuilder {
        query: request.query.clone(),
        body: request.body.clone(),
        path: request.path.clone(),
        method: request.method,
    }
}

/// Trouble that goes by: no answer, too many requests, the same request still running, Stripe itself down.
fn passes(error: &StripeError) -> bool {
    match error {
        StripeError::Timeout | StripeError::ClientError(_) => true,
        StripeError::Stripe(_, status) => matches!(status, 409 | 429 | 500..),
        // An error page that is no JSON comes from in between.
        StripeError::JSONDeserialize(_) => true,
        StripeError::ConfigError(_) => false,
    }
}

fn is_missing(error: &StripeError) -> bool {
    let missing = |errors: &ApiErrors| matches!(errors.code, Some(ApiErrorsCode::ResourceMissing));
    matches!(error, StripeError::Stripe(errors, 404) if missing(errors))
}

fn fault(trouble: Trouble) -> Error {
    match trouble {
        Trouble::Stripe(StripeError::Stripe(_, 401)) => {
            Problem::new(ErrorCode::BadCredentials, "Stripe does not know this secret key").into()
        }
        Trouble::Stripe(StripeError::Stripe(_, 403)) => {
            Problem::new(ErrorCode::BadCredentials, "Stripe does not allow this key to do so").into()
        }
        Trouble::Stripe(StripeError::Stripe(errors, _)) if errors.code == Some(ApiErrorsCode::AmountTooSmall) => {
            Problem::field("amount", "Stripe takes no amount that is so small").into()
        }
        Trouble::Stripe(error) if passes(&error) => unanswered(&error),
        trouble => Error::internal(trouble),
    }
}

/// The error of a charge of which nothing is there, marked where Stripe would say the same for ever.
pub(super) fn refused(error: Error) -> Error {
    let is_refused = match &error {
        Error::Internal(source) => match source.downcast_ref::<Trouble>() {
            Some(Trouble::Stripe(StripeError::Stripe(_, status))) => Refused::is_said_by(*status),
            _ => false,
        },
        // The sum is one that Stripe does not take.
        Error::Problem(problem) => problem.code == ErrorCode::InvalidInput,
    };
    if is_refused { Error::internal(Refused(error)) } else { error }
}

/// An answer that says whether real money is meant.
pub(super) trait HasMode {
    /// `None` where the object does not say.
    fn livemode(&self) -> Option<bool>;
}

/// Live answers to a live key, test answers to a test key; anything else is refused.
fn checked<T: HasMode>(answer: T, mode: Mode) -> Result<T> {
    match answer.livemode() {
        Some(live) if live != (mode == Mode::Live) => Err(fault(Trouble::OtherMode)),
        _ => Ok(answer),
    }
}
