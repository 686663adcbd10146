//! What a client must check of an id_token (OpenID Connect Core, 3.1.3.7).

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::Value;
use service::crypto;

/// What the claims must be.
pub(super) struct Expected<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    /// That of the authorization request; a refreshed token may have none.
    pub nonce: Option<&'a str>,
    /// Seconds since the epoch.
    pub now: i64,
}

/// Checks signature and claims.
///
/// # Errors
/// A sentence for the log.
pub(super) fn id_token(token: &str, keys: &JwkSet, expected: &Expected<'_>) -> Result<Value, String> {
    let header = decode_header(token).map_err(|e| e.to_string())?;
    let key = header.kid.as_deref().and_then(|kid| keys.find(kid)).ok_or("the id_token's key is not published")?;
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&[expected.client_id]);
    rules.set_issuer(&[expected.issuer]);
    rules.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
    // Time comes from the server's clock, below.
    rules.validate_exp = false;
    let key = DecodingKey::from_jwk(key).map_err(|e| e.to_string())?;
    let claims = decode::<Value>(token, &key, &rules).map_err(|e| e.to_string())?.claims;
    if claims["exp"].as_i64().is_none_or(|exp| exp <= expected.now) {
        return Err("the id_token has expired".into());
    }
    if expected.nonce.is_some_and(|nonce| claims["nonce"] != nonce) {
        return Err("the nonce is another".into());
    }
    Ok(claims)
}

/// The claims of a token that was checked before.
pub(super) fn claims(token: &str) -> Value {
    part(token, 1)
}

/// The header of a token that was checked before.
pub(super) fn header(token: &str) -> Value {
    part(token, 0)
}

fn part(token: &str, index: usize) -> Value {
    let decoded = token.split('.').nth(index).and_then(crypto::from_base64url);
    decoded.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}
