//! The parameters of a protocol request: of a query, of a form, and at the platform API of a JSON object.

use std::fmt;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use domain::oauth::{authorize, error::OAuthError};
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::answer;
use crate::http::{body, form};

/// The parameter that may come more than once.
const RESOURCE: &str = "resource";

/// Names and values.
#[derive(Clone, Debug, Default)]
pub struct Parameters(pub Vec<(String, String)>);

impl Parameters {
    /// Of a query string.
    ///
    /// # Errors
    /// The answer to one with more than [`form::MOST`].
    pub fn of_query(query: Option<&str>) -> Result<Self, Response> {
        Self::decode(query.unwrap_or_default().as_bytes()).map_err(|error| answer::error(&error))
    }

    /// # Errors
    /// `invalid_request` for more than [`form::MOST`].
    fn decode(bytes: &[u8]) -> Result<Self, OAuthError> {
        form::pairs(bytes, form::MOST)
            .map(Self)
            .ok_or_else(|| OAuthError::invalid_request("there are too many parameters"))
    }

    /// The value of a parameter; an empty one counts as left out (RFC 6749, section 3.1).
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// # Errors
    /// `invalid_request` when a parameter comes twice (RFC 6749, section 3.2); `invalid_target` for several resources,
    /// which may come (RFC 8707, section 2) and are more than one token is for.
    fn once(mut self) -> Result<Self, OAuthError> {
        self.0.sort_unstable();
        self.0.dedup_by(|b, a| a == b && a.0 == RESOURCE);
        match self.0.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            Some(pair) if pair[0].0 == RESOURCE => Err(authorize::several_resources()),
            Some(_) => Err(OAuthError::invalid_request("a parameter is given more than once")),
            None => Ok(self),
        }
    }

    fn of_json(bytes: &[u8]) -> Result<Self, OAuthError> {
        let Members(members) = serde_json::from_slice(bytes)
            .map_err(|_| OAuthError::invalid_request("the body is not a JSON object, or a very large one"))?;
        let pair = |(name, value)| match value {
            Value::String(text) => Ok(Some((name, text))),
            Value::Null => Ok(None),
            _ => Err(OAuthError::invalid_request("every member of the body must be a string")),
        };
        Ok(Self(members.into_iter().map(pair).filter_map(Result::transpose).collect::<Result<_, _>>()?))
    }
}

/// The members of a JSON object as they came, one that comes twice among them.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    if members.len() == form::MOST {
                        return Err(de::Error::custom("there are too many members"));
                    }
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

/// The body of a POST as parameters: a form, or JSON below `/api`. None comes twice.
impl<S: Send + Sync> FromRequest<S> for Parameters {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let AsSent(parameters) = AsSent::from_request(request, state).await?;
        parameters.once().map_err(|error| answer::error(&error))
    }
}

/// The body of a POST as it came, for endpoints that answer a repeated parameter as they do in a query.
#[derive(Clone, Debug)]
pub struct AsSent(pub Parameters);

impl<S: Send + Sync> FromRequest<S> for AsSent {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let json = crate::http::envelope::is_api(request.uri().path()) && body::is_json(request.headers());
        let is_form = body::media_type(request.headers()) == "application/x-www-form-urlencoded";
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let error = OAuthError::invalid_request("the body could not be read, or is larger than 64 KiB");
            answer::with_status(rejection.into_response().status(), &error)
        })?;
        let parameters = if json {
            Parameters::of_json(&bytes)
        } else if is_form || bytes.is_empty() {
            Parameters::decode(&bytes)
        } else {
            Err(OAuthError::invalid_request("the body must be application/x-www-form-urlencoded"))
        };
        parameters.map(Self).map_err(|error| answer::error(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_forms_and_json() {
        let of = |query: &str| Parameters::decode(query.as_bytes()).unwrap();
        let form = of("a=1+2&b=&c=%26");
        assert_eq!((form.get("a"), form.get("b"), form.get("c")), (Some("1 2"), None, Some("&")));
        assert!(of("a=1&a=1").once().is_err());
        let resources = |query| of(query).once().map(|once| once.0.len());
        assert_eq!(resources("resource=x&a=1&resource=x"), Ok(2));
        assert_eq!(resources("resource=x&a=1&resource=y").unwrap_err().code.as_str(), "invalid_target");
        let json = Parameters::of_json(br#"{"a":"x","b":null}"#).unwrap();
        assert_eq!((json.get("a"), json.get("b")), (Some("x"), None));
        assert!(Parameters::of_json(br#"{"a":1}"#).is_err());
        assert!(Parameters::of_json(b"[]").is_err());
        assert!(Parameters::of_json(br#"{"a":"x","a":"y"}"#).unwrap().once().is_err());
    }

    #[test]
    fn there_are_so_many_parameters() {
        let pairs = "a&".repeat(form::MOST);
        assert!(Parameters::decode(pairs.as_bytes()).is_ok());
        let refused = Parameters::decode(format!("{pairs}a").as_bytes()).unwrap_err();
        assert_eq!(refused.code.as_str(), "invalid_request");
        let members = |count| format!("{{{}}}", vec!["\"a\":\"\""; count].join(","));
        assert!(Parameters::of_json(members(form::MOST).as_bytes()).is_ok());
        assert!(Parameters::of_json(members(form::MOST + 1).as_bytes()).is_err());
    }
}
