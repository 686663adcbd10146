//! This server as a client of a provider: OAuth 2 with PKCE, by the `oauth2` crate, over connections that go nowhere
//! private and follow no redirect.

use futures::future::BoxFuture;
use oauth2::{
    AuthUrl, AuthorizationCode, Client as OAuthClient, ClientId, ClientSecret, EndpointNotSet, EndpointSet,
    ExtraTokenFields, HttpRequest, HttpResponse, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    StandardRevocableToken, StandardTokenResponse, TokenResponse, TokenUrl,
    basic::{
        BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
        BasicTokenType,
    },
};
use serde::{Deserialize, Serialize};

use super::{arrive::Failure, discovery::Endpoints, methods::MethodEntry};
use crate::{Error, Result, Services, outbound::Unreached};

/// What OpenID Connect adds to a token response.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct OidcFields {
    #[serde(default)]
    id_token: Option<String>,
}

impl ExtraTokenFields for OidcFields {}

pub(super) type Client = OAuthClient<
    BasicErrorResponse,
    StandardTokenResponse<OidcFields, BasicTokenType>,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// What a provider gives for a code.
pub(super) struct Tokens {
    pub access: String,
    pub id: Option<String>,
}

/// This server as a client of a method's provider.
///
/// # Errors
/// When an address is none.
pub(super) fn client(entry: &MethodEntry, endpoints: &Endpoints, redirect_uri: String) -> Result<Client> {
    let client = OAuthClient::new(ClientId::new(entry.method.client_id.to_string()))
        .set_client_secret(ClientSecret::new(entry.secret.expose().to_owned()))
        .set_auth_type(endpoints.auth.clone())
        .set_auth_uri(AuthUrl::new(endpoints.authorize.to_string()).map_err(Error::internal)?)
        .set_token_uri(TokenUrl::new(endpoints.token.to_string()).map_err(Error::internal)?)
        .set_redirect_uri(RedirectUrl::new(redirect_uri).map_err(Error::internal)?);
    Ok(client)
}

/// How the `oauth2` crate sends its requests.
fn sender(services: &Services) -> impl Fn(HttpRequest) -> BoxFuture<'static, Result<HttpResponse, Unreached>> + use<> {
    let services = services.clone();
    move |request| {
        let services = services.clone();
        Box::pin(async move { services.send(request).await })
    }
}

/// Redeems a code.
///
/// # Errors
/// When the provider does not answer, refuses, or answers what is no token response.
pub(super) async fn redeem(
    services: &Services,
    client: &Client,
    code: &str,
    verifier: &str,
) -> Result<Tokens, Failure> {
    let http = sender(services);
    let answer = client
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
        .request_async(&http)
        .await
        .map_err(|error| match error {
            RequestTokenError::Request(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a sign-in provider does not answer");
                Failure::Unavailable
            }
            RequestTokenError::ServerResponse(refusal) => match refusal.error() {
                BasicErrorResponseType::InvalidClient | BasicErrorResponseType::UnauthorizedClient => {
                    Failure::Untrusted("the provider refuses this server's client id or secret")
                }
                _ => Failure::Untrusted("the provider refuses the code"),
            },
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                Failure::Untrusted("the provider's answer is no token response")
            }
        })?;
    Ok(Tokens { access: answer.access_token().secret().clone(), id: answer.extra_fields().id_token.clone() })
}

/// Whether a provider knows this server.
pub(super) enum Probed {
    Known,
    Unknown,
    /// It does not answer.
    Silence,
}

/// Tries to redeem a code that is none: the refusal tells whether it was the code or the client.
pub(super) async fn probe(services: &Services, client: &Client) -> Probed {
    let http = sender(services);
    let code = AuthorizationCode::new("not-a-code".to_owned());
    let verifier = PkceCodeVerifier::new(services.rng.secret("").expose().to_owned());
    match client.exchange_code(code).set_pkce_verifier(verifier).request_async(&http).await {
        Err(RequestTokenError::Request(_)) => Probed::Silence,
        Err(RequestTokenError::ServerResponse(refusal)) => match refusal.error() {
            BasicErrorResponseType::InvalidClient | BasicErrorResponseType::UnauthorizedClient => Probed::Unknown,
            _ => Probed::Known,
        },
        // GitHub refuses with the status of success.
        Err(RequestTokenError::Parse(_, body)) => {
            let said: Option<serde_json::Value> = serde_json::from_slice(&body).ok();
            match said.as_ref().and_then(|said| said["error"].as_str()) {
                Some("incorrect_client_credentials" | "Not Found") => Probed::Unknown,
                _ => Probed::Known,
            }
        }
        Ok(_) | Err(RequestTokenError::Other(_)) => Probed::Known,
    }
}
