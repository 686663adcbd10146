//! What an id_token must say before it is believed (OpenID Connect Core, 3.1.3.7).

use domain::{
    Timestamp,
    identity::{
        email::Email,
        upstream::{Subject, UpstreamKind},
    },
    oauth::{
        client_keys::{ClientKeys, ClientUri},
        jwk::ClientAlg,
    },
    text::Name,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Person, arrive::Failure, client::Tokens, methods::MethodEntry};
use crate::{
    Services,
    crypto::half_hash,
    keys::foreign::{Jws, SKEW, numeric_date},
    outbound::Unreached,
};

/// What an id_token says.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Value,
    #[serde(default)]
    azp: Option<String>,
    /// Seconds since the epoch, as the next ones.
    exp: f64,
    iat: f64,
    #[serde(default)]
    nbf: Option<f64>,
    /// When they proved who they are, in seconds since the epoch.
    #[serde(default)]
    auth_time: Option<Value>,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    at_hash: Option<String>,
    #[serde(flatten)]
    about: About,
}

/// What it says about the person; userinfo says the same.
#[derive(Clone, Default, Deserialize)]
struct About {
    #[serde(default)]
    email: Option<String>,
    /// Some write it as text.
    #[serde(default)]
    email_verified: Option<Value>,
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Userinfo {
    sub: String,
    #[serde(flatten)]
    about: About,
}

/// What the claims are held against.
struct Expected<'a> {
    method: &'a MethodEntry,
    nonce: &'a str,
    access_token: &'a str,
    alg: ClientAlg,
    now: Timestamp,
}

impl Services {
    /// Whose tokens these are.
    ///
    /// # Errors
    /// When the id_token is none for this server and this sign-in, or userinfo cannot be had.
    pub(super) async fn id_token_person(
        &self,
        method: &MethodEntry,
        (keys, userinfo): (&ClientKeys, Option<&ClientUri>),
        tokens: &Tokens,
        nonce: &str,
    ) -> Result<Person, Failure> {
        let token = tokens.id.as_deref().ok_or(Failure::Untrusted("there is no id_token"))?;
        let token = Jws::parse(token).ok_or(Failure::Untrusted("the id_token cannot be read"))?;
        let claims = self.verified_by_client(keys, &token).await;
        let claims = claims.ok_or(Failure::Untrusted("no published key signed the id_token"))?;
        let claims = read(claims)?;
        let expected = Expected { method, nonce, access_token: &tokens.access, alg: token.alg, now: self.now() };
        expected.check(&claims).map_err(Failure::Untrusted)?;
        let authenticated_at = claims.auth_time.as_ref().and_then(Value::as_f64).map(numeric_date);
        let subject = Subject::parse(&claims.sub).map_err(|_| Failure::Untrusted("the id_token has no sub"))?;
        let about = match userinfo {
            Some(address) if claims.about.email.is_none() => {
                self.userinfo(address, &tokens.access, &claims.sub).await?
            }
            _ => claims.about,
        };
        Ok(Person {
            subject,
            email: about.email.and_then(|email| Email::parse(&email).ok()),
            email_verified: about.email_verified.is_some_and(|flag| flag == true || flag == "true"),
            name: about.name.and_then(|name| Name::parse(&name).ok()),
            authenticated_at,
        })
    }

    async fn userinfo(&self, address: &ClientUri, token: &str, subject: &str) -> Result<About, Failure> {
        let body = self.fetch_as(address.as_str(), token).await.map_err(|error| match error {
            Unreached::Status(400..500) => Failure::Untrusted("userinfo refuses the access token"),
            _ => Failure::Unavailable,
        })?;
        let said: Userinfo =
            serde_json::from_slice(&body).map_err(|_| Failure::Untrusted("userinfo cannot be read"))?;
        // Tokens of somebody else can be put in the place of these (section 5.3.2).
        if said.sub == subject { Ok(said.about) } else { Err(Failure::Untrusted("userinfo is somebody else's")) }
    }
}

fn read(claims: Map<String, Value>) -> Result<Claims, Failure> {
    serde_json::from_value(Value::Object(claims)).map_err(|_| Failure::Untrusted("the id_token lacks a claim"))
}

impl Expected<'_> {
    fn check(&self, claims: &Claims) -> Result<(), &'static str> {
        let (issuer, client) = (self.method.method.issuer.as_str(), self.method.method.client_id.as_str());
        // Google's documentation lets its issuer go without the scheme.
        let google = self.method.method.kind == UpstreamKind::Google && claims.iss == "accounts.google.com";
        if claims.iss != issuer && !google {
            return Err("the id_token is of another issuer");
        }
        let audiences: Vec<&str> = match &claims.aud {
            Value::String(one) => vec![one],
            Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if !audiences.contains(&client) {
            return Err("the id_token is for another client");
        }
        let authorized = claims.azp.as_deref();
        if authorized.is_some_and(|azp| azp != client) || (audiences.len() > 1 && authorized.is_none()) {
            return Err("the id_token was given to another client");
        }
        if claims.nonce.as_deref() != Some(self.nonce) {
            return Err("the id_token is of another sign-in");
        }
        if numeric_date(claims.exp) + SKEW <= self.now {
            return Err("the id_token has expired");
        }
        if [Some(claims.iat), claims.nbf].into_iter().flatten().any(|start| numeric_date(start) > self.now + SKEW) {
            return Err("the id_token is not valid yet");
        }
        match &claims.at_hash {
            Some(hash) if *hash != half_hash(self.access_token, self.alg == ClientAlg::EdDsa) => {
                Err("the access token is not the id_token's")
            }
            _ => Ok(()),
        }
    }
}
