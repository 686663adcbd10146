//! Public keys of clients (RFC 7517), as far as they can verify what this server reads.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Flaw, stored};

/// Most keys of one set.
const MOST: usize = 20;

/// The longest modulus in base64url: of 8,400 bits.
const LONGEST_MODULUS: usize = 1400;
const LONGEST_EXPONENT: usize = 16;
/// The longest coordinate; those of P-256 and Ed25519 have 43 characters.
const LONGEST_COORDINATE: usize = 64;
const LONGEST_KEY_ID: usize = 256;
/// The longest other word about a key, and the most of them in one list.
const LONGEST_WORD: usize = 32;
const MOST_WORDS: usize = 16;

/// What RFC 9864 calls EdDSA by such keys.
const ED25519: &str = "Ed25519";

/// Members of private and of shared keys: no client shows them to anybody.
const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// An algorithm by which a client may sign (RFC 7518, section 3.1; RFC 8037). The last has two names: RFC 9864 calls what
/// it is here `Ed25519`, and libraries write either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ClientAlg {
    #[serde(rename = "RS256")]
    Rs256,
    #[serde(rename = "PS256")]
    Ps256,
    #[serde(rename = "ES256")]
    Es256,
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl ClientAlg {
    pub const ALL: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];

    /// Every name that is read.
    pub const NAMES: [&str; 5] = ["RS256", "PS256", "ES256", "EdDSA", ED25519];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        if text == ED25519 {
            return Some(Self::EdDsa);
        }
        Self::ALL.into_iter().find(|alg| alg.as_str() == text)
    }
}

/// The numbers of a key, each in base64url.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kty")]
pub enum KeyMaterial {
    #[serde(rename = "RSA")]
    Rsa { n: String, e: String },
    #[serde(rename = "EC")]
    Ec { crv: EcCurve, x: String, y: String },
    #[serde(rename = "OKP")]
    Okp { crv: OkpCurve, x: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EcCurve {
    #[serde(rename = "P-256")]
    P256,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OkpCurve {
    Ed25519,
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicJwk {
    #[serde(flatten)]
    pub material: KeyMaterial,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_ops: Option<Vec<String>>,
}

impl PublicJwk {
    /// A key of a kind that this server knows; `None` for any other, for one with a private half, and for one that is
    /// longer than such keys are.
    pub fn read(jwk: &Map<String, Value>) -> Option<Self> {
        if PRIVATE.iter().any(|member| jwk.contains_key(*member)) {
            return None;
        }
        let key: Self = serde_json::from_value(Value::Object(jwk.clone())).ok()?;
        (stored::is_being_read() || key.is_short()).then_some(key)
    }

    fn is_short(&self) -> bool {
        let numbers = match &self.material {
            KeyMaterial::Rsa { n, e } => n.len() <= LONGEST_MODULUS && e.len() <= LONGEST_EXPONENT,
            KeyMaterial::Ec { x, y, .. } => x.len() <= LONGEST_COORDINATE && y.len() <= LONGEST_COORDINATE,
            KeyMaterial::Okp { x, .. } => x.len() <= LONGEST_COORDINATE,
        };
        let operations = self.key_ops.as_deref().unwrap_or_default();
        let mut words = self.alg.iter().chain(&self.purpose).chain(operations);
        numbers
            && self.kid.as_ref().is_none_or(|kid| kid.len() <= LONGEST_KEY_ID)
            && operations.len() <= MOST_WORDS
            && words.all(|word| word.len() <= LONGEST_WORD)
    }

    /// Whether the key can verify signatures by `alg`, and is meant to.
    pub fn fits(&self, alg: ClientAlg) -> bool {
        let kind = match alg {
            ClientAlg::Rs256 | ClientAlg::Ps256 => matches!(self.material, KeyMaterial::Rsa { .. }),
            ClientAlg::Es256 => matches!(self.material, KeyMaterial::Ec { .. }),
            ClientAlg::EdDsa => matches!(self.material, KeyMaterial::Okp { .. }),
        };
        kind && self.alg.as_deref().is_none_or(|own| ClientAlg::parse(own) == Some(alg))
            && self.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
            && self.key_ops.as_ref().is_none_or(|operations| operations.iter().any(|own| own == "verify"))
    }

    /// What the thumbprint is the hash of: the required members by name, without spaces (RFC 7638, section 3).
    pub fn thumbprint_input(&self) -> String {
        match &self.material {
            KeyMaterial::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
            KeyMaterial::Ec { x, y, .. } => format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#),
            KeyMaterial::Okp { x, .. } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#),
        }
    }
}

/// A set of public keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value")]
pub struct Jwks {
    pub keys: Vec<PublicJwk>,
}

impl Jwks {
    /// A set that somebody else publishes: keys that are of no use here are left out. `None` for no set at all.
    pub fn read(document: &Value) -> Option<Self> {
        let keys = document.get("keys")?.as_array()?;
        let known = keys.iter().filter_map(Value::as_object).filter_map(PublicJwk::read);
        Some(Self { keys: known.take(MOST).collect() })
    }

    /// A set that a client registers: keys of other kinds are passed over (RFC 7517, section 5), but one must verify what
    /// this server reads, and none may show its private half.
    ///
    /// # Errors
    /// When it is no such set.
    pub fn registered(document: &Value) -> Result<Self, Flaw> {
        let set = Self::read(document).ok_or(Flaw::Jwks)?;
        let is_of_use = set.keys.iter().any(|key| ClientAlg::ALL.iter().any(|alg| key.fits(*alg)));
        if is_of_use && !Self::shows_private(document) { Ok(set) } else { Err(Flaw::Jwks) }
    }

    /// Whether a set shows the private half of a key.
    pub fn shows_private(document: &Value) -> bool {
        let mut keys = document.get("keys").and_then(Value::as_array).into_iter().flatten();
        keys.any(|key| PRIVATE.iter().any(|member| key.get(member).is_some()))
    }
}

/// A set that is set here: every key must be of use.
impl TryFrom<Value> for Jwks {
    type Error = Flaw;

    fn try_from(document: Value) -> Result<Self, Flaw> {
        if stored::is_being_read() {
            return Self::read(&document).ok_or(Flaw::Jwks);
        }
        let set = Self::read(&document).filter(|set| !set.keys.is_empty()).ok_or(Flaw::Jwks)?;
        let all = document["keys"].as_array().map_or(0, Vec::len);
        if set.keys.len() == all { Ok(set) } else { Err(Flaw::Jwks) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_set_holds_public_keys_of_known_kinds_only() {
        let good = json!({"kty": "EC", "crv": "P-256", "x": "a", "y": "b", "kid": "1", "use": "sig", "x5c": []});
        let private = json!({"kty": "EC", "crv": "P-256", "x": "a", "y": "b", "d": "c"});
        let shared = json!({"kty": "oct", "k": "a"});
        let other = json!({"kty": "EC", "crv": "P-521", "x": "a", "y": "b"});
        let set = Jwks::read(&json!({"keys": [good, private, shared, other, 3]})).unwrap();
        assert_eq!(set.keys.len(), 1);
        assert!(set.keys[0].fits(ClientAlg::Es256) && !set.keys[0].fits(ClientAlg::Rs256));
        assert_eq!(Jwks::try_from(json!({"keys": [good]})).unwrap(), set);
        for bad in [json!({"keys": [good, private]}), json!({"keys": []}), json!([]), json!({"keys": good})] {
            assert!(Jwks::try_from(bad.clone()).is_err(), "{bad}");
        }
        let stored = serde_json::to_value(&set).unwrap();
        assert_eq!(serde_json::from_value::<Jwks>(stored).unwrap(), set);
    }

    #[test]
    fn a_key_is_no_longer_than_such_keys_are() {
        let text = |length: usize| json!("A".repeat(length));
        let rsa = |member: &str, value: Value| {
            let mut key = json!({"kty": "RSA", "n": "A", "e": "AQAB"});
            key[member] = value;
            key
        };
        let ec = |x: usize, y: usize| json!({"kty": "EC", "crv": "P-256", "x": text(x), "y": text(y)});
        let okp = |x: usize| json!({"kty": "OKP", "crv": "Ed25519", "x": text(x)});
        for (most, above) in [
            (rsa("n", text(1400)), rsa("n", text(1401))),
            (rsa("e", text(16)), rsa("e", text(17))),
            (rsa("kid", text(256)), rsa("kid", text(257))),
            (rsa("alg", text(32)), rsa("alg", text(33))),
            (rsa("use", text(32)), rsa("use", text(33))),
            (rsa("key_ops", json!([text(32)])), rsa("key_ops", json!([text(33)]))),
            (rsa("key_ops", json!(vec!["verify"; 16])), rsa("key_ops", json!(vec!["verify"; 17]))),
            (ec(64, 64), ec(65, 64)),
            (ec(64, 64), ec(64, 65)),
            (okp(64), okp(65)),
        ] {
            assert_eq!(Jwks::try_from(json!({"keys": [most]})).unwrap().keys.len(), 1);
            let above = json!({"keys": [above]});
            assert_eq!(Jwks::try_from(above.clone()), Err(Flaw::Jwks), "{above}");
            assert_eq!(Jwks::read(&above).unwrap().keys.len(), 0, "{above}");
            assert_eq!(stored::read::<Jwks>(&above.to_string()).unwrap().keys.len(), 1, "what is there goes on");
        }
        let padded = json!({"keys": [rsa("x5c", json!([text(50_000)]))]});
        assert!(serde_json::to_string(&Jwks::try_from(padded).unwrap()).unwrap().len() < 100);
    }

    #[test]
    fn a_key_that_encrypts_or_signs_otherwise_does_not_fit() {
        let key = |extra: Value| {
            let mut jwk = json!({"kty": "RSA", "n": "a", "e": "AQAB"});
            jwk.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            PublicJwk::read(jwk.as_object().unwrap()).unwrap()
        };
        assert!(key(json!({})).fits(ClientAlg::Ps256));
        assert!(!key(json!({"alg": "RS256"})).fits(ClientAlg::Ps256));
        assert!(!key(json!({"use": "enc"})).fits(ClientAlg::Rs256));
    }
}
