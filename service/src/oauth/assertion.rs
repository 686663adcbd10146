//! `private_key_jwt`: a client proves itself by a JWT that it signed (RFC 7523, sections 2.2 and 3; OpenID Connect
//! Core, 9).

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{oauth::error::OAuthError, route};
use serde::Deserialize;
use serde_json::Value;

use super::{Failure, used_ids};
use crate::{
    Services,
    directory::ClientEntry,
    identity::attempts::Network,
    keys::foreign::{Jws, SKEW, numeric_date},
    security_log::{Event, Reason},
};

/// The only `client_assertion_type` that there is.
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The longest life of an assertion.
const LIFE: TimeDelta = TimeDelta::hours(1);

/// What an assertion must say.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    jti: String,
    /// Seconds since the epoch, as the next ones. Some clients write fractions.
    exp: f64,
    #[serde(default)]
    nbf: Option<f64>,
    #[serde(default)]
    iat: Option<f64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// A token that says nothing of its kind, or that it is one of these (RFC 8725, section 3.11).
fn is_assertion(token: &Jws<'_>) -> bool {
    let is_one = |kind: &str| ["JWT", "client-authentication+jwt"].iter().any(|own| kind.eq_ignore_ascii_case(own));
    token.header.get("typ").is_none_or(|kind| kind.as_str().is_some_and(is_one))
}

/// The client that made `assertion`, which then cannot be used again.
///
/// # Errors
/// `invalid_client`, without a hint at what was wrong with a signature; `RATE_001` after too many wrong ones.
pub(super) async fn authenticate(
    services: &Services,
    assertion: &str,
    client_id: Option<&str>,
    address: Option<&str>,
) -> Result<Arc<ClientEntry>, Failure> {
    let network = Network::of(address);
    let line = || Event::ClientAuthenticationFailed.at(address);
    let invalid = |what: &'static str| Failure::from(OAuthError::invalid_client(what));
    let unread = |what: &'static str| {
        line().because(Reason::WrongAssertion).write();
        invalid(what)
    };
    let token = Jws::parse(assertion).filter(is_assertion);
    let token = token.ok_or_else(|| unread("the client_assertion cannot be read"))?;
    // Who it claims to be says which keys count; nothing of it is believed before they have verified it.
    let claimed = token.unverified().and_then(|claims| Some(claims.get("sub")?.as_str()?.to_owned()));
    let client = claimed.filter(|claimed| client_id.is_none_or(|id| id == claimed));
    let client = client.and_then(|id| services.directory().client(&id).cloned());
    let unknown = || {
        line().because(Reason::UnknownClient).write();
        invalid("the client_assertion is not valid")
    };
    let client = client.ok_or_else(unknown)?;
    let keys = client.client.settings.keys.as_ref().filter(|_| !client.client.is_public()).ok_or_else(unknown)?;
    let free = services.may_prove(&client, network);
    free.inspect_err(|_| line().client(&client).because(Reason::TooManyAttempts).write())?;
    let refuse = |reason: Reason, what: &'static str| {
        line().client(&client).because(reason).write();
        invalid(what)
    };
    let wrong = |what: &'static str| refuse(Reason::WrongAssertion, what);
    let fits = client.client.settings.assertion_alg.is_none_or(|alg| alg == token.alg);
    let Some(claims) = (if fits { services.verified_by_client(keys, &token).await } else { None }) else {
        services.not_proved(&client, network);
        return Err(wrong("the client_assertion is not valid"));
    };
    let claims: Claims =
        serde_json::from_value(Value::Object(claims)).map_err(|_| wrong("the client_assertion lacks a claim"))?;

    let id = client.client.client_id.as_str();
    if claims.iss != id || claims.sub != id {
        return Err(wrong("iss and sub of the client_assertion must be the client_id"));
    }
    if !claims.aud.is_this_server(&services.settings.issuer) {
        return Err(wrong("aud of the client_assertion is not this server"));
    }
    let now = services.now();
    let exp = numeric_date(claims.exp);
    if exp + SKEW <= now {
        return Err(wrong("the client_assertion has expired"));
    }
    let early = [claims.nbf, claims.iat].into_iter().flatten().any(|start| numeric_date(start) > now + SKEW);
    if early || exp > now + LIFE + SKEW {
        return Err(wrong("the client_assertion is not valid yet, or for too long"));
    }
    if !used_ids::fits(&claims.jti) {
        return Err(wrong("the client_assertion has no jti of a sensible length"));
    }
    if !used_ids::take(services, "client assertion", id, &claims.jti, exp + SKEW).await? {
        return Err(refuse(Reason::Replayed, "the client_assertion has been used"));
    }
    Ok(client)
}

impl Audience {
    /// The issuer or an endpoint at which clients authenticate, and nobody else: an assertion that another server may
    /// use as well is none for this one.
    fn is_this_server(&self, issuer: &str) -> bool {
        let ours = |audience: &str| {
            audience.strip_prefix(issuer).is_some_and(|path| {
                [
                    "",
                    "/",
                    route::TOKEN,
                    route::PLATFORM_TOKEN,
                    route::INTROSPECT,
                    route::REVOKE,
                    route::PAR,
                    route::DEVICE_AUTHORIZATION,
                ]
                .contains(&path)
            })
        };
        match self {
            Self::One(audience) => ours(audience),
            Self::Several(all) => !all.is_empty() && all.iter().all(|audience| ours(audience)),
        }
    }
}
