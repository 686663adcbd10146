//! JSON request bodies. Whatever is wrong with one is answered in the envelope, with the field or the line at fault.

use std::{fmt, marker::PhantomData};

use axum::{
    body::{Body as HttpBody, Bytes},
    extract::{FromRequest, OptionalFromRequest, Request},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
};
use domain::{ErrorCode, FieldError, Problem};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::error::Refusal;

/// The largest body that is read, in bytes.
pub const LIMIT: usize = 1024 * 1024;

/// Takes a JSON body as `T`.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        require_json(&parts.headers)?;
        let bytes = read(body).await?;
        Ok(Self(parse(&bytes)?))
    }
}

/// `None` for a request without a body.
impl<T: DeserializeOwned, S: Sync> OptionalFromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _state: &S) -> Result<Option<Self>, Refusal> {
        let (parts, body) = request.into_parts();
        let bytes = read(body).await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        require_json(&parts.headers)?;
        Ok(Some(Self(parse(&bytes)?)))
    }
}

fn require_json(headers: &HeaderMap) -> Result<(), Refusal> {
    if is_json(headers) {
        return Ok(());
    }
    let message = "the body must be JSON, with Content-Type: application/json";
    Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message))
}

/// The content type in lower case, without its parameters; empty where there is none.
pub fn media_type(headers: &HeaderMap) -> String {
    let text = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether the content type is JSON, with or without parameters.
pub fn is_json(headers: &HeaderMap) -> bool {
    let media = media_type(headers);
    media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"))
}

/// Reads a body of at most [`LIMIT`] bytes.
///
/// # Errors
/// 413 when it is longer, 400 when the connection breaks.
pub async fn read(body: HttpBody) -> Result<Bytes, Refusal> {
    match Limited::new(body, LIMIT).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if is_limit(error.as_ref()) => Err(too_large()),
        Err(_) => Err(Refusal::new(StatusCode::BAD_REQUEST, "the body could not be read")),
    }
}

/// Whether a limit, ours or one of the layers outside, stopped the reading.
fn is_limit(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_limit)
}

/// The answer to a body above [`LIMIT`].
pub fn too_large() -> Refusal {
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, format!("the body must have at most {LIMIT} bytes"))
}

/// Parses a JSON text.
///
/// # Errors
/// `APP_001` with the field at fault in `details.fields`, or the line and column of a syntax error.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if has_nul(bytes) {
        return Err(Problem::new(ErrorCode::InvalidInput, "the body must not contain NUL"));
    }
    // Serde does not look into the text of fields that nobody asked for.
    if std::str::from_utf8(bytes).is_err() {
        return Err(Problem::new(ErrorCode::InvalidInput, "the body must be UTF-8"));
    }
    // Serde would read a list as the fields of an object in their order.
    if bytes.trim_ascii_start().first().is_some_and(|first| b"[\"0123456789-tfn".contains(first)) {
        serde_json::from_slice::<serde::de::IgnoredAny>(bytes).map_err(|error| problem(".", error))?;
        return Err(Problem::new(ErrorCode::InvalidInput, "the body must be a JSON object"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        problem(&path, error.into_inner())
    })?;
    deserializer.end().map_err(|error| problem(".", error))?;
    Ok(value)
}

fn problem(path: &str, error: serde_json::Error) -> Problem {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = error.to_string();
    let message = text.strip_suffix(&place).unwrap_or(&text);
    if error.is_syntax() || error.is_eof() {
        return Problem::new(ErrorCode::InvalidInput, format!("the body is not JSON: {message}{place}"));
    }
    let message = message.strip_prefix("APP_001: ").unwrap_or(message);
    let missing = ["missing field `", "duplicate field `"]
        .iter()
        .find_map(|start| message.strip_prefix(start)?.strip_suffix('`'));
    let field = match (path, missing) {
        (".", Some(name)) => name.to_owned(),
        (path, Some(name)) => format!("{path}.{name}"),
        (".", None) => {
            return Problem::new(ErrorCode::InvalidInput, format!("the body: {message}{place}"));
        }
        (path, None) => path.to_owned(),
    };
    let message = match missing {
        Some(_) if message.starts_with("missing") => "is required".to_owned(),
        Some(_) => "appears twice".to_owned(),
        // A problem of the domain names its field itself.
        None => message.strip_prefix(&format!("{field}: ")).unwrap_or(message).to_owned(),
    };
    Problem {
        code: ErrorCode::InvalidInput,
        message: format!("{field}: {message}{place}"),
        fields: vec![FieldError::new(&field, message)],
        facts: Vec::new(),
    }
}

/// An object inside a body. Serde by itself would take a list, too, as the fields in their order.
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(Fields(PhantomData))
    }
}

/// Whether a JSON text has the escape of NUL, which no text column takes.
fn has_nul(bytes: &[u8]) -> bool {
    let mut escaped = false;
    for (i, byte) in bytes.iter().enumerate() {
        if escaped {
            if bytes[i..].starts_with(b"u0000") {
                return true;
            }
            escaped = false;
        } else {
            escaped = *byte == b'\\';
        }
    }
    false
}

/// For a field of a PATCH that may be left out but not be null.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// For a field of a PATCH that may be left out (`None`) or emptied by null (`Some(None)`).
pub fn nullable<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        plan_name: domain::billing::plan::PlanName,
        #[serde(default)]
        prices: Vec<Object<Price>>,
        #[serde(default, deserialize_with = "nullable")]
        url: Option<Option<String>>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its parsing is tried")]
    struct Price {
        amount: i64,
        currency: domain::Currency,
    }

    fn refused(text: &str) -> (String, String) {
        let problem = parse::<Input>(text.as_bytes()).err().unwrap();
        assert_eq!(problem.code, ErrorCode::InvalidInput);
        (problem.fields.first().map(|field| field.field.clone()).unwrap_or_default(), problem.message)
    }

    #[test]
    fn names_the_field_or_the_line() {
        assert_eq!(refused("{}").0, "planName");
        assert_eq!(refused(r#"{"planName": ""}"#).0, "planName");
        let (field, message) = refused(r#"{"planName": "A", "prices": [{"amount": 1, "currency": "xxq"}]}"#);
        assert_eq!(field, "prices[0].currency");
        assert!(!message.contains("APP_001"), "{message}");
        assert_eq!(
            refused(r#"{"planName": "A", "prices": [{"amount": 1.5, "currency": "usd"}]}"#).0,
            "prices[0].amount"
        );
        assert_eq!(refused(r#"{"planName": "A", "prices": [{"amount": 1}]}"#).0, "prices[0].currency");
        assert_eq!(refused(r#"{"planName": "A", "planName": "B"}"#).0, "planName");
        assert!(refused("{\n  oops\n}").1.contains("line 2"));
        assert!(refused(&"[".repeat(100_000)).1.contains("JSON"));
        assert!(refused(r#"{"planName": "A"} x"#).1.contains("JSON"));
        assert_eq!(refused(r#"["A", [], null]"#).1, "the body must be a JSON object");
        let (field, message) = refused(r#"{"planName": "A", "prices": [[1, "usd"]]}"#);
        assert_eq!(field, "prices[0]");
        assert!(message.contains("expected a JSON object"), "{message}");
    }

    #[test]
    fn tells_null_from_left_out() {
        assert_eq!(parse::<Input>(br#"{"planName": "A"}"#).unwrap().url, None);
        let input = parse::<Input>(br#"{"planName": "A", "url": null}"#).unwrap();
        assert_eq!(input.url, Some(None));
        assert_eq!((input.plan_name.as_str(), input.prices.len()), ("A", 0));
        assert_eq!(parse::<Price>(br#"{"amount": 1, "currency": "usd"}"#).unwrap().amount, 1);
    }

    #[test]
    fn refuses_nul_and_bad_utf8() {
        assert!(parse::<Input>(br#"{"planName": "a\u0000b"}"#).is_err());
        assert!(parse::<Input>(br#"{"planName": "a\\u0000b"}"#).is_ok());
        assert!(parse::<Input>(b"{\"planName\": \"\xff\"}").is_err());
    }
}
