//! Sending a browser to a provider. What must come back is a row for ten minutes, sealed, and found only by the state
//! and the browser's cookie together: an answer in another browser finds nothing.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{
    ErrorCode, Problem, Secret,
    id::{ApplicationId, SignInMethodId, UserId},
    identity::upstream::UpstreamKind,
    route::ReturnTo,
};
use oauth2::{CsrfToken, PkceCodeChallenge, PkceCodeVerifier, Scope};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde::{Deserialize, Serialize};

use super::{
    Upstreams,
    client::client,
    discovery::{Endpoints, Source},
    methods::MethodEntry,
    recency::Recency,
};
use crate::{
    Ctx, Error, Result, Services, crypto, crypto::Purpose, directory::ApplicationEntry, entity::upstream_states,
};

/// How long somebody may stay at the provider.
pub const LIFE: TimeDelta = TimeDelta::minutes(10);
/// What a browser's cookie begins with.
const PREFIX: &str = "up_";

/// Why somebody goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Intent {
    SignIn,
    /// To link the provider's account to their own.
    Link(UserId),
}

/// Somebody who sets out.
#[derive(Clone, Debug)]
pub struct Departure {
    pub application: Arc<ApplicationEntry>,
    pub method: Arc<MethodEntry>,
    pub intent: Intent,
    /// Where they go on afterwards.
    pub to: ReturnTo,
    /// Their address, as far as it is known.
    pub login_hint: Option<String>,
    /// What the browser's cookie says, where it has one: tabs share it.
    pub browser: Option<String>,
}

/// Where to send the browser, and what its cookie must say.
#[derive(Debug)]
pub struct Departed {
    pub url: String,
    pub browser: Secret,
}

/// What is kept until the browser comes back.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    pub application: ApplicationId,
    pub method: SignInMethodId,
    pub intent: Intent,
    pub to: ReturnTo,
    pub nonce: String,
    pub verifier: String,
    #[serde(default)]
    pub recency: Recency,
    /// Milliseconds since the epoch.
    #[serde(default)]
    pub departed_at: i64,
}

/// By which a row is found.
pub(super) fn hash(state: &str, browser: &str) -> Vec<u8> {
    crypto::hash(&format!("{state}.{browser}"))
}

impl Upstreams<'_> {
    /// Prepares a sign-in at a provider.
    ///
    /// # Errors
    /// `SRV_003` when the provider does not answer or its discovery document is none; `AUTH_007` (fact `retryAfter`, in
    /// seconds) when too many set out from this network; `AUTH_001` or `AUTH_004` for who is to link an account and
    /// whose sign-in is not recent.
    pub async fn depart(&self, ctx: &Ctx, departure: Departure) -> Result<Departed> {
        let services = self.0;
        if let Intent::Link(_) = departure.intent {
            services.factors().fresh(ctx).await?;
        }
        if services.settings.limits {
            services.attempts.depart(ctx.network(), services.now())?;
        }
        let endpoints = services.discover(&departure.method.method).await.map_err(|error| {
            let issuer = departure.method.method.issuer.as_str();
            tracing::warn!(issuer, error = &error as &dyn std::error::Error, "a sign-in provider cannot be used");
            Error::from(Problem::from(ErrorCode::ProviderUnavailable))
        })?;
        let random = || services.rng.secret("").expose().to_owned();
        let state = random();
        let known = departure.browser.clone().filter(|own| own.starts_with(PREFIX) && own.len() < 100);
        let browser = known.map_or_else(|| services.rng.secret(PREFIX), Secret::new);
        let kept = Kept {
            application: departure.application.application.id,
            method: departure.method.method.id,
            intent: departure.intent,
            to: departure.to.clone(),
            nonce: random(),
            verifier: random(),
            recency: match departure.intent {
                Intent::SignIn => services.recency(ctx, &departure.to),
                Intent::Link(_) => Recency::Any,
            },
            departed_at: services.now().timestamp_millis(),
        };
        let url = address(services, ctx, &departure, &endpoints, &kept, &state)?;
        let plain = serde_json::to_vec(&kept).map_err(Error::internal)?;
        let row = upstream_states::ActiveModel {
            hash: Set(hash(&state, browser.expose())),
            sealed: Set(services.vault.seal(Purpose::UpstreamState, &plain, &*services.rng)),
            expires_at: Set((services.now() + LIFE).timestamp_millis()),
        };
        services
            .db
            .write(move |db| {
                Box::pin(async move {
                    upstream_states::Entity::insert(row).exec_without_returning(db).await?;
                    Ok::<_, Error>(())
                })
            })
            .await?;
        Ok(Departed { url, browser })
    }
}

fn address(
    services: &Services,
    ctx: &Ctx,
    departure: &Departure,
    endpoints: &Endpoints,
    kept: &Kept,
    state: &str,
) -> Result<String> {
    let entry = &departure.method;
    let redirect_uri = services.upstream_redirect_uri(&departure.application, entry.method.slug.as_str());
    let client = client(entry, endpoints, redirect_uri)?;
    let scopes: &[&str] = match endpoints.source {
        Source::IdToken { .. } => &["openid", "email", "profile"],
        Source::GitHub(_) => &["read:user", "user:email"],
    };
    let verifier = PkceCodeVerifier::new(kept.verifier.clone());
    let mut request = client
        .authorize_url(|| CsrfToken::new(state.to_owned()))
        .add_scopes(scopes.iter().map(|scope| Scope::new((*scope).to_owned())))
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
    // Google refuses a prompt that it does not know, and never says when.
    if entry.method.kind == UpstreamKind::Oidc {
        for (name, value) in kept.recency.parameters() {
            request = request.add_extra_param(name, value);
        }
    }
    match entry.method.kind {
        UpstreamKind::Google | UpstreamKind::Oidc => {
            request = request.add_extra_param("nonce", kept.nonce.clone());
            let locale = ctx.locale.unwrap_or(departure.application.application.settings.default_locale);
            request = request.add_extra_param("ui_locales", locale.tag());
            if let Some(hint) = &departure.login_hint {
                request = request.add_extra_param("login_hint", hint.clone());
            }
        }
        UpstreamKind::GitHub => {
            if let Some(hint) = &departure.login_hint {
                request = request.add_extra_param("login", hint.clone());
            }
        }
    }
    Ok(request.url().0.into())
}
