//! DPoP (RFC 9449): a client shows with every request that it has the key to which its tokens are bound.

use aws_lc_rs::digest;
use domain::oauth::{
    error::{OAuthError, OAuthErrorCode},
    jwk::PublicJwk,
};
use serde::Deserialize;
use serde_json::Value;

use super::{Failure, used_ids};
use crate::{
    Services,
    crypto::{self, base64url},
    directory::ClientEntry,
    keys::foreign::{Jws, SKEW, numeric_date, thumbprint},
    security_log::{Event, Reason},
};

/// A proof, and the request that it came with.
#[derive(Clone, Copy)]
pub struct PresentedProof<'a> {
    /// The header `DPoP`.
    pub text: &'a str,
    pub method: &'a str,
    /// The path below the issuer.
    pub path: &'a str,
    /// The peer's address, for the security log.
    pub address: Option<&'a str>,
}

/// What a proof must say (section 4.2).
#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    /// Seconds since the epoch.
    iat: f64,
    /// Where the client says how long the proof holds (RFC 7519, sections 4.1.4 and 4.1.5).
    exp: Option<f64>,
    nbf: Option<f64>,
    #[serde(default)]
    ath: Option<String>,
}

/// The thumbprint of the key that a client's proof is made with. With an access token it must be about that one. It
/// cannot be used again.
///
/// # Errors
/// `invalid_dpop_proof`.
pub(super) async fn check(
    services: &Services,
    client: &ClientEntry,
    proof: &PresentedProof<'_>,
    access_token: Option<&str>,
) -> Result<String, Failure> {
    let refuse = |reason: Reason, what: &'static str| {
        Event::DpopProofRejected.at(proof.address).client(client).because(reason).write();
        Failure::from(OAuthError::new(OAuthErrorCode::InvalidDpopProof, what))
    };
    let invalid = |what: &'static str| refuse(Reason::WrongProof, what);
    let token = Jws::parse(proof.text).ok_or_else(|| invalid("the proof cannot be read"))?;
    if token.header.get("typ").and_then(Value::as_str) != Some("dpop+jwt") {
        return Err(invalid("typ of the proof must be dpop+jwt"));
    }
    let key = token.header.get("jwk").and_then(Value::as_object).and_then(PublicJwk::read);
    let key = key.ok_or_else(|| invalid("jwk of the proof must be a public key"))?;
    let claims = token.claims(&key).ok_or_else(|| invalid("the proof is not signed by its key"))?;
    let claims: Claims =
        serde_json::from_value(Value::Object(claims)).map_err(|_| invalid("the proof lacks a claim"))?;

    if claims.htm != proof.method {
        return Err(invalid("htm of the proof is not the method of the request"));
    }
    if !is_address(&claims.htu, &format!("{}{}", services.settings.issuer, proof.path)) {
        return Err(invalid("htu of the proof is not the address of the request"));
    }
    let now = services.now();
    let made = numeric_date(claims.iat);
    // So old a proof may be, and so far ahead of this server's clock.
    if made + SKEW < now || made > now + SKEW {
        return Err(invalid("iat of the proof is too far from now"));
    }
    let is_over = claims.exp.is_some_and(|exp| numeric_date(exp) + SKEW <= now);
    if is_over || claims.nbf.is_some_and(|start| numeric_date(start) > now + SKEW) {
        return Err(invalid("the proof has expired, or is not valid yet"));
    }
    let about = access_token.map(|token| base64url(digest::digest(&digest::SHA256, token.as_bytes())));
    if about.is_some_and(|hash| claims.ath.is_none_or(|ath| !crypto::equal(ath.as_bytes(), hash.as_bytes()))) {
        return Err(invalid("ath of the proof is not the hash of the access token"));
    }
    if !used_ids::fits(&claims.jti) {
        return Err(invalid("the proof has no jti of a sensible length"));
    }
    let thumbprint = thumbprint(&key);
    if !used_ids::take(services, "DPoP proof", &thumbprint, &claims.jti, made + SKEW + SKEW).await? {
        return Err(refuse(Reason::Replayed, "the proof has been used"));
    }
    Ok(thumbprint)
}

/// Whether two addresses are the same but for query and fragment, however they are written (section 4.3).
fn is_address(told: &str, expected: &str) -> bool {
    let plain = |text: &str| {
        let mut url = url::Url::parse(text).ok()?;
        url.set_query(None);
        url.set_fragment(None);
        Some(url)
    };
    plain(told).is_some_and(|told| plain(expected) == Some(told))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_compared_as_one() {
        let token = "https://id.example/oauth2/token";
        for same in [token, "https://ID.example:443/oauth2/token", "https://id.example/oauth2/token?x#y"] {
            assert!(is_address(same, token), "{same}");
        }
        for other in ["https://id.example/oauth2/token/", "http://id.example/oauth2/token", "/oauth2/token", ""] {
            assert!(!is_address(other, token), "{other}");
        }
    }
}
