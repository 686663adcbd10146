//! A passkey for tests: what a browser and its authenticator answer, with a key in memory.

use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};

use crate::crypto::{base64url, from_base64url, hash};

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const WITH_KEY: u8 = 0x40;

/// A discoverable passkey of one site.
pub struct SoftPasskey {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    user: String,
    site: String,
    origin: String,
    /// How often it was used.
    pub count: u32,
    /// Whether it counts that, as security keys do. Those that are on several devices do not.
    pub counts: bool,
    /// Whether it makes sure that it is its owner who holds it.
    pub verifies: bool,
}

impl SoftPasskey {
    /// Makes one for the options of a page, and what the browser answers.
    pub fn make(options: &str, origin: &str) -> (Self, String) {
        let options: Value = serde_json::from_str(options).expect("options");
        let rng = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &rng).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref()).expect("a key");
        let site = options["rp"]["id"].as_str().expect("a site").to_owned();
        let user = options["user"]["id"].as_str().expect("a user").to_owned();
        let id = hash(key.public_key().as_ref().iter().map(u8::to_string).collect::<String>().as_str());
        let passkey = Self { key, id, user, site, origin: origin.to_owned(), count: 0, counts: true, verifies: true };
        let mut data = passkey.data(WITH_KEY);
        data.extend([0; 16]);
        data.extend(u16::try_from(passkey.id.len()).expect("a short id").to_be_bytes());
        data.extend(&passkey.id);
        // COSE_Key: EC2, ES256, P-256, x, y (RFC 9053, section 7.1.1).
        let point = passkey.key.public_key().as_ref();
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 32]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 32]);
        data.extend(&point[33..65]);
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).expect("short data"));
        object.extend(data);
        let client = passkey.client("webauthn.create", &options);
        let response = json!({ "attestationObject": base64url(object), "clientDataJSON": base64url(client) });
        let answer = passkey.answer(response);
        (passkey, answer)
    }

    /// What the browser answers when somebody shows this passkey.
    pub fn show(&mut self, options: &str) -> String {
        let options: Value = serde_json::from_str(options).expect("options");
        self.count += u32::from(self.counts);
        let (data, client) = (self.data(0), self.client("webauthn.get", &options));
        let signed = [data.as_slice(), digest::digest(&digest::SHA256, &client).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).expect("a signature");
        self.answer(json!({
            "authenticatorData": base64url(data),
            "clientDataJSON": base64url(client),
            "signature": base64url(signature.as_ref()),
            "userHandle": self.user,
        }))
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let flags = flags | PRESENT | if self.verifies { VERIFIED } else { 0 };
        [hash(&self.site).as_slice(), &[flags], &self.count.to_be_bytes()].concat()
    }

    fn client(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = options["challenge"].as_str().expect("a challenge");
        assert!(from_base64url(challenge).is_some_and(|bytes| bytes.len() >= 16), "a long challenge");
        let data = json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false });
        data.to_string().into_bytes()
    }

    fn answer(&self, response: Value) -> String {
        let id = base64url(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response }).to_string()
    }
}
