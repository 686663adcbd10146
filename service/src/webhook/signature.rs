//! Secrets of endpoints, and the signatures that they make
//! ([Standard Webhooks](https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md)).

use aws_lc_rs::hmac;
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::Secret;

use crate::random::Rng;

/// What a secret begins with.
pub(super) const PREFIX: &str = "whsec_";

/// A new key of 32 bytes, and the secret that its owner gets to see.
pub(super) fn generate(rng: &dyn Rng) -> (Vec<u8>, Secret) {
    let key = rng.bytes::<32>();
    (key.to_vec(), Secret::new(format!("{PREFIX}{}", BASE64_STANDARD.encode(key))))
}

/// `webhook-signature` of a message: a signature for each key, separated by spaces.
pub(super) fn sign(keys: &[Vec<u8>], id: &str, timestamp: i64, body: &str) -> String {
    let content = format!("{id}.{timestamp}.{body}");
    let sign = |key: &Vec<u8>| {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), content.as_bytes());
        format!("v1,{}", BASE64_STANDARD.encode(tag))
    };
    keys.iter().map(sign).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRng;

    /// The example of the specification's own libraries.
    #[test]
    fn it_signs_as_the_specification_says() {
        let key = BASE64_STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = sign(&[key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_is_its_key_behind_a_prefix() {
        let (key, secret) = generate(&SeededRng::new(1));
        let text = secret.expose().strip_prefix(PREFIX).unwrap();
        assert_eq!((BASE64_STANDARD.decode(text).unwrap(), key.len()), (key, 32));
    }
}
