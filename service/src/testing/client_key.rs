//! A client's key that signs whatever a test wants, with whatever header.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
        RsaKeyPair,
    },
};
use domain::oauth::jwk::ClientAlg;
use serde_json::{Value, json};

use crate::crypto::base64url;

/// See the module.
pub struct ClientKey {
    pub kid: String,
    pub alg: ClientAlg,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl ClientKey {
    /// A key for ES256.
    pub fn new(kid: &str) -> Self {
        Self::by(ClientAlg::Es256, kid)
    }

    /// A key for any algorithm.
    pub fn by(alg: ClientAlg, kid: &str) -> Self {
        let pair = match alg {
            ClientAlg::Rs256 | ClientAlg::Ps256 => RsaKeyPair::generate(KeySize::Rsa2048).map(Pair::Rsa),
            ClientAlg::Es256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map(Pair::Ecdsa),
            ClientAlg::EdDsa => Ed25519KeyPair::generate().map(Pair::Ed25519),
        };
        Self { kid: kid.to_owned(), alg, pair: pair.expect("a key") }
    }

    /// The public half.
    pub fn jwk(&self) -> Value {
        let mut jwk = match &self.pair {
            Pair::Rsa(pair) => {
                let key = pair.public_key();
                let (n, e) = (key.modulus(), key.exponent());
                let (n, e) =
                    (base64url(n.big_endian_without_leading_zero()), base64url(e.big_endian_without_leading_zero()));
                json!({ "kty": "RSA", "n": n, "e": e })
            }
            Pair::Ecdsa(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (base64url(&point[1..33]), base64url(&point[33..65]));
                json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
            }
            Pair::Ed25519(pair) => {
                let x = base64url(pair.public_key().as_ref());
                json!({ "kty": "OKP", "crv": "Ed25519", "x": x })
            }
        };
        for (name, value) in [("kid", self.kid.as_str()), ("use", "sig"), ("alg", self.alg.as_str())] {
            jwk[name] = value.into();
        }
        jwk
    }

    /// A JWT of these claims.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_with(&json!({ "alg": self.alg.as_str(), "kid": self.kid }), claims)
    }

    /// A JWT with this very header, which may lie.
    pub fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()));
        let rng = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let padding = if self.alg == ClientAlg::Ps256 { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &rng, message.as_bytes(), &mut signature).expect("a signature");
                signature
            }
            Pair::Ecdsa(pair) => pair.sign(&rng, message.as_bytes()).expect("a signature").as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message.as_bytes()).as_ref().to_vec(),
        };
        format!("{message}.{}", base64url(signature))
    }
}
