//! Where the keys of a client are that authenticates by `private_key_jwt` (OpenID Connect Core, 9).

use serde::{Deserialize, Serialize};

use super::{jwk::Jwks, redirect_uri::RedirectUri};
use crate::{Flaw, text::text};

text!(
    /// An address of a client's own server: `https`, or `http` on a loopback address.
    ClientUri,
    |text| {
        // It is no native app's: a private scheme would not do either.
        let uri = RedirectUri::parse(text).map_err(|flaw| match flaw {
            Flaw::Scheme | Flaw::PrivateScheme => Flaw::Https,
            flaw => flaw,
        })?;
        let web = ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme));
        if web { Ok(String::from(uri)) } else { Err(Flaw::Https) }
    }
);

impl ClientUri {
    /// Whether nobody on the way can read what is sent there.
    pub fn is_https(&self) -> bool {
        self.as_str().starts_with("https://")
    }
}

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientKeys {
    /// Here.
    #[serde(rename = "jwks")]
    Set(Jwks),
    /// At an address of the client's, where they are fetched and kept for a while.
    #[serde(rename = "jwksUri")]
    At(ClientUri),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lie_on_a_server() {
        assert!(ClientUri::parse("https://app.example/jwks.json").is_ok());
        assert!(ClientUri::parse("http://127.0.0.1:9300/jwks").is_ok());
        for bad in ["http://app.example/jwks", "com.example.app:/jwks", "https://a.example/#x", "/jwks"] {
            assert!(ClientUri::parse(bad).is_err(), "{bad}");
        }
        for scheme in ["ftp://app.example/jwks", "data:,x", "com.example.app:/jwks", "http://app.example/jwks"] {
            assert_eq!(ClientUri::parse(scheme), Err(Flaw::Https), "{scheme}");
        }
    }

    #[test]
    fn it_is_one_or_the_other() {
        let at: ClientKeys = serde_json::from_str(r#"{"jwksUri":"https://app.example/jwks"}"#).unwrap();
        assert!(matches!(at, ClientKeys::At(_)));
        assert!(serde_json::from_str::<ClientKeys>(r#"{"jwksUri":"https://a.example/","jwks":{"keys":[]}}"#).is_err());
    }
}
