//! One signing key, parsed once. It signs by aws-lc; a JWT library would parse the key again for every token.

use std::sync::Arc;

use aws_lc_rs::{
    digest,
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
        ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{Timestamp, oauth::client::SigningAlg};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    Error, Result,
    crypto::{base64url, from_base64url},
};

/// What a JWT is, told by `typ` in its header, so that one never passes for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// `at+jwt` (RFC 9068, section 2.1).
    Access,
    /// `JWT`.
    Id,
    /// `logout+jwt` (OpenID Connect Back-Channel Logout 1.0, section 2.4).
    Logout,
}

/// A key pair with everything that can be made ready before a token is asked for.
pub struct SigningKey {
    /// The key's thumbprint (RFC 7638).
    pub kid: String,
    pub alg: SigningAlg,
    /// It signs from here on; before, it is only published.
    pub active_at: Timestamp,
    /// It signs no more from here on.
    pub retired_at: Option<Timestamp>,
    /// The public half (RFC 7517).
    pub jwk: Value,
    /// The public half as a PEM of its SubjectPublicKeyInfo.
    pub pem: Arc<[u8]>,
    pair: Pair,
    public: ParsedPublicKey,
    access_header: String,
    id_header: String,
    logout_header: String,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).field("alg", &self.alg).finish_non_exhaustive()
    }
}

/// The parts of a public key that its formats are made of.
struct Public {
    /// The members that make the thumbprint, in the order of RFC 7638.
    members: Vec<(&'static str, String)>,
    spki: PublicKeyX509Der<'static>,
    parsed: ParsedPublicKey,
}

impl SigningKey {
    /// Parses a private key in PKCS #8.
    ///
    /// # Errors
    /// When the bytes are no key of this algorithm.
    pub fn new(alg: SigningAlg, private: &[u8], active_at: Timestamp, retired_at: Option<Timestamp>) -> Result<Self> {
        let pair = match alg {
            SigningAlg::RS256 => RsaKeyPair::from_pkcs8(private).map(Pair::Rsa),
            SigningAlg::ES256 => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, private).map(Pair::Ecdsa),
            SigningAlg::EdDsa => Ed25519KeyPair::from_pkcs8(private).map(Pair::Ed25519),
        }
        .map_err(Error::internal)?;
        let Public { members, spki, parsed } = public(&pair)?;
        let kid = thumbprint(&members);
        let mut jwk = json!({ "use": "sig", "alg": alg.as_str(), "kid": kid });
        for (name, value) in members {
            jwk[name] = value.into();
        }
        let header = |typ: &str| base64url(format!(r#"{{"alg":"{}","typ":"{typ}","kid":"{kid}"}}"#, alg.as_str()));
        Ok(Self {
            access_header: header("at+jwt"),
            id_header: header("JWT"),
            logout_header: header("logout+jwt"),
            pem: pem(spki.as_ref()).into_bytes().into(),
            public: parsed,
            kid,
            alg,
            active_at,
            retired_at,
            jwk,
            pair,
        })
    }

    fn header(&self, token_type: TokenType) -> &str {
        match token_type {
            TokenType::Access => &self.access_header,
            TokenType::Id => &self.id_header,
            TokenType::Logout => &self.logout_header,
        }
    }

    /// The JWS Compact Serialization of `claims` (RFC 7515, section 7.1).
    ///
    /// # Errors
    /// When the claims cannot be serialised.
    pub fn sign(&self, token_type: TokenType, claims: &impl Serialize) -> Result<String> {
        let claims = serde_json::to_vec(claims).map_err(Error::internal)?;
        let mut token = String::with_capacity(200 + claims.len() * 4 / 3 + 344);
        token.push_str(self.header(token_type));
        token.push('.');
        base64::prelude::BASE64_URL_SAFE_NO_PAD.encode_string(&claims, &mut token);
        let signature = self.signature(token.as_bytes())?;
        token.push('.');
        base64::prelude::BASE64_URL_SAFE_NO_PAD.encode_string(&signature, &mut token);
        Ok(token)
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>> {
        let rng = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &rng, message, &mut signature).map_err(Error::internal)?;
                Ok(signature)
            }
            Pair::Ecdsa(pair) => Ok(pair.sign(&rng, message).map_err(Error::internal)?.as_ref().to_vec()),
            Pair::Ed25519(pair) => Ok(pair.try_sign(message).map_err(Error::internal)?.as_ref().to_vec()),
        }
    }

    /// The claims of a token that this key signed as this kind. The header must be the very one that it writes.
    pub fn verify<T: DeserializeOwned>(&self, token_type: TokenType, token: &str) -> Option<T> {
        let rest = token.strip_prefix(self.header(token_type))?.strip_prefix('.')?;
        let (claims, signature) = rest.split_once('.')?;
        let message = &token.as_bytes()[..token.len() - signature.len() - 1];
        self.public.verify_sig(message, &from_base64url(signature)?).ok()?;
        serde_json::from_slice(&from_base64url(claims)?).ok()
    }
}

fn public(pair: &Pair) -> Result<Public> {
    let parsed = |parsed: Result<ParsedPublicKey, _>| parsed.map_err(Error::internal);
    Ok(match pair {
        Pair::Rsa(pair) => {
            let key = pair.public_key();
            let (n, e) = (key.modulus(), key.exponent());
            Public {
                members: vec![
                    ("e", base64url(e.big_endian_without_leading_zero())),
                    ("kty", "RSA".into()),
                    ("n", base64url(n.big_endian_without_leading_zero())),
                ],
                spki: key.as_der().map_err(Error::internal)?,
                parsed: parsed(ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.as_ref()))?,
            }
        }
        Pair::Ecdsa(pair) => {
            let key = pair.public_key();
            // An uncompressed point: 4, then x and y of 32 bytes each (SEC 1, section 2.3.3).
            let point = key.as_ref();
            let (x, y) = point.get(1..33).zip(point.get(33..65)).ok_or_else(|| Error::internal("a short point"))?;
            Public {
                members: vec![("crv", "P-256".into()), ("kty", "EC".into()), ("x", base64url(x)), ("y", base64url(y))],
                spki: key.as_der().map_err(Error::internal)?,
                parsed: parsed(ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point))?,
            }
        }
        Pair::Ed25519(pair) => {
            let key = pair.public_key();
            Public {
                members: vec![("crv", "Ed25519".into()), ("kty", "OKP".into()), ("x", base64url(key.as_ref()))],
                spki: key.as_der().map_err(Error::internal)?,
                parsed: parsed(ParsedPublicKey::new(&ED25519, key.as_ref()))?,
            }
        }
    })
}

/// RFC 7638, section 3: the hash of the required members, by name, without spaces.
fn thumbprint(members: &[(&'static str, String)]) -> String {
    let text: Vec<_> = members.iter().map(|(name, value)| format!(r#""{name}":"{value}""#)).collect();
    base64url(digest::digest(&digest::SHA256, format!("{{{}}}", text.join(",")).as_bytes()))
}

fn pem(der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}
