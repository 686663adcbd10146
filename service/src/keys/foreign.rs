//! Signatures of others: JSON Web Signatures (RFC 7515) by keys that a client published.

use aws_lc_rs::{
    digest,
    signature::{
        ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents,
        UnparsedPublicKey,
    },
};
use chrono::TimeDelta;
use domain::{
    Timestamp,
    oauth::jwk::{ClientAlg, KeyMaterial, PublicJwk},
};
use serde_json::{Map, Value};

use crate::{
    clock::at,
    crypto::{base64url, from_base64url},
};

/// How far the clock of whoever signed may be off.
pub const SKEW: TimeDelta = TimeDelta::seconds(60);

/// The longest that is read, in bytes.
const LONGEST: usize = 8192;

/// A token in its parts, not verified yet.
pub struct Jws<'a> {
    pub header: Map<String, Value>,
    pub alg: ClientAlg,
    payload: &'a str,
    message: &'a [u8],
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Takes a compact serialisation apart. `None` for anything malformed, for an algorithm that is none of
    /// [`ClientAlg`], and for extensions that must be understood (`crit`).
    pub fn parse(token: &'a str) -> Option<Self> {
        if token.len() > LONGEST {
            return None;
        }
        let (message, signature) = token.rsplit_once('.')?;
        let (header, payload) = message.split_once('.')?;
        let header: Map<String, Value> = serde_json::from_slice(&from_base64url(header)?).ok()?;
        let alg = ClientAlg::parse(header.get("alg")?.as_str()?)?;
        if payload.contains('.') || header.contains_key("crit") || header.contains_key("b64") {
            return None;
        }
        Some(Self { alg, payload, message: message.as_bytes(), signature: from_base64url(signature)?, header })
    }

    /// The name of the key, as the token says.
    pub fn kid(&self) -> Option<&str> {
        self.header.get("kid").and_then(Value::as_str)
    }

    /// What the token says about itself. Only to find out whose key it wants.
    pub fn unverified(&self) -> Option<Map<String, Value>> {
        serde_json::from_slice(&from_base64url(self.payload)?).ok()
    }

    /// Whether this key may have signed it, by its name and kind.
    pub fn may_be_of(&self, key: &PublicJwk) -> bool {
        let named = self.kid().is_none_or(|kid| key.kid.as_deref().is_none_or(|own| own == kid));
        named && key.fits(self.alg)
    }

    /// What the token says, where `key` signed it.
    pub fn verify(&self, key: &PublicJwk) -> Option<Vec<u8>> {
        (self.may_be_of(key) && self.is_signed_by(&key.material)?).then(|| from_base64url(self.payload))?
    }

    /// [`Self::verify`] with the claims read.
    pub fn claims(&self, key: &PublicJwk) -> Option<Map<String, Value>> {
        serde_json::from_slice(&self.verify(key)?).ok()
    }

    fn is_signed_by(&self, key: &KeyMaterial) -> Option<bool> {
        let (message, signature) = (self.message, &self.signature);
        Some(match key {
            KeyMaterial::Rsa { n, e } => {
                let (n, e) = (from_base64url(n)?, from_base64url(e)?);
                let parameters = match self.alg {
                    ClientAlg::Ps256 => &RSA_PSS_2048_8192_SHA256,
                    _ => &RSA_PKCS1_2048_8192_SHA256,
                };
                RsaPublicKeyComponents { n: &n, e: &e }.verify(parameters, message, signature).is_ok()
            }
            KeyMaterial::Ec { x, y, .. } => {
                let (x, y) = (from_base64url(x)?, from_base64url(y)?);
                let point = [&[4], x.as_slice(), &y].concat();
                let fits = x.len() == 32 && y.len() == 32;
                fits && UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
            KeyMaterial::Okp { x, .. } => {
                UnparsedPublicKey::new(&ED25519, from_base64url(x)?).verify(message, signature).is_ok()
            }
        })
    }
}

/// A moment as tokens have it (`NumericDate`, RFC 7519, section 2): seconds since the epoch, also with fractions.
/// What is before the epoch is the epoch, what is beyond the year 5138 is that year.
pub fn numeric_date(seconds: f64) -> Timestamp {
    at((seconds.clamp(0.0, 1e11) * 1000.0) as i64)
}

/// The thumbprint of a key (RFC 7638) in base64url.
pub fn thumbprint(key: &PublicJwk) -> String {
    base64url(digest::digest(&digest::SHA256, key.thumbprint_input().as_bytes()))
}

#[cfg(test)]
mod tests {
    use domain::oauth::jwk::PublicJwk;
    use serde_json::Value;

    use super::*;

    /// Project Wycheproof's tests of JSON Web Signatures, those of our algorithms; see the folder's README.
    const VECTORS: &str = include_str!("wycheproof/json_web_signature_test.json");

    #[test]
    fn accepts_and_refuses_what_wycheproof_says() {
        let file: Value = serde_json::from_str(VECTORS).unwrap();
        let (mut accepted, mut refused) = (0, 0);
        for group in file["testGroups"].as_array().unwrap() {
            let key = PublicJwk::read(group["public"].as_object().unwrap()).expect("a key of ours");
            for test in group["tests"].as_array().unwrap() {
                let answer = test["jws"].as_str().and_then(|jws| Jws::parse(jws)?.verify(&key));
                // One good signature is by PS384, which is not spoken here.
                let expected = test["result"] == "valid" && test["comment"] != "Figure20";
                assert_eq!(answer.is_some(), expected, "{} {}", test["tcId"], test["comment"]);
                *(if expected { &mut accepted } else { &mut refused }) += 1;
            }
        }
        assert!(accepted >= 10 && refused >= 200, "{accepted} accepted, {refused} refused");
    }

    #[test]
    fn any_number_is_a_date() {
        for (seconds, millis) in
            [(1.5, 1500), (1_700_000_000.25, 1_700_000_000_250), (-1.0, 0), (1e300, 100_000_000_000_000)]
        {
            assert_eq!(numeric_date(seconds).timestamp_millis(), millis, "{seconds}");
        }
    }

    #[test]
    fn nothing_but_a_known_signature_is_parsed() {
        let token = |header: &str| format!("{}.e30.AAAA", base64url(header));
        assert!(Jws::parse(&token(r#"{"alg":"ES256"}"#)).is_some());
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"RS512"}"#,
            r#"{}"#,
            r#"{"alg":"ES256","crit":["exp"]}"#,
            r#"{"alg":"ES256","b64":false}"#,
            "[]",
        ] {
            assert!(Jws::parse(&token(header)).is_none(), "{header}");
        }
        assert!(Jws::parse("a.b.c.d.e").is_none());
    }
}
