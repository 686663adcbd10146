//! Acme's side of OpenID Connect: a confidential client with PKCE, state and nonce, by the `oauth2` crate. Only the
//! way of its requests is unusual: they go to this server's own router without a network.

use std::convert::Infallible;

use axum::{Router, body::Body};
use domain::route;
use oauth2::{
    AuthUrl, AuthorizationCode, Client as OAuthClient, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError,
    Scope, StandardRevocableToken, StandardTokenResponse, TokenResponse, TokenUrl,
    basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType},
};
use serde::{Deserialize, Serialize};
use service::{Services, random::Rng};
use tower::ServiceExt;

use super::{Tokens, verify};

const CLIENT_ID: &str = "acme-demo";
const SCOPES: [&str; 5] = ["openid", "profile", "email", "offline_access", "roles"];
/// More than any answer to a client has.
const LARGEST: usize = 256 * 1024;

/// What OpenID Connect adds to a token response.
#[derive(Debug, Deserialize, Serialize)]
struct OidcFields {
    id_token: Option<String>,
}

impl oauth2::ExtraTokenFields for OidcFields {}

type Response = StandardTokenResponse<OidcFields, BasicTokenType>;
type OidcClient = OAuthClient<
    BasicErrorResponse,
    Response,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// What must come back, kept in the browser while it signs in.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Login {
    pub state: String,
    pub nonce: String,
    pub verifier: String,
}

pub(super) struct Client {
    services: Services,
    router: Router,
    oauth: OidcClient,
    secret: String,
}

impl Client {
    /// # Errors
    /// When the issuer is no URL.
    pub fn new(services: Services, router: Router, secret: &str) -> anyhow::Result<Self> {
        let at = |path: &str| format!("{}{path}", services.settings.issuer);
        let oauth = OAuthClient::new(ClientId::new(CLIENT_ID.into()))
            .set_client_secret(ClientSecret::new(secret.into()))
            .set_auth_uri(AuthUrl::new(at(route::AUTHORIZE))?)
            .set_token_uri(TokenUrl::new(at(route::TOKEN))?)
            .set_redirect_uri(RedirectUrl::new(at("/demo/callback"))?);
        Ok(Self { services, router, oauth, secret: secret.into() })
    }

    /// Where to send the browser, and what to remember of it.
    pub fn begin(&self, plan: Option<&str>, select_plan: bool) -> (url::Url, Login) {
        let rng: &dyn Rng = &*self.services.rng;
        let random = || rng.secret("").expose().to_owned();
        let login = Login { state: random(), nonce: random(), verifier: random() };
        let verifier = PkceCodeVerifier::new(login.verifier.clone());
        let mut request = self
            .oauth
            .authorize_url(|| CsrfToken::new(login.state.clone()))
            .add_scopes(SCOPES.map(|scope| Scope::new(scope.into())))
            .add_extra_param("nonce", login.nonce.clone())
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if let Some(plan) = plan {
            request = request.add_extra_param("plan", plan.to_owned());
        }
        if select_plan {
            request = request.add_extra_param("prompt", "select_plan");
        }
        (request.url().0, login)
    }

    /// The tokens for a code.
    ///
    /// # Errors
    /// A sentence for the log.
    pub async fn finish(&self, code: String, login: Login) -> Result<Tokens, String> {
        let http = |request| send(self.router.clone(), request);
        let response = self
            .oauth
            .exchange_code(AuthorizationCode::new(code))
            .set_pkce_verifier(PkceCodeVerifier::new(login.verifier))
            .request_async(&http)
            .await
            .map_err(describe)?;
        self.tokens(response, Some(&login.nonce), None).await
    }

    /// New tokens for the refresh token.
    ///
    /// # Errors
    /// As [`Self::finish`].
    pub async fn refresh(&self, old: &Tokens) -> Result<Tokens, String> {
        let http = |request| send(self.router.clone(), request);
        let token = RefreshToken::new(old.refresh.clone().ok_or("there is no refresh token")?);
        let response = self.oauth.exchange_refresh_token(&token).request_async(&http).await.map_err(describe)?;
        self.tokens(response, None, Some(old)).await
    }

    async fn tokens(&self, response: Response, nonce: Option<&str>, old: Option<&Tokens>) -> Result<Tokens, String> {
        let id_token = response.extra_fields().id_token.clone().ok_or("there is no id_token")?;
        let expected = verify::Expected {
            issuer: &self.services.settings.issuer,
            client_id: CLIENT_ID,
            nonce,
            now: self.services.now().timestamp(),
        };
        let keys = self.keys().await?;
        let claims = verify::id_token(&id_token, &keys, &expected)?;
        if let Some(old) = old
            && verify::claims(&old.id)["sub"] != claims["sub"]
        {
            return Err("the tokens are somebody else's".into());
        }
        let rotated = response.refresh_token().map(|token| token.secret().clone());
        Ok(Tokens {
            access: response.access_token().secret().clone(),
            refresh: rotated.or_else(|| old.and_then(|old| old.refresh.clone())),
            id: id_token,
        })
    }

    /// A visit to the customer portal for the signed-in user, who comes back here.
    ///
    /// # Errors
    /// As [`Self::finish`].
    pub async fn portal(&self, tokens: &Tokens) -> Result<String, String> {
        let body = serde_json::json!({
            "client_id": CLIENT_ID,
            "client_secret": self.secret,
            "end_user_id": verify::claims(&tokens.id)["sub"],
        });
        let request = http::Request::post("/api/platform/portal/sessions")
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(body.to_string().into_bytes())
            .map_err(|e| e.to_string())?;
        let response = send(self.router.clone(), request).await.map_err(|e| e.to_string())?;
        let answer: serde_json::Value = serde_json::from_slice(response.body()).map_err(|e| e.to_string())?;
        let url = answer["portal_url"].as_str().ok_or_else(|| answer["error"]["code"].to_string())?;
        Ok(format!("{url}&redirect_uri={}{}", self.services.settings.issuer, route::DEMO))
    }

    async fn keys(&self) -> Result<jsonwebtoken::jwk::JwkSet, String> {
        let request = http::Request::get(route::JWKS).body(Vec::new()).map_err(|e| e.to_string())?;
        let response = send(self.router.clone(), request).await.map_err(|e| e.to_string())?;
        serde_json::from_slice(response.body()).map_err(|e| e.to_string())
    }

    /// Where the issuer ends its own session and sends the browser back.
    pub fn logout_url(&self, tokens: &Tokens) -> String {
        let back = format!("{}{}", self.services.settings.issuer, route::DEMO);
        let query = [("id_token_hint", tokens.id.as_str()), ("post_logout_redirect_uri", &back)];
        let query = serde_urlencoded::to_string(query).unwrap_or_default();
        format!("{}?{query}", route::LOGOUT)
    }
}

fn describe<E: std::error::Error>(error: RequestTokenError<E, BasicErrorResponse>) -> String {
    match error {
        RequestTokenError::ServerResponse(answer) => answer.error().to_string(),
        other => other.to_string(),
    }
}

/// One request through the router.
async fn send(router: Router, request: HttpRequest) -> Result<HttpResponse, Infallible> {
    let (mut parts, body) = request.into_parts();
    if let Some(path) = parts.uri.path_and_query() {
        parts.uri = path.clone().into();
    }
    let response = router.oneshot(http::Request::from_parts(parts, Body::from(body))).await?;
    let (parts, body) = response.into_parts();
    // An answer that breaks off is as good as an empty one: it is no JSON.
    let body = axum::body::to_bytes(body, LARGEST).await.unwrap_or_default();
    Ok(http::Response::from_parts(parts, body.to_vec()))
}
